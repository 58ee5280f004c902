"""Symmetric confidence intervals with the design's degrees of freedom."""

from __future__ import annotations

import numpy as np
from scipy import stats

from analysis.arrays import Floats
from analysis.errors import UnknownOption


def quantile_of(kind: str, level: float, df: Floats) -> Floats:
    """The multiplier of the standard error; with no degrees of freedom left it is infinite."""
    upper = 0.5 + level / 2
    if kind == "z":
        return np.full_like(df, stats.norm.ppf(upper))
    if kind != "t":
        raise UnknownOption("ci", kind, ("t", "z"))
    usable = df > 0
    multiplier = np.full_like(df, np.inf)
    multiplier[usable] = stats.t.ppf(upper, df[usable])
    return multiplier


def symmetric(estimate: Floats, se: Floats, kind: str, level: float, df: Floats) -> tuple[Floats, Floats]:
    """estimate -/+ multiplier * se; a standard error of zero gives a point whatever df is."""
    half = np.multiply(
        quantile_of(kind, level, df), se, out=np.where(np.isnan(se), np.nan, 0.0), where=se > 0
    )
    return estimate - half, estimate + half


def t_ratio(estimate: Floats, se: Floats) -> Floats:
    """estimate / se; without any error it is infinite, or zero where there is nothing to see."""
    certain = np.where(estimate == 0, 0.0, np.copysign(np.inf, estimate))
    return np.divide(estimate, se, out=certain, where=se > 0)


def t_tail(t: float, df: float) -> float:
    """P(T > t), normal for infinite df."""
    return float(stats.t.sf(t, df)) if np.isfinite(df) else float(stats.norm.sf(t))
