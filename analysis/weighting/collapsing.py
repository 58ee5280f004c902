"""Which levels to put together when one of them is empty or nearly so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import Floats

FEWEST = 20  # rows below which a level's factor rests on chance; 20 to 30 is the usual rule of thumb


def partners(levels: Sequence[Any], sizes: Floats, k: int) -> list[Any]:
    """The levels to collapse level k with: its neighbours in order that have rows, the smaller one first.

    Levels that are numbers or intervals in order collapse with a neighbour; so do others, as the lists of
    statistical offices put like beside like. Without a neighbour, the smallest level that has rows.
    """
    occupied = np.flatnonzero((sizes > 0) & (np.arange(len(sizes)) != k))
    before, after = occupied[occupied < k][-1:], occupied[occupied > k][:1]
    near = sorted([*before, *after], key=lambda j: (float(sizes[j]), j))
    return [levels[j] for j in near]


def small_cells(margins: pd.DataFrame, fewest: int = FEWEST, largest_factor: float = 3.0) -> pd.DataFrame:
    """Levels with fewer than `fewest` rows or a factor outside 1 / largest to largest, and what to do.

    One row per level: margin, level, n, factor, reason, collapse_with (a tuple of levels, the best first).
    """
    rows = []
    for _, part in margins.groupby("margin", sort=False):
        sizes = part["n"].fillna(np.inf).to_numpy(dtype=np.float64)
        levels = part["level"].tolist()
        for k, (n, factor) in enumerate(zip(sizes, part["factor"], strict=True)):
            reason = _reason(n, float(factor), fewest, largest_factor)
            if reason:
                found = {"margin": part["margin"].iloc[k], "level": levels[k], "n": n, "factor": factor}
                rows.append({**found, "reason": reason, "collapse_with": tuple(partners(levels, sizes, k))})
    return pd.DataFrame(rows, columns=["margin", "level", "n", "factor", "reason", "collapse_with"])


def _reason(n: float, factor: float, fewest: int, largest: float) -> str:
    if n < fewest:
        return f"{n:.0f} row(s), fewer than {fewest}"
    if not np.isfinite(n) or np.isnan(factor):
        return ""  # a total, not a level
    outside = factor > largest or factor < 1 / largest
    return f"factor {factor:.3g}, outside {1 / largest:.3g} to {largest:.3g}" if outside else ""
