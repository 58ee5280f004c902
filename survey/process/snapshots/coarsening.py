"""What of an answer leads to a person, and what stands in a snapshot in its place."""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from survey.cases.geography import Box, Ring, borders
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
FIRST_PLACE = r"^\s*(?P<latitude>-?\d{1,3}(?:\.\d+)?)\s+(?P<longitude>-?\d{1,3}(?:\.\d+)?)"


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
    found = pc.extract_regex(values, FIRST_PLACE)
    latitude, longitude = (_degrees(pc.struct_field(found, name)) for name in ("latitude", "longitude"))
    codes = communes_at(longitude, latitude)
    outside = [
        None if north != north else f"{north:.{DECIMALS}f} {east:.{DECIMALS}f}"
        for north, east in zip(latitude[codes < 0], longitude[codes < 0], strict=True)
    ]
    names = pa.array([*borders(), *outside], values.type)
    codes[codes < 0] = len(borders()) + np.arange(len(outside))
    return names.take(pa.array(codes))


def _degrees(texts: pa.Array) -> npt.NDArray[np.float64]:
    """Numbers of texts; NaN where there is none."""
    numbers: npt.NDArray[np.float64] = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    return numbers


COARSER: dict[str, Callable[[pa.Array], pa.Array]] = {
    **dict.fromkeys(FILES, _files),
    **dict.fromkeys(PLACES, _places),
}


def communes_at(
    longitude: npt.NDArray[np.float64], latitude: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """The commune in which each place lies, as a place in the list of `borders`, as `commune_at` says; -1 outside."""
    found = np.full(len(longitude), -1, np.int64)
    for number, rings in enumerate(borders().values()):
        box = Box.around(rings)
        near = np.flatnonzero(
            (found < 0)  # the first that holds a place on a common border
            & (longitude >= box.west)
            & (longitude <= box.east)
            & (latitude >= box.south)
            & (latitude <= box.north)
        )
        if len(near):
            found[near[_are_inside(rings, longitude[near], latitude[near])]] = number
    return found


def _are_inside(rings: Iterable[Ring], x: npt.NDArray[Any], y: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Even-odd rule over all rings, so that holes are outside."""
    crossings = np.zeros(len(x), dtype=np.int64)
    for ring in rings:
        for (x0, y0), (x1, y1) in itertools.pairwise(ring):
            between = (y0 > y) != (y1 > y)
            if between.any():
                crossings += between & (x < x0 + (y - y0) / ((y1 - y0) or 1.0) * (x1 - x0))
    return crossings % 2 == 1
