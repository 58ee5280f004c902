"""Sensitive cells of a table: too few contributors, or some that dominate (Hundepool et al. 2012, 4.2)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.arrays import Codes, Floats, Names, counts_by, sums_by
from analysis.columns import coded, complete_numeric, names
from analysis.errors import BadWeight, UnknownOption


def primary_suppression(
    data: pd.DataFrame,
    by: Names,
    value: str | None = None,
    minimum: int = 5,
    dominance: tuple[int, float] | None = None,
    p_percent: float | None = None,
    weight: str | None = None,
) -> pd.DataFrame:
    """Each cell of `by` with its n, and why it must not be published ("" where it may).

    `minimum` is the smallest number of contributing rows. For totals of `value` (0 or more), `dominance`
    (n, share) refuses cells whose n largest contributors exceed the share, and `p_percent` (0.1 is 10 %)
    those where the second largest could estimate the largest within that margin. With `weight` (1 or more)
    a row stands for that many contributors of its value, as in tau-Argus. Returns the columns of `by`, n,
    and with `value` total and `needed`, the protection that dominance and p % ask for beyond the value
    (unit of value), then suppressed and reason. Raises `UnknownOption`, `BadWeight`, `MissingValues`.
    """
    columns = names(by)
    codes, table = coded(data, columns)
    n = counts_by(codes, len(table))
    reason = np.where(n < minimum, f"fewer than {minimum} contributors", "").astype(object)
    result = table.assign(n=n)
    if value is not None:
        values, weights = _contributions(data, value, weight)
        total = sums_by(codes, values * weights, len(table))
        result["total"], needed = total, np.zeros(len(table))
        for top, text, gap in _rules(codes, values, weights, total, dominance, p_percent):
            _mark(reason, top, text)
            needed = np.maximum(needed, np.where(top, gap, 0.0))
        result["needed"] = needed
    return result.assign(suppressed=reason != "", reason=reason)


def _contributions(data: pd.DataFrame, value: str, weight: str | None) -> tuple[Floats, Floats]:
    values = complete_numeric(data, value)
    if (values < 0).any():
        raise UnknownOption("value", value, "a column of numbers of 0 or more")
    weights = np.ones(len(values)) if weight is None else complete_numeric(data, weight)
    if (weights < 1).any():
        raise BadWeight(weight, f"{weights[weights < 1][0]:.10g} is below 1, the row itself")
    return values, weights


def _rules(
    codes: Codes,
    values: Floats,
    weights: Floats,
    total: Floats,
    dominance: tuple[int, float] | None,
    p_percent: float | None,
) -> list[tuple[np.ndarray, str, Floats]]:
    """For each rule asked for: the cells it refuses, its name, and how far off their total must stay."""
    found: list[tuple[np.ndarray, str, Floats]] = []
    if dominance is not None:
        count, share = dominance
        if count < 1 or not 0 < share < 1:
            raise UnknownOption("dominance", dominance, "(n, share) with n 1 or more and a share below 1")
        top = _largest(codes, values, weights, len(total), count)
        found.append((top > share * total, f"dominance of {count}", top / share - total))
    if p_percent is not None:
        if not p_percent > 0:
            raise UnknownOption("p_percent", p_percent, "a positive share, such as 0.1")
        first, both = (_largest(codes, values, weights, len(total), k) for k in (1, 2))
        gap = p_percent * first - (total - both)
        rounding = 1e-9 * np.maximum(total, 1.0)
        found.append((gap > rounding, f"p % rule ({p_percent:.0%})", gap))
    return found


def _largest(codes: Codes, values: Floats, weights: Floats, size: int, count: int) -> Floats:
    """The sum of the `count` largest contributions of each cell, rows counted by their weights."""
    order = np.lexsort((-values, codes))
    cell, weight = codes[order], weights[order]
    passed = np.cumsum(weight) - weight
    first = np.searchsorted(cell, np.arange(size))
    before = passed - passed[np.minimum(first, len(passed) - 1)][cell]
    taken = np.clip(count - before, 0, weight)
    return sums_by(cell, taken * values[order], size)


def _mark(reason: np.ndarray, sensitive: np.ndarray, text: str) -> None:
    reason[sensitive & (reason == "")] = text
