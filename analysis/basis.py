"""Auxiliary variables of a calibration, dense or as profiles (the few distinct rows that categories make)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from analysis.arrays import Codes, Floats, sums_by


@dataclass(frozen=True, eq=False)
class Basis:
    """Auxiliary variables X: row i is `profiles[cell[i]]` (cells, p); `cell` None means one cell per row."""

    profiles: Floats
    cell: Codes | None = None

    @classmethod
    def of_cells(cls, cell: Codes, n_cells: int) -> Basis:
        """Indicators of each cell of a partition."""
        return cls(np.eye(n_cells), cell)

    @property
    def p(self) -> int:
        return int(self.profiles.shape[1])

    @property
    def n_cells(self) -> int:
        return len(self.profiles)

    @cached_property
    def is_identity(self) -> bool:
        return self.cell is not None and np.array_equal(self.profiles, np.eye(self.n_cells))

    def by_cell(self, values: Floats) -> Floats:
        """Add up one value per row to cells."""
        if self.cell is None:
            return values
        return sums_by(self.cell, values, self.n_cells)

    def to_rows(self, per_cell: Floats) -> Floats:
        """Give each row the value of its cell."""
        return per_cell if self.cell is None else per_cell[self.cell]

    def totals(self, weight: Floats) -> Floats:
        """X'w, the weighted totals (p)."""
        return self.by_cell(weight) @ self.profiles

    def gram(self, weight: Floats) -> Floats:
        """X' diag(weight) X (p, p)."""
        per_cell = self.by_cell(weight)
        if self.is_identity:
            return np.diag(per_cell)
        return np.asarray((self.profiles * per_cell[:, None]).T @ self.profiles)

    def cross(self, values: Floats, group: Codes, n_groups: int) -> Floats:
        """X' times the (n, n_groups) matrix holding values[i] in column group[i]; group -1 is left out."""
        kept = group >= 0
        cell = np.arange(len(values)) if self.cell is None else self.cell
        spread = sparse.coo_array(
            (values[kept], (cell[kept], group[kept])), shape=(self.n_cells, n_groups)
        ).tocsr()
        return np.asarray(spread.T @ self.profiles).T

    def sums(self, scale: Floats, codes: Codes, n_codes: int) -> Floats:
        """Sums of scale[i] X[i] over rows with the same code (n_codes, p)."""
        cell = np.arange(len(scale)) if self.cell is None else self.cell
        spread = sparse.coo_array((scale, (codes, cell)), shape=(n_codes, self.n_cells)).tocsr()
        return np.asarray(spread @ self.profiles)

    def rows(self) -> Floats:
        """X itself (n, p)."""
        return self.profiles if self.cell is None else self.profiles[self.cell]


def solve_gram(gram: Floats, right: Floats) -> Floats:
    """Least-squares coefficients from normal equations, tolerating collinear columns."""
    scale = np.sqrt(np.where(np.diagonal(gram) > 0, np.diagonal(gram), 1.0))
    scaled = gram / np.outer(scale, scale)
    solution = np.linalg.pinv(scaled, rcond=1e-11, hermitian=True) @ (right / scale[:, None])
    return np.asarray(solution / scale[:, None])
