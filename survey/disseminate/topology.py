"""Areas that share borders: mends borders that were simplified apart, and joins areas into larger ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from survey.cases.geography import Place, Ring


def mend(rings: Sequence[Ring], tolerance: float) -> list[Ring]:
    """Give neighbours the same corners along a shared border.

    Outlines simplified one by one keep different corners of the same border, which leaves slivers between
    neighbours. Every corner of any ring that lies within `tolerance` (in the rings' units) of an edge is
    added to that edge.
    """
    corners = np.array(sorted({place for ring in rings for place in ring}))
    return [_with_corners(ring, corners, tolerance) for ring in rings]


def _with_corners(ring: Ring, corners: np.ndarray, tolerance: float) -> Ring:
    mended = [ring[0]]
    for start, end in pairwise(ring):
        mended += [*_corners_between(start, end, corners, tolerance), end]
    return mended


def _corners_between(start: Place, end: Place, corners: np.ndarray, tolerance: float) -> Iterable[Place]:
    """Corners close to an edge and strictly between its ends, in walking order."""
    edge = np.subtract(end, start)
    length = float(np.hypot(*edge))
    if length == 0:
        return []
    offsets = corners - np.array(start)
    along = offsets @ edge / length**2
    away = np.abs(offsets[:, 0] * edge[1] - offsets[:, 1] * edge[0]) / length
    between = np.flatnonzero((along > 1e-9) & (along < 1 - 1e-9) & (away < tolerance))
    return [(float(x), float(y)) for x, y in corners[between[np.argsort(along[between])]]]


def join(rings: Iterable[Ring]) -> list[Ring]:
    """The outline of areas taken together: borders walked in both directions fall away."""
    walked = Counter(edge for ring in map(_clockwise, rings) for edge in pairwise(ring))
    onward: dict[Place, list[Place]] = defaultdict(list)
    for (start, end), times in sorted(walked.items()):
        onward[start] += [end] * max(times - walked[end, start], 0)
    return list(_rings(onward))


def _rings(onward: dict[Place, list[Place]]) -> Iterable[Ring]:
    """Chain edges into closed rings; every place has as many edges in as out, so each walk comes home."""
    for start in sorted(onward):
        while onward[start]:
            ring = [start]
            while onward[ring[-1]] and (len(ring) == 1 or ring[-1] != start):
                ring.append(onward[ring[-1]].pop())
            yield ring


def _clockwise(ring: Ring) -> Ring:
    return ring if signed_area(ring) <= 0 else ring[::-1]


def signed_area(ring: Ring) -> float:
    """The area inside a ring, positive when walked anticlockwise."""
    places = np.array(ring)
    x, y = places[:, 0], places[:, 1]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def centroid(ring: Ring) -> Place:
    """The centre of gravity of the area inside a ring (of its corners where it has no area)."""
    places = np.array(ring)
    x, y = places[:, 0], places[:, 1]
    cross = x[:-1] * y[1:] - x[1:] * y[:-1]
    if not cross.sum():
        return float(x.mean()), float(y.mean())
    middle_x, middle_y = (((v[:-1] + v[1:]) * cross).sum() / (3 * cross.sum()) for v in (x, y))
    return float(middle_x), float(middle_y)
