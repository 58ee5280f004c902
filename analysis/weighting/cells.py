"""Cells: the combinations of levels that occur in the sample; rows of a cell share categorical factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import Codes, Floats, sums_by
from analysis.columns import coded, row_counts, rows_by
from analysis.errors import MissingValues


@dataclass(frozen=True, eq=False)
class Cells:
    """`cell` (n) is the cell of each row, `len(table)` for rows outside; `table` the levels of each cell.

    `occupied` (cells) counts the rows of the file that carry weight.
    """

    cell: Codes
    table: pd.DataFrame
    occupied: Codes

    @property
    def count(self) -> int:
        return len(self.table)

    def sums(self, values: Floats) -> Floats:
        """Add up values (n) to cells."""
        return sums_by(self.cell, values, self.count + 1)[: self.count]

    def to_rows(self, per_cell: Floats, outside: float = 0.0) -> Floats:
        """Give each row the value of its cell."""
        return np.append(per_cell, outside)[self.cell]


def cells_of(data: pd.DataFrame, columns: Sequence[str], weight: Floats) -> Cells:
    """The cells of some columns; a row with weight must have all levels known, else `MissingValues`."""
    codes, table = coded(data, columns, allow_missing=True)
    if len(codes) and codes.min() < 0:
        unknown = (codes < 0) & (weight > 0)
        if unknown.any():
            name = next(c for c in columns if data[c].isna().to_numpy()[unknown].any())
            found = rows_by(np.where(unknown, 0, -1), row_counts(data), 1)[0]
            raise MissingValues(name, int(found), data.index[int(unknown.argmax())])
        codes = np.where(codes < 0, len(table), codes)
    weightless = weight <= 0
    counted = np.where(weightless, -1, codes) if weightless.any() else codes
    return Cells(codes, table, rows_by(counted, row_counts(data), len(table) + 1)[: len(table)])
