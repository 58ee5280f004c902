"""Merge rows that a statistic need not tell apart, in one partition and across partitions.

Linear statistics and their variances look at rows only through sums over units, domains and weighting cells.
Rows that agree in all of these are replaced by one row with the sum of their weights and the weighted means of
their values: every such sum stays what it was, so the estimators for frames in memory run on the merged rows
unchanged. Variances about the means are merged by the rule of Chan, Golub and LeVeque (1983), which loses no
digits where the mean is far from zero.
"""

from __future__ import annotations

from collections import Counter
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
Label: TypeAlias = tuple[str, Any, int]  # variable, level, and how often the same item came before
Columns: TypeAlias = tuple[NDArray[Any], ...]


@dataclass(frozen=True, eq=False)
class Merged:
    """Merged rows (m) and what is known of the rows behind them.

    `keys` (m) are the columns in which the merged rows differ; `weight` and `count` (m) the sum of weights
    and the number of rows of positive weight; `labels` (k) name the items whose weighted means `mean` are
    (k columns of m); `variance` (k columns, or none where they are zero or not asked for) is that about
    the mean, `covariance` (p columns or none) that of the first p items with the p after them; `levels`
    the categories, in order, of columns that list them.
    """

    keys: pd.DataFrame
    weight: Floats
    count: Codes
    labels: tuple[Label, ...]
    mean: Columns
    variance: Columns
    covariance: Columns
    levels: Mapping[str, tuple[Any, ...]]

    def frame(self) -> pd.DataFrame:
        """Keys, weight and number of rows, as the data of a design."""
        keys = pd.DataFrame({name: _plain(series) for name, series in self.keys.items()})
        return keys.assign(**{WEIGHT: self.weight, ROWS: self.count})

    def items(self) -> list[Item]:
        """The items in the order in which one frame would give them, NaN where unknown."""
        unknown = [name for name in self.keys.columns if name.startswith(KNOWN)]
        found = []
        for j in self._in_order():
            variable, level, _ = self.labels[j]
            flags = [name for name in unknown if name in (KNOWN, f"{KNOWN} {variable}")]
            known = np.logical_and.reduce([self.keys[name].to_numpy(dtype=np.bool_) for name in flags])
            values = np.where(known, self.mean[j], np.nan)
            variance = self.variance[j] if self.variance else None
            covariance = self.covariance[j] if j < len(self.covariance) else None
            found.append(Item(variable, level, values, variance, covariance))
        return found

    def _in_order(self) -> list[int]:
        """Positions of the items: variables as asked for, their levels sorted or as their categories stand."""
        found: list[int] = []
        for variable, number in dict.fromkeys((variable, number) for variable, _, number in self.labels):
            of_level = {
                level: j for j, (name, level, k) in enumerate(self.labels) if (name, k) == (variable, number)
            }
            if len(of_level) > 1:
                order = self.levels.get(variable) or factorised(pd.Series(list(of_level)))[1]
                found.extend(of_level[level] for level in order if level in of_level)
            else:
                found.extend(of_level.values())
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
        rows = Merged(
            keys,
            weight,
            (weight > 0).astype(np.int64),
            _labels(items),
            tuple(item.values for item in items),
            (),
            (),
            _levels(part, items),
        )
        return self._merge(rows)

    def merge(self, parts: list[Merged]) -> Merged:
        """Merge neighbouring partial results. Raises `TooManyCombinations`."""
        return parts[0] if len(parts) == 1 else self._merge(_stacked(parts))

    def _merge(self, rows: Merged) -> Merged:
        merged = merge_rows(rows, self.squares, self.paired)
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


def merge_rows(rows: Merged, squares: bool, paired: bool) -> Merged:
    """Merge the rows that have the same keys; values are read one column at a time."""
    codes, first = _combinations(rows.keys)
    size = len(first)
    weight = sums_by(codes, rows.weight, size)

    def averaged(values: NDArray[Any]) -> Floats:
        total = sums_by(codes, rows.weight * values, size)
        return np.divide(total, weight, out=np.zeros(size), where=weight > 0)

    mean = tuple(averaged(_filled(values)) for values in rows.mean)

    def apart(j: int) -> Floats:
        return _filled(rows.mean[j]) - mean[j][codes]

    def joined(inner: Columns, pairs: list[tuple[int, int]]) -> Columns:
        within = inner or (np.zeros(1),) * len(pairs)
        return tuple(averaged(w + apart(i) * apart(j)) for w, (i, j) in zip(within, pairs, strict=True))

    half = len(mean) // 2 if paired else 0
    return replace(
        rows,
        keys=rows.keys.iloc[first].reset_index(drop=True),
        weight=weight,
        count=sums_by(codes, rows.count, size).astype(np.int64),
        mean=mean,
        variance=joined(rows.variance, [(j, j) for j in range(len(mean))]) if squares else (),
        covariance=joined(rows.covariance, [(j, j + half) for j in range(half)]) if squares else (),
    )


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


def _labels(items: list[Item]) -> tuple[Label, ...]:
    seen = Counter[tuple[str, Any]]()
    labels = []
    for item in items:
        labels.append((item.variable, item.level, seen[item.variable, item.level]))
        seen[item.variable, item.level] += 1
    return tuple(labels)


def _levels(part: pd.DataFrame, items: list[Item]) -> dict[str, tuple[Any, ...]]:
    named = {item.variable for item in items if item.level is not None}
    categorical = [name for name in named if isinstance(part[name].dtype, pd.CategoricalDtype)]
    return {name: tuple(part[name].cat.categories) for name in categorical}


def _stacked(parts: list[Merged]) -> Merged:
    """Partial results below each other; a level that a partition lacks has mean zero there."""
    labels = tuple(dict.fromkeys(label for part in parts for label in part.labels))
    keys = {name: below([part.keys[name] for part in parts]) for name in parts[0].keys.columns}
    first = parts[0]
    return Merged(
        pd.DataFrame(keys),
        np.concatenate([part.weight for part in parts]),
        np.concatenate([part.count for part in parts]),
        labels,
        _aligned(parts, labels, [part.mean for part in parts]),
        _aligned(parts, labels, [part.variance for part in parts]) if first.variance else (),
        _aligned(parts, first.labels[: len(first.covariance)], [part.covariance for part in parts]),
        _all_levels(parts),
    )


def _aligned(parts: list[Merged], labels: tuple[Label, ...], columns: list[Columns]) -> Columns:
    """The columns of each label, below each other."""
    found = [dict(zip(part.labels, own, strict=False)) for part, own in zip(parts, columns, strict=True)]
    return tuple(
        np.concatenate(
            [own.get(label, np.zeros(len(part.weight))) for part, own in zip(parts, found, strict=True)]
        )
        for label in labels
    )


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
