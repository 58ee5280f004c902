"""Confidence intervals: symmetric ones, and those made for proportions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize, stats

from analysis.arrays import Codes, Floats
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
    half = np.multiply(quantile_of(kind, level, df), se, out=np.zeros_like(se), where=se > 0)
    return estimate - half, estimate + half


def wald(
    p: float, variance: float, multiplier: float, df: float, n: int, level: float
) -> tuple[float, float]:
    """p -/+ t se."""
    half = multiplier * np.sqrt(variance)
    return p - half, p + half


def logit(
    p: float, variance: float, multiplier: float, df: float, n: int, level: float
) -> tuple[float, float]:
    """Symmetric on the log-odds scale."""
    centre, half = np.log(p / (1 - p)), multiplier * np.sqrt(variance) / (p * (1 - p))
    return _expit(centre - half), _expit(centre + half)


def asin(
    p: float, variance: float, multiplier: float, df: float, n: int, level: float
) -> tuple[float, float]:
    """Symmetric on the arcsine-root scale, which stabilises the variance."""
    centre, half = np.arcsin(np.sqrt(p)), multiplier * np.sqrt(variance / (4 * p * (1 - p)))
    low, high = max(centre - half, 0.0), min(centre + half, np.pi / 2)
    return float(np.sin(low) ** 2), float(np.sin(high) ** 2)


def beta(
    p: float, variance: float, multiplier: float, df: float, n: int, level: float
) -> tuple[float, float]:
    """Korn and Graubard (1998): exact binomial limits at the effective sample size, for small samples."""
    tail = (1 - level) / 2
    effective = p * (1 - p) / variance
    if df > 0 and n > 1:
        effective *= (stats.t.ppf(tail, n - 1) / stats.t.ppf(tail, df)) ** 2
    low = stats.beta.ppf(tail, effective * p, effective * (1 - p) + 1)
    high = stats.beta.ppf(1 - tail, effective * p + 1, effective * (1 - p))
    return float(low), float(high)


def likelihood(
    p: float, variance: float, multiplier: float, df: float, n: int, level: float
) -> tuple[float, float]:
    """Where the binomial deviance, divided by the design effect, reaches t squared (Rao and Scott 1984)."""
    effective = p * (1 - p) / variance

    def excess(q: float) -> float:
        deviance = 2 * effective * (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)))
        return float(deviance - multiplier**2)

    tiny = 1e-300
    low = optimize.brentq(excess, tiny, p, xtol=1e-14) if excess(tiny) > 0 else 0.0
    top = 1 - 1e-16
    high = optimize.brentq(excess, p, top, xtol=1e-14) if excess(top) > 0 else 1.0
    return float(low), float(high)


def _exact(p: float, n: int, level: float) -> tuple[float, float]:
    """Clopper-Pearson limits at the nominal sample size, where the sample shows no variance at all."""
    tail = (1 - level) / 2
    edge = tail ** (1 / max(n, 1))
    return (0.0, 1 - edge) if p == 0 else (edge, 1.0)


def _expit(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


Limits = Callable[[float, float, float, float, int, float], tuple[float, float]]
PROPORTION_LIMITS: dict[str, Limits] = {
    "logit": logit,
    "xlogit": logit,
    "likelihood": likelihood,
    "asin": asin,
    "beta": beta,
    "wald": wald,
    "mean": wald,
}


def proportion_limits(
    method: str, estimate: Floats, variance: Floats, df: Floats, n: Codes, level: float
) -> tuple[Floats, Floats]:
    """Limits for each proportion; at exactly 0 or 1 every method gives Clopper-Pearson limits for n, and a
    proportion fixed by its controls (no variance) is its own interval.

    `n` is the number of sampled rows in each domain (used by beta). Raises `UnknownOption`.
    """
    if method not in PROPORTION_LIMITS:
        raise UnknownOption("ci", method, tuple(PROPORTION_LIMITS))
    limits = PROPORTION_LIMITS[method]
    multiplier = quantile_of("t", level, df)
    low, high = estimate.copy(), estimate.copy()
    for i in range(len(estimate)):
        p, v = float(estimate[i]), float(variance[i])
        if p in (0.0, 1.0):
            low[i], high[i] = _exact(p, int(n[i]), level)
            continue
        if not 0 < p < 1 or v <= 1e-24:
            continue
        if not np.isfinite(multiplier[i]):
            low[i], high[i] = 0.0, 1.0
            continue
        low[i], high[i] = limits(p, v, float(multiplier[i]), float(df[i]), int(n[i]), level)
    return low, high
