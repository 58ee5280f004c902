"""Linearised values of estimates: what one row adds to the error of each estimate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Codes, Floats, sums_by
from analysis.basis import Basis, inner
from analysis.columns import compact


@dataclass(frozen=True, eq=False)
class Removed:
    """A part taken out of the scores of every row: scale[i] X[i] @ coefficients (p, estimates)."""

    basis: Basis
    scale: Floats
    coefficients: Floats


@dataclass(frozen=True, eq=False)
class Pairs:
    """Sums over the rows of each unit and domain that occur together: `values` (pairs, columns)."""

    unit: Codes
    group: Codes
    values: Floats


@dataclass(frozen=True, eq=False)
class Scores:
    """Weighted scores of all estimates, without ever writing the wide matrix.

    Estimate (d, v) has the weighted sum of the `columns` of rows in group d, mixed as `mixed` says, minus
    what calibration removed; estimates are numbered d * n_columns + v. `group` (n) is -1 for rows outside,
    None for a single group of all rows; `weight` None means that the columns are weighted already. `summed`
    holds sums of columns over some units that are known already.
    """

    columns: tuple[NDArray[Any], ...]
    weight: Floats | None = None
    group: Codes | None = None
    n_groups: int = 1
    removed: tuple[Removed, ...] = ()
    summed: tuple[Codes, Pairs] | None = None

    @classmethod
    def of_rows(cls, rows: Floats, group: Codes | None = None, n_groups: int = 1) -> Scores:
        """Scores written out as a matrix (n, columns)."""
        return cls(tuple(rows.T), None, group, n_groups)

    @property
    def n_columns(self) -> int:
        return len(self.columns)

    @property
    def n_estimates(self) -> int:
        return self.n_groups * self.n_columns

    @property
    def n_rows(self) -> int:
        return len(self.columns[0])

    def mixed(self, sums: Floats) -> Floats:
        """Turn sums of columns (..., groups, columns) into those of scores; here they are the same."""
        return sums

    def mixed_pairs(self, sums: Floats, group: Codes) -> Floats:
        """The same for pairs (pairs, columns) with the group of each."""
        return sums

    @cached_property
    def _kept(self) -> NDArray[np.bool_] | None:
        """Rows in some group, None for all."""
        if self.group is None or not len(self.group) or self.group.min() >= 0:
            return None
        return np.asarray(self.group >= 0)

    def _joint(self, codes: Codes) -> Codes:
        """Code and group of each kept row as one number."""
        if self.group is None or self.n_groups == 1:
            return codes if self._kept is None else codes[self._kept]
        joint = codes * self.n_groups + self.group
        return joint if self._kept is None else joint[self._kept]

    def _weighted(self, column: NDArray[Any], multiplier: Floats | None = None) -> Floats:
        factor = self.weight if multiplier is None else multiplier
        if multiplier is not None and self.weight is not None:
            factor = multiplier * self.weight
        values = column if factor is None else np.multiply(column, factor)
        return np.asarray(values if self._kept is None else values[self._kept], dtype=np.float64)

    def sums(self, codes: Codes, n_codes: int) -> Floats:
        """Sums over rows with the same code: (n_codes, n_estimates)."""
        stacked = self._column_sums(codes, n_codes)
        result = self.mixed(stacked).reshape(n_codes, self.n_estimates)
        for part in self.removed:
            result = result - part.basis.sums(part.scale, codes, n_codes) @ part.coefficients
        return np.asarray(result)

    def _column_sums(self, codes: Codes, n_codes: int) -> Floats:
        """Sums of the columns by code and group: (n_codes, n_groups, columns)."""
        shape = (n_codes, self.n_groups, len(self._distinct))
        if self.summed is not None and self.summed[0] is codes:
            table = np.zeros(shape)
            table[self.summed[1].unit, self.summed[1].group] = self.summed[1].values
            return table
        joint, size = self._joint(codes), n_codes * self.n_groups
        parts = [sums_by(joint, self._weighted(column), size) for column in self._distinct]
        return np.stack(parts, axis=-1).reshape(shape)

    def pairs(self, codes: Codes, n_codes: int) -> Pairs:
        """The same where few codes meet a group: only pairs of code and group that occur."""
        raw = self._raw_pairs(codes, n_codes)
        return Pairs(raw.unit, raw.group, self.mixed_pairs(raw.values, raw.group))

    def _raw_pairs(self, codes: Codes, n_codes: int) -> Pairs:
        if self.summed is not None and self.summed[0] is codes:
            return self.summed[1]
        joint, size = self._joint(codes), n_codes * self.n_groups
        if size <= 4 * len(joint) + 1024:  # add up to all pairs, then keep those that occur
            seen = np.zeros(size, dtype=np.bool_)
            seen[joint] = True
            observed = np.flatnonzero(seen)
            parts = [sums_by(joint, self._weighted(column), size)[observed] for column in self._distinct]
        else:
            observed, position = compact(joint, None, size)
            parts = [sums_by(position, self._weighted(column), len(observed)) for column in self._distinct]
        unit, group = np.divmod(observed, self.n_groups)
        return Pairs(unit, group, np.stack(parts, axis=-1))

    @property
    def _distinct(self) -> tuple[NDArray[Any], ...]:
        return self.columns

    def cross(self, basis: Basis, multiplier: Floats) -> Floats:
        """X' diag(multiplier) scores: (p, n_estimates)."""
        group = np.zeros(self.n_rows, dtype=np.int64) if self.group is None else self.group
        if self._kept is not None:
            group, multiplier_kept = np.maximum(group, 0), multiplier * self._kept
        else:
            multiplier_kept = multiplier
        parts = []
        for column in self._distinct:
            values = np.multiply(column, multiplier_kept, dtype=np.float64)
            values = values if self.weight is None else values * self.weight
            parts.append(basis.cross(values, group, self.n_groups))
        result = self.mixed(np.stack(parts, axis=-1)).reshape(basis.p, self.n_estimates)
        for part in self.removed:
            result = result - inner(basis, part.basis, part.scale * multiplier) @ part.coefficients
        return np.asarray(result)

    def minus(self, basis: Basis, scale: Floats, coefficients: Floats) -> Self:
        return replace(self, removed=(*self.removed, Removed(basis, scale, coefficients)))

    def dense(self) -> Floats:
        """The (n, n_estimates) matrix itself, for small data."""
        return self.sums(np.arange(self.n_rows), self.n_rows)


@dataclass(frozen=True, eq=False)
class RatioScores(Scores):
    """Scores of ratios: (numerator - ratio * denominator) / total of the denominator.

    `columns` are the numerators, `bottoms` the denominators (one for all, or one each); `ratio` and `total`
    are (groups, columns).
    """

    bottoms: tuple[NDArray[Any], ...] = ()
    ratio: Floats | None = None
    total: Floats | None = None

    @property
    def _distinct(self) -> tuple[NDArray[Any], ...]:
        return (*self.columns, *self.bottoms)

    def mixed(self, sums: Floats) -> Floats:
        assert self.ratio is not None
        assert self.total is not None
        top, bottom = sums[..., : self.n_columns], sums[..., self.n_columns :]
        return np.asarray((top - self.ratio * bottom) / self.total)

    def mixed_pairs(self, sums: Floats, group: Codes) -> Floats:
        assert self.ratio is not None
        assert self.total is not None
        top, bottom = sums[:, : self.n_columns], sums[:, self.n_columns :]
        return np.asarray((top - self.ratio[group] * bottom) / self.total[group])
