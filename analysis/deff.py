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
    rows, within, scale = _variable(statistic, weight, size)
    mean = statistic.sums(tuple(rows.T), weight) / size
    squares = statistic.sums(tuple(((rows - mean[statistic.group]) ** 2 + within).T), weight) / size
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = squares * n / (n - 1) / n * scale
        if kind is True:
            variance = variance * np.where(size >= n, (size - n) / size, np.nan)
    return np.asarray(variance.ravel())


def _variable(statistic: Ratios, weight: Floats, size: Floats) -> tuple[Floats, Floats | float, Floats]:
    """The row values (n, V) whose mean is estimated, their variance within merged rows, and the square of
    what multiplies that mean."""
    rows, merged = np.stack(statistic.tops, axis=1), statistic.within
    if not statistic.bottoms:
        return rows, 0.0 if merged is None else merged.tops, size**2
    top, bottom = statistic.totals(weight)
    ratio = (top / bottom)[statistic.group]
    residual = rows - ratio * np.stack(statistic.bottoms, axis=1)
    return residual, 0.0 if merged is None else merged.of_residuals(ratio), (size / bottom) ** 2
