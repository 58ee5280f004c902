"""Make small-area estimates add up to a direct estimate for the whole."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from analysis.errors import SurveyError, UnknownOption

METHODS = ("ratio", "difference")


def benchmark(
    estimates: pd.Series,
    population: pd.Series,
    target: float,
    method: Literal["ratio", "difference"] = "ratio",
) -> pd.Series:
    """Estimates changed so that their population-weighted mean is the direct estimate `target`.

    "ratio" multiplies all by the same factor, "difference" adds the same amount (Rao and Molina 2015, 6.4.6).
    """
    if method not in METHODS:
        raise UnknownOption("method", method, METHODS)
    share = population.reindex(estimates.index)
    if share.isna().any() or (share < 0).any() or share.sum() <= 0:
        wrong = share.index[(share.isna() | (share < 0)).to_numpy()]
        raise SurveyError(f"population must be known and 0 or more for every area; look at {list(wrong[:5])}")
    current = float((estimates * share).sum() / share.sum())
    if method == "difference":
        return estimates + (target - current)
    if current == 0:
        raise SurveyError("the estimates average to zero, so no ratio can benchmark them; use 'difference'")
    return estimates * (target / current)
