"""Opt-in estimators against a population whose truth is known: bias and coverage within simulation error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis import Design
from analysis.opt_in import OptIn, OptInEstimate, pseudo_weight

RIGHT, WRONG = "~ age + urban + skill", "~ urban"  # age and skill drive both participation and outcome


@cache
def population(log_linear: bool = False) -> pd.DataFrame:
    """Two strata of 120 clusters of 80 people; the young and skilled take part more and differ in outcome."""
    rng = np.random.default_rng(5)
    people = pd.DataFrame({"cluster": np.repeat(np.arange(240), 80)})
    n = len(people)
    people["urban"] = people["cluster"] // 120
    people["age"] = rng.choice(["young", "middle", "old"], n, p=[0.3, 0.4, 0.3])
    local = rng.normal(0, 0.3, 240)[people["cluster"]]
    people["skill"] = rng.uniform(-1, 1, n) + local + 0.3 * people["urban"]
    young, old = people["age"] == "young", people["age"] == "old"
    drive = 0.6 * young - 0.8 * old + 0.5 * people["skill"] + 0.3 * people["urban"]
    people["takes_part"] = np.exp(-3.4 + drive) if log_linear else 1 / (1 + np.exp(3.2 - drive))
    people["hours"] = (
        3 + young - 1.2 * old + 1.5 * people["skill"] + 0.5 * people["urban"] + rng.normal(0, 1, n)
    )
    level = -0.4 + 0.9 * young - old + 1.2 * people["skill"] + 0.3 * people["urban"]
    people["online"] = (rng.uniform(size=n) < 1 / (1 + np.exp(-level))).astype(int)
    return people


def opt_in_sample(people: pd.DataFrame, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([seed, 1])
    return people[rng.uniform(size=len(people)) < people["takes_part"]].reset_index(drop=True)


def reference_sample(people: pd.DataFrame, seed: int) -> Design:
    """25 rural and 15 urban clusters, 20 people in each: unequal weights and clustered people."""
    rng = np.random.default_rng([seed, 2])
    rural, urban = rng.choice(120, 25, replace=False), 120 + rng.choice(120, 15, replace=False)
    inside = people[people["cluster"].isin(np.concatenate([rural, urban]))]
    order = inside.assign(_r=rng.uniform(size=len(inside))).sort_values(["cluster", "_r"])
    sample = order[order.groupby("cluster").cumcount() < 20].reset_index(drop=True)
    drawn = np.where(sample["urban"] == 1, 15, 25)
    sample["w"], sample["clusters"] = 120 / drawn * 4, 120
    return Design(sample, weight="w", strata="urban", clusters="cluster", fpc="clusters")


Estimator = Callable[[int, bool], OptInEstimate]


@dataclass(frozen=True)
class Outcome:
    """Estimates of many pairs of samples beside the truth."""

    truth: float
    table: pd.DataFrame

    @property
    def bias(self) -> float:
        return float(self.table["estimate"].mean() - self.truth)

    @property
    def bias_in_errors(self) -> float:
        """Bias in units of its own simulation error."""
        return self.bias / float(self.table["estimate"].std() / np.sqrt(len(self.table)))

    @property
    def relative_bias(self) -> float:
        """Bias over the standard deviation of one estimate."""
        return self.bias / float(self.table["estimate"].std())

    @property
    def naive_bias_in_errors(self) -> float:
        naive = self.table["unweighted"]
        return float((naive.mean() - self.truth) / (naive.std() / np.sqrt(len(naive))))

    @property
    def variance_ratio(self) -> float:
        return float((self.table["se"] ** 2).mean() / self.table["estimate"].var())

    @property
    def coverage(self) -> float:
        return float(((self.table["ci_low"] <= self.truth) & (self.truth <= self.table["ci_high"])).mean())


@cache
def pair(seed: int, log_linear: bool) -> tuple[pd.DataFrame, Design]:
    """Both samples of a run, drawn once for all estimators."""
    people = population(log_linear)
    return opt_in_sample(people, seed), reference_sample(people, seed)


@cache
def weights(seed: int, log_linear: bool, formula: str, method: str) -> OptIn:
    """The pseudo-weights of a run, made once for all estimators that use them."""
    return pseudo_weight(*pair(seed, log_linear), formula, method=method)


def simulate(runs: int, estimator: Estimator, variable: str, log_linear: bool = False) -> Outcome:
    people = population(log_linear)
    found = [estimator(k, log_linear) for k in range(runs)]
    return Outcome(
        float(people[variable].mean()), pd.concat([f.to_frame() for f in found], ignore_index=True)
    )


def weighted(variable: str, formula: str = RIGHT, method: str = "chen_li_wu") -> Estimator:
    return lambda seed, log_linear: weights(seed, log_linear, formula, method).mean(variable)


def robust(variable: str, participation: str, outcome: str, family: str) -> Estimator:
    return lambda seed, log_linear: weights(seed, log_linear, participation, "chen_li_wu").doubly_robust(
        f"{variable} {outcome}", family=family
    )


CASES = {
    "chen_li_wu hours": (weighted("hours"), "hours", False),
    "chen_li_wu online": (weighted("online"), "online", False),
    "elliott_valliant hours": (weighted("hours", method="elliott_valliant"), "hours", True),
    "elliott_valliant online": (weighted("online", method="elliott_valliant"), "online", True),
    "robust, both right": (robust("hours", RIGHT, RIGHT, "gaussian"), "hours", False),
    "robust, outcome wrong": (robust("hours", RIGHT, WRONG, "gaussian"), "hours", False),
    "robust, participation wrong": (robust("hours", WRONG, RIGHT, "gaussian"), "hours", False),
    "robust share, both right": (robust("online", RIGHT, RIGHT, "binomial"), "online", False),
    "robust share, outcome wrong": (robust("online", RIGHT, WRONG, "binomial"), "online", False),
    "robust share, participation wrong": (robust("online", WRONG, RIGHT, "binomial"), "online", False),
}
RUNS = 200


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_estimates_are_unbiased_and_intervals_cover_when_a_model_is_right(case: str) -> None:
    found = simulate(RUNS, *CASES[case])
    assert abs(found.naive_bias_in_errors) > 20
    assert abs(found.bias_in_errors) < 4
    assert found.variance_ratio == pytest.approx(1, abs=0.3)  # three errors of a variance from 200 runs
    assert found.coverage == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / RUNS) + 0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    "estimator",
    [weighted("hours", WRONG), robust("hours", WRONG, WRONG, "gaussian")],
    ids=["weighted", "robust"],
)
def test_with_no_right_model_nothing_helps(estimator: Estimator) -> None:
    """The simulation can tell a wrong method from a right one."""
    found = simulate(100, estimator, "hours")
    assert abs(found.bias_in_errors) > 20
    assert found.coverage < 0.5


@pytest.mark.parametrize(
    "case",
    ["chen_li_wu hours", "elliott_valliant hours", "robust, outcome wrong", "robust, participation wrong"],
)
def test_forty_pairs_of_samples_show_the_bias_gone(case: str) -> None:
    found = simulate(40, *CASES[case])
    assert abs(found.naive_bias_in_errors) > 10
    assert abs(found.bias_in_errors) < 4
    assert found.coverage >= 0.8
    assert found.variance_ratio == pytest.approx(1, abs=0.75)
