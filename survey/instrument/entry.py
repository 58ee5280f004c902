"""Answers as people type them, and as CSV files hold them: forgiving in form, strict in meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from survey.instrument import messages
from survey.instrument.answers import checked
from survey.instrument.faults import TypeFault
from survey.instrument.limits import FORBIDDEN
from survey.instrument.model import Question

# Zero-width characters and the marks of writing direction, which come along when people paste.
UNSEEN = "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
INVISIBLE = re.compile(f"[{UNSEEN}]+")
SPACES = re.compile(f"[\\s\u00a0\u202f{UNSEEN}]+")
# 1.000.000 and 1,000,000 are grouped.
DOTS = re.compile(r"-?\d{1,3}(?:\.\d{3})+(?:,\d+)?", re.ASCII)
COMMAS = re.compile(r"-?\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?|-?\d{1,3}(?:,\d{3})+\.\d+", re.ASCII)
MACHINE = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)
PLAIN = re.compile(r"-?\d+(?:[.,]\d+)?", re.ASCII)
DAY_FIRST = re.compile(r"(\d{1,2})[/.\-\s](\d{1,2})[/.\-\s](\d{4})", re.ASCII)
YEAR_FIRST = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})", re.ASCII)
CLOCK = re.compile(r"(\d{1,2})\s*(?:[:hg.]|giờ)\s*(\d{2})?(?::(\d{2})(?:\.\d+)?)?", re.ASCII | re.IGNORECASE)
FULL_WIDTH = {
    ord(wide): ord(narrow)
    for wide, narrow in zip("０１２３４５６７８９．，：／－＋−–", "0123456789.,:/-+--", strict=True)
}


def coerce(question: Question, raw: str | list[str], *, machine: bool = False) -> Any:
    """The stored value of what was typed; None when nothing was.

    Numbers are read the Vietnamese way (1.000,5 and 1.000 for one thousand) and the English way
    where that is unambiguous, dates day first (25/12/2026) or in ISO 8601.  With `machine`, for CSV
    files written by programs, 1.000 in a decimal question is one.  Raises TypeFault with what to do.
    """
    if isinstance(raw, list) and question.type not in ("select_multiple", "rank"):
        raw = raw[0] if raw else ""
    value = _visible(raw) if isinstance(raw, str) else [name for name in raw if _visible(name)]
    if not value:
        return None
    if machine and question.type == "decimal" and isinstance(value, str) and MACHINE.fullmatch(value):
        return checked(question, float(value))
    return checked(question, ENTRIES.get(question.type, _as_it_is)(value))


def _visible(raw: str) -> str:
    """Without characters that no text can hold, which a person cannot see to take out; "" if nothing shows."""
    text = FORBIDDEN.sub("", raw).strip()
    return text if SPACES.sub("", text) else ""


def _as_it_is(raw: Any) -> Any:
    return raw


def parse_number(raw: str, *, whole: bool = False) -> float:
    """A number as typed; 1.000 is one thousand, as Vietnamese writes it, and so is 1,000 if `whole`."""
    text = SPACES.sub("", raw.translate(FULL_WIDTH))
    if len(text) > 40:
        raise ValueError(raw)
    if DOTS.fullmatch(text) and not text.lstrip("-").startswith("0."):
        return float(text.replace(".", "").replace(",", "."))
    if COMMAS.fullmatch(text) or (whole and re.fullmatch(r"-?\d{1,3}(?:,\d{3})+", text, re.ASCII)):
        return float(text.replace(",", ""))
    if PLAIN.fullmatch(text):
        return float(text.replace(",", "."))
    raise ValueError(raw)


def _integer(raw: str) -> int:
    try:
        text = SPACES.sub("", raw.translate(FULL_WIDTH))
        if re.fullmatch(r"[-+]?\d{1,19}", text, re.ASCII):
            return int(text)
        value = parse_number(raw, whole=True)
    except ValueError:
        raise TypeFault("type", messages.INTEGER) from None
    if not value.is_integer():
        raise TypeFault("type", messages.INTEGER)
    return int(value)


def _decimal(raw: str) -> float | int:
    try:
        value = parse_number(raw)
    except ValueError:
        raise TypeFault("type", messages.DECIMAL) from None
    return value


def _range(raw: str) -> float | int:
    value = _decimal(raw)
    return int(value) if float(value).is_integer() else value


def parse_date(raw: str) -> date:
    """A date as typed, day first or ISO; raises ValueError."""
    text = SPACES.sub(" ", INVISIBLE.sub("", raw.translate(FULL_WIDTH)).strip())
    if match := DAY_FIRST.fullmatch(text):
        day, month, year = map(int, match.groups())
        return date(year, month, day)
    if match := YEAR_FIRST.fullmatch(text):
        return date(*map(int, match.groups()))
    raise ValueError(raw)


def parse_time(raw: str) -> time:
    """A time of day as typed: 14:30, 14h30, 7 giờ; raises ValueError."""
    text = unicodedata.normalize("NFC", INVISIBLE.sub("", raw.translate(FULL_WIDTH)))
    match = CLOCK.fullmatch(text.strip())
    if match is None:
        raise ValueError(raw)
    hour, minute, second = (int(part or 0) for part in match.groups())
    return time(hour, minute, second)


def _date(raw: str) -> str:
    return _or_fault("date", lambda: parse_date(raw).isoformat())


def _time(raw: str) -> str:
    def read() -> str:
        try:
            return time.fromisoformat(raw).isoformat()
        except ValueError:
            return parse_time(raw).isoformat()

    return _or_fault("time", read)


def _date_time(raw: str) -> str:
    def read() -> str:
        if "T" in raw:
            return datetime.fromisoformat(raw).isoformat()
        day, _, clock = raw.partition(" ")
        return datetime.combine(parse_date(day), parse_time(clock) if clock else time()).isoformat()

    return _or_fault("dateTime", read)


def _or_fault(kind: str, read: Callable[[], str]) -> str:
    try:
        return read()
    except (ValueError, OverflowError):
        raise TypeFault("type", messages.REQUIRED[kind]) from None


def _names(raw: str | list[str]) -> list[str]:
    return raw.split() if isinstance(raw, str) else [name for item in raw for name in item.split()]


def _geo(raw: str) -> str:
    return re.sub(r",(?=\s|-?\d)", " ", raw) if raw.count(",") and ";" not in raw else raw


ENTRIES: dict[str, Callable[[Any], Any]] = {
    "integer": _integer,
    "decimal": _decimal,
    "range": _range,
    "date": _date,
    "time": _time,
    "dateTime": _date_time,
    "select_multiple": _names,
    "rank": _names,
    "geopoint": _geo,
}
