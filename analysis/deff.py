"""Design effects: the variance under the design over that of a simple random sample of the same size."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from analysis.arrays import Floats
from analysis.statistics import Ratios

DesignEffect: TypeAlias = bool | Literal["replace"]


def simple_variances(statistic: Ratios, weight: Floats, kind: DesignEffect) -> Floats:
    """Variance of each estimate under simple random sampling, from the weighted sample variance.

    `kind` True compares with sampling without replacement (factor (N - n) / N, N the sum of weights), which
    is undefined (NaN) when N < n; "replace" leaves the factor out. For a ratio the residuals y - R x are the
    variable, as in R's svyratio. Results are numbered like the estimates.
    """
    n = statistic.units(weight).astype(np.float64)[:, None]
    size = statistic.sums((np.ones(len(weight)),), weight)
    rows, scale = _variable(statistic, weight, size)
    mean = statistic.sums(tuple(rows.T), weight) / size
    squares = statistic.sums(tuple(((rows - mean[statistic.group]) ** 2).T), weight) / size
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = squares * n / (n - 1) / n * scale
        if kind is True:
            variance = variance * np.where(size >= n, (size - n) / size, np.nan)
    return np.asarray(variance.ravel())


def _variable(statistic: Ratios, weight: Floats, size: Floats) -> tuple[Floats, Floats]:
    """The row values (n, V) whose mean is estimated, and the square of what multiplies that mean."""
    rows = np.stack(statistic.tops, axis=1)
    if not statistic.bottoms:
        return rows, size**2
    top, bottom = statistic.totals(weight)
    ratio = top / bottom
    residual = rows - ratio[statistic.group] * np.stack(statistic.bottoms, axis=1)
    return residual, (size / bottom) ** 2
