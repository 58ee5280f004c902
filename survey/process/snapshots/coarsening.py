"""What of an answer leads to a person, and what stands in a snapshot in its place."""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from survey.cases.geography import Ring, borders
from survey.instrument import Instrument, Question
from survey.instrument.types import MEDIA_TYPES

PLACES = frozenset({"geopoint", "geotrace", "geoshape", "start-geopoint", "background-geopoint"})
CONTACT = frozenset(
    ["deviceid", "subscriberid", "simserial", "phonenumber", "username", "email", "instanceName"]
)  # fmt: skip
FILES = MEDIA_TYPES
TYPED_NUMBERS = frozenset({"numbers", "masked"})
"""Appearances of a text question that asks for a telephone number, a number on a card or a secret."""
IDENTITY = "identity"
"""The column of the survey sheet that marks, with yes, a question whose answer names somebody."""
YES = frozenset({"yes", "true", "1", "x"})
ATTACHED = "attached"
DECIMALS = 2
"""Of a degree: about a kilometre."""


def leads_to_a_person(instrument: Instrument, question: Question) -> bool:
    """Whether a question's answers stay out of snapshots: contact data by type, appearance or the sheet's mark."""
    if question.type in CONTACT:
        return True
    if question.type == "text" and TYPED_NUMBERS & set(question.appearance.split()):
        return True
    return question.name in _marked(instrument)


def _marked(instrument: Instrument) -> frozenset[str]:
    """The names of the questions that the sheet marks as identity."""
    found: frozenset[str] | None = instrument.cache.get("identity")
    if found is None:
        rows = instrument.sheets.get("survey", ())
        names = (row.get("name", "") for row in rows if str(row.get(IDENTITY, "")).strip().lower() in YES)
        found = instrument.cache["identity"] = frozenset(names)
    return found


def is_coarsened(kind: str) -> bool:
    """Whether a snapshot holds less of values of this type than was collected."""
    return kind in COARSER


def coarsened(values: pa.Array, kind: str) -> pa.Array:
    """The values of a type as a snapshot holds them; empty ones stay empty."""
    return COARSER[kind](values) if kind in COARSER else values


def _files(values: pa.Array) -> pa.Array:
    """That a file came, not its name, which leads to the photo or recording."""
    return pc.if_else(pc.is_valid(values), pa.scalar(ATTACHED, values.type), pa.scalar(None, values.type))


def _places(values: pa.Array) -> pa.Array:
    """The commune in which a place lies; outside the province latitude and longitude to two decimals.

    Of a line or an area its first place; altitude and accuracy go.
    """
    distinct = values.dictionary_encode()
    texts = distinct.dictionary.to_pylist()
    latitude, longitude = _degrees(texts)
    codes = communes_at(longitude, latitude)
    rough = [
        code or (f"{north:.{DECIMALS}f} {east:.{DECIMALS}f}" if north == north else None)
        for code, north, east in zip(codes, latitude, longitude, strict=True)
    ]
    return pa.DictionaryArray.from_arrays(distinct.indices, pa.array(rough, values.type)).cast(values.type)


def _degrees(texts: Iterable[str]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Latitudes and longitudes of the first place of each text; NaN where it has none."""
    pairs = np.array([_first(text) for text in texts], dtype=np.float64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _first(text: str) -> tuple[float, float]:
    parts = text.split(";")[0].split()
    try:
        return float(parts[0]), float(parts[1])
    except (ValueError, IndexError):
        return np.nan, np.nan


COARSER: dict[str, Callable[[pa.Array], pa.Array]] = {
    **dict.fromkeys(FILES, _files),
    **dict.fromkeys(PLACES, _places),
}


def communes_at(longitude: npt.NDArray[np.float64], latitude: npt.NDArray[np.float64]) -> list[str | None]:
    """The code of the commune in which each place lies, as `commune_at` says of one; None outside."""
    found = np.full(len(longitude), None, dtype=object)
    for code, rings in borders().items():
        corners = np.array([place for ring in rings for place in ring])
        (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
        near = np.flatnonzero(
            (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
        )
        if len(near):
            inside = _are_inside(rings, longitude[near], latitude[near])
            # The first that holds a place on a common border, as for one place.
            near = near[inside]
            found[near[np.equal(found[near], None)]] = code
    return list(found)


def _are_inside(rings: Iterable[Ring], x: npt.NDArray[Any], y: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Even-odd rule over all rings, so that holes are outside."""
    crossings = np.zeros(len(x), dtype=np.int64)
    for ring in rings:
        for (x0, y0), (x1, y1) in itertools.pairwise(ring):
            between = (y0 > y) != (y1 > y)
            if between.any():
                crossings += between & (x < x0 + (y - y0) / ((y1 - y0) or 1.0) * (x1 - x0))
    return crossings % 2 == 1
