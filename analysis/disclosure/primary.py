"""Sensitive cells of a table: too few contributors, or some that dominate (Hundepool et al. 2012, 4.2)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.arrays import Names, counts_by, sums_by
from analysis.columns import coded, complete_numeric, names
from analysis.errors import UnknownOption


def primary_suppression(
    data: pd.DataFrame,
    by: Names,
    value: str | None = None,
    minimum: int = 5,
    dominance: tuple[int, float] | None = None,
    p_percent: float | None = None,
) -> pd.DataFrame:
    """Each cell of `by` with its n, and why it must not be published ("" where it may).

    `minimum` is the smallest number of contributors. For totals of `value` (0 or more), `dominance`
    (n, share) refuses cells whose n largest contributors exceed the share, and `p_percent` (0.1 is 10 %)
    those where the second largest could estimate the largest within that margin.
    """
    columns = names(by)
    codes, table = coded(data, columns)
    n = counts_by(codes, len(table))
    reason = np.where(n < minimum, f"fewer than {minimum} contributors", "").astype(object)
    result = table.assign(n=n)
    if value is not None:
        values = complete_numeric(data, value)
        if (values < 0).any():
            raise UnknownOption("value", value, "a column of numbers of 0 or more")
        total = sums_by(codes, values, len(table))
        result["total"] = total
        ranked = _largest(codes, values, len(table), max(2, dominance[0] if dominance else 2))
        if dominance is not None:
            largest = ranked[:, : dominance[0]].sum(axis=1)
            _mark(reason, largest > dominance[1] * total, f"dominance of {dominance[0]}")
        if p_percent is not None:
            rest = total - ranked[:, 0] - ranked[:, 1]
            _mark(reason, rest < p_percent * ranked[:, 0], f"p % rule ({p_percent:.0%})")
    return result.assign(suppressed=reason != "", reason=reason)


def _largest(codes: np.ndarray, values: np.ndarray, size: int, count: int) -> np.ndarray:
    """The `count` largest values of each cell, 0 where there are fewer."""
    order = np.lexsort((-values, codes))
    position = np.arange(len(codes)) - np.searchsorted(codes[order], codes[order])
    result = np.zeros((size, count))
    kept = position < count
    result[codes[order][kept], position[kept]] = values[order][kept]
    return result


def _mark(reason: np.ndarray, sensitive: np.ndarray, text: str) -> None:
    reason[sensitive & (reason == "")] = text
