"""Domains: which rows belong to which, and the labels of each. Rows outside stay in the design."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import Codes, Mask
from analysis.columns import coded
from analysis.errors import EmptyDomain


@dataclass(frozen=True, eq=False)
class Domains:
    """`group` (n) is the domain of each row, -1 outside; `table` has one row of labels per domain."""

    group: Codes
    table: pd.DataFrame

    @property
    def n(self) -> int:
        return len(self.table)

    def restricted(self, kept: Mask) -> Codes:
        """The domain of each row, leaving out rows that are not kept."""
        return np.where(kept, self.group, -1)

    def label(self, k: int) -> object:
        row = self.table.iloc[k].to_dict()
        return row or "(all)"


def domains_of(data: pd.DataFrame, by: list[str], kept: Mask) -> Domains:
    """The observed combinations of `by` among the kept rows; a row with an unknown `by` is in no domain."""
    if not kept.any():
        raise EmptyDomain(by or "(all)")
    if not by:
        return Domains(np.where(kept, 0, -1).astype(np.int64), pd.DataFrame(index=range(1)))
    codes, table = coded(data, by, allow_missing=True)
    codes = np.where(kept, codes, -1)
    present = np.bincount(codes[codes >= 0], minlength=len(table)) > 0
    if not present.any():
        raise EmptyDomain(by)
    renumbered = np.full(len(table) + 1, -1, dtype=np.int64)
    renumbered[:-1][present] = np.arange(present.sum())
    return Domains(renumbered[codes], table[present].reset_index(drop=True))
