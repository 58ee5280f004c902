"""Estimators against populations whose truth is known: bias and coverage within simulation error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from analysis import Design, sampling
from analysis.small_area import fay_herriot, nested_error

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Outcome:
    """Estimates and errors of many samples beside the truth."""

    truth: float
    estimates: np.ndarray
    errors: np.ndarray
    covered: np.ndarray

    @property
    def bias_in_errors(self) -> float:
        """Bias in units of its own simulation error."""
        return float(
            (self.estimates.mean() - self.truth) / (self.estimates.std() / np.sqrt(len(self.estimates)))
        )

    @property
    def variance_ratio(self) -> float:
        """Mean estimated variance over the true variance."""
        return float((self.errors**2).mean() / self.estimates.var())

    @property
    def coverage(self) -> float:
        return float(self.covered.mean())


def population() -> pd.DataFrame:
    """Six strata of 60 areas with 10 to 30 persons; the outcome goes with sex, age and area."""
    rng = np.random.default_rng(2)
    sizes = rng.integers(10, 31, 360)
    people = pd.DataFrame({"area": np.repeat(np.arange(360), sizes)})
    people["stratum"] = people["area"] // 60
    n = len(people)
    people["sex"] = rng.choice(["f", "m"], n)
    people["age"] = rng.choice(["young", "middle", "old"], n, p=[0.3, 0.4, 0.3])
    effect = rng.normal(0, 0.5, 360)[people["area"]]
    level = -0.5 + effect + 0.8 * (people["sex"] == "f") + 0.9 * (people["age"] == "young")
    people["online"] = (rng.uniform(size=n) < 1 / (1 + np.exp(-level))).astype(int)
    chance = 0.55 + 0.25 * (people["sex"] == "f") + 0.1 * (people["stratum"] % 2)
    people["responds"] = chance
    return people


def draw(people: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Eight areas per stratum by simple random sampling, eight persons in each, some of whom answer."""
    rng = np.random.default_rng(seed)
    chosen = np.concatenate([rng.choice(np.arange(60), 8, replace=False) + 60 * h for h in range(6)])
    inside = people[people["area"].isin(chosen)]
    order = inside.assign(_r=rng.uniform(size=len(inside))).sort_values(["area", "_r"])
    sample = order[order.groupby("area").cumcount() < 8].copy()
    sample["N1"] = 60
    sample["N2"] = sample["area"].map(people.groupby("area").size())
    sample["responded"] = (rng.uniform(size=len(sample)) < sample["responds"]).astype(int)
    return sample.reset_index(drop=True)


Estimate = Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]


def simulate(runs: int, estimate: Estimate) -> Outcome:
    people = population()
    rows = [estimate(people, draw(people, seed)) for seed in range(runs)]
    truth = float(people["online"].mean())
    table = pd.concat(rows, ignore_index=True)
    covered = (table["ci_low"] <= truth) & (truth <= table["ci_high"])
    return Outcome(truth, table["estimate"].to_numpy(), table["se"].to_numpy(), covered.to_numpy())


def full_design(sample: pd.DataFrame) -> Design:
    return Design(sample, strata="stratum", clusters=["area", "person"], fpc=["N1", "N2"])


def full_sample(people: pd.DataFrame, sample: pd.DataFrame) -> pd.DataFrame:
    return full_design(sample.assign(person=np.arange(len(sample)))).mean("online")


def weighted_chain(people: pd.DataFrame, sample: pd.DataFrame) -> pd.DataFrame:
    margins = {name: people[name].value_counts().to_dict() for name in ("sex", "age", "stratum")}
    start = full_design(sample.assign(person=np.arange(len(sample))))
    return start.adjust_nonresponse(classes=["sex", "stratum"]).rake(margins).mean("online")


@pytest.mark.parametrize("estimate", [full_sample, weighted_chain])
def test_two_stage_estimates_are_unbiased_and_their_intervals_cover(estimate: Estimate) -> None:
    found = simulate(400, estimate)
    assert abs(found.bias_in_errors) < 4
    assert found.variance_ratio == pytest.approx(1, abs=0.22)
    assert found.coverage == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 400) + 0.01)


def test_ignoring_nonresponse_would_be_biased() -> None:
    """The simulation can tell a wrong method from a right one."""

    def naive(people: pd.DataFrame, sample: pd.DataFrame) -> pd.DataFrame:
        answered = sample[sample["responded"] == 1].reset_index(drop=True)
        weights = answered.assign(w=answered["N2"] / 8 * 60 / 8)
        return Design(weights, weight="w", strata="stratum", clusters="area").mean("online")

    assert abs(simulate(200, naive).bias_in_errors) > 6


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_fay_herriot_predicts_better_than_direct_and_knows_its_error(method: str) -> None:
    rng = np.random.default_rng(8)
    areas = 60
    x, d = rng.uniform(0, 1, areas), rng.uniform(0.2, 2.0, areas)
    squared, stated, direct = [], [], []
    for _ in range(300):
        truth = 1 + 2 * x + rng.normal(0, np.sqrt(0.5), areas)
        y = truth + rng.normal(0, np.sqrt(d))
        fit = fay_herriot(pd.DataFrame({"y": y, "x": x, "d": d}), "y ~ x", "d", method)
        squared.append((fit.areas["estimate"] - truth) ** 2)
        stated.append(fit.areas["mse"])
        direct.append((y - truth) ** 2)
    assert np.mean(squared) < 0.6 * np.mean(direct)
    assert np.mean(stated) == pytest.approx(np.mean(squared), rel=0.06)


def test_nested_error_models_know_their_error() -> None:
    rng = np.random.default_rng(9)
    areas = 30
    n = rng.integers(2, 9, areas)
    area = np.repeat(np.arange(areas), n)
    squared, stated = [], []
    for _ in range(200):
        x = rng.normal(size=len(area))
        mean_x = pd.DataFrame({"x": rng.normal(0, 0.2, areas)}, index=np.arange(areas))
        u = rng.normal(0, 0.7, areas)
        data = pd.DataFrame({"area": area, "x": x, "y": 1 + x + u[area] + rng.normal(size=len(area))})
        fit = nested_error(data, "y ~ x", "area", mean_x)
        truth = 1 + mean_x["x"].to_numpy() + u
        squared.append((fit.areas["estimate"] - truth) ** 2)
        stated.append(fit.areas["mse"])
    assert np.mean(stated) == pytest.approx(np.mean(squared), rel=0.08)


def test_two_stage_selection_has_the_stated_probabilities() -> None:
    frame = pd.DataFrame({"ea": np.repeat(np.arange(12), np.arange(5, 17))})
    hits = np.zeros(len(frame))
    stated = np.full(len(frame), np.nan)
    runs = 2000
    for seed in range(runs):
        drawn = sampling.two_stage(frame, "ea", 4, 3, seed=seed)
        hits[drawn.index] += 1
        stated[drawn.index] = drawn["probability"]
    error = np.sqrt(stated * (1 - stated) / runs)
    assert (np.abs(hits / runs - stated) <= 4.5 * error).all()
