"""Totals, means and ratios by domain: their values and linearised scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Codes, Floats
from analysis.replicates.weights import ReplicateWeights
from analysis.scores import Scores


@dataclass(frozen=True, eq=False)
class Ratios:
    """Ratio of two weighted totals for each domain d and column v, numbered d * V + v.

    `numerator` (n, V); `denominator` (n, V), (n, 1) shared by all columns, or None for a plain total;
    `group` (n) the domain of each row, -1 for none.
    """

    numerator: Floats
    denominator: Floats | None
    group: Codes
    n_groups: int

    def value(self, weight: Floats) -> Floats:
        top = self.sums(self.numerator, weight)
        if self.denominator is None:
            return top.ravel()
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((top / self.sums(self.denominator, weight)).ravel())

    def replicate_values(self, weights: ReplicateWeights) -> Floats:
        """The estimates in every replicate (R, p)."""
        top = weights.sums(self.numerator, self.group, self.n_groups)
        if self.denominator is None:
            return top.reshape(len(top), -1)
        bottom = weights.sums(self.denominator, self.group, self.n_groups)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((top / bottom).reshape(len(top), -1))

    def scores(self, weight: Floats) -> Scores:
        group = None if self.n_groups == 1 and (self.group >= 0).all() else self.group
        if self.denominator is None:
            return Scores(self.numerator * weight[:, None], group, self.n_groups)
        bottom = self.sums(self.denominator, weight)
        ratio = self.sums(self.numerator, weight) / bottom
        per_row = np.divide(weight[:, None], bottom[self.group])
        rows = (self.numerator - ratio[self.group] * self.denominator) * per_row
        return Scores(rows, group, self.n_groups)

    def sums(self, values: Floats, weight: Floats) -> Floats:
        """Weighted sums (groups, columns)."""
        return (
            Scores(values * weight[:, None], self.group, self.n_groups)
            .sums(np.zeros(len(weight), dtype=np.int64), 1)
            .reshape(self.n_groups, values.shape[1])
        )

    def units(self, weight: Floats) -> Codes:
        """Rows of positive weight in each domain."""
        kept = (weight != 0) & (self.group >= 0)
        return np.bincount(self.group[kept], minlength=self.n_groups).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Variances(Ratios):
    """Population variances n / (n - 1) sum w (x - mean)^2 / sum w of each column in each domain."""

    def value(self, weight: Floats) -> Floats:
        _, average = self._squares(weight)
        return np.asarray((average * self._correction(weight)).ravel())

    def scores(self, weight: Floats) -> Scores:
        squares, average = self._squares(weight)
        scale = self._correction(weight) / self._size(weight)
        rows = (squares - average[self.group]) * (weight[:, None] * scale[self.group])
        return Scores(rows, self.group, self.n_groups)

    def replicate_values(self, weights: ReplicateWeights) -> Floats:
        return np.stack([self.value(weights.column(r)) for r in range(weights.count)])

    def _squares(self, weight: Floats) -> tuple[Floats, Floats]:
        """Squared deviations of the rows, and their weighted mean in each domain."""
        size = self._size(weight)
        mean = self.sums(self.numerator, weight) / size
        squares = (self.numerator - mean[self.group]) ** 2
        return squares, self.sums(squares, weight) / size

    def _size(self, weight: Floats) -> Floats:
        return self.sums(np.ones((len(weight), 1)), weight)

    def _correction(self, weight: Floats) -> Floats:
        n = self.units(weight).astype(np.float64)[:, None]
        return np.divide(n, n - 1, out=np.full_like(n, np.nan), where=n > 1)
