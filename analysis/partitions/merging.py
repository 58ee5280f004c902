"""Merge rows that a statistic need not tell apart, in one partition and across partitions.

Linear statistics and their variances look at rows only through sums over units, domains and weighting cells.
Rows that agree in all of these are replaced by one row with the sum of their weights and the weighted means of
their values: every such sum stays what it was, so the estimators for frames in memory run on the merged rows
unchanged. Variances about the means are merged by the rule of Chan, Golub and LeVeque (1983), which loses no
digits where the mean is far from zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.arrays import Codes, Floats, sums_by
from analysis.columns import ROWS, column, compact, factorised, truth_of
from analysis.design import row_weight
from analysis.errors import MissingValues, TooManyCombinations
from analysis.items import Item

WEIGHT, DOMAIN, KNOWN, ROW = "(weight)", "(domain)", "(known)", "(row)"
MOST = 4_000_000  # merged rows that are kept unless the user asks for more

Function: TypeAlias = Callable[[pd.DataFrame], Any]
Label: TypeAlias = tuple[str, Any]


@dataclass(frozen=True, eq=False)
class Merged:
    """Merged rows (m) and what is known of the rows behind them.

    `keys` (m) are the columns in which the merged rows differ; `weight` and `count` (m) the sum of weights
    and the number of rows of positive weight; `labels` (k) name the items whose weighted `mean` and
    `variance` (m, k) follow; `covariance` (m, p) is that of the first p items with the p items after them;
    `levels` the categories, in order, of columns that list them.
    """

    keys: pd.DataFrame
    weight: Floats
    count: Codes
    labels: tuple[Label, ...]
    mean: Floats
    variance: Floats
    covariance: Floats
    levels: Mapping[str, tuple[Any, ...]]

    def frame(self) -> pd.DataFrame:
        """Keys, weight and number of rows, as the data of a design."""
        keys = pd.DataFrame({name: _plain(series) for name, series in self.keys.items()})
        return keys.assign(**{WEIGHT: self.weight, ROWS: self.count})

    def items(self, squares: bool, paired: bool) -> list[Item]:
        """The items in the order in which one frame would give them, NaN where unknown."""
        unknown = [name for name in self.keys.columns if name.startswith(KNOWN)]
        found = []
        for j in self._in_order():
            variable, level = self.labels[j]
            flags = [name for name in unknown if name in (KNOWN, f"{KNOWN} {variable}")]
            known = np.logical_and.reduce([self.keys[name].to_numpy(dtype=np.bool_) for name in flags])
            values = np.where(known, self.mean[:, j], np.nan)
            crossed = self.covariance[:, j] if paired and j < self.covariance.shape[1] else None
            found.append(Item(variable, level, values, self.variance[:, j] if squares else None, crossed))
        return found

    def _in_order(self) -> list[int]:
        """Positions of the items: variables as asked for, their levels sorted or as their categories stand."""
        found: list[int] = []
        for variable in dict.fromkeys(variable for variable, _ in self.labels):
            positions = [j for j, label in enumerate(self.labels) if label[0] == variable]
            levels = [self.labels[j][1] for j in positions]
            if len(set(levels)) > 1:
                order = self.levels.get(variable) or tuple(factorised(pd.Series(levels))[1])
                positions.sort(key=lambda j, order=order: order.index(self.labels[j][1]))  # type: ignore[misc]
            found.extend(positions)
        return found


@dataclass(frozen=True, eq=False)
class Reading:
    """What one pass over the partitions adds up; called on each of them.

    `complete` are key columns without missing values, `keys` others; `where` the conditions of the domain;
    `derived` columns computed from the others; `read` finds the items. `paired` items are numerators and
    then their denominators. `by_row` keeps every row (rows are sampling units), `each_known` tells apart
    which variable is missing.
    """

    complete: tuple[str, ...]
    keys: tuple[str, ...]
    weight: str | None
    probability: str | None
    read: Callable[[pd.DataFrame], list[Item]] = lambda data: []
    where: tuple[Function, ...] = ()
    derived: tuple[tuple[str, Function], ...] = ()
    by_row: bool = False
    squares: bool = False
    paired: bool = False
    each_known: bool = False
    most: int = MOST

    def __call__(self, part: pd.DataFrame, number: int) -> Merged:
        part = with_derived(part, self.derived)
        weight = row_weight(part, self.weight, self.probability)
        weight = np.ones(len(part)) if weight is None else weight
        items = self.read(part)
        keys = self._keys(part, number).assign(**self._known(items))
        values = [_filled(item.values) for item in items]
        shape = (len(part), len(items))
        rows = Merged(
            keys,
            weight,
            (weight > 0).astype(np.int64),
            tuple((item.variable, item.level) for item in items),
            np.stack(values, axis=1) if values else np.zeros(shape),
            np.zeros(shape),
            np.zeros((len(part), len(items) // 2 if self.paired else 0)),
            _levels(part, items),
        )
        return self._merge(rows)

    def merge(self, parts: list[Merged]) -> Merged:
        """Merge neighbouring partial results. Raises `TooManyCombinations`."""
        return parts[0] if len(parts) == 1 else self._merge(_stacked(parts))

    def _merge(self, rows: Merged) -> Merged:
        merged = merge_rows(rows, self.squares)
        if len(merged.weight) > self.most:
            raise TooManyCombinations(list(rows.keys.columns), len(merged.weight), self.most)
        return merged

    def _keys(self, part: pd.DataFrame, number: int) -> pd.DataFrame:
        keys = {}
        if self.by_row:
            keys[ROW] = pd.Series(number * 2**32 + np.arange(len(part)), index=part.index)
        for name in dict.fromkeys([*self.complete, *self.keys]):
            keys[name] = column(part, name)
            if name in self.complete and keys[name].isna().any():
                unknown = keys[name].isna().to_numpy()
                raise MissingValues(name, int(unknown.sum()), part.index[int(unknown.argmax())])
        if self.where:
            inside = np.logical_and.reduce([truth_of(part, condition) for condition in self.where])
            keys[DOMAIN] = pd.Series(inside, index=part.index)
        return pd.DataFrame(keys, index=part.index)

    def _known(self, items: list[Item]) -> dict[str, NDArray[np.bool_]]:
        """Where the items are known: one flag for all, or one for each variable."""
        found: dict[str, NDArray[np.bool_]] = {}
        for item in items:
            name = f"{KNOWN} {item.variable}" if self.each_known else KNOWN
            known = (
                ~np.isnan(item.values) if item.values.dtype.kind == "f" else np.ones(len(item.values), bool)
            )
            found[name] = known & found[name] if name in found else known
        return found


def with_derived(part: pd.DataFrame, derived: tuple[tuple[str, Function], ...]) -> pd.DataFrame:
    """A partition with the columns that are computed from others."""
    for name, function in derived:
        part = part.assign(**{name: function})
    return part


def merge_rows(rows: Merged, squares: bool) -> Merged:
    """Merge the rows that have the same keys."""
    codes, first = _combinations(rows.keys)
    size = len(first)
    weight = sums_by(codes, rows.weight, size)

    def averaged(values: NDArray[Any]) -> Floats:
        total = sums_by(codes, rows.weight * values, size)
        return np.divide(total, weight, out=np.zeros(size), where=weight > 0)

    mean = _columns(rows.mean, averaged, size)
    variance, covariance = np.zeros_like(mean), np.zeros((size, rows.covariance.shape[1]))
    if squares:
        apart = rows.mean - mean[codes]
        variance = _columns(rows.variance + apart**2, averaged, size)
        half = covariance.shape[1]
        covariance = _columns(rows.covariance + apart[:, :half] * apart[:, half : 2 * half], averaged, size)
    count = sums_by(codes, rows.count, size).astype(np.int64)
    keys = rows.keys.iloc[first].reset_index(drop=True)
    return replace(
        rows, keys=keys, weight=weight, count=count, mean=mean, variance=variance, covariance=covariance
    )


def _columns(matrix: Floats, averaged: Callable[[NDArray[Any]], Floats], size: int) -> Floats:
    found = [averaged(column) for column in matrix.T]
    return np.stack(found, axis=1) if found else np.zeros((size, 0))


def _combinations(keys: pd.DataFrame) -> tuple[Codes, Codes]:
    """The combination of keys of each row, numbered in sorted order, and the first row of each."""
    joint, size = np.zeros(len(keys), dtype=np.int64), 1
    for name in keys.columns:
        codes, levels = factorised(keys[name])
        joint = joint * (len(levels) + 1) + np.where(codes < 0, len(levels), codes)
        observed, joint = compact(joint, None, size * (len(levels) + 1))
        size = len(observed)
    first = np.zeros(size if len(keys) else 0, dtype=np.int64)
    first[joint[::-1]] = np.arange(len(keys))[::-1]
    return joint, first


def _filled(values: NDArray[Any]) -> Floats:
    return np.nan_to_num(np.asarray(values, dtype=np.float64))


def _levels(part: pd.DataFrame, items: list[Item]) -> dict[str, tuple[Any, ...]]:
    named = {item.variable for item in items if item.level is not None}
    categorical = [name for name in named if isinstance(part[name].dtype, pd.CategoricalDtype)]
    return {name: tuple(part[name].cat.categories) for name in categorical}


def _stacked(parts: list[Merged]) -> Merged:
    """Partial results below each other; a level that a partition lacks has mean zero there."""
    labels = tuple(dict.fromkeys(label for part in parts for label in part.labels))
    aligned = [_aligned(part, labels) for part in parts]
    columns = {name: below([part.keys[name] for part in parts]) for name in parts[0].keys.columns}
    return Merged(
        pd.DataFrame(columns),
        np.concatenate([part.weight for part in parts]),
        np.concatenate([part.count for part in parts]),
        labels,
        np.vstack([mean for mean, _ in aligned]),
        np.vstack([variance for _, variance in aligned]),
        np.vstack([part.covariance for part in parts]),
        _all_levels(parts),
    )


def _aligned(part: Merged, labels: tuple[Label, ...]) -> tuple[Floats, Floats]:
    if part.labels == labels:
        return part.mean, part.variance
    mean, variance = np.zeros((len(part.weight), len(labels))), np.zeros((len(part.weight), len(labels)))
    position = [labels.index(label) for label in part.labels]
    mean[:, position], variance[:, position] = part.mean, part.variance
    return mean, variance


def below(columns: list[pd.Series]) -> pd.Series:
    """One key column below the other; categories that differ are taken together in their order."""
    if all(isinstance(series.dtype, pd.CategoricalDtype) for series in columns):
        levels = dict.fromkeys(level for series in columns for level in series.cat.categories)
        columns = [series.cat.set_categories(list(levels), ordered=False) for series in columns]
    return pd.concat(columns, ignore_index=True)


def _all_levels(parts: list[Merged]) -> dict[str, tuple[Any, ...]]:
    names = dict.fromkeys(name for part in parts for name in part.levels)
    return {
        name: tuple(dict.fromkeys(level for part in parts for level in part.levels.get(name, ())))
        for name in names
    }


def _plain(series: pd.Series) -> pd.Series:
    """True/false without gaps in the plain type."""
    if isinstance(series.dtype, pd.BooleanDtype) and not series.isna().any():
        return series.astype(bool)
    return series
