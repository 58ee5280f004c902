"""Whole columns as values: numbers and truths as arrays, everything else as codes of few values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.instrument.values import Scalar, Value, boolean, number, scalar, seen_plainly

Floats: TypeAlias = NDArray[np.float64]
Truths: TypeAlias = NDArray[np.bool_]
Codes: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Constant:
    """The same value in every row."""

    value: Value


@dataclass(frozen=True, eq=False)
class Numbers:
    """One number per row; with `blank`, NaN stands for an empty answer rather than for not-a-number."""

    array: Floats
    blank: bool = False


@dataclass(frozen=True, eq=False)
class Booleans:
    """One truth per row."""

    array: Truths


@dataclass(frozen=True, eq=False)
class Coded:
    """One of few values per row: `values[codes]`; functions run once per value, not once per row."""

    codes: Codes
    values: Sequence[Value]


Column: TypeAlias = Constant | Numbers | Booleans | Coded


def column_of(series: pd.Series[Any]) -> Column:
    """A data frame's column as expressions see it: missing, NaN and "" are empty."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        return _with_empty(np.asarray(series.cat.codes, np.int64), list(series.cat.categories))
    if pd.api.types.is_bool_dtype(series.dtype) and not series.hasnans:
        return Booleans(series.to_numpy(np.bool_))
    if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype):
        return Numbers(series.to_numpy(np.float64, na_value=np.nan), blank=True)
    try:
        codes, uniques = pd.factorize(series)
    except TypeError:
        # Lists of names cannot be hashed; written with spaces between they can.
        codes, uniques = pd.factorize(series.map(_hashable))
    return _with_empty(np.asarray(codes, np.int64), list(uniques))


def _hashable(value: Any) -> Any:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else value


def _with_empty(codes: Codes, uniques: list[Any]) -> Coded:
    """Factorized values with the empty text at the end, where code -1 points."""
    values: list[Value] = [_plain(value) for value in uniques]
    return Coded(np.where(codes < 0, len(values), codes), [*values, ""])


def _plain(value: Any) -> Scalar:
    if isinstance(value, pd.Timestamp):
        moment: datetime = value.to_pydatetime()
        return moment.date() if moment.time() == time() and moment.tzinfo is None else moment
    if isinstance(value, np.generic):
        value = value.item()
    return scalar(seen_plainly(value))


def floats(column: Column) -> Floats | np.float64:
    """The column as numbers."""
    if isinstance(column, Constant):
        return np.float64(number(column.value))
    if isinstance(column, Numbers):
        return column.array
    if isinstance(column, Booleans):
        return column.array.astype(np.float64)
    table = np.fromiter((number(value) for value in column.values), np.float64, len(column.values))
    return table[column.codes]


def truths(column: Column) -> Truths | np.bool_:
    """The column as truths."""
    if isinstance(column, Constant):
        return np.bool_(boolean(column.value))
    if isinstance(column, Numbers):
        return np.asarray((column.array != 0) & ~np.isnan(column.array))
    if isinstance(column, Booleans):
        return column.array
    table = np.fromiter((boolean(value) for value in column.values), np.bool_, len(column.values))
    return table[column.codes]


def coded(column: Column, rows: int) -> Coded:
    """The column as codes of its distinct values."""
    if isinstance(column, Coded):
        return column
    if isinstance(column, Constant):
        return Coded(np.zeros(rows, np.int64), [column.value])
    if isinstance(column, Booleans):
        return Coded(column.array.astype(np.int64), [False, True])
    # By their bits: -0 and 0 are equal, but not once something is divided by them.
    codes, bits = pd.factorize(np.ascontiguousarray(column.array).view(np.int64))
    empty: Value = "" if column.blank else float("nan")
    values: list[Value] = [empty if np.isnan(value) else float(value) for value in bits.view(np.float64)]
    return Coded(codes.astype(np.int64), values)


def mapped(call: Callable[..., Value], columns: Sequence[Column], rows: int) -> Column:
    """A function of values applied to columns: called once per combination of values that occurs."""
    varying = [coded(column, rows) for column in columns if not isinstance(column, Constant)]
    if not varying:
        return Constant(call(*(column.value for column in columns if isinstance(column, Constant))))
    codes, combinations = _combined(varying)
    results = []
    for combination in combinations:
        found = iter(combination)
        arguments = (column.value if isinstance(column, Constant) else next(found) for column in columns)
        results.append(call(*arguments))
    return tidy(Coded(codes, results))


def _combined(columns: Sequence[Coded]) -> tuple[Codes, list[tuple[Value, ...]]]:
    """Codes of the combinations of values that occur, and the combinations."""
    if len(columns) == 1:
        return columns[0].codes, [(value,) for value in columns[0].values]
    codes = columns[0].codes
    places: list[Codes] = [np.arange(len(columns[0].values))]
    for column in columns[1:]:
        joint = codes * len(column.values) + column.codes
        fresh, uniques = pd.factorize(joint)
        places = [place[uniques // len(column.values)] for place in places] + [uniques % len(column.values)]
        codes = fresh.astype(np.int64)
    rows = zip(*places, strict=True)
    return codes, [tuple(column.values[at] for column, at in zip(columns, row, strict=True)) for row in rows]


def tidy(column: Coded) -> Column:
    """As truths or numbers where all values are."""
    kinds = {type(value) for value in column.values}
    if kinds == {bool}:
        return Booleans(np.array(column.values, np.bool_)[column.codes])
    if kinds == {float}:
        return Numbers(np.array(column.values, np.float64)[column.codes])
    return column


def series_of(column: Column, index: pd.Index[Any]) -> pd.Series[Any]:
    """The column as a Series: bool, float64, or objects (texts, dates)."""
    if isinstance(column, Constant):
        return pd.Series([scalar(column.value)] * len(index), index=index)
    if isinstance(column, Numbers | Booleans):
        return pd.Series(column.array, index=index)
    table = np.empty(len(column.values), dtype=object)
    table[:] = [scalar(value) for value in column.values]
    return pd.Series(table[column.codes], index=index, dtype=object)
