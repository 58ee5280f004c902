"""Outlines of today's communes and of the former districts, in whole drawing units, from the area files."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from survey.cases.geography import Box, Projection, Ring, borders
from survey.disseminate.topology import join, mend

WIDTH = 1000
"""Drawing units across: a coordinate takes three digits and is finer than a phone's pixel."""
TOLERANCE = 0.001
"""Degrees (about 110 m) within which neighbours' corners are taken for one border: how far the file's
outlines were simplified. Less leaves slivers, more ties separate borders together."""


@dataclass(frozen=True)
class Outlines:
    """Areas by code and all of them together as closed lines in drawing units; the drawing's height."""

    areas: Mapping[str, tuple[Ring, ...]]
    outline: tuple[Ring, ...]
    height: int


@lru_cache(maxsize=4)
def communes(geojson: Path) -> Outlines:
    """The communes of a GeoJSON file with `code` among the properties, in longitude and latitude."""
    found = [(code, ring) for code, rings in borders(geojson).items() for ring in rings]
    mended = mend([ring for _, ring in found], TOLERANCE)
    return _projected([code for code, _ in found], mended)


@lru_cache(maxsize=4)
def former_districts(geojson: Path, crosswalk: Path) -> Outlines:
    """The former districts as unions of today's communes, each commune with its main district."""
    today = communes(geojson)
    district = main_districts(crosswalk)
    members: dict[str, list[Ring]] = defaultdict(list)
    for code, rings in today.areas.items():
        members[district[code]] += rings
    joined = {code: tuple(join(rings)) for code, rings in sorted(members.items())}
    return Outlines(joined, today.outline, today.height)


@lru_cache(maxsize=4)
def main_districts(crosswalk: Path) -> Mapping[str, str]:
    """Today's commune code to the code of the former district that most of its old communes belonged to.

    A divided old commune counts half. In a tie the district of the old commune whose code was kept decides.
    """
    shares: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    with crosswalk.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            kept = 0.1 if row["old_commune_code"] == row["new_commune_code"] else 0.0
            weight = (1.0 if row["relation"] == "whole" else 0.5) + kept
            shares[row["new_commune_code"]][row["old_district_code"]] += weight
    return {code: max(share, key=lambda d: share[d]) for code, share in shares.items()}


def _projected(codes: Sequence[str], rings: Sequence[Ring]) -> Outlines:
    box = Box.around(rings)
    projection = Projection.of(box, WIDTH)
    areas: dict[str, tuple[Ring, ...]] = {}
    for code, ring in zip(codes, rings, strict=True):
        drawn = [(round(x), round(y)) for x, y in (projection.drawn(*place) for place in ring)]
        areas[code] = (*areas.get(code, ()), _without_repeats(drawn))
    outline = tuple(join(ring for rings in areas.values() for ring in rings))
    return Outlines(areas, outline, round((box.north - box.south) * projection.scale))


def _without_repeats(ring: Sequence[tuple[float, float]]) -> Ring:
    return [place for i, place in enumerate(ring) if i == 0 or place != ring[i - 1]]
