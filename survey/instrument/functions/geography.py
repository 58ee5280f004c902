"""Lengths and areas on the sphere, as JavaRosa computes them."""

from __future__ import annotations

import math
from itertools import pairwise

from survey.instrument.functions.registry import MANY, function
from survey.instrument.values import NAN, Value, texts

RADIUS = 6_378_100.0
Point = tuple[float, float]


def points(*values: Value) -> list[Point]:
    """Latitudes and longitudes in geopoints, geotraces or geoshapes; raises ValueError if unreadable."""
    pieces = [
        piece for value in values for text in texts(value) for piece in text.split(";") if piece.strip()
    ]
    found = []
    for piece in pieces:
        parts = piece.split()
        found.append((float(parts[0]), float(parts[1])))
    return found


@function("distance", 1, MANY, gives="number")
def distance(*values: Value) -> float:
    """Metres along the points, by great circles on a sphere of radius 6,378,100 m."""
    try:
        trace = points(*values)
    except (ValueError, IndexError):
        return NAN
    return math.fsum(_arc(a, b) for a, b in pairwise(trace))


def _arc(a: Point, b: Point) -> float:
    lat1, lat2, turn = math.radians(a[0]), math.radians(b[0]), math.radians(b[1] - a[1])
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(turn / 2) ** 2
    return 2 * RADIUS * math.asin(min(1.0, math.sqrt(half)))


@function("area", 1, gives="number")
def area(value: Value) -> float:
    """Square metres inside a closed shape, laid flat around its first point; 0 below three points."""
    try:
        ring = points(value)
    except (ValueError, IndexError):
        return NAN
    if len(ring) < 3:
        return 0.0
    flat = [_flattened(ring[0], point) for point in ring]
    pairs = zip(flat, [*flat[1:], flat[0]], strict=True)
    return abs(math.fsum(y1 * x2 - x1 * y2 for (y1, x1), (y2, x2) in pairs)) / 2


def _flattened(origin: Point, point: Point) -> Point:
    """Metres north and east of the first point, along its meridian and along the point's parallel."""
    degree = math.pi * RADIUS / 180
    return (point[0] - origin[0]) * degree, (point[1] - origin[1]) * degree * math.cos(math.radians(point[0]))


@function("geofence", 2, gives="boolean")
def geofence(point: Value, shape: Value) -> bool:
    """Whether the point lies inside the shape (even-odd rule on plain coordinates)."""
    try:
        place, ring = points(point), points(shape)
    except (ValueError, IndexError):
        return False
    if not place or len(ring) < 3:
        return False
    (y, x), inside = place[0], False
    for (y1, x1), (y2, x2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
