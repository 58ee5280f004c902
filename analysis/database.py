"""Surveys kept in a database: read the columns that a design needs, some rows at a time.

The library itself knows no database: `connection` is whatever pandas reads from, an SQLAlchemy connection or
engine (PostgreSQL, SQLite, DuckDB through duckdb-engine) or a connection of sqlite3.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import Names
from analysis.columns import names
from analysis.errors import ColumnNotFound, SurveyError, UnknownOption

QUERY = re.compile(r"\s*(select|with)\b", re.IGNORECASE)


def read_sql(source: str, connection: Any, columns: Names, chunk_rows: int = 50_000) -> pd.DataFrame:
    """The named columns of a table or SELECT as a data frame of n rows.

    Integers stay integers and truth values truth values: without missing values int64 and bool, else pandas'
    Int64 and boolean; text is text, exact decimals become floats. Raises `ColumnNotFound`, `SurveyError` when
    the database refuses the query or has no rows.
    """
    wanted = list(dict.fromkeys(names(columns)))
    if not wanted or chunk_rows < 1:
        raise UnknownOption("chunk_rows", chunk_rows, "1 or more, and at least one column")
    parts = [part for part in _chunks(source, connection, wanted, chunk_rows) if len(part)]
    if not parts:
        raise SurveyError(f"{source!r} gave no rows")
    return pd.DataFrame({name: _plain(_joined([part[name] for part in parts])) for name in wanted})


def _chunks(source: str, connection: Any, wanted: list[str], rows: int) -> list[pd.DataFrame]:
    streaming = getattr(connection, "execution_options", None)  # else the driver fetches all rows at once
    used = connection if streaming is None else streaming(stream_results=True)
    try:
        _refuse_absent(source, used, wanted)
        listed = ", ".join(_quoted(name) for name in wanted)
        query = _literal(f"SELECT {listed} FROM {_relation(source)}", used)
        return list(pd.read_sql_query(query, used, chunksize=rows, dtype_backend="numpy_nullable"))
    except SurveyError:
        raise
    except Exception as fault:  # each driver has its own errors, which this library does not know
        raise SurveyError(f"{source!r} could not be read: {fault}") from fault


def _refuse_absent(source: str, connection: Any, wanted: list[str]) -> None:
    """Asked beforehand, because SQLite takes an unknown quoted name for a text."""
    query = _literal(f"SELECT * FROM {_relation(source)} WHERE 1 = 0", connection)
    empty = pd.read_sql_query(query, connection)
    for name in wanted:
        if name not in empty.columns:
            raise ColumnNotFound(name, list(empty.columns))


def _literal(query: str, connection: Any) -> str:
    """Percent signs doubled for drivers that would take them for parameters."""
    style = getattr(getattr(connection, "dialect", None), "paramstyle", "")
    return query.replace("%", "%%") if style in ("format", "pyformat") else query


def _relation(source: str) -> str:
    if QUERY.match(source):
        return f"({source.strip().rstrip(';')}) AS survey_rows"
    return ".".join(_quoted(part) for part in source.split("."))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _joined(parts: list[pd.Series]) -> pd.Series:
    """One column from its chunks; a chunk with nothing but missing values takes the type of the others."""
    known = [part.dtype for part in parts if part.notna().any()]
    kind = known[0] if known else np.dtype(object)
    joined: pd.Series = pd.concat([part if part.notna().any() else part.astype(kind) for part in parts])
    return joined


def _plain(series: pd.Series) -> pd.Series:
    """numpy's types where nothing is missing or NaN can stand for it."""
    plain = series.reset_index(drop=True)
    kind = plain.dtype
    if pd.api.types.is_string_dtype(kind) or pd.api.types.is_object_dtype(kind):
        return plain.astype(object).where(plain.notna(), None).infer_objects()
    if pd.api.types.is_float_dtype(kind):
        return pd.Series(plain.to_numpy(dtype="float64", na_value=float("nan")))
    if plain.isna().any() or not pd.api.types.is_extension_array_dtype(kind):
        return plain
    return plain.astype("bool" if pd.api.types.is_bool_dtype(kind) else "int64")
