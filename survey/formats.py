"""How numbers, intervals and dates are written for people, in each language of the service."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from flask import Flask

NOTHING = "–"
MINUS = "\N{MINUS SIGN}"
NARROW_GAP = "\N{NO-BREAK SPACE}"
PERCENT_UNITS = ("%", "PT")
"""The sign, and SDMX's code for percent in CL_UNIT_MEASURE."""
LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")

Number = int | float | Decimal


@dataclass(frozen=True)
class Writing:
    """The conventions of one language; `to` joins two ends when a dash would meet a minus sign."""

    decimal_mark: str
    group_mark: str
    percent_sign: str
    day_pattern: str
    to: str


VIETNAMESE = Writing(",", ".", f"{NARROW_GAP}%", "{day:%d/%m/%Y}", "đến")
WRITINGS = {
    "vi": VIETNAMESE,
    "km": VIETNAMESE,
    "en": Writing(".", ",", "%", "{day.day} {day:%B %Y}", "to"),
}


def writing(lang: str) -> Writing:
    """The conventions of a language, Vietnamese where it has none of its own."""
    return WRITINGS.get(lang, VIETNAMESE)


def number(value: Number | None, decimals: int = 0, lang: str = "vi") -> str:
    """A number with grouped thousands, rounded half away from zero as people do by hand."""
    if value is None or not math.isfinite(value):
        return NOTHING
    printed = rounded(value, decimals)
    sign = MINUS if printed < 0 else ""
    marks = {",": writing(lang).group_mark, ".": writing(lang).decimal_mark}
    return sign + "".join(marks.get(mark, mark) for mark in f"{abs(printed):,f}")


def rounded(value: Number, decimals: int = 0) -> Decimal:
    """A number as it is printed: half away from zero in the decimal digits that people see."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def percent(value: Number | None, decimals: int = 1, lang: str = "vi") -> str:
    """A percentage given as 42.6 (not 0.426): "42,6 %" with a no-break space, "42.6%" in English."""
    written = number(value, decimals, lang)
    return written if written == NOTHING else written + writing(lang).percent_sign


def interval(
    low: Number | None, high: Number | None, decimals: int = 1, unit: str = "%", lang: str = "vi"
) -> str:
    """Two ends of an interval with the unit once: "41,6–43,6 %"; `unit` "" for bare numbers."""
    ends = number(low, decimals, lang), number(high, decimals, lang)
    if NOTHING in ends:
        return NOTHING
    joint = f" {writing(lang).to} " if MINUS in "".join(ends) else "–"
    return joint.join(ends) + _unit_suffix(unit, lang)


def _unit_suffix(unit: str, lang: str) -> str:
    if unit in PERCENT_UNITS:
        return writing(lang).percent_sign
    return f"{NARROW_GAP}{unit}" if unit else ""


def measure(value: Number | None, unit: str, decimals: int = 1, lang: str = "vi") -> str:
    """A value with its unit as it is to be read: "42,6 %", "2.310 người"."""
    written = number(value, decimals, lang)
    return written if written == NOTHING else written + _unit_suffix(unit, lang)


def date(value: dt.date | None, lang: str = "vi") -> str:
    """A day: "21/11/2026", "21 November 2026"; an instant is read at the province's clock."""
    if value is None:
        return NOTHING
    return writing(lang).day_pattern.format(day=_local(value))


def datetime(value: dt.datetime | None, lang: str = "vi") -> str:
    """A day and the time of day at the province's clock: "21/11/2026 08:05"."""
    return NOTHING if value is None else f"{date(value, lang)} {_local(value):%H:%M}"


def local_day(value: dt.datetime) -> dt.date:
    """The day of an instant at the province's clock."""
    return value.astimezone(LOCAL_TIME).date()


def _local(value: dt.date) -> dt.date:
    """An aware instant moved to the province's clock; days and naive times are local already."""
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(LOCAL_TIME)
    return value


FILTERS: dict[str, Callable[..., str]] = {
    "number": number,
    "percent": percent,
    "interval": interval,
    "measure": measure,
    "date": date,
    "datetime": datetime,
}


def register(app: Flask) -> None:
    """Make the formats available to every template as filters of the same names."""
    app.jinja_env.filters.update(FILTERS)
