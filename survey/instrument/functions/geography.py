"""Lengths and areas on the sphere, as JavaRosa computes them."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from survey.instrument.functions.registry import MANY, function
from survey.instrument.values import NAN, Value, texts

RADIUS = 6_378_100.0
Point = tuple[float, float]
Array: TypeAlias = NDArray[np.float64]


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


@function("enclosed-area", 1, gives="number")
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


@function("intersects", 1, gives="boolean")
def intersects(line: Value) -> bool:
    """Whether a line or the edge of a shape crosses or touches itself; false for what is neither."""
    try:
        trace = np.array(_moving(points(line)))
    except (ValueError, IndexError):
        return False
    sides = list(pairwise(trace))
    if any(_turns_back(a, b, c) for (a, b), (_, c) in pairwise(sides)):
        return True
    ring = len(trace) > 2 and bool((trace[0] == trace[-1]).all())
    # A ring's last side is a neighbour of its first, and neighbours always share a point.
    return any(
        _some_meet(a, b, trace[place + 2 : len(trace) - (ring and place == 0)])
        for place, (a, b) in enumerate(sides)
    )


def _moving(trace: list[Point]) -> list[Point]:
    """The points without those that stand where the one before stood."""
    return [*trace[:1], *(after for before, after in pairwise(trace) if after != before)]


def _turns_back(a: Array, b: Array, c: Array) -> bool:
    return bool(_sides(a, b, c[None])[0] == 0 and (b - a) @ (c - b) < 0)


def _some_meet(a: Array, b: Array, others: Array) -> bool:
    """Whether the segment from a to b shares a point with one of the line through the others."""
    c, d = others[:-1], others[1:]
    low, high = np.minimum(a, b), np.maximum(a, b)
    near = ((np.maximum(c, d) >= low) & (np.minimum(c, d) <= high)).all(axis=1)
    c, d = c[near], d[near]
    apart = _sides(a, b, c) * _sides(a, b, d) > 0
    apart |= _sides(c, d, a) * _sides(c, d, b) > 0
    return bool((~apart).any())


def _sides(a: Array, b: Array, points: Array) -> Array:
    """On which side of the line from a to b each point lies: 1, -1, or 0 on it."""
    along, beside = b - a, points - a
    return np.sign(along[..., 0] * beside[..., 1] - along[..., 1] * beside[..., 0])
