"""Read columns of the survey file and refuse what cannot be used, naming the column and the value."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.arrays import Codes, Floats, Mask, Names, Where, counts_by, sums_by
from analysis.errors import (
    ColumnNotFound,
    EmptyDomain,
    MissingValues,
    NotCategories,
    NotNumeric,
    SurveyError,
)

ROWS = "(rows)"  # in a merged sample: the rows of positive weight in the survey file that a row stands for


def names(columns: Names | None) -> list[str]:
    """A name, a list of names or nothing, always as a list."""
    if columns is None:
        return []
    return [columns] if isinstance(columns, str) else list(columns)


def column(data: pd.DataFrame, name: str) -> pd.Series:
    """One column of the data, or `ColumnNotFound`."""
    if name not in data.columns:
        raise ColumnNotFound(name, list(data.columns))
    found = data[name]
    if isinstance(found, pd.DataFrame):
        raise SurveyError(f"column {name!r} occurs {found.shape[1]} times in the data; names must be unique")
    return found


LARGEST = 1e100  # beyond it squares and products leave the range of float64


def numeric(data: pd.DataFrame, name: str) -> Floats:
    """A column as float64 with NaN for missing; booleans count as 0 and 1, numbers written as text as numbers.

    Raises `NotNumeric` for other text, categories, dates, complex, infinite and immense numbers.
    """
    series = column(data, name)
    if series.dtype.kind in "mM":
        raise NotNumeric(name, series.iloc[0])
    if not (pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series)):
        known = series.dropna()
        converted = _as_numbers(known)
        if isinstance(series.dtype, pd.CategoricalDtype) or bool(converted.isna().any()):
            raise NotNumeric(
                name, known[converted.isna()].iloc[0] if converted.isna().any() else known.iloc[0]
            )
    if pd.api.types.is_complex_dtype(series):
        raise NotNumeric(name, series.iloc[0])
    values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    immense = np.abs(values) > LARGEST
    if immense.any():
        raise NotNumeric(name, float(values[immense][0]))
    return values


def _as_numbers(known: pd.Series) -> pd.Series:
    """Text as numbers, NaN where it is none; what is neither text nor number (dates, lists) is none either."""
    plain = known.astype(object).map(lambda value: value if isinstance(value, str | Number) else None)
    return pd.to_numeric(plain, errors="coerce")


def raw_numeric(data: pd.DataFrame, name: str) -> NDArray[Any]:
    """A numeric column in its own type where that cannot be missing (integers, true/false), else float64."""
    series = column(data, name)
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "iub":
        return series.to_numpy()
    return numeric(data, name)


def complete_numeric(data: pd.DataFrame, name: str) -> Floats:
    """A numeric column without missing values. Raises `MissingValues`."""
    values = numeric(data, name)
    unknown = np.isnan(values)
    if unknown.any():
        raise MissingValues(name, int(unknown.sum()), data.index[int(unknown.argmax())])
    return values


def is_categorical(series: pd.Series) -> bool:
    """Whether a column holds categories (text, pandas categories, true/false) rather than quantities."""
    return not pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series)


def coded(
    data: pd.DataFrame, columns: Sequence[str], allow_missing: bool = False
) -> tuple[Codes, pd.DataFrame]:
    """Codes 0.. of the observed combinations of columns, in sorted order, and the combinations themselves.

    Missing values get code -1 when allowed, otherwise `MissingValues` is raised.
    """
    parts: list[pd.Index] = []
    missing: Mask | None = None
    joint = np.zeros(0, dtype=np.int64)
    for k, name in enumerate(columns):
        codes, levels = _codes_of(data, name, allow_missing)
        if allow_missing and len(codes) and codes.min() < 0:
            missing = codes < 0 if missing is None else missing | (codes < 0)
        joint = codes if k == 0 else joint * len(levels) + codes
        parts.append(levels)
    sizes = [max(len(levels), 1) for levels in parts]
    observed, found = compact(joint, missing, int(np.prod(sizes)))
    table = pd.DataFrame(index=pd.RangeIndex(len(observed)))
    for name, levels, position in zip(columns, parts, np.unravel_index(observed, sizes), strict=True):
        table[name] = levels.take(position)
    return found, table


def _codes_of(data: pd.DataFrame, name: str, allow_missing: bool) -> tuple[Codes, pd.Index]:
    codes, levels = factorised(column(data, name))
    if not allow_missing and len(codes) and codes.min() < 0:
        raise MissingValues(name, int((codes < 0).sum()), data.index[int((codes < 0).argmax())])
    return codes, levels


def factorised(series: pd.Series) -> tuple[Codes, pd.Index]:
    """Codes 0.. of a column's values in sorted order (-1 where missing), and the values."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        return np.asarray(series.cat.codes, dtype=np.int64), pd.Index(series.cat.categories)
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "iu" and len(series):
        values = series.to_numpy()
        low, high = int(values.min()), int(values.max())
        if high - low <= 4 * len(values) + 1024:  # a table of counts beats hashing the rows
            shifted = values.astype(np.int64) - low if low else values.astype(np.int64)
            observed, codes = compact(shifted, None, high - low + 1)
            return codes, pd.Index((observed + low).astype(values.dtype))
    try:
        raw, levels = pd.factorize(series, sort=True)
    except TypeError as fault:
        raise NotCategories(str(series.name), series.iloc[0]) from fault
    return raw.astype(np.int64), pd.Index(levels)


def compact(codes: Codes, missing: Mask | None, size: int) -> tuple[Codes, Codes]:
    """Observed codes in order, and each row's position among them (-1 where missing)."""
    if missing is not None and not missing.any():
        missing = None
    if size > 4 * len(codes) + 1024:
        known = codes if missing is None else codes[~missing]
        observed, found = np.unique(known, return_inverse=True)
        if missing is None:
            return observed, np.asarray(found, dtype=np.int64)
        result = np.full(len(codes), -1, dtype=np.int64)
        result[~missing] = found
        return observed, result
    seen = np.zeros(size, dtype=np.bool_)
    seen[codes if missing is None else codes[~missing]] = True
    observed = np.flatnonzero(seen).astype(np.int64)
    if missing is None and len(observed) == size:
        return observed, codes
    position = np.full(size, -1, dtype=np.int64)
    position[observed] = np.arange(len(observed))
    if missing is None:
        return observed, position[codes]
    return observed, np.where(missing, -1, position[np.where(missing, 0, codes)])


def row_counts(data: pd.DataFrame) -> Codes | None:
    """How many rows of the survey file each row stands for; None for one each."""
    return data[ROWS].to_numpy(dtype=np.int64) if ROWS in data.columns else None


def rows_by(codes: Codes, counts: Codes | None, size: int) -> Codes:
    """How many rows of the survey file have each code below `size`; code -1 is left out."""
    kept = codes if codes.min(initial=0) >= 0 else codes[codes >= 0]
    if counts is None:
        return counts_by(kept, size)
    return sums_by(kept, counts if kept is codes else counts[codes >= 0], size).astype(np.int64)


def mask_of(data: pd.DataFrame, where: Where) -> Mask | None:
    """A domain as one boolean per row, from a mask, a boolean Series or a function of the data."""
    if where is None:
        return None
    mask = truth_of(data, where)
    if not mask.any():
        raise EmptyDomain("where")
    return mask


def truth_of(data: pd.DataFrame, where: Where) -> Mask:
    """The same, where no row need be true."""
    given = where(data) if callable(where) else where
    series = pd.Series(np.asarray(given), dtype=object if np.asarray(given).dtype == object else None)
    if series.isna().any():
        raise MissingValues("where", int(series.isna().sum()), int(series.isna().to_numpy().argmax()))
    mask = series.to_numpy()
    if mask.dtype != bool:
        if not set(pd.unique(series)) <= {True, False}:
            raise NotNumeric("where", series.iloc[0])
        mask = mask.astype(bool)
    if mask.shape != (len(data),):
        raise SurveyError(f"the domain mask has {mask.shape} entries but the data have {len(data)} rows")
    return np.asarray(mask, dtype=np.bool_)
