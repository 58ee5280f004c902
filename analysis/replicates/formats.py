"""Tables with a description in CSV, Parquet and Stata files, without loss of a digit."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import SurveyError, UnknownOption

ATTRIBUTE = "replicate_weights"  # in the schema metadata of Parquet, through pandas' attrs
TEXT = ("string", "empty")


def write_table(data: pd.DataFrame, description: dict[str, Any], path: Path) -> None:
    """Write by the file's ending; the description goes into the Parquet schema or to `<file>.json`."""
    writer = _of(path)[0]
    for name in data.columns:
        _refuse_mixed(data, name)
    writer(data, description, path)


def read_table(path: Path) -> tuple[pd.DataFrame, dict[str, Any] | None]:
    """The data and their description, None where the file has none."""
    if not path.exists():
        raise SurveyError(f"{path} does not exist")
    return _of(path)[1](path)


def column_types(data: pd.DataFrame) -> dict[str, Any]:
    """What is needed to restore the columns from text."""
    return {name: _type_of(data[name]) for name in data.columns}


def _type_of(series: pd.Series) -> Any:
    if isinstance(series.dtype, pd.CategoricalDtype):
        return {"categories": series.cat.categories.tolist(), "ordered": bool(series.cat.ordered)}
    return "str" if series.dtype == object else str(series.dtype)


def _refuse_mixed(data: pd.DataFrame, name: str) -> None:
    if data[name].dtype == object and pd.api.types.infer_dtype(data[name], skipna=True) not in TEXT:
        kinds = sorted({type(value).__name__ for value in data[name].dropna()})
        raise SurveyError(f"column {name!r} holds {', '.join(kinds)}; give it one type before it is written")


def _sidecar(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _write_sidecar(description: dict[str, Any], path: Path) -> None:
    text = json.dumps(description, ensure_ascii=False, indent=1)
    _sidecar(path).write_text(text, encoding="utf-8")


def _read_sidecar(path: Path) -> dict[str, Any] | None:
    beside = _sidecar(path)
    if not beside.exists():
        return None
    try:
        content = json.loads(beside.read_text(encoding="utf-8"))
    except ValueError as fault:
        raise SurveyError(f"{beside} is not JSON: {fault}") from None
    return content if isinstance(content, dict) else {}


def _write_csv(data: pd.DataFrame, description: dict[str, Any], path: Path) -> None:
    data.to_csv(path, index=False)
    _write_sidecar(description, path)


def _read_csv(path: Path) -> tuple[pd.DataFrame, dict[str, Any] | None]:
    description = _read_sidecar(path)
    if description is None:
        return pd.read_csv(path), None
    types: dict[str, Any] = description.get("columns", {})
    known = {n: t for n, t in types.items() if isinstance(t, str) and not t.startswith("datetime")}
    as_text = {n: "str" for n in types if n not in known}
    data = pd.read_csv(
        path,
        dtype={**known, **as_text},
        keep_default_na=False,
        na_values=[""],
    )
    return _restored(data, types), description


def _write_parquet(data: pd.DataFrame, description: dict[str, Any], path: Path) -> None:
    described = data.copy(deep=False)
    described.attrs = {ATTRIBUTE: description}
    described.to_parquet(path, index=False)


def _read_parquet(path: Path) -> tuple[pd.DataFrame, dict[str, Any] | None]:
    data = pd.read_parquet(path)
    return data, data.attrs.pop(ATTRIBUTE, None)


def _write_stata(data: pd.DataFrame, description: dict[str, Any], path: Path) -> None:
    for name in data.columns:
        if not name.isidentifier() or len(name) > 32:
            raise SurveyError(
                f"column {name!r} cannot be named so in Stata (letters, digits and _, at most 32); rename it"
            )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            data.to_stata(path, write_index=False, version=118)
        except (ValueError, TypeError, Warning) as fault:
            raise SurveyError(f"{path}: {fault}") from None
    _write_sidecar(description, path)


def _read_stata(path: Path) -> tuple[pd.DataFrame, dict[str, Any] | None]:
    data, description = pd.read_stata(path), _read_sidecar(path)
    return data if description is None else _restored(data, description.get("columns", {})), description


def _restored(data: pd.DataFrame, types: dict[str, Any]) -> pd.DataFrame:
    """Give columns back the types that the file does not keep."""
    columns = {name: _as(data[name], types[name]) for name in data.columns if name in types}
    return data.assign(**columns)


def _as(series: pd.Series, wanted: Any) -> pd.Series:
    if isinstance(wanted, dict):
        by_text = {str(level): level for level in wanted["categories"]}
        levels = series.astype("object").map(lambda value: by_text.get(str(value)))
        return pd.Series(
            pd.Categorical(levels, categories=wanted["categories"], ordered=wanted["ordered"]),
            index=series.index,
        )
    if wanted in ("str", "string"):
        return series.replace("", None).astype(wanted)
    return series.astype(wanted)


Writer = Callable[[pd.DataFrame, dict[str, Any], Path], None]
Reader = Callable[[Path], tuple[pd.DataFrame, dict[str, Any] | None]]
FORMATS: dict[str, tuple[Writer, Reader]] = {
    ".csv": (_write_csv, _read_csv),
    ".parquet": (_write_parquet, _read_parquet),
    ".dta": (_write_stata, _read_stata),
}


def _of(path: Path) -> tuple[Writer, Reader]:
    if path.suffix not in FORMATS:
        raise UnknownOption("path", path.name, [f"a name ending in {ending}" for ending in FORMATS])
    return FORMATS[path.suffix]
