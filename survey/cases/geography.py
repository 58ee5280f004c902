"""The borders of today's communes as the area file has them, and the projection in which they are drawn."""

import itertools
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

Place = tuple[float, float]
"""Longitude and latitude in degrees, or x and y in drawing units."""
Ring = list[Place]
"""A closed line: the last place repeats the first."""

COMMUNES = Path(__file__).parent / "data" / "communes_2025.geojson"


@dataclass(frozen=True)
class Box:
    """Degrees between which something lies."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def around(cls, rings: Iterable[Ring]) -> "Box":
        """The smallest box that holds these rings."""
        places = [place for ring in rings for place in ring]
        longitudes, latitudes = [x for x, _ in places], [y for _, y in places]
        return cls(min(longitudes), min(latitudes), max(longitudes), max(latitudes))


@dataclass(frozen=True)
class Projection:
    """Equirectangular at the middle latitude: true enough for a province, and needs no library.

    `scale` is drawing units a degree of latitude; x grows to the east and y to the south.
    """

    west: float
    north: float
    narrowing: float
    scale: float

    @classmethod
    def of(cls, box: Box, width: float) -> "Projection":
        """The one in which the box is so many units wide."""
        narrowing = math.cos(math.radians((box.north + box.south) / 2))
        return cls(box.west, box.north, narrowing, width / ((box.east - box.west) * narrowing))

    def drawn(self, longitude: float, latitude: float) -> Place:
        """Where a place of the earth is drawn."""
        return (longitude - self.west) * self.narrowing * self.scale, (self.north - latitude) * self.scale

    def degrees(self, x: float, y: float) -> Place:
        """The longitude and latitude of a place of the drawing."""
        return self.west + x / (self.narrowing * self.scale), self.north - y / self.scale


@lru_cache(maxsize=4)
def borders(geojson: Path = COMMUNES) -> Mapping[str, tuple[Ring, ...]]:
    """The rings of each area of a GeoJSON file with `code` among the properties, in longitude and latitude."""
    features = json.loads(geojson.read_text("utf-8"))["features"]
    return {str(f["properties"]["code"]): tuple(_rings(f["geometry"])) for f in features}


def _rings(geometry: dict[str, Any]) -> Iterable[Ring]:
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for polygon in polygons:
        for ring in polygon:
            yield [(float(place[0]), float(place[1])) for place in ring]


def commune_at(longitude: float, latitude: float) -> str | None:
    """The code of the commune in which a place lies; None outside the province."""
    for code, rings in borders().items():
        if _is_inside(rings, longitude, latitude):
            return code
    return None


def _is_inside(rings: Iterable[Ring], x: float, y: float) -> bool:
    """Even-odd rule over all rings, so that holes are outside."""
    crossings = 0
    for ring in rings:
        for (x0, y0), (x1, y1) in itertools.pairwise(ring):
            if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
                crossings += 1
    return crossings % 2 == 1
