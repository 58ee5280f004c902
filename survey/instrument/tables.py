"""Lists kept in files (CSV, GeoJSON, XML) as tables: one mapping of column to text a row."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from io import StringIO
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from lxml import etree

from survey.instrument.faults import Fault, InstrumentErrors

Table = tuple[Mapping[str, str], ...]
MAX_BYTES = 50_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 300
UNREADABLE = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
    csv.Error,
    etree.XMLSyntaxError,
)


def is_list(name: str) -> bool:
    """Whether a file of this name holds a list."""
    return Path(name).suffix.lower() in READERS


def tables_of(files: Mapping[str, bytes]) -> Mapping[str, Table]:
    """The lists in these files, by full name and by name without extension.

    Raises InstrumentErrors for a file that cannot be read as what its name says, or is too large.
    """
    tables: dict[str, Table] = {}
    for name, content in files.items():
        if is_list(name):
            tables[name] = tables[Path(name).stem] = _read(name, content)
    return MappingProxyType(tables)


def columns_of(table: Table) -> tuple[str, ...]:
    """The columns that any row has, in order of first appearance."""
    return tuple({column: None for row in table for column in row})


def _read(name: str, content: bytes) -> Table:
    if len(content) > MAX_BYTES:
        raise _too_much(name, f"{MAX_BYTES // 10**6} MB")
    try:
        table = tuple(islice(READERS[Path(name).suffix.lower()](content), MAX_ROWS + 1))
    except UNREADABLE as error:
        raise InstrumentErrors((_unreadable(name, error),)) from error
    if len(table) > MAX_ROWS:
        raise _too_much(name, f"{MAX_ROWS} rows", f"{MAX_ROWS} dòng")
    if table and len(table[0]) > MAX_COLUMNS:
        raise _too_much(name, f"{MAX_COLUMNS} columns", f"{MAX_COLUMNS} cột")
    return table


def _too_much(name: str, most: str, most_vi: str = "") -> InstrumentErrors:
    return InstrumentErrors(
        (
            Fault(
                "",
                None,
                "",
                f"The file {name} is larger than {most}.",
                "Split it, or leave out columns and rows.",
                f"Tệp {name} quá {most_vi or most}.",
                "Chia tệp, hoặc bỏ bớt cột và dòng.",
            ),
        )
    )


def _unreadable(name: str, error: Exception) -> Fault:
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return Fault(
        "",
        None,
        "",
        f"The file {name} cannot be read: {reason}.",
        "Save it again as UTF-8.",
        f"Không đọc được tệp {name}: {reason}.",
        "Lưu lại tệp với mã hóa UTF-8 và đúng định dạng của phần mở rộng.",
    )


def _csv_table(content: bytes) -> Iterable[Mapping[str, str]]:
    text = content.decode("utf-8-sig")
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = csv.DictReader(StringIO(text, newline=""), delimiter=delimiter)
    return ({key.strip(): value or "" for key, value in row.items() if key} for row in rows)


def _geojson_table(content: bytes) -> Iterable[Mapping[str, str]]:
    features = json.loads(content.decode("utf-8-sig")).get("features", [])
    return (_feature(feature) for feature in features)


def _feature(feature: Mapping[str, object]) -> Mapping[str, str]:
    properties = feature.get("properties") or {}
    row = {str(key): str(value) for key, value in dict(properties).items()}  # type: ignore[call-overload]
    if "id" in feature:
        row.setdefault("id", str(feature["id"]))
    geometry = feature.get("geometry") or {}
    if isinstance(geometry, Mapping) and geometry.get("type") == "Point":
        longitude, latitude = geometry["coordinates"][:2]
        row["geometry"] = f"{latitude} {longitude} 0 0"
    return row


def _xml_table(content: bytes) -> Iterable[Mapping[str, str]]:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(content, parser)
    # Leaves by their own names, however deep: forms address them by path, whose last name counts.
    return ({str(cell.tag): cell.text or "" for cell in item.iter() if not len(cell)} for item in root)


READERS: dict[str, Callable[[bytes], Iterable[Mapping[str, str]]]] = {
    ".csv": _csv_table,
    ".geojson": _geojson_table,
    ".xml": _xml_table,
}
