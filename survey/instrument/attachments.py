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

Table = tuple[Mapping[str, str], ...]
URI = re.compile(r"jr://(?:images|audio|video|file|file-csv)/([^\"'<&]+)")
MAX_BYTES = 50_000_000


def media_names(xml: bytes) -> tuple[str, ...]:
    """The names of the files that the XForm refers to, in order of first mention."""
    names = dict.fromkeys(URI.findall(xml.decode()))
    return tuple(name for name in names if name != "last-saved")


def read_tables(names: tuple[str, ...], folder: str) -> Mapping[str, Table]:
    """The lists among those files that lie in the folder, by name without extension and by full name."""
    tables: dict[str, Table] = {}
    for name in names:
        path = Path(folder) / Path(name).name
        reader = READERS.get(path.suffix.lower())
        if folder and reader and path.is_file() and path.stat().st_size <= MAX_BYTES:
            tables[name] = tables[path.stem] = reader(path.read_bytes())
    return MappingProxyType(tables)


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
