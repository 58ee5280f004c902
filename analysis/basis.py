"""Auxiliary variables of a calibration: numbers row by row, or indicators of the levels of margins.

Both know the few operations that calibration and its variance need, so that the wide matrix X (rows, p) of
indicators is never written out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy import linalg, sparse

from analysis.arrays import Codes, Floats, sums_by


class Basis(Protocol):
    """Auxiliary variables X (n, p) whose rows repeat in cells."""

    @property
    def p(self) -> int: ...

    @property
    def is_partition(self) -> bool:
        """Whether X holds the indicators of one partition, so that X'WX is diagonal."""
        ...

    @property
    def repeats_rows(self) -> bool:
        """Whether `to_rows` makes a new array."""
        ...

    def by_cell(self, values: Floats) -> Floats:
        """Add up one value per row to cells."""
        ...

    def to_rows(self, per_cell: Floats) -> Floats:
        """Give each row the value of its cell."""
        ...

    def cell_totals(self, per_cell: Floats) -> Floats:
        """X'w for weights of cells (p)."""
        ...

    def cell_gram(self, per_cell: Floats) -> Floats:
        """X' diag(w) X for weights of cells (p, p)."""
        ...

    def predictor(self, coefficients: Floats) -> Floats:
        """X b for each cell."""
        ...

    def cross(self, values: Floats, group: Codes, n_groups: int) -> Floats:
        """X' times the (n, n_groups) matrix holding values[i] in column group[i]."""
        ...

    def sums(self, scale: Floats, codes: Codes, n_codes: int) -> Floats:
        """Sums of scale[i] X[i] over rows with the same code (n_codes, p)."""
        ...


@dataclass(frozen=True, eq=False)
class DenseBasis:
    """Row i of X is `profiles[cell[i]]` (cells, p); `cell` None means one cell per row."""

    profiles: Floats
    cell: Codes | None = None

    is_partition = False

    @property
    def repeats_rows(self) -> bool:
        return self.cell is not None

    @property
    def p(self) -> int:
        return int(self.profiles.shape[1])

    def by_cell(self, values: Floats) -> Floats:
        return values if self.cell is None else sums_by(self.cell, values, len(self.profiles))

    def to_rows(self, per_cell: Floats) -> Floats:
        return per_cell if self.cell is None else per_cell[self.cell]

    def cell_totals(self, per_cell: Floats) -> Floats:
        return per_cell @ self.profiles

    def cell_gram(self, per_cell: Floats) -> Floats:
        return np.asarray((self.profiles * per_cell[:, None]).T @ self.profiles)

    def predictor(self, coefficients: Floats) -> Floats:
        return np.asarray(self.profiles @ coefficients)

    def cross(self, values: Floats, group: Codes, n_groups: int) -> Floats:
        return np.asarray(self._spread(values, group, n_groups) @ self.profiles).T

    def sums(self, scale: Floats, codes: Codes, n_codes: int) -> Floats:
        return np.asarray(self._spread(scale, codes, n_codes) @ self.profiles)

    def _spread(self, values: Floats, codes: Codes, n_codes: int) -> sparse.csr_array:
        cell = np.arange(len(values)) if self.cell is None else self.cell
        return sparse.coo_array((values, (codes, cell)), shape=(n_codes, len(self.profiles))).tocsr()


@dataclass(frozen=True, eq=False)
class IndicatorBasis:
    """Indicators of the levels of several margins: cell c has level `levels[c, m]` of margin m.

    `cell` (n) is the cell of each row; `sizes` (margins) the numbers of levels. A level equal to its size
    means none, for rows outside a margin.
    """

    cell: Codes
    levels: Codes
    sizes: tuple[int, ...]

    repeats_rows = True

    @classmethod
    def of_partition(cls, cell: Codes, size: int) -> IndicatorBasis:
        """Indicators of the cells themselves; code `size` is outside all of them."""
        return cls(cell, np.arange(size + 1)[:, None], (size,))

    @property
    def p(self) -> int:
        return sum(self.sizes)

    @property
    def is_partition(self) -> bool:
        return len(self.sizes) == 1

    @cached_property
    def offsets(self) -> list[int]:
        return [0, *np.cumsum(self.sizes).tolist()]

    def by_cell(self, values: Floats) -> Floats:
        return sums_by(self.cell, values, len(self.levels))

    def to_rows(self, per_cell: Floats) -> Floats:
        return per_cell[self.cell]

    def cell_totals(self, per_cell: Floats) -> Floats:
        return np.concatenate(
            [sums_by(self.levels[:, m], per_cell, size + 1)[:size] for m, size in enumerate(self.sizes)]
        )

    def cell_gram(self, per_cell: Floats) -> Floats:
        gram = np.zeros((self.p, self.p))
        for a, rows in enumerate(self.sizes):
            for b, columns in enumerate(self.sizes[: a + 1]):
                joint = self.levels[:, a] * (columns + 1) + self.levels[:, b]
                table = sums_by(joint, per_cell, (rows + 1) * (columns + 1)).reshape(rows + 1, columns + 1)
                block = table[:rows, :columns]
                i, j = self.offsets[a], self.offsets[b]
                gram[i : i + rows, j : j + columns] = block
                gram[j : j + columns, i : i + rows] = block.T
        return gram

    def predictor(self, coefficients: Floats) -> Floats:
        result = np.zeros(len(self.levels))
        for m, size in enumerate(self.sizes):
            own = np.append(coefficients[self.offsets[m] : self.offsets[m] + size], 0.0)
            result += own[self.levels[:, m]]
        return result

    def cross(self, values: Floats, group: Codes, n_groups: int) -> Floats:
        parts = []
        for m, size in enumerate(self.sizes):
            joint = self.levels[:, m][self.cell] * n_groups + group
            parts.append(sums_by(joint, values, (size + 1) * n_groups).reshape(size + 1, n_groups)[:size])
        return np.vstack(parts)

    def sums(self, scale: Floats, codes: Codes, n_codes: int) -> Floats:
        parts = []
        for m, size in enumerate(self.sizes):
            joint = codes * (size + 1) + self.levels[:, m][self.cell]
            parts.append(sums_by(joint, scale, n_codes * (size + 1)).reshape(n_codes, size + 1)[:, :size])
        return np.hstack(parts)


def inner(left: Basis, right: Basis, weight: Floats) -> Floats:
    """Left' diag(weight) right (p, q)."""
    if isinstance(left, IndicatorBasis):
        parts = []
        for m, size in enumerate(left.sizes):
            parts.append(right.sums(weight, left.levels[:, m][left.cell], size + 1)[:size])
        return np.vstack(parts)
    if isinstance(right, IndicatorBasis):
        return inner(right, left, weight).T
    assert isinstance(left, DenseBasis)
    rows = np.arange(len(weight)) if left.cell is None else left.cell
    return np.asarray(left.profiles.T @ right.sums(weight, rows, len(left.profiles)))


def solve_gram(gram: Floats, right: Floats) -> Floats:
    """Least-squares coefficients from normal equations, tolerating collinear columns.

    A pivoted Cholesky factorisation picks a largest independent set of columns; the others get zero.
    """
    diagonal = np.diagonal(gram)
    scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    factor, pivot, rank, _ = linalg.lapack.dpstrf(gram / np.outer(scale, scale), tol=1e-11, lower=0)
    kept = pivot[:rank] - 1
    solution = np.zeros_like(right)
    if rank:
        upper = np.triu(factor[:rank, :rank])
        scaled = right[kept] / scale[kept, None]
        half = linalg.solve_triangular(upper, scaled, trans="T", check_finite=False)
        solution[kept] = linalg.solve_triangular(upper, half, check_finite=False) / scale[kept, None]
    return solution
