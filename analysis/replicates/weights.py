"""Replicate weights of all rows, kept as small as they allow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analysis.arrays import Codes, Floats, sums_by


@dataclass(frozen=True, eq=False)
class ReplicateWeights:
    """Weight of row i in replicate r is base[i] * factors[unit[i], r].

    Made replicates have one factor per PSU; imported or recalibrated ones a row of factors of their own.
    """

    base: Floats
    unit: Codes
    factors: Floats

    @classmethod
    def of_matrix(cls, matrix: Floats) -> ReplicateWeights:
        """Keep an (n, R) matrix of weights as it is."""
        return cls(np.ones(len(matrix)), np.arange(len(matrix)), matrix)

    @property
    def count(self) -> int:
        return int(self.factors.shape[1])

    @property
    def n_units(self) -> int:
        return len(self.factors)

    def column(self, r: int) -> Floats:
        """The weights (n) of one replicate."""
        return np.asarray(self.base * self.factors[self.unit, r])

    def within(self, inside: Floats) -> ReplicateWeights:
        """The same weights times 0/1 (n)."""
        return ReplicateWeights(self.base * inside, self.unit, self.factors)

    def sums(self, values: Floats, group: Codes, n_groups: int) -> Floats:
        """Weighted sums of values (n, V) by group in every replicate: (R, n_groups, V)."""
        kept = (group >= 0) & (self.base != 0)
        joint = self.unit[kept] * n_groups + group[kept]
        columns = []
        for v in range(values.shape[1]):
            weighted = values[kept, v] * self.base[kept]
            columns.append(self._unit_sums(joint, weighted, n_groups))
        return np.stack(columns, axis=-1)

    def _unit_sums(self, joint: Codes, weighted: Floats, n_groups: int) -> Floats:
        size = self.n_units * n_groups
        if size <= 50_000_000 and size <= 64 * (len(joint) + 1000):
            table = sums_by(joint, weighted, size).reshape(self.n_units, n_groups)
            return np.asarray(self.factors.T @ table)
        spread = sparse.coo_array((weighted, np.divmod(joint, n_groups)), shape=(self.n_units, n_groups))
        return np.asarray(spread.tocsr().T @ self.factors).T

    def rank(self) -> int:
        """Rank of the (n, R) matrix of weights by R's rule (see `pivoted_rank`)."""
        root = np.sqrt(sums_by(self.unit, self.base**2, self.n_units))
        kept = root > 0
        return pivoted_rank(self.factors[kept] * root[kept, None])


def pivoted_rank(matrix: Floats, tolerance: float = 1e-5) -> int:
    """Columns that keep more than `tolerance` of their length after the earlier ones are projected out.

    This is the rank that R's qr() reports (LINPACK's dqrdc2), which the degrees of freedom of replicate
    designs rest on.
    """
    n = len(matrix)
    basis = np.zeros((n, min(matrix.shape)))
    rank = 0
    for column in matrix.T:
        length = float(np.linalg.norm(column))
        if length == 0 or rank == basis.shape[1]:
            continue
        rest = column.copy()
        for _ in range(2):  # twice, against loss of orthogonality
            rest -= basis[:, :rank] @ (basis[:, :rank].T @ rest)
        size = float(np.linalg.norm(rest))
        if size > tolerance * length:
            basis[:, rank] = rest / size
            rank += 1
    return rank
