"""Domains without a single known value: left out of the arithmetic, put back into the table as unknown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.arrays import Codes, Floats, Mask, counts_by
from analysis.covariance import Covariance
from analysis.domains import Domains


@dataclass(frozen=True, eq=False)
class Filled:
    """The `domains` that have known values, and the numbers (`kept`) they had among `all`."""

    domains: Domains
    kept: Codes
    all: Domains

    @classmethod
    def of(cls, domains: Domains, known: Mask) -> Filled:
        group = domains.restricted(known)
        kept = np.flatnonzero(counts_by(group[group >= 0], domains.n)).astype(np.int64)
        renumbered = np.full(domains.n + 1, -1, dtype=np.int64)
        renumbered[kept] = np.arange(len(kept))
        table = domains.table.iloc[kept].reset_index(drop=True)
        return cls(Domains(renumbered[domains.group], table), kept, domains)

    @property
    def nothing_empty(self) -> bool:
        return len(self.kept) == self.all.n

    def restore(self, table: pd.DataFrame, df: Floats, n_psu: Floats) -> pd.DataFrame:
        """The table (filled domains x items) with a row per item for the empty domains too: no estimate, n 0.

        `df` and `n_psu` (all domains) are counted whether values are known or not.
        """
        repeats = len(table) // max(len(self.kept), 1)
        position = self._positions(repeats)
        full = table.reindex(np.where(position < 0, len(table), position)).reset_index(drop=True)
        items = table.iloc[:repeats]
        for name in ("variable", "level"):
            full[name] = pd.Series(items[name].tolist() * self.all.n, dtype=object)
        for column in self.all.table:
            full[column] = self.all.table[column].repeat(repeats).to_numpy()
        full["n"] = full["n"].fillna(0).astype(np.int64)
        full["df"], full["n_psu"] = np.repeat(df, repeats), np.repeat(n_psu, repeats)
        full.attrs["vcov"] = _spread(table.attrs["vcov"], position)
        return full

    def _positions(self, repeats: int) -> NDArray[np.int64]:
        """Where each row of the full table stands in the filled one, -1 for none."""
        first = np.full(self.all.n, -1, dtype=np.int64)
        first[self.kept] = np.arange(len(self.kept)) * repeats
        rows = first[:, None] + np.arange(repeats)
        return np.where(first[:, None] < 0, -1, rows).ravel()


def _spread(covariance: Covariance, position: NDArray[np.int64]) -> Covariance:
    """The covariance of the full table, NaN in rows and columns without an estimate."""
    known = position >= 0

    def matrix() -> Floats:
        result = np.full((len(position), len(position)), np.nan)
        result[np.ix_(known, known)] = covariance.matrix
        return result

    variances = np.full(len(position), np.nan)
    variances[known] = covariance.variances
    return Covariance(variances, matrix, tuple(range(len(position))))
