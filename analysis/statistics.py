"""Totals, means and ratios by domain: their values and linearised scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Codes, Floats, sums_by
from analysis.columns import rows_by
from analysis.replicates.weights import ReplicateWeights
from analysis.scores import Pairs, RatioScores, Scores

Columns = tuple[NDArray[Any], ...]


@dataclass(frozen=True, eq=False)
class Within:
    """What a merged sample keeps of the rows that its rows stand for: variances of tops (n, V) and bottoms
    (n, V or 1 or 0) about their means, and covariances of tops with bottoms."""

    tops: Floats
    bottoms: Floats
    crossed: Floats

    def of_residuals(self, ratio: Floats) -> Floats:
        """Variances of top - ratio * bottom (n, V)."""
        return np.asarray(self.tops - 2 * ratio * self.crossed + ratio**2 * self.bottoms)


@dataclass(frozen=True, eq=False)
class _Totals:
    """Totals (groups, columns) under a set of weights, and the sums by unit that they came from."""

    weight: Floats
    table: Floats
    pairs: Pairs | None


@dataclass(frozen=True, eq=False)
class Ratios:
    """Ratio of two weighted totals for each domain d and column v, numbered d * V + v.

    `tops` are V columns (n) of any numeric type without missing values; `bottoms` as many, one shared by all,
    or none for plain totals; `group` (n) the domain of each row, -1 for none. `leaves` are units (n) whose
    sums the variance will need: adding up to them first saves a pass over the rows. In a merged sample
    `counts` (n) are the rows of the file that each row stands for and `within` what is known of them.
    """

    tops: Columns
    bottoms: Columns
    group: Codes
    n_groups: int
    leaves: tuple[Codes, int] | None = None
    counts: Codes | None = None
    within: Within | None = None
    _known: dict[int, _Totals] = field(default_factory=dict, repr=False)

    @classmethod
    def of_rows(cls, rows: Floats, denominator: Floats | None, inside: NDArray[np.bool_]) -> Ratios:
        """Columns of a matrix (n, V) over one domain."""
        bottoms = () if denominator is None else (denominator,)
        return cls(tuple(rows.T), bottoms, np.where(inside, 0, -1).astype(np.int64), 1)

    def value(self, weight: Floats) -> Floats:
        top, bottom = self.totals(weight)
        if not self.bottoms:
            return top.ravel()
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((top / bottom).ravel())

    def totals(self, weight: Floats) -> tuple[Floats, Floats]:
        """Weighted totals of tops and bottoms in each domain: (groups, columns) each."""
        totals = self._totals(weight).table
        return totals[:, : len(self.tops)], totals[:, len(self.tops) :]

    def _totals(self, weight: Floats) -> _Totals:
        known = self._known.get(id(weight))
        if known is None:
            columns = (*self.tops, *self.bottoms)
            if self.leaves is None:
                known = _Totals(weight, self.sums(columns, weight), None)
            else:
                pairs = Scores(columns, weight, self.group, self.n_groups).pairs(*self.leaves)
                table = [sums_by(pairs.group, values, self.n_groups) for values in pairs.values.T]
                known = _Totals(weight, np.stack(table, axis=1), pairs)
            self._known.clear()  # one set of weights at a time
            self._known[id(weight)] = known
        return known

    def sums(self, columns: Columns, weight: Floats) -> Floats:
        """Weighted sums (groups, columns)."""
        scores = Scores(columns, weight, self.group, self.n_groups)
        if not columns:
            return np.zeros((self.n_groups, 0))
        return scores.sums(np.zeros(len(weight), dtype=np.int64), 1).reshape(self.n_groups, len(columns))

    def replicate_values(self, weights: ReplicateWeights) -> Floats:
        """The estimates in every replicate (R, p)."""
        sums = weights.sums((*self.tops, *self.bottoms), self.group, self.n_groups)
        top, bottom = sums[..., : len(self.tops)], sums[..., len(self.tops) :]
        if not self.bottoms:
            return top.reshape(len(top), -1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((top / bottom).reshape(len(top), -1))

    def scores(self, weight: Floats) -> Scores:
        group = None if self.n_groups == 1 and self.group.min(initial=0) >= 0 else self.group
        pairs = self._totals(weight).pairs
        summed = None if pairs is None or self.leaves is None else (self.leaves[0], pairs)
        if not self.bottoms:
            return Scores(self.tops, weight, group, self.n_groups, summed=summed)
        top, bottom = self.totals(weight)
        return RatioScores(
            self.tops,
            weight,
            group,
            self.n_groups,
            summed=summed,
            bottoms=self.bottoms,
            ratio=top / bottom,
            total=np.broadcast_to(bottom, top.shape),
        )

    def units(self, weight: Floats) -> Codes:
        """Rows of positive weight in each domain."""
        group = self.group if weight.min(initial=1.0) > 0 else np.where(weight != 0, self.group, -1)
        return rows_by(group, self.counts, self.n_groups)


@dataclass(frozen=True, eq=False)
class Variances(Ratios):
    """Population variances n / (n - 1) sum w (x - mean)^2 / sum w of each column in each domain.

    n is `sizes` (groups) where given, else the number of rows of positive weight.
    """

    sizes: Codes | None = None

    def value(self, weight: Floats) -> Floats:
        _, average, correction = self._squares(weight)
        return np.asarray((average * correction).ravel())

    def scores(self, weight: Floats) -> Scores:
        squares, average, correction = self._squares(weight)
        scale = correction / self._size(weight)
        rows = (squares - average[self.group]) * (weight[:, None] * scale[self.group])
        return Scores.of_rows(rows, self.group, self.n_groups)

    def replicate_values(self, weights: ReplicateWeights) -> Floats:
        return np.stack([self.value(weights.column(r)) for r in range(weights.count)])

    def _squares(self, weight: Floats) -> tuple[Floats, Floats, Floats]:
        """Squared deviations of the rows, their weighted mean in each domain, and n / (n - 1)."""
        size = self._size(weight)
        mean = self.sums(self.tops, weight) / size
        squares = (np.stack(self.tops, axis=1) - mean[self.group]) ** 2
        if self.within is not None:
            squares = squares + self.within.tops
        n = (self.units(weight) if self.sizes is None else self.sizes).astype(np.float64)[:, None]
        correction = np.divide(n, n - 1, out=np.full_like(n, np.nan), where=n > 1)
        return squares, self.sums(tuple(squares.T), weight) / size, correction

    def _size(self, weight: Floats) -> Floats:
        kept = self.group >= 0
        return sums_by(self.group[kept], weight[kept], self.n_groups)[:, None]
