"""Combine estimates from several imputations (Rubin 1987; degrees of freedom of Barnard and Rubin 1999)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis import intervals
from analysis.errors import SurveyError

FIGURES = ("estimate", "se", "ci_low", "ci_high", "cv", "df", "deff", "n", "n_psu")


def combine(tables: Sequence[pd.DataFrame], level: float = 0.95) -> pd.DataFrame:
    """One table from the same estimates on each completed data set: mean, total variance and its df.

    `tables` are two or more estimate tables with the same rows, from imputations that were drawn anew each
    time (`hot_deck` with repeats). The columns are those of the first, in the same units, with the combined
    figures and `missing_information`, the share of the variance (0 to 1) that is due to imputing (Rubin
    1987; df of Barnard and Rubin 1999). Raises `SurveyError` where tables differ in their rows.
    """
    if len(tables) < 2 or any(len(table) != len(tables[0]) for table in tables):
        raise SurveyError("combine needs two or more tables of the same estimates")
    keys = [n for n in tables[0].columns if n not in FIGURES]
    if any(not table[keys].equals(tables[0][keys]) for table in tables[1:]):
        raise SurveyError(f"the tables to combine differ in {', '.join(map(str, keys))}")
    estimates = np.stack([table["estimate"].to_numpy(dtype=np.float64) for table in tables])
    within = np.mean([table["se"].to_numpy(dtype=np.float64) ** 2 for table in tables], axis=0)
    between = estimates.var(axis=0, ddof=1)
    m = len(tables)
    total = within + (1 + 1 / m) * between
    share = np.divide((1 + 1 / m) * between, total, out=np.zeros_like(total), where=total > 0)
    complete = tables[0]["df"].to_numpy(dtype=np.float64)
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    with np.errstate(divide="ignore"):
        df = np.where(share > 0, 1 / (share**2 / (m - 1) + 1 / observed), complete)
    result = tables[0].copy()
    result["estimate"], result["se"] = estimates.mean(axis=0), np.sqrt(total)
    estimate, se = result["estimate"].to_numpy(), result["se"].to_numpy()
    result["ci_low"], result["ci_high"] = intervals.symmetric(estimate, se, "t", level, df)
    magnitude = np.abs(estimate)
    result["cv"] = np.divide(se, magnitude, out=np.full(len(se), np.nan), where=magnitude > 0)
    result["df"], result["missing_information"] = df, share
    result.attrs.clear()
    return result
