"""Communes whose truth is known: errors smaller than the direct ones, and as large as they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from analysis import Design
from analysis.small_area import bias_test, fay_herriot, from_design

pytestmark = pytest.mark.slow
COMMUNES, UNSAMPLED = 124, 12


@dataclass(frozen=True)
class Frame:
    """What stays the same over the runs: a covariate, the people and the sample size of each commune."""

    x: np.ndarray
    people: np.ndarray
    n: np.ndarray


def frame(times: int = 1) -> Frame:
    rng = np.random.default_rng(20)
    n = times * rng.integers(8, 25, COMMUNES)
    n[:UNSAMPLED] = 0
    return Frame(rng.uniform(0, 1, COMMUNES), rng.integers(2_000, 30_000, COMMUNES), n)


def hours(kept: Frame, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Means with normal effects; values about them."""
    truth = 2 + 3 * kept.x + rng.normal(0, 0.5, COMMUNES)
    return truth, np.repeat(truth, kept.n) + rng.normal(0, 2, kept.n.sum())


def rare(kept: Frame, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Shares from 6 to 30 per cent: in some communes nobody in the sample has it."""
    truth = np.sin(0.3 + 0.25 * kept.x + rng.normal(0, 0.06, COMMUNES)) ** 2
    return truth, (rng.uniform(size=kept.n.sum()) < np.repeat(truth, kept.n)).astype(float)


Draw = Callable[[Frame, np.random.Generator], tuple[np.ndarray, np.ndarray]]


def simulate(runs: int, draw: Draw, kept: Frame, **options: object) -> pd.DataFrame:
    """A row per run and commune: truth, direct, estimate, mse, ci_low, ci_high, basis."""
    commune = np.repeat(np.arange(COMMUNES), kept.n)
    weight = np.repeat(kept.people / np.maximum(kept.n, 1), kept.n)
    covariates, population = pd.DataFrame({"x": kept.x}), pd.Series(kept.people)
    tables = []
    for seed in range(runs):
        truth, y = draw(kept, np.random.default_rng(seed))
        data = pd.DataFrame({"commune": commune, "w": weight, "y": y})
        design = Design(data, weight="w", strata="commune")
        found = from_design(design, "y", "commune", covariates, population, minimum_n=2, **options)
        tables.append(found.areas.assign(truth=truth, run=seed))
    return pd.concat(tables)


def coverage(table: pd.DataFrame) -> float:
    return float(((table["ci_low"] <= table["truth"]) & (table["truth"] <= table["ci_high"])).mean())


def rmse(table: pd.DataFrame, name: str = "estimate") -> float:
    return float(np.sqrt(((table[name] - table["truth"]) ** 2).mean()))


@pytest.mark.parametrize("benchmark", [None, "difference", "ratio"])
def test_communes_are_better_than_direct_and_know_their_error(benchmark: str | None) -> None:
    table = simulate(40, hours, frame(), variances="gvf", benchmark=benchmark)
    sampled, unsampled = table[table["basis"] == "eblup"], table[table["basis"] == "synthetic"]
    assert len(unsampled) == 40 * UNSAMPLED
    assert rmse(sampled) < 0.8 * rmse(sampled, "direct")
    assert rmse(unsampled) < rmse(sampled, "direct")
    for part, tolerance in ((sampled, 0.08), (unsampled, 0.12)):
        assert part["mse"].mean() == pytest.approx(rmse(part) ** 2, rel=tolerance)
    assert coverage(sampled) == pytest.approx(0.95, abs=0.015)
    assert coverage(unsampled) == pytest.approx(0.95, abs=0.03)


def test_rare_shares_by_arcsine_are_unbiased_and_covered() -> None:
    table = simulate(40, rare, frame(3), transform="arcsine", benchmark="logit")
    sampled = table[table["basis"] == "eblup"]
    assert (sampled["direct"] == 0).any()  # a direct variance of zero
    assert rmse(sampled) < 0.8 * rmse(sampled, "direct")
    error = sampled["eblup"] - sampled["truth"]
    assert abs(error.mean()) < 0.05 * sampled["truth"].mean()
    assert coverage(sampled) == pytest.approx(0.95, abs=0.03)


def test_the_bias_test_keeps_its_size() -> None:
    rng = np.random.default_rng(3)
    x, d = rng.uniform(0, 1, 60), rng.uniform(0.2, 1.0, 60)
    found = []
    for k in range(30):
        y = 1 + 2 * x + rng.normal(0, 0.7, 60) + rng.normal(0, np.sqrt(d))
        fit = fay_herriot(pd.DataFrame({"y": y, "x": x, "d": d}), "y ~ x", "d")
        found.append(bias_test(fit, 39, seed=k)["p_value"])
    assert np.mean(found, axis=0) == pytest.approx(0.5, abs=0.17)  # three errors of a uniform mean
