"""Intervals for quantiles by inverting a score test of the share below (Francisco and Fuller 1991)."""

from __future__ import annotations

import numpy as np
from scipy import optimize

from analysis.errors import UnsuitableDesign
from analysis.quantiles.rules import Rule, Sorted
from analysis.quantiles.setting import Setting


def score_limits(setting: Setting, data: Sorted, p: float) -> tuple[float, float]:
    """The values between which the share below differs from p by at most t standard errors."""
    values = np.unique(data.x)

    def statistic(position: int) -> float:
        share, variance = setting.share_at(float(values[position]))
        gap = share - p
        return float(gap / np.sqrt(variance)) if variance > 0 else float(np.sign(gap) * np.inf)

    def first_above(threshold: float) -> float:
        low, high = 0, len(values) - 1  # the statistic grows with the value
        while low < high:
            middle = (low + high) // 2
            if statistic(middle) > threshold:
                high = middle
            else:
                low = middle + 1
        return float(values[low])

    return first_above(-setting.multiplier), first_above(setting.multiplier)


def score_limits_r(setting: Setting, rule: Rule, data: Sorted, p: float) -> tuple[float, float]:
    """R survey's version: a root finder on the value scale, then the UNWEIGHTED share below the root."""
    values = setting.values[setting.inside]
    quarters = np.quantile(values, [0.25, 0.75])
    margin = float(quarters[1] - quarters[0]) / 100
    tolerance = 1 / (100 * np.sqrt(len(values)))

    def root(threshold: float) -> float:
        def excess(limit: float) -> float:
            share, variance = setting.share_at(limit)
            return float((p - share) / np.sqrt(variance) - threshold)

        start, stop = float(values.min()) + margin, float(values.max()) - margin
        if excess(start) * excess(stop) > 0:
            raise UnsuitableDesign("interval='score_r'", "the sample does not reach a limit; use 'score'")
        return float(optimize.brentq(excess, start, stop, xtol=tolerance / 2))

    shares = [float(np.mean(values <= root(t))) for t in (setting.multiplier, -setting.multiplier)]
    return rule(data, shares[0]), rule(data, shares[1])
