"""Answers by question type: how each is stored, checked, and seen by expressions."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from survey.instrument import messages
from survey.instrument.faults import TypeFault
from survey.instrument.limits import FORBIDDEN
from survey.instrument.model import Question
from survey.instrument.types import MEDIA_TYPES
from survey.instrument.values import Value, moment_of, number, string

MAX_TEXT = 20_000
MAX_INTEGER = 2**63
LINE_END = re.compile("\r\n?")
NUMERAL = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)

Check = Callable[[Question, Any], Any]
See = Callable[[Any], Value]


def text(question: Question, value: Any) -> str:
    """A text as all channels keep it: composed Unicode (NFC) and line feeds, so that equal texts are equal.

    Phones and Macs of one maker send Vietnamese letters decomposed (NFD) in file names and pasted text.
    """
    found = storable(question, value)
    return unicodedata.normalize("NFC", LINE_END.sub("\n", found))


def storable(question: Question, value: Any) -> str:
    """A text of storable characters, not over 20,000 of them."""
    if not isinstance(value, str):
        raise TypeFault("type", messages.TEXT)
    if FORBIDDEN.search(value):
        raise TypeFault("type", messages.CHARACTERS)
    if len(value) > MAX_TEXT:
        raise TypeFault("length", messages.too_long(MAX_TEXT))
    return value


def integer(question: Question, value: Any) -> int:
    """A whole number of at most 64 bits."""
    if isinstance(value, float) and value.is_integer() and abs(value) < MAX_INTEGER:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= MAX_INTEGER:
        raise TypeFault("type", messages.INTEGER)
    return value


def decimal(question: Question, value: Any) -> float | int:
    """A finite number."""
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= MAX_INTEGER:
        raise TypeFault("type", messages.DECIMAL)
    return value


def in_range(question: Question, value: Any) -> float | int:
    """A number of the question's own kind between its start and end."""
    found = integer(question, value) if question.bind_type == "int" else decimal(question, value)
    low, high = sorted(
        float(question.parameters.get(key, default)) for key, default in (("start", "1"), ("end", "10"))
    )
    if not low <= found <= high:
        texts = {"vi": f"Chọn số từ {low:g} đến {high:g}", "en": f"Choose a number from {low:g} to {high:g}"}
        raise TypeFault("choice", texts)
    return found


def select_one(question: Question, value: Any) -> str:
    """The name of a choice of the list; lists kept in files are not judged here."""
    name = storable(question, value)
    if question.choices and name not in question.choice_order:
        raise TypeFault("choice", messages.CHOICE)
    return name


def select_multiple(question: Question, value: Any) -> list[str]:
    """Names of choices, each once, in the order of the list (a rank keeps the person's order)."""
    names = value.split() if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise TypeFault("type", messages.CHOICE)
    order = question.choice_order
    if order and any(name not in order for name in names):
        raise TypeFault("choice", messages.CHOICE)
    names = [storable(question, name) for name in dict.fromkeys(names)]
    return sorted(names, key=order.__getitem__) if order and question.type == "select_multiple" else names


def _moment(kind: str, parse: Callable[[str], Any]) -> Check:
    def check(question: Question, value: Any) -> str:
        try:
            parse(value)
        except (TypeError, ValueError):
            raise TypeFault("type", messages.REQUIRED[kind]) from None
        return str(value)

    return check


def _iso_date(value: str) -> date:
    if len(value) != 10:
        raise ValueError(value)
    return date.fromisoformat(value)


def _iso_date_time(value: str) -> datetime:
    if "T" not in value:
        raise ValueError(value)
    return datetime.fromisoformat(value)


def geopoint(question: Question, value: Any) -> str:
    """ "lat lon alt acc": latitude and longitude in degrees, altitude and accuracy in metres."""
    return " ".join(_point(value))


def geotrace(question: Question, value: Any) -> str:
    """Two points or more, separated by "; " (ODK XForms specification, data types)."""
    return "; ".join(_points(value, 2))


def geoshape(question: Question, value: Any) -> str:
    """Three points or more and the first again at the end; a ring left open is closed."""
    found = _points(value, 3)
    if found[0].split()[:2] != found[-1].split()[:2]:
        found.append(found[0])
    if len(found) < 4:
        raise TypeFault("type", messages.SHAPE)
    return "; ".join(found)


def _points(value: Any, least: int) -> list[str]:
    pieces = value.split(";") if isinstance(value, str) else []
    found = [" ".join(_point(piece)) for piece in pieces if piece.strip()]
    if len(found) < least:
        raise TypeFault("type", messages.LINE if least == 2 else messages.SHAPE)
    return found


def _point(value: Any) -> list[str]:
    parts = value.split() if isinstance(value, str) else []
    if not 2 <= len(parts) <= 4 or not all(NUMERAL.fullmatch(part) for part in parts):
        raise TypeFault("type", messages.GEO)
    if not (abs(float(parts[0])) <= 90 and abs(float(parts[1])) <= 180):
        raise TypeFault("type", messages.GEO)
    return [*parts, "0", "0"][:4] if len(parts) < 4 else parts


def file_name(question: Question, value: Any) -> str:
    """The bare name of an attached file."""
    name = storable(question, value)
    if "/" in name or "\\" in name or name in (".", ".."):
        raise TypeFault("type", messages.FILE)
    return name


CHECKS: dict[str, Check] = {
    "integer": integer,
    "decimal": decimal,
    "range": in_range,
    "select_one": select_one,
    "select_multiple": select_multiple,
    "rank": select_multiple,
    "date": _moment("date", _iso_date),
    "time": _moment("time", time.fromisoformat),
    "dateTime": _moment("dateTime", _iso_date_time),
    "geopoint": geopoint,
    "geotrace": geotrace,
    "geoshape": geoshape,
    **dict.fromkeys(MEDIA_TYPES, file_name),
    **dict.fromkeys(("start", "end"), _moment("dateTime", _iso_date_time)),
    "today": _moment("date", _iso_date),
    **dict.fromkeys(("start-geopoint", "background-geopoint"), geopoint),
}
SEEN: dict[str, See] = {
    "integer": float,
    "decimal": float,
    "range": float,
    "select_multiple": " ".join,
    "rank": " ".join,
    "date": date.fromisoformat,
    "dateTime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "start": datetime.fromisoformat,
    "end": datetime.fromisoformat,
    "today": date.fromisoformat,
}


def checked(question: Question, value: Any) -> Any:
    """The stored form of a value that is already typed; raises TypeFault."""
    check: Check = CHECKS.get(question.type, text)
    return check(question, value)


def seen(question: Question, value: Any) -> Value:
    """What expressions see of a stored value."""
    see = SEEN.get(question.type)
    return value if see is None else see(value)


def stored(question: Question, value: Value) -> Any:
    """The stored form of an expression's result; None for empty and for NaN; raises TypeFault."""
    if string(value) in ("", "NaN"):
        return None
    if question.type in ("integer", "decimal", "range"):
        return checked(question, _tidy(number(value)))
    if question.type in ("date", "dateTime"):
        moment = moment_of(value)
        if moment is None:
            raise TypeFault("type", messages.REQUIRED[question.type])
        return moment.isoformat() if question.type == "dateTime" else moment.isoformat()[:10]
    return checked(question, string(value))


def _tidy(value: float) -> float | int:
    return int(value) if value.is_integer() and abs(value) < MAX_INTEGER else value
