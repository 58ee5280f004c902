"""Linearised values of estimates: what one row adds to the error of each estimate."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.arrays import Codes, Floats, sums_by
from analysis.basis import Basis


@dataclass(frozen=True, eq=False)
class Removed:
    """A part taken out of the scores of every row: scale[i] X[i] @ coefficients (p, estimates)."""

    basis: Basis
    scale: Floats
    coefficients: Floats


@dataclass(frozen=True, eq=False)
class Scores:
    """Weighted scores of all estimates, without ever writing the wide matrix.

    Estimate (d, v) has score rows[i, v] where group[i] == d and zero elsewhere, minus what calibration
    removed. Estimates are numbered d * n_columns + v. `group` None means a single group.
    """

    rows: Floats
    group: Codes | None = None
    n_groups: int = 1
    removed: tuple[Removed, ...] = ()

    @property
    def n_columns(self) -> int:
        return int(self.rows.shape[1])

    @property
    def n_estimates(self) -> int:
        return self.n_groups * self.n_columns

    def sums(self, codes: Codes, n_codes: int) -> Floats:
        """Sums over rows with the same code: (n_codes, n_estimates)."""
        result = self._plain_sums(codes, n_codes)
        for part in self.removed:
            result -= part.basis.sums(part.scale, codes, n_codes) @ part.coefficients
        return result

    def _plain_sums(self, codes: Codes, n_codes: int) -> Floats:
        n_groups, joint = self.n_groups, codes
        if self.group is not None:
            kept = self.group >= 0
            rows = self.rows if kept.all() else self.rows[kept]
            joint = (codes * n_groups + self.group) if kept.all() else (codes * n_groups + self.group)[kept]
        else:
            rows = self.rows
        size = n_codes * n_groups
        columns = [sums_by(joint, rows[:, v], size) for v in range(self.n_columns)]
        return np.stack(columns, axis=-1).reshape(n_codes, self.n_estimates)

    def cross(self, basis: Basis, multiplier: Floats) -> Floats:
        """X' diag(multiplier) scores: (p, n_estimates)."""
        group = np.zeros(len(self.rows), dtype=np.int64) if self.group is None else self.group
        parts = [
            basis.cross(self.rows[:, v] * multiplier, group, self.n_groups) for v in range(self.n_columns)
        ]
        result = np.stack(parts, axis=-1).reshape(basis.p, self.n_estimates)
        for part in self.removed:
            inner = basis.rows().T @ (part.basis.rows() * (part.scale * multiplier)[:, None])
            result -= inner @ part.coefficients
        return np.asarray(result)

    def minus(self, basis: Basis, scale: Floats, coefficients: Floats) -> Scores:
        return replace(self, removed=(*self.removed, Removed(basis, scale, coefficients)))

    def dense(self) -> Floats:
        """The (n, n_estimates) matrix itself, for small data."""
        return self.sums(np.arange(len(self.rows)), len(self.rows))
