"""Preston's bootstrap over all its draws, and successive differences, against Taylor and by definition."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from analysis import Design, errors
from analysis.replicates.making import Recipe
from analysis.replicates.multistage import Draw, stage_factors

DATA = "tests/reference/data/"


def two_stage(psus: int = 3, ssus: int = 3, strata: int = 1) -> Design:
    """PSUs out of 8, second-stage units out of 5, two persons in each."""
    rows = [(h, i, j) for h in range(strata) for i in range(psus) for j in range(ssus) for _ in range(2)]
    data = pd.DataFrame(rows, columns=["h", "psu", "ssu"])
    rng = np.random.default_rng(3)
    data["y"] = rng.normal(10, 2, len(data)) + rng.normal(0, 3, strata * psus).repeat(2 * ssus)
    data["N1"], data["N2"] = 8, 5
    data["w"] = 8 / psus * 5 / ssus
    return Design(data, weight="w", strata="h", clusters=["psu", "ssu"], fpc=["N1", "N2"])


def every_draw(sizes: list[int]) -> tuple[Draw, int]:
    """Draws that go through all combinations of halves of strata of these sizes, one per replicate."""
    halves = [list(combinations(range(n), n // 2)) for n in sizes]
    chosen = list(product(*halves))
    turn = iter(range(len(sizes)))

    def draw(n: int, few: int, replicates: int) -> np.ndarray:
        k = next(turn)
        assert (n, replicates) == (sizes[k], len(chosen))
        drawn = np.zeros((n, replicates))
        for r, halves_of_r in enumerate(chosen):
            drawn[list(halves_of_r[k]), r] = 1.0
        return drawn

    return draw, len(chosen)


@pytest.mark.parametrize(("psus", "ssus"), [(3, 3), (4, 2), (2, 4), (5, 2)])
def test_over_all_draws_the_variance_is_taylors(psus: int, ssus: int) -> None:
    design = two_stage(psus, ssus)
    draw, count = every_draw([psus, *[ssus] * psus])
    structure = design.variance.structure
    factors = stage_factors(structure, Recipe(replicates=count), draw)
    assert factors.min() >= 0
    of_unit = np.bincount(structure.measured[-1].unit, design.weight * design.data["y"])
    totals = of_unit @ factors
    assert totals.mean() == pytest.approx(of_unit.sum(), rel=1e-12)
    assert np.sqrt(((totals - of_unit.sum()) ** 2).mean()) == pytest.approx(
        design.total("y")["se"].item(), rel=1e-10
    )


def test_random_draws_come_near_it() -> None:
    design = two_stage(psus=6, ssus=4, strata=3)
    found = design.to_replicates("preston", replicates=4000, seed=5).total("y")
    assert found["se"].item() == pytest.approx(design.total("y")["se"].item(), rel=0.05)
    assert found["df"].item() == design.total("y")["df"].item()


def test_without_population_sizes_it_is_a_bootstrap_of_psus() -> None:
    design = Design(two_stage(6, 4, 3).data, weight="w", strata="h", clusters=["psu", "ssu"])
    found = design.to_replicates("preston", replicates=4000, seed=5).mean("y")
    assert found["se"].item() == pytest.approx(design.mean("y")["se"].item(), rel=0.05)


def test_a_psu_taken_with_certainty_keeps_the_error_of_its_later_stages() -> None:
    data = two_stage(psus=1, ssus=4, strata=3).data.assign(N1=1, w=5 / 4)
    design = Design(data, weight="w", strata="h", clusters=["psu", "ssu"], fpc=["N1", "N2"])
    found = design.to_replicates("preston", replicates=4000).total("y")["se"].item()
    assert found == pytest.approx(design.total("y")["se"].item(), rel=0.06)
    assert found > 0


def test_a_lonely_second_stage_unit_is_named() -> None:
    with pytest.raises(errors.LonelyPsu, match="stage 2"):
        two_stage(psus=3, ssus=1).to_replicates("preston")


def possible_factors(n1: int, f1: float, n2: int, f2: float) -> set[float]:
    """Preston's (2009) formula for two stages: a unit's factor by whether its PSU and itself are drawn."""
    few1, few2 = n1 // 2, n2 // 2
    first = np.sqrt(few1 * (1 - f1) / (n1 - few1))
    second = np.sqrt(f1 * few2 * (1 - f2) / (n2 - few2))
    up = np.sqrt(n1 / few1)
    return {
        1 - first,
        1 - first + first * n1 / few1 - second * up,
        1 - first + first * n1 / few1 - second * up + second * up * n2 / few2,
    }


@pytest.fixture(scope="module")
def households() -> Design:
    return Design(
        pd.read_csv(DATA + "vnhh.csv.gz"),
        weight="w1",
        strata="stratum",
        clusters=["ea", "hh"],
        fpc=["Nea", "Nhh"],
    )


def allowed(design: Design) -> list[set[float]]:
    """The factors that each row may have."""
    data = design.data
    n1 = data.groupby("stratum")["ea"].transform("nunique")
    n2 = data.groupby("ea")["hh"].transform("nunique")
    return [
        possible_factors(a, a / big_a, b, b / big_b)
        for a, big_a, b, big_b in zip(n1, data["Nea"], n2, data["Nhh"], strict=True)
    ]


def test_the_factors_are_those_that_r_makes(households: Design) -> None:
    """R 4.2.2, survey 4.1-1, mrbbootstrap of the same sample (tests/reference/data/rep/vn_mrb.csv.gz)."""
    ours = households.to_replicates("preston", replicates=60, seed=4).variance.weights
    made = np.stack([ours.column(r) for r in range(60)], axis=1)
    theirs = pd.read_csv(DATA + "rep/vn_mrb.csv.gz").to_numpy()
    sets = allowed(households)
    for matrix in (made, theirs):
        factors = matrix / households.weight[:, None]
        for row, possible in zip(factors, sets, strict=True):
            gap = np.abs(row[:, None] - np.array(sorted(possible))).min(axis=1)
            assert gap.max() < 1e-8
    halves = [(matrix > households.weight[:, None]).mean() for matrix in (made, theirs)]
    assert halves[0] == pytest.approx(halves[1], abs=0.02)


def test_its_errors_are_of_the_size_of_taylors(households: Design) -> None:
    taylor = households.mean("internet")["se"].item()
    found = households.to_replicates("preston", replicates=1000, seed=1).mean("internet")["se"].item()
    assert found == pytest.approx(taylor, rel=0.1)


# --- successive differences


def listed(n: int, strata: int = 1) -> Design:
    rng = np.random.default_rng(n)
    data = pd.DataFrame({"h": np.repeat(np.arange(strata), n), "w": rng.uniform(1, 5, n * strata)})
    data["y"] = np.arange(n * strata) + rng.normal(size=n * strata)
    return Design(data, weight="w", strata="h")


@pytest.mark.parametrize(("n", "strata"), [(2, 1), (7, 1), (30, 3), (79, 1), (5, 12)])
def test_successive_differences_of_a_total_by_definition(n: int, strata: int) -> None:
    """Fay and Train (1995): half the squared differences of neighbours, the last one beside the first."""
    design = listed(n, strata)
    z = (design.weight * design.data["y"]).to_numpy().reshape(strata, n)
    expected = sum(((row - np.roll(row, -1)) ** 2).sum() / 2 for row in z)
    found = design.to_replicates("sdr", replicates=200).total("y")
    assert found["se"].item() ** 2 == pytest.approx(expected, rel=1e-9)


def test_two_units_in_a_stratum_give_taylors_variance() -> None:
    design = listed(2, 8)
    found = design.to_replicates("sdr").total("y")["se"].item()
    assert found == pytest.approx(design.total("y")["se"].item(), rel=1e-10)


def test_the_factors_are_those_of_the_american_community_survey() -> None:
    """1.7, 1.0 and 0.3 as its documentation has them, in 80 replicates however many units there are."""
    made = listed(500).to_replicates("sdr", replicates=80).variance
    factors = made.weights.layers[0].factors
    assert factors.shape == (500, 80)
    assert sorted(np.unique(factors.round(1))) == [0.3, 1.0, 1.7]
    assert np.unique(factors).tolist() == pytest.approx([1 - 2**-0.5, 1.0, 1 + 2**-0.5])
    assert made.scale == 4 / 80


def test_a_listed_population_is_halved_by_its_sampling_fraction() -> None:
    plain = listed(40)
    counted = Design(plain.data.assign(N=80), weight="w", strata="h", fpc="N")
    ratio = counted.to_replicates("sdr").total("y")["se"] / plain.to_replicates("sdr").total("y")["se"]
    assert ratio.item() ** 2 == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: listed(1).to_replicates("sdr"), errors.LonelyPsu, "stratum 0"),
        (lambda: listed(8).to_replicates("preston", replicates=1), errors.UnknownOption, "replicates=1"),
        (lambda: listed(8).to_replicates("mrb"), errors.UnknownOption, "'preston'"),
    ],
)
def test_what_cannot_be_resampled(call: Callable[[], object], error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)
