"""Sample sizes and allocation against their formulas, selection against its promises."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import sampling
from analysis.errors import SurveyError


def test_size_for_a_margin_as_in_cochran() -> None:
    """Cochran (1977), 4.4: P = 0.5, margin 5 points, t = 2 would be 400; with t = 1.96 it is 385."""
    assert sampling.size_for_margin(0.05, proportion=0.5).respondents == 385
    assert sampling.size_for_margin(0.05, proportion=0.5, population=4000).respondents == 351


def test_size_for_a_cv_counts_design_effect_and_nonresponse() -> None:
    size = sampling.size_for_cv(0.1, proportion=0.2, deff=2.0, response_rate=0.8)
    assert size.respondents == 800  # 2 * 0.16 / (0.1 * 0.2)^2
    assert size.selected == 1000


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("proportional", [100, 200, 700]),
        ("equal", [334, 333, 333]),
        ("neyman", [220, 440, 340]),  # 1000*9, 2000*9, 7000*2 in proportion 9 : 18 : 14
    ],
)
def test_allocation(method: str, expected: list[int]) -> None:
    size = pd.Series([1000, 2000, 7000], index=list("abc"))
    sd = pd.Series([9.0, 9.0, 2.0], index=list("abc"))
    given = sampling.allocate(1000, size, method, sd=sd)
    assert given.sum() == 1000
    assert np.abs(given.to_numpy() - np.array(expected)).max() <= 1


def test_allocation_never_exceeds_a_stratum_and_shares_out_the_rest() -> None:
    size = pd.Series([10, 500, 500])
    given = sampling.allocate(400, size, "equal", minimum=5)
    assert given.tolist() == [10, 195, 195]


def test_power_allocation_lies_between_equal_precision_and_neyman() -> None:
    size = pd.Series([100.0, 10000.0])
    ones = pd.Series([1.0, 1.0])
    shares = [sampling.allocate(50, size, "power", sd=ones, mean=ones, power=p)[0] for p in (0.1, 0.5, 1.0)]
    assert shares[0] > shares[1] > shares[2]


def test_an_allocation_that_does_not_fit_is_refused() -> None:
    with pytest.raises(SurveyError, match="does not fit"):
        sampling.allocate(30, pd.Series([10, 10]))


def test_pps_takes_large_units_with_certainty_and_never_twice() -> None:
    drawn = sampling.pps_systematic(np.array([100.0, 1, 1, 1, 1, 1, 1]), 3, seed=5)
    assert 0 in drawn.chosen
    assert len(set(drawn.chosen)) == 3
    assert drawn.probability.sum() == pytest.approx(3)
    assert drawn.probability[0] == 1


def test_the_seed_repeats_a_draw() -> None:
    first, again, other = (sampling.simple_random(1000, 20, seed=s) for s in (3, 3, 4))
    assert first.chosen.tolist() == again.chosen.tolist()
    assert first.chosen.tolist() != other.chosen.tolist()
    assert first.seed == 3


@pytest.mark.slow
def test_pps_inclusion_probabilities_by_simulation() -> None:
    sizes = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 20.0])
    runs = 20_000
    hits = np.zeros(len(sizes))
    for seed in range(runs):
        hits[sampling.pps_systematic(sizes, 3, seed).chosen] += 1
    probability = sampling.pps_systematic(sizes, 3, 0).probability
    error = np.sqrt(probability * (1 - probability) / runs)
    assert (np.abs(hits / runs - probability) <= 4 * error + 1e-12).all()


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    homes = rng.integers(20, 60, 30)
    return pd.DataFrame(
        {"district": np.repeat(np.repeat(["d1", "d2"], 15), homes), "ea": np.repeat(np.arange(30), homes)}
    )


def test_two_stage_weights_add_up_to_the_households() -> None:
    households = frame()
    drawn = sampling.two_stage(households, "ea", {"d1": 5, "d2": 6}, 10, strata="district", seed=11)
    assert drawn.groupby("district")["ea"].nunique().to_dict() == {"d1": 5, "d2": 6}
    assert (drawn.groupby("ea").size() == 10).all()
    assert drawn["design_weight"].to_numpy() == pytest.approx(1 / (drawn["p1"] * drawn["p2"]))
    # PPS by number of households with a fixed take per area makes the sample self-weighting
    for name, rows in drawn.groupby("district"):
        assert rows["design_weight"].sum() == pytest.approx((households["district"] == name).sum())


def test_a_stratum_without_a_number_is_named() -> None:
    with pytest.raises(SurveyError, match="'d2'"):
        sampling.two_stage(frame(), "ea", {"d1": 5}, 10, strata="district")


def test_one_adult_of_each_household() -> None:
    persons = pd.DataFrame({"hh": [1, 1, 1, 2, 2, 3], "age": [40, 38, 3, 70, 20, 10]})
    chosen = sampling.one_adult(persons, "hh", seed=2)
    assert chosen["hh"].tolist() == [1, 2]
    assert (chosen["age"] >= 15).all()
    assert chosen["p3"].tolist() == [0.5, 0.5]
