"""Secondary suppression in a two-way table with published margins.

A suppressed cell can be worked out exactly when it is the only link between two parts of the graph whose
vertices are rows and columns and whose edges are suppressed cells (Gusfield 1988). The cheapest set without
such bridges is found by integer programming, a cut at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, sparse
from scipy.sparse import csgraph

from analysis.arrays import Floats, Mask
from analysis.errors import SurveyError


@dataclass(frozen=True, eq=False)
class Suppression:
    """`suppressed` (rows by columns) marks all cells to withhold, `secondary` those that protect others."""

    suppressed: pd.DataFrame
    secondary: pd.DataFrame


def protect_table(
    table: pd.DataFrame, primary: pd.DataFrame, cost: pd.DataFrame | None = None
) -> Suppression:
    """Withhold as little as possible (by `cost`, default the values) so that no primary cell is exact.

    `table` holds values of 0 or more without margins, `primary` true for sensitive cells. Raises
    `SurveyError` where the table is too small to hide a cell.
    """
    sensitive = primary.to_numpy(dtype=np.bool_)
    values = table.to_numpy(dtype=np.float64)
    if sensitive.shape != values.shape:
        raise SurveyError(f"primary has shape {sensitive.shape}, the table {values.shape}")
    if (values < 0).any() or np.isnan(values).any():
        raise SurveyError("the table must hold known values of 0 or more")
    price = (values if cost is None else cost.to_numpy(dtype=np.float64)) + 1e-3
    chosen = _protect(sensitive, price)
    frame = pd.DataFrame(chosen, index=table.index, columns=table.columns)
    added = pd.DataFrame(chosen & ~sensitive, index=table.index, columns=table.columns)
    return Suppression(frame, added)


def _protect(sensitive: Mask, price: Floats) -> Mask:
    chosen, cuts = sensitive.copy(), []
    while True:
        found = [cut for i, j in np.argwhere(sensitive) if (cut := _bridge(chosen, i, j)) is not None]
        if not found:
            return chosen
        cuts.extend(found)
        solution = optimize.milp(
            price.ravel(),
            integrality=np.ones(price.size, dtype=np.int64),
            bounds=optimize.Bounds(sensitive.ravel().astype(float), np.ones(price.size)),
            constraints=optimize.LinearConstraint(np.array([cut.ravel() for cut in cuts]), 2, np.inf),
        )
        if solution.x is None:
            raise SurveyError("the table is too small to hide its sensitive cells; merge rows or columns")
        chosen = np.asarray(solution.x.reshape(price.shape) > 0.5)


def _bridge(chosen: Mask, i: int, j: int) -> Floats | None:
    """Cells between the two parts that only cell (i, j) links, or None where another path exists."""
    rows, columns = chosen.shape
    others = chosen.copy()
    others[i, j] = False
    a, b = np.nonzero(others)
    graph = sparse.coo_array((np.ones(len(a)), (a, rows + b)), shape=(rows + columns, rows + columns))
    part = csgraph.connected_components(graph, directed=False)[1]
    if part[i] == part[rows + j]:
        return None
    inside = part == part[i]
    return np.asarray((inside[:rows, None] != inside[None, rows:]).astype(np.float64))


def feasible_range(
    table: pd.DataFrame, suppressed: pd.DataFrame, row: object, column: object
) -> tuple[float, float]:
    """What a reader of the published cells and margins can conclude about one cell: its least and most."""
    values, hidden = table.to_numpy(dtype=np.float64), suppressed.to_numpy(dtype=np.bool_)
    i, j = table.index.get_loc(row), table.columns.get_loc(column)
    if not hidden[i, j]:
        return float(values[i, j]), float(values[i, j])
    cells = np.argwhere(hidden)
    margins = np.zeros((sum(values.shape), len(cells)))
    margins[cells[:, 0], np.arange(len(cells))] = 1
    margins[values.shape[0] + cells[:, 1], np.arange(len(cells))] = 1
    left = np.where(hidden, values, 0.0)
    known = np.concatenate([left.sum(axis=1), left.sum(axis=0)])
    target = ((cells[:, 0] == i) & (cells[:, 1] == j)).astype(np.float64)
    wanted = optimize.LinearConstraint(margins, known, known)
    ends = [optimize.milp(sign * target, constraints=wanted) for sign in (1, -1)]
    return float(ends[0].x @ target), float(ends[1].x @ target)
