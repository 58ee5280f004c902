"""When which report is due: the dated obligations that the provinces' documents set."""

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatchcase
from functools import cache

from survey.registry.files import day, rows


@dataclass(frozen=True)
class Obligation:
    """One report that is due once: what, when, about which lines, by which clause, from whom to whom.

    `due` is the day that the document names, or the last day of the period where it names none (`day_given`
    False). `last_day` is the last day in time: the day before `due` where the document says "before".
    `owner` and `recipient` are the agencies' names on that day, empty where nobody succeeded an abolished one.
    """

    code: str
    title: str
    due: date
    lines: tuple[str, ...]
    basis: str
    owner: str
    recipient: str
    period: str
    last_day: date
    day_given: bool
    mark: str
    note: str


@dataclass(frozen=True)
class _Time:
    """One occasion of a rule in a year."""

    period: str
    due: date
    before: bool = False


def obligations(year: int) -> list[Obligation]:
    """What is due in a year, in the order of the days; nothing before its document was signed."""
    found = [
        _obligation(row, time)
        for row in rows("obligations.csv")
        for time in _times(row["rule"], year)
        if time.due >= date.fromisoformat(row["valid_from"])
    ]
    return sorted(found, key=lambda one: (one.due, one.code))


def _obligation(row: dict[str, str], time: _Time) -> Obligation:
    return Obligation(
        code=f"{row['code']}-{time.period}",
        title=row["title"],
        due=time.due,
        lines=_lines(row["lines"]),
        basis=f"{row['document']}, mục {row['clause']}",
        owner=agency_on(row["reporter"], time.due),
        recipient=agency_on(row["recipient"], time.due),
        period=time.period,
        last_day=time.due - timedelta(days=1) if time.before else time.due,
        day_given=row["day_given"] == "yes",
        mark=row["mark"],
        note=row["note"],
    )


def _times(rule: str, year: int) -> Iterator[_Time]:
    """The occasions of a rule such as `quarterly` or `before 12-05`."""
    name, _, month_day = rule.partition(" ")
    return RULES[name](year, month_day)


def _quarterly(year: int, _: str) -> Iterator[_Time]:
    return (_Time(f"{year}-Q{quarter}", _end(year, 3 * quarter)) for quarter in range(1, 5))


def _half_yearly(year: int, _: str) -> Iterator[_Time]:
    return (_Time(f"{year}-S{half}", _end(year, 6 * half)) for half in (1, 2))


def _yearly(year: int, _: str) -> Iterator[_Time]:
    yield _Time(str(year), _end(year, 12))


def _before(year: int, month_day: str) -> Iterator[_Time]:
    yield _Time(str(year), date.fromisoformat(f"{year}-{month_day}"), before=True)


RULES: dict[str, Callable[[int, str], Iterator[_Time]]] = {
    "quarterly": _quarterly,
    "half-yearly": _half_yearly,
    "yearly": _yearly,
    "before": _before,
}


def _end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _lines(patterns: str) -> tuple[str, ...]:
    """The registry lines that match one of the patterns, in the order of the documents."""
    return tuple(code for code in _codes() if any(fnmatchcase(code, one) for one in patterns.split("|")))


@cache
def _codes() -> tuple[str, ...]:
    return tuple(row["id"] for row in rows("indicators.csv"))


@cache
def _agencies() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in rows("agencies.csv")}


def agency_on(code: str, on: date) -> str:
    """The name on a day of an agency or of who succeeded it; empty where nobody did."""
    while code:
        agency = _agencies()[code]
        ended = day(agency["valid_to"])
        if ended is None or on < ended:
            return agency["name"]
        code = agency["successor"]
    return ""
