"""Files a form needs beside it: media, and the CSV, GeoJSON and XML lists it selects from."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from types import MappingProxyType

from lxml import etree

from survey.instrument.faults import Fault, InstrumentErrors

Table = tuple[Mapping[str, str], ...]
URI = re.compile(r"jr://(?:images|audio|video|file|file-csv)/([^\"'<&]+)")
MAX_BYTES = 50_000_000


def media_names(xml: bytes) -> tuple[str, ...]:
    """The names of the files that the XForm refers to, in order of first mention."""
    names = dict.fromkeys(URI.findall(xml.decode()))
    return tuple(name for name in names if name != "last-saved")


def read_tables(names: tuple[str, ...], folder: str) -> Mapping[str, Table]:
    """The lists among those files that lie in the folder, by name without extension and by full name."""
    paths = [Path(folder) / Path(name).name for name in names] if folder else []
    return tables_of(
        {path.name: path.read_bytes() for path in paths if path.suffix in READERS and path.is_file()}
    )


def tables_of(files: Mapping[str, bytes]) -> Mapping[str, Table]:
    """The lists in these files, by full name and by name without extension.

    Raises InstrumentErrors for a file that cannot be read as what its name says.
    """
    tables: dict[str, Table] = {}
    for name, content in files.items():
        reader = READERS.get(Path(name).suffix.lower())
        if reader is not None:
            tables[name] = tables[Path(name).stem] = _read(reader, name, content)
    return MappingProxyType(tables)


def _read(reader: Callable[[bytes], Table], name: str, content: bytes) -> Table:
    if len(content) > MAX_BYTES:
        cause, remedy = (
            f"The file {name} is larger than {MAX_BYTES // 10**6} MB.",
            "Split it, or leave out columns.",
        )
        raise InstrumentErrors((Fault("", None, "", cause, remedy),))
    try:
        return reader(content)
    except (ValueError, KeyError, TypeError, csv.Error, etree.XMLSyntaxError) as error:
        cause = f"The file {name} cannot be read: {error}."
        raise InstrumentErrors((Fault("", None, "", cause, "Save it again as UTF-8."),)) from error


def stamp(folder: str) -> tuple[tuple[str, int, int], ...]:
    """What tells one state of a folder's lists from another: names, sizes, times of change."""
    found = [path for path in Path(folder).iterdir() if path.suffix.lower() in READERS] if folder else []
    return tuple(sorted((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in found))


def _csv_table(content: bytes) -> Table:
    text = content.decode("utf-8-sig")
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    rows = csv.DictReader(StringIO(text, newline=""), delimiter=delimiter)
    return tuple({key.strip(): value or "" for key, value in row.items() if key} for row in rows)


def _geojson_table(content: bytes) -> Table:
    features = json.loads(content.decode("utf-8-sig")).get("features", [])
    return tuple(_feature(feature) for feature in features)


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


def _xml_table(content: bytes) -> Table:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(content, parser)
    # Leaves by their own names, however deep: forms address them by path, whose last name counts.
    return tuple({str(cell.tag): cell.text or "" for cell in item.iter() if not len(cell)} for item in root)


READERS: dict[str, Callable[[bytes], Table]] = {
    ".csv": _csv_table,
    ".geojson": _geojson_table,
    ".xml": _xml_table,
}
