"""Tail probabilities of weighted sums of chi-squared variables over an independent one, for Rao-Scott tests.

P(sum of w_k chi2_1 > x chi2_d / d), with d infinite where the variances are known.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize, stats

from analysis.arrays import Floats

LONGEST_SERIES = 5000


def satterthwaite_tail(x: float, weights: Floats, d: float) -> float:
    """From an F (or chi-squared) distribution with the same mean and variance of the numerator."""
    mean = float(weights.mean())
    spread = float((weights**2).mean()) / mean**2
    df, scaled = len(weights) / spread, x / (mean * spread)
    return float(stats.f.sf(scaled / df, df, d)) if np.isfinite(d) else float(stats.chi2.sf(scaled, df))


def exact_tail(x: float, weights: Floats, d: float) -> float:
    """Ruben's (1962) series: a mixture of chi-squared distributions, exact to about 1e-10."""
    smallest = float(weights.min())
    if smallest <= 0 or smallest / weights.max() < 1e-3:
        return saddlepoint_tail(x, weights, d)
    powers = 1 - smallest / weights
    mixture = [float(np.sqrt(smallest / weights).prod())]
    moments: list[float] = []
    while 1 - sum(mixture) > 1e-11 and len(mixture) < LONGEST_SERIES:
        moments.append(float((powers ** (len(moments) + 1)).sum()) / 2)
        k = len(mixture)
        mixture.append(float(np.dot(moments[::-1], mixture)) / k)
    df = len(weights) + 2 * np.arange(len(mixture))
    scaled = x / smallest
    tails = stats.f.sf(scaled / df, df, d) if np.isfinite(d) else stats.chi2.sf(scaled, df)
    return float(np.dot(mixture, tails))


def saddlepoint_tail(x: float, weights: Floats, d: float) -> float:
    """The saddlepoint approximation (Kuonen 1999), the denominator entering with a negative weight."""
    if not np.isfinite(d):
        guess = _saddlepoint(x, weights, np.ones(len(weights)))
    else:
        guess = _saddlepoint(0.0, np.append(weights, -x / d), np.append(np.ones(len(weights)), d))
    return satterthwaite_tail(x, weights, d) if guess is None else guess


def saddlepoint_tail_r(x: float, weights: Floats, d: float) -> float:
    """R survey's version, which cuts the denominator's degrees of freedom to a whole number."""
    if not np.isfinite(d):
        return saddlepoint_tail(x, weights, d)
    whole = np.append(np.ones(len(weights)), np.floor(d + 1e-9))  # rounding aside
    guess = _saddlepoint(0.0, np.append(weights, -x / d), whole)
    return satterthwaite_tail(x, weights, d) if guess is None else guess


def _saddlepoint(x: float, weights: Floats, counts: Floats) -> float | None:
    """P(sum of w_k chi2 with counts_k degrees of freedom > x); None too near the mean."""
    w, x = weights / weights.max(), x / float(weights.max())

    def slope(z: float) -> float:
        return float((counts * w / (1 - 2 * z * w)).sum()) - x

    high = 0.5 * (1 - 1e-10)
    low = float((1 / (2 * w[w < 0])).max()) * (1 - 1e-10) if (w < 0).any() else -0.01
    while slope(low) > 0 and not (w < 0).any():
        low *= 2
    if slope(low) * slope(high) > 0:
        return None
    zeta = float(optimize.brentq(slope, low, high, xtol=1e-13))
    if abs(zeta) < 1e-4:
        return None
    cumulant = -0.5 * float((counts * np.log(1 - 2 * zeta * w)).sum())
    root = float(np.sign(zeta) * np.sqrt(2 * (zeta * x - cumulant)))
    v = zeta * float(np.sqrt(2 * (counts * w**2 / (1 - 2 * zeta * w) ** 2).sum()))
    return float(stats.norm.sf(root + np.log(v / root) / root))


TAILS: dict[str, Callable[[float, Floats, float], float]] = {
    "lincom": exact_tail,
    "saddlepoint": saddlepoint_tail,
    "saddlepoint_r": saddlepoint_tail_r,
}
