"""Days and periods as people write them: 22/11/2026; a year, a half, a quarter, a month."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

from survey.text import plain

# Year first as it is kept, or as people write it: "Q3/2026", "quý 3/2026", "6 tháng đầu năm 2026", "tháng 9/2026".
WRITTEN = (
    (re.compile(r"(?:nam )?(\d{4})"), 0),
    (re.compile(r"(\d{4})-q([1-4])"), 3),
    (re.compile(r"(\d{4})-s([12])"), 6),
    (re.compile(r"(\d{4})-(0[1-9]|1[0-2])"), 1),
    (re.compile(r"(?:q|quy )([1-4])[/-](?P<year>\d{4})"), 3),
    (re.compile(r"(?:thang |t)?(0?[1-9]|1[0-2])/(?P<year>\d{4})"), 1),
)
HALVES = {"6 thang dau nam": 1, "6 thang cuoi nam": 2}
CODES = {3: "{year}-Q{place}", 6: "{year}-S{place}", 1: "{year}-{place:02}"}
NAMES = {3: "quý {place}/{year}", 6: "6 tháng {half} năm {year}", 1: "tháng {place}/{year}"}


DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")


def read_day(text: str) -> date:
    """The day that a text names, as browsers send it or as people write it; raise ValueError."""
    for pattern in DAYS:
        try:
            return datetime.strptime(text.strip(), pattern).date()
        except ValueError:
            continue
    raise ValueError(text)


@dataclass(frozen=True)
class Period:
    """One period: its first and last day, its code and its name."""

    code: str
    name: str
    start: date
    end: date


def read_period(text: str) -> Period:
    """The period that a text names; raise ValueError."""
    written = plain(text.strip())
    for words, place in HALVES.items():
        if written.startswith(words) and re.fullmatch(r"\d{4}", written.removeprefix(words).strip()):
            return _period(int(written[-4:]), 6, place)
    for pattern, months in WRITTEN:
        if match := pattern.fullmatch(written):
            named = match.groupdict().get("year")
            year = int(named or match[1])
            place = int(match[1] if named else match[2]) if months else 1
            return _period(year, months, place)
    raise ValueError(text)


def _period(year: int, months: int, place: int) -> Period:
    if not 2000 <= year <= 2100:
        raise ValueError(year)
    if not months:
        return Period(str(year), f"năm {year}", date(year, 1, 1), date(year, 12, 31))
    last = place * months
    told = {"year": year, "place": place, "half": "đầu" if place == 1 else "cuối"}
    return Period(
        code=CODES[months].format(**told),
        name=NAMES[months].format(**told),
        start=date(year, last - months + 1, 1),
        end=date(year, last, monthrange(year, last)[1]),
    )
