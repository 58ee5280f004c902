"""Which rows a data query asks for: by key, by component, by time; in the words of SDMX REST 2.1 and 3.0."""

import calendar
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from survey.disseminate.sdmx.flows import TIME, VALUE, Flow
from survey.errors import Fault

ANY = ("", "*")
COMPONENT = re.compile(r"c\[(?P<name>\w+)\]")
OPERATOR = re.compile(r"(?:(?P<operator>eq|ne|lt|le|gt|ge|co|nc|sw|ew):)?(?P<value>.*)", re.DOTALL)
PERIOD = re.compile(r"(?P<year>\d{4})(?:-(?P<part>[ASQM]?)(?P<number>\d{1,2}))?(?:-(?P<day>\d{2}))?")
MONTHS = {"A": 12, "S": 6, "Q": 3, "M": 1, "": 1}
"""How many months the parts of a year have: 2026-S1, 2026-Q4, 2026-09."""


class BadSelection(Fault):
    title = "Truy vấn SDMX chưa đúng"


def by_key(flow: Flow, data: pd.DataFrame, key: str) -> pd.DataFrame:
    """Rows of a key: codes by dimension between dots, `+` (2.1) or `,` (3.0) for several, nothing or `*` for any.

    `all` and `*` alone ask for everything. Raises `BadSelection` for a key of another length.
    """
    if key in ("all", *ANY):
        return data
    parts = key.split(".")
    if len(parts) != len(flow.dimensions):
        raise BadSelection(
            f"Khóa “{key[:100]}” có {len(parts)} phần, {flow.id} có {len(flow.dimensions)} chiều.",
            f"Thứ tự các chiều: {'.'.join(flow.dimensions)}.",
        )
    for name, part in zip(flow.dimensions, parts, strict=True):
        if part not in ANY:
            data = data[data[name].isin(re.split(r"[+,]", part))]
    return data


def by_components(flow: Flow, data: pd.DataFrame, query: Mapping[str, str]) -> pd.DataFrame:
    """Rows by `c[DIMENSION]=a,b` or `c[TIME_PERIOD]=ge:2020+le:2026`; raise `BadSelection` for an unknown name."""
    for name, wanted in query.items():
        if not (match := COMPONENT.fullmatch(name)):
            continue
        component = match["name"]
        if component not in data:
            raise BadSelection(f"{flow.id} không có thành phần {component}.", f"Có: {', '.join(data)}.")
        for condition in wanted.split("+"):
            data = data[_meets(data[component], condition, is_time=component == TIME)]
    return data


def _meets(column: "pd.Series[Any]", condition: str, is_time: bool) -> "pd.Series[bool]":
    """Which values meet one condition, `ge:2020`; several values are alternatives."""
    told = OPERATOR.fullmatch(condition)
    assert told is not None
    test = TESTS[told["operator"] or "eq"]
    values = told["value"].split(",")
    if is_time:
        return column.map(lambda period: any(test(span(period), span(value)) for value in values))
    return column.map(lambda cell: any(test(str(cell), value) for value in values))


TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "co": lambda a, b: str(b) in str(a),
    "nc": lambda a, b: str(b) not in str(a),
    "sw": lambda a, b: str(a).startswith(str(b)),
    "ew": lambda a, b: str(a).endswith(str(b)),
}


def by_period(data: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """Rows whose period lies from `startPeriod` to `endPeriod`, both included where given."""
    if start:
        data = data[data[TIME].map(lambda period: span(period)[0] >= span(start)[0])]
    if end:
        data = data[data[TIME].map(lambda period: span(period)[1] <= span(end)[1])]
    return data


def span(period: str) -> tuple[date, date]:
    """First and last day of an SDMX time period: 2026, 2026-S1, 2026-Q4, 2026-09, 2026-09-30.

    Raises `BadSelection` for anything else.
    """
    told = PERIOD.fullmatch(period)
    try:
        if told is None:
            raise ValueError(period)
        year = int(told["year"])
        if told["day"]:
            day = date(year, int(told["number"]), int(told["day"]))
            return day, day
        months = MONTHS[told["part"]] if told["number"] else 12
        last = months * int(told["number"] or 1)
        return date(year, last - months + 1, 1), date(year, last, calendar.monthrange(year, last)[1])
    except (ValueError, IndexError) as error:
        raise BadSelection(
            f"“{period[:40]}” không phải kỳ số liệu.", "Viết như 2026, 2026-S1, 2026-Q4, 2026-09."
        ) from error


def in_detail(data: pd.DataFrame, names: Sequence[str], detail: str) -> pd.DataFrame:
    """The columns for `full`, `dataonly` (no attributes), `serieskeysonly` and `nodata` (no figures)."""
    if detail not in DETAILS:
        raise BadSelection(f"Không có mức chi tiết {detail[:40]}.", f"Chọn: {', '.join(DETAILS)}.")
    return data.drop(columns=DETAILS[detail](data, names))


DETAILS: dict[str, Callable[[pd.DataFrame, Sequence[str]], list[str]]] = {
    "full": lambda data, keys: [],
    "dataonly": lambda data, keys: [name for name in data if name not in (*keys, TIME, VALUE)],
    "serieskeysonly": lambda data, keys: [name for name in data if name not in (*keys, TIME)],
    "nodata": lambda data, keys: [VALUE],
}
