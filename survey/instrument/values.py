"""Values of expressions and their coercions (XPath 1.0, section 4, with ODK's dates).

A value is a text, a number (always float), a boolean, a date or time, or a list of nodes' values.
An empty answer is the empty text.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias


class Nodes(list["Value"]):
    """The values of several nodes, in document order."""

    __slots__ = ()


Scalar: TypeAlias = str | float | bool | date | time
Value: TypeAlias = Scalar | Nodes

NUMBER = re.compile(r"\s*-?(?:\d+\.?\d*|\.\d+)\s*", re.ASCII)
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T.*)?", re.ASCII)
NAN = float("nan")
EPOCH = date(1970, 1, 1)
DAY = 86_400.0


def scalar(value: Value) -> Scalar:
    """The first node's value of a node set, or the value itself."""
    if isinstance(value, Nodes):
        return scalar(value[0]) if value else ""
    return value


def number(value: Value) -> float:
    """The value as a number: an empty or unreadable text is NaN, a date is days since 1970-01-01."""
    if value.__class__ is float:
        return value
    value = scalar(value)
    if isinstance(value, str):
        return number_of_text(value)
    if isinstance(value, datetime):
        return days(value)
    if isinstance(value, date):
        return float((value - EPOCH).days)
    if isinstance(value, time):
        return (value.hour * 3600 + value.minute * 60 + value.second) / DAY
    return float(value)


def number_of_text(text: str) -> float:
    """A decimal numeral (no exponent) or an ISO date as a number, anything else as NaN."""
    if NUMBER.fullmatch(text):
        return float(text)
    if ISO_DATE.fullmatch(text):
        moment = moment_of(text)
        return NAN if moment is None else number(moment)
    return NAN


def days(moment: datetime) -> float:
    """Days with their fraction since 1970-01-01T00:00Z."""
    aware = moment if moment.tzinfo else moment.astimezone()
    return aware.timestamp() / DAY


def string(value: Value) -> str:
    """The value as text: whole numbers without a decimal point, dates in ISO 8601."""
    if value.__class__ is str:
        return value
    value = scalar(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return text_of_number(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return value.isoformat() if isinstance(value, date | time) else value


def text_of_number(value: float) -> str:
    """A number as XPath writes it: never with an exponent, `5` rather than `5.0`."""
    if value.is_integer():
        return str(int(value))
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    text = repr(value)
    return text if "e" not in text else f"{value:.20f}".rstrip("0").rstrip(".")


def boolean(value: Value) -> bool:
    """The value as a truth: empty text, zero and NaN are false; several nodes are true."""
    if value.__class__ is bool:
        return value
    if isinstance(value, Nodes):
        return len(value) > 1 or (bool(value) and boolean(value[0]))
    if isinstance(value, float):
        return value != 0 and value == value
    return bool(value) if isinstance(value, str) else True


def is_present(value: Value) -> bool:
    """Whether a value is neither empty nor NaN, which coalesce() passes over alike."""
    return string(value) not in ("", "NaN")


def moment_of(value: Value) -> date | datetime | None:
    """The value as a date or date-time, or None; a number counts days since 1970-01-01."""
    value = scalar(value)
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return _parse_moment(value.strip())
    if isinstance(value, float) and math.isfinite(value) and abs(value) < 700_000:
        return _moment_of_days(value)
    return None


def _parse_moment(text: str) -> date | datetime | None:
    try:
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        return None


def _moment_of_days(value: float) -> date | datetime:
    if value.is_integer():
        return EPOCH + timedelta(days=value)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=value)


def texts(value: Value) -> list[str]:
    """The texts of a node set, or the one text of a scalar."""
    return [string(item) for item in value] if isinstance(value, Nodes) else [string(value)]


def numbers(value: Value) -> list[float]:
    """The numbers of a node set, or the one number of a scalar."""
    return [number(item) for item in value] if isinstance(value, Nodes) else [number(value)]


def seen_plainly(value: Any) -> Value:
    """What expressions see of a Python value that belongs to no question."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool | str | float | date | time):
        return value
    if isinstance(value, int):
        return float(value)
    if isinstance(value, list | tuple):
        if all(isinstance(item, str) for item in value):
            return " ".join(value)
        return Nodes(seen_plainly(item) for item in value)
    return str(value)
