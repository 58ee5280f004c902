"""Functions of dates and times."""

from __future__ import annotations

from datetime import date, datetime, time

from survey.instrument.functions.registry import function
from survey.instrument.values import DAY, NAN, Value, days, moment_of, number, scalar, string

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


@function("today", 0, gives="date", moment=True, volatile=True)
def today(now: datetime) -> date:
    return now.date()


@function("now", 0, gives="date", moment=True, volatile=True)
def right_now(now: datetime) -> datetime:
    return now


@function("date", 1, gives="any")
def to_date(value: Value) -> date | str | float:
    """A date from an ISO text, a date-time or days since 1970-01-01; empty when it is none of these."""
    if isinstance(value, float) and value != value:
        return value
    moment = moment_of(value)
    if isinstance(moment, datetime):
        return moment.date()
    return "" if moment is None else moment


@function("date-time", 1, gives="date")
def to_date_time(value: Value) -> date | str:
    moment = moment_of(value)
    if moment is None or isinstance(moment, datetime):
        return "" if moment is None else moment
    return datetime.combine(moment, time()).astimezone()


@function("decimal-date-time", 1, gives="any")
def decimal_date_time(value: Value) -> float | str:
    """Days since 1970-01-01T00:00Z with their fraction; empty for an empty answer."""
    if isinstance(scalar(value), float):
        return number(value)
    if string(value) == "":
        return ""
    moment = moment_of(value)
    if moment is None:
        return NAN
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return days(moment)


@function("decimal-time", 1, gives="any")
def decimal_time(value: Value) -> float | str:
    """The time of day as a fraction of 24 hours; empty for an empty answer."""
    if string(value) == "":
        return ""
    found = time_of(value)
    return NAN if found is None else (found.hour * 3600 + found.minute * 60 + found.second) / DAY


def time_of(value: Value) -> time | None:
    """The time of day in a time, a date-time, or their ISO text."""
    value = scalar(value)
    if isinstance(value, time):
        return value
    if isinstance(value, str) and "T" not in value:
        try:
            return time.fromisoformat(value)
        except ValueError:
            return None
    moment = moment_of(value)
    return moment.timetz() if isinstance(moment, datetime) else None


@function("format-date", 2, gives="string")
def format_date(value: Value, pattern: Value) -> str:
    """A date written by pattern: %Y %y %m %n %b %d %e %a %W and, for times, %H %h %M %S %3."""
    moment = moment_of(value)
    if moment is None:
        return ""
    return _written(moment, string(pattern))


@function("format-date-time", 2, gives="string")
def format_date_time(value: Value, pattern: Value) -> str:
    moment = moment_of(value)
    return "" if moment is None else _written(moment, string(pattern))


def _written(moment: date, pattern: str) -> str:
    clock = moment.time() if isinstance(moment, datetime) else time()
    table = {
        "Y": f"{moment.year:04d}",
        "y": f"{moment.year % 100:02d}",
        "m": f"{moment.month:02d}",
        "n": str(moment.month),
        "b": MONTHS[moment.month - 1],
        "d": f"{moment.day:02d}",
        "e": str(moment.day),
        "a": WEEKDAYS[moment.weekday()],
        "W": str(moment.isocalendar().week),
        "H": f"{clock.hour:02d}",
        "h": str(clock.hour),
        "M": f"{clock.minute:02d}",
        "S": f"{clock.second:02d}",
        "3": f"{clock.microsecond // 1000:03d}",
        "%": "%",
    }
    written, characters = [], iter(pattern)
    for character in characters:
        written.append(table.get(next(characters, ""), "") if character == "%" else character)
    return "".join(written)
