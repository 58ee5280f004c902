"""Generalised variance functions: variances of areas learnt from all areas together (Wolter 2007, chapter 7)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.arrays import Floats
from analysis.errors import ModelNotFitted

FEWEST = 10


def generalised_variances(n: pd.Series, variance: pd.Series) -> Floats:
    """Variances (areas) from log V = a + b log n, fitted where V is known and scaled to the same sum.

    `n` are respondents per area, `variance` the direct variances, NaN where unusable. The scaling takes out
    the bias of going back from logarithms (Rivest and Belmonte 2000, Survey Methodology 26, 67-78). Areas
    with n 0 get NaN. Raises `ModelNotFitted` with fewer than 10 usable areas.
    """
    known = (variance > 0).to_numpy() & (n > 0).to_numpy()
    if known.sum() < FEWEST:
        problem = f"{int(known.sum())} areas have a usable variance, {FEWEST} are needed"
        raise ModelNotFitted("generalised variance function", problem)
    size = np.where(n > 0, n, np.nan).astype(np.float64)
    x = np.column_stack([np.ones(len(size)), np.log(size)])
    y = np.log(variance.to_numpy(dtype=np.float64), where=known, out=np.full(len(size), np.nan))
    coefficients = np.linalg.lstsq(x[known], y[known], rcond=None)[0]
    fitted = np.exp(x @ coefficients)
    return np.asarray(fitted * (variance.to_numpy()[known].sum() / fitted[known].sum()))


def pooled_deff(n: pd.Series, share: pd.Series, variance: pd.Series) -> float:
    """One design effect for shares in all areas: the sum of their variances over that of p (1 - p) / n.

    Raises `ModelNotFitted` where no area has a usable variance.
    """
    p = share.to_numpy(dtype=np.float64)
    known = (variance > 0).to_numpy() & (p > 0) & (p < 1)
    if not known.any():
        raise ModelNotFitted("design effect of shares", "no area has a usable variance")
    simple = (p * (1 - p))[known] / n.to_numpy(dtype=np.float64)[known]
    return float(variance.to_numpy(dtype=np.float64)[known].sum() / simple.sum())
