"""Make small-area estimates add up to a direct estimate for the whole, and count that in their errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import optimize, special

from analysis.arrays import Floats
from analysis.errors import SurveyError, UnknownOption
from analysis.small_area.fay_herriot import FayHerriot

BenchmarkMethod = Literal["ratio", "difference", "logit"]


def benchmark(
    estimates: pd.Series,
    population: pd.Series,
    target: float,
    method: BenchmarkMethod = "ratio",
) -> pd.Series:
    """Estimates changed so that their population-weighted mean is the direct estimate `target`.

    `estimates` and `population` are indexed by area; the result has the unit of the estimates. "ratio"
    multiplies all by the same factor, "difference" adds the same amount (Rao and Molina 2015, 6.4.6),
    "logit" adds the same amount to the log odds, so that shares stay between 0 and 1. Raises `SurveyError`
    for an area without population and where the method cannot reach the target.
    """
    share = population_shares(population, estimates.index)
    if method not in METHODS:
        raise UnknownOption("method", method, tuple(METHODS))
    values = estimates.to_numpy(dtype=np.float64)
    if not np.isfinite(values).all() or not np.isfinite(target):
        raise SurveyError("estimates and target must be known numbers before they can be benchmarked")
    moved = METHODS[method](values, share, target)
    return pd.Series(moved, index=estimates.index, name=estimates.name)


def _ratio(values: Floats, share: Floats, target: float) -> Floats:
    current = float(values @ share)
    if current == 0:
        raise SurveyError("the estimates average to zero, so no ratio can benchmark them; use 'difference'")
    return values * (target / current)


def _difference(values: Floats, share: Floats, target: float) -> Floats:
    return values + (target - float(values @ share))


def _logit(values: Floats, share: Floats, target: float) -> Floats:
    if not 0 < target < 1 or (values <= 0).any() or (values >= 1).any():
        raise SurveyError("benchmarking on the log odds needs estimates and a target between 0 and 1")
    odds = special.logit(values)

    def gap(shift: float) -> float:
        return float(special.expit(odds + shift) @ share) - target

    shift = optimize.brentq(gap, -60.0, 60.0, xtol=1e-15, rtol=1e-14)
    return np.asarray(special.expit(odds + shift))


METHODS: dict[str, Callable[[Floats, Floats, float], Floats]] = {
    "ratio": _ratio,
    "difference": _difference,
    "logit": _logit,
}
# How much of the gap to the target each area takes over: the derivative of the method at the target.
TAKES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "ratio": lambda values, share: values / (values @ share),
    "difference": lambda values, share: np.ones_like(values),
    "logit": lambda values, share: values * (1 - values) / ((values * (1 - values)) @ share),
}


def population_shares(population: pd.Series, index: pd.Index) -> Floats:
    """Shares (areas) that add up to 1; raises `SurveyError` for an area without a population."""
    if not population.index.is_unique:
        twice = population.index[population.index.duplicated()].tolist()[0]
        raise SurveyError(f"population names area {twice!r} more than once")
    found = population.reindex(index).to_numpy(dtype=np.float64)
    if np.isnan(found).any() or (found < 0).any() or not found.sum() > 0:
        wrong = index[np.isnan(found) | (found < 0)].tolist()
        raise SurveyError(f"population must be known and 0 or more for every area; look at {wrong[:5]}")
    return np.asarray(found / found.sum())


@dataclass(frozen=True, eq=False)
class Target:
    """The direct estimate of the whole, its variance, and the share (areas) that each area has in it.

    `error_scale` (areas) turns an area's error on the model's scale into one in the unit of the target.
    """

    estimate: float
    variance: float
    share: Floats
    error_scale: Floats


def benchmarking_error(
    fit: FayHerriot, estimates: Floats, population: Floats, target: Target, method: str
) -> Floats:
    """What benchmarking adds (areas) to the mean squared errors of the predictors `estimates` (areas).

    b = p + r (T - w'p) has the error Q (A y - theta) + r e_T with Q = G - r w'G: A is the EBLUP's matrix, G
    the slopes of the back-transformation, r what each area takes of the gap, e_T the error of the target,
    whose covariance with an area's direct error is that area's share in it. Exact for a linear predictor
    with known variance between areas; what estimating that variance adds is that of the EBLUP (compare
    Steorts and Ghosh 2013, Statistica Sinica 23, 749-767). `population` are shares (areas).
    """
    takes = TAKES[method](estimates, population)
    slopes = np.diag(target.error_scale)
    apart = slopes - np.outer(takes, population * target.error_scale)
    before = _squared_error(fit, slopes, np.zeros_like(takes), target)
    after = _squared_error(fit, apart, takes, target)
    return np.asarray(after - before)


def _squared_error(fit: FayHerriot, spread: Floats, takes: Floats, target: Target) -> Floats:
    inside = fit.sampled
    d = fit.areas["variance"].to_numpy()[inside]
    predictor = fit.predictor()
    effects = -np.eye(len(inside))
    effects[:, inside] += predictor
    own = target.share[inside] * target.error_scale[inside]
    sampling = spread @ predictor + np.outer(takes, own)
    rest = max(target.variance - float(own**2 @ d), 0.0)
    return np.asarray(
        fit.sigma2_v * ((spread @ effects) ** 2).sum(axis=1) + sampling**2 @ d + takes**2 * rest
    )
