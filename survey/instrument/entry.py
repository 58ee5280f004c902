"""Answers as people type them, and as CSV files hold them: forgiving in form, strict in meaning."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from survey.instrument import messages
from survey.instrument.answers import checked
from survey.instrument.days import day_and_clock, parse_date, parse_month, parse_time, parse_year
from survey.instrument.faults import Texts, TypeFault, Unclear
from survey.instrument.limits import FORBIDDEN
from survey.instrument.model import Question
from survey.instrument.money import asked_in, parse_money
from survey.instrument.numerals import SPACES, parse_number

MACHINE = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)
GROUPED = "thousands-sep"
"""The appearance with which ODK Collect groups the digits of a number while it is typed."""


def coerce(question: Question, raw: str | list[str], *, machine: bool = False, language: str = "vi") -> Any:
    """The stored value of what was typed on a page in `language`; None when nothing was.

    Raises TypeFault with what to do; what may mean two things is asked back, never guessed.  With `machine`, for
    CSV files written by programs, 1.000 in a decimal question is one.
    """
    if isinstance(raw, list) and question.type not in ("select_multiple", "rank"):
        raw = raw[0] if raw else ""
    value = _visible(raw) if isinstance(raw, str) else [name for name in raw if _visible(name)]
    if not value:
        return None
    if machine and question.type == "decimal" and isinstance(value, str) and MACHINE.fullmatch(value):
        return checked(question, float(value))
    read = ENTRIES.get(question.type)
    return checked(question, value if read is None else read(question, value, language))


def _visible(raw: str) -> str:
    """Without characters that no text can hold, which a person cannot see to take out; "" if nothing shows."""
    text = FORBIDDEN.sub("", raw).strip()
    return text if SPACES.sub("", text) else ""


def is_grouped(question: Question) -> bool:
    """Whether a question's numbers are shown with their thousands apart."""
    return GROUPED in question.appearance.split() or asked_in(question) > 0


def _number(question: Question, raw: str, language: str, whole: bool) -> Decimal:
    unit = asked_in(question)
    try:
        if unit:
            return parse_money(raw, unit, language=language)
        return parse_number(raw, whole=whole, grouped=is_grouped(question), language=language)
    except Unclear as unclear:
        raise TypeFault("type", messages.which_number(unclear.readings)) from unclear
    except (ValueError, ArithmeticError):
        raise TypeFault("type", _example(question, whole)) from None


def _example(question: Question, whole: bool) -> Texts:
    if asked_in(question):
        return messages.MONEY if asked_in(question) == 1 else messages.MILLIONS
    return messages.INTEGER if whole else messages.DECIMAL


def _integer(question: Question, raw: str, language: str) -> int:
    value = _number(question, raw, language, whole=True)
    if value != value.to_integral_value():
        raise TypeFault("type", _example(question, whole=True))
    return int(value)


def _decimal(question: Question, raw: str, language: str) -> float:
    return float(_number(question, raw, language, whole=False))


def _range(question: Question, raw: str, language: str) -> float | int:
    value = _number(question, raw, language, whole=question.bind_type == "int")
    return int(value) if value == value.to_integral_value() else float(value)


def _date(question: Question, raw: str, language: str) -> str:
    parse, kind = _asked_day(question)
    return _moment(kind, lambda: parse(raw).isoformat())


def _asked_day(question: Question) -> tuple[Callable[[str], date], str]:
    """How a date question is read, and which message it gives: appearances ask for less than a day."""
    if "month-year" in question.appearance:
        return parse_month, "month"
    return (parse_year, "year") if "year" in question.appearance.split() else (parse_date, "date")


def _time(question: Question, raw: str, language: str) -> str:
    def read() -> str:
        try:
            return time.fromisoformat(raw).isoformat()
        except ValueError:
            return parse_time(raw).isoformat()

    return _moment("time", read)


def _date_time(question: Question, raw: str, language: str) -> str:
    def read() -> str:
        if "T" in raw:
            return datetime.fromisoformat(raw).isoformat()
        day, clock = day_and_clock(raw)
        return datetime.combine(parse_date(day), parse_time(clock) if clock else time()).isoformat()

    return _moment("dateTime", read)


def _moment(kind: str, read: Callable[[], str]) -> str:
    try:
        return read()
    except Unclear as unclear:
        raise TypeFault("type", messages.which_day(unclear.readings)) from unclear
    except (ValueError, OverflowError):
        raise TypeFault("type", messages.MOMENTS[kind]) from None


def _names(question: Question, raw: str | list[str], language: str) -> list[str]:
    return raw.split() if isinstance(raw, str) else [name for item in raw for name in item.split()]


def _geo(question: Question, raw: str, language: str) -> str:
    return re.sub(r",(?=\s|-?\d)", " ", raw) if raw.count(",") and ";" not in raw else raw


ENTRIES: dict[str, Callable[[Question, Any, str], Any]] = {
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
