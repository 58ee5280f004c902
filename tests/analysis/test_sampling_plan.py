"""Sizes of all domains in one call, allocation with floors, costs and whole strata."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import sampling
from analysis.errors import SurveyError


def plan_table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "domain": ["north", "north", "south", "island"],
            "indicator": ["phone", "bank", "phone", "phone"],
            "cv": [0.1, np.nan, 0.1, 0.05],
            "margin": [np.nan, 0.04, np.nan, np.nan],
            "proportion": [0.5, 0.3, 0.2, 0.5],
            "deff": [1.5, 2.0, 1.5, np.nan],
            "response_rate": [0.8, 0.8, 0.5, np.nan],
            "population": [50_000, 50_000, np.nan, 300],
        }
    )


def test_the_indicator_that_needs_most_decides_in_each_domain() -> None:
    found = sampling.size_plan(plan_table(), "domain", "indicator")
    domains = found.domains.set_index("domain")
    bank = sampling.size_for_margin(0.04, proportion=0.3, deff=2.0, response_rate=0.8, population=50_000)
    assert domains.loc["north", ["respondents", "selected", "deciding"]].tolist() == [
        bank.respondents,
        bank.selected,
        "bank",
    ]
    assert domains.loc["south", "respondents"] == 600  # 1.5 * 0.16 / (0.1 * 0.2)^2
    assert domains.loc["south", "selected"] == 1200
    assert domains.loc["island", "respondents"] == 172  # 400 / (1 + 400 / 300)
    assert found.selected == domains["selected"].sum()
    assert found.respondents == domains["respondents"].sum()


def test_the_plan_tells_the_precision_that_it_buys() -> None:
    needs = sampling.size_plan(plan_table(), "domain", "indicator").needs
    reached = np.where(needs["cv"].notna(), needs["expected_cv"], needs["expected_margin"])
    wanted = np.where(needs["cv"].notna(), needs["cv"], needs["margin"])
    assert (reached <= wanted * 1.0001).all()
    assert reached[2:] == pytest.approx(wanted[2:], rel=0.01)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"proportion": 1.2}, "row 0 of the plan: proportion=1.2"),
        ({"cv": np.nan}, "needs either a cv or a margin"),
        ({"margin": 0.1}, "needs either a cv or a margin"),
        ({"population": 60_000}, "'north' has more than one population"),
        ({"indicator": "bank"}, "named twice"),
        ({"deff": -1.0}, "deff=-1.0"),
    ],
)
def test_a_bad_row_is_named(change: dict[str, object], message: str) -> None:
    table = plan_table()
    for name, value in change.items():
        table.loc[0, name] = value
    with pytest.raises(SurveyError, match=message):
        sampling.size_plan(table, "domain", "indicator")


def test_neyman_with_costs_is_the_optimum() -> None:
    """No neighbour that costs the same has a smaller variance (Cochran 1977, 5.5)."""
    size, sd = pd.Series([1000.0, 1000.0, 500.0]), pd.Series([4.0, 4.0, 8.0])
    cost = pd.Series([1.0, 4.0, 4.0])
    given = sampling.allocate(300, size, "neyman", sd=sd, cost=cost)
    assert given.tolist() == [150, 75, 75]

    def variance(n: np.ndarray) -> float:
        return float((size.to_numpy() ** 2 * sd.to_numpy() ** 2 / n).sum())

    best = variance(given.to_numpy().astype(float))
    for move in ([4, -1, 0], [-4, 1, 0], [4, 0, -1], [-4, 0, 1], [0, 1, -1], [0, -1, 1]):
        assert variance(given.to_numpy() + np.array(move)) > best


def test_strata_taken_whole_and_minima_by_stratum() -> None:
    size = pd.Series({"a": 40, "b": 900, "c": 100})
    given = sampling.allocate(200, size, "square_root", minimum={"c": 60}, take_all=["a"])
    assert given.to_dict() == {"a": 40, "b": 100, "c": 60}
    with pytest.raises(SurveyError, match="take_all names stratum 'z'"):
        sampling.allocate(200, size, take_all=["z"])
    with pytest.raises(SurveyError, match="minimum names stratum 'z'"):
        sampling.allocate(200, size, minimum={"z": 3})
    with pytest.raises(SurveyError, match="more than once"):
        sampling.allocate(20, pd.Series([30, 30], index=["a", "a"]))
    with pytest.raises(SurveyError, match="size of stratum 'b'"):
        sampling.allocate(20, pd.Series({"a": 30, "b": 0}))


def test_bad_frames_are_refused() -> None:
    frame = pd.DataFrame({"s": ["x"] * 4 + ["y"] * 4, "ea": [1, 1, 2, 2, 3, 3, 4, 4], "m": 1.0})
    with pytest.raises(SurveyError, match="'x' has 2 PSUs; 3 cannot"):
        sampling.two_stage(frame, "ea", 3, 1, strata="s")
    with pytest.raises(SurveyError, match="'z', which is not in the frame"):
        sampling.two_stage(frame, "ea", {"x": 1, "y": 1, "z": 1}, 1, strata="s")
    with pytest.raises(SurveyError, match="positive size, 2 are wanted"):
        sampling.two_stage(frame.assign(m=[0.0, 0, 1, 1, 1, 1, 1, 1]), "ea", 2, 1, strata="s", size="m")
    with pytest.raises(SurveyError, match="missing value"):
        sampling.two_stage(frame.assign(m=np.nan), "ea", 1, 1, strata="s", size="m")
    with pytest.raises(SurveyError, match="size of unit 1 is nan"):
        sampling.pps_systematic(np.array([1.0, np.nan, 2.0]), 1)
    with pytest.raises(SurveyError, match="cannot draw 4 of 3"):
        sampling.simple_random(3, 4)
    with pytest.raises(SurveyError, match="auxiliary has 2 rows for 3 units"):
        sampling.cube(np.array([0.5, 0.5, 1.0]), np.ones((2, 1)))
    persons = pd.DataFrame({"hh": [1, 1], "age": [30, 40]}, index=[7, 7])
    with pytest.raises(SurveyError, match="person 7 is listed twice"):
        sampling.one_adult(persons, "hh")


P = np.array([0.2, 0.7, 0.8, 0.5, 0.4, 0.4])
# R 4.2, sampling 2.9: UPsampfordpi2(p)[1, ] and UPsystematicpi2(p)[2, ]
SAMPFORD_R = [
    0.2,
    0.1081818181818182,
    0.1363636363636364,
    0.0627272727272727,
    0.0463636363636364,
    0.0463636363636364,
]
SYSTEMATIC_R = [0.0, 0.7, 0.5, 0.2, 0.4, 0.3]


def test_joint_probabilities_as_r_has_them() -> None:
    sampford = sampling.joint_probabilities(sampling.sampford(P, seed=1))
    assert sampford[0] == pytest.approx(SAMPFORD_R, rel=1e-12)
    systematic = sampling.joint_probabilities(sampling.pps_systematic(P, 3, seed=1))
    assert systematic[1] == pytest.approx(SYSTEMATIC_R, abs=1e-12)
    for found in (sampford, systematic, sampling.joint_probabilities(sampling.simple_random(6, 3))):
        assert found.sum(axis=1) == pytest.approx(3 * np.diagonal(found))  # for a fixed size
    with pytest.raises(SurveyError, match="'pivotal' has no exact ones"):
        sampling.joint_probabilities(sampling.pivotal(P, seed=1))


DRAWS = {
    "pivotal": lambda seed: sampling.pivotal(P, seed),
    "sampford": lambda seed: sampling.sampford(P, seed),
    "cube": lambda seed: sampling.cube(P, np.array([[1.0], [4], [2], [7], [3], [5]]), seed),
    "pps_systematic": lambda seed: sampling.pps_systematic(P, 3, seed),
    "simple_random": lambda seed: sampling.simple_random(6, 3, seed),
    "systematic": lambda seed: sampling.systematic(7, 3, seed),
    "sequential": lambda seed: sampling.sequential(np.random.default_rng(seed).uniform(size=6), 3),
}


@pytest.mark.slow
@pytest.mark.parametrize("method", DRAWS)
def test_inclusion_probabilities_by_simulation(method: str) -> None:
    runs = 3000
    stated = DRAWS[method](0)
    pairs = np.zeros((len(stated.probability),) * 2)
    for seed in range(runs):
        taken = np.zeros(len(stated.probability))
        taken[DRAWS[method](seed).chosen] = 1
        assert taken.sum() == 3
        pairs += np.outer(taken, taken)
    joint = method in ("sampford", "pps_systematic", "simple_random", "systematic")
    chance = sampling.joint_probabilities(stated) if joint else np.diag(stated.probability)
    found = pairs / runs if joint else np.diag(np.diagonal(pairs) / runs)
    assert (np.abs(found - chance) <= 4 * np.sqrt(chance * (1 - chance) / runs) + 1e-9).all()


@pytest.mark.slow
def test_a_balanced_sample_is_balanced_and_pps_by_permanent_numbers_nearly_exact() -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(1, 5, (60, 2))
    chance = sampling.pps_systematic(x[:, 0], 15).probability
    gaps = {"cube": [], "sampford or pivotal": []}
    for seed in range(100):
        for name, drawn in (
            ("cube", sampling.cube(chance, x, seed)),
            ("sampford or pivotal", sampling.pivotal(chance, seed)),
        ):
            estimate = (x[drawn.chosen] / chance[drawn.chosen, None]).sum(axis=0)
            gaps[name].append(((estimate / x.sum(axis=0) - 1) ** 2).sum())
    assert np.mean(gaps["cube"]) < 0.3 * np.mean(gaps["sampford or pivotal"])
    hits = np.zeros(60)
    for seed in range(2000):
        hits[sampling.sequential(np.random.default_rng(seed).uniform(size=60), 15, x[:, 0]).chosen] += 1
    assert np.abs(hits / 2000 / chance - 1).max() < 0.2


def people() -> pd.DataFrame:
    sizes = [1, 2, 3, 4, 5, 6, 8]
    data = pd.DataFrame({"hh": np.repeat(np.arange(7), sizes), "age": 30})
    return data.assign(line=data.groupby("hh").cumcount())


def test_kish_chances_are_those_of_the_grid() -> None:
    five = [sampling.one_adult(people(), "hh", method="kish", seed=k).set_index("hh") for k in range(60)]
    chances = {int(c.loc[4, "line"]): c.loc[4, "p3"] for c in five}
    assert chances == pytest.approx({0: 1 / 6, 1: 1 / 6, 2: 1 / 4, 3: 1 / 6, 4: 1 / 4})
    assert {c.loc[6, "p3"] for c in five} == {1 / 8}
    assert all((c["n_eligible"].tolist() == [1, 2, 3, 4, 5, 6, 8]) for c in five[:3])


def test_the_last_birthday_decides() -> None:
    data = people().assign(days=lambda d: (d["line"] * 37 + 5) % 101)
    chosen = sampling.one_adult(data, "hh", method="last_birthday", days_since_birthday="days")
    assert chosen["days"].tolist() == data.groupby("hh")["days"].min().tolist()
    with pytest.raises(SurveyError, match="days_since_birthday"):
        sampling.one_adult(data, "hh", method="last_birthday")


@pytest.mark.slow
@pytest.mark.parametrize("method", ["random", "kish"])
def test_one_adult_has_the_stated_chance(method: str) -> None:
    homes = pd.concat([people().assign(copy=k) for k in range(800)], ignore_index=True)
    homes["home"] = homes["copy"] * 10 + homes["hh"]
    chosen = sampling.one_adult(homes, "home", method=method, seed=3)
    stated = chosen.groupby(["hh", "line"])["p3"].first()
    found = chosen.groupby(["hh", "line"]).size() / 800
    assert len(found) == 29
    assert (np.abs(found - stated) <= 4 * np.sqrt(stated * (1 - stated) / 800) + 1e-9).all()


def test_waves_overlap_as_intended() -> None:
    """Starts a quarter of the sampling fraction apart keep three quarters of the sample."""
    numbers = np.random.default_rng(2).uniform(size=4000)
    shared = [
        len(
            np.intersect1d(
                sampling.sequential(numbers, 800, start=s).chosen,
                sampling.sequential(numbers, 800, start=s + 0.05).chosen,
            )
        )
        for s in (0.0, 0.2, 0.4, 0.6)
    ]
    assert np.mean(shared) == pytest.approx(600, abs=25)
    first = sampling.permanent_numbers(pd.DataFrame(index=range(100)), seed=1)
    later = sampling.permanent_numbers(pd.DataFrame(index=range(50, 150)), first, seed=2)
    assert (later.loc[50:99] == first.loc[50:]).all()
    with pytest.raises(SurveyError, match="known numbers"):
        sampling.permanent_numbers(pd.DataFrame(index=range(3)), pd.Series([1.5]))
