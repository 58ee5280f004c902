"""Days, months, years and times of day as people write them, day first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, time

from survey.instrument.faults import Unclear
from survey.instrument.numerals import SPACES, latin

PIECE = r"(\d{1,2})"
DAY_FIRST = re.compile(rf"{PIECE} ?[/.\-\s] ?{PIECE} ?[/.\-\s] ?(\d{{4}}|\d{{2}})", re.ASCII)
YEAR_FIRST = re.compile(rf"(\d{{4}})[/.\-]{PIECE}[/.\-]{PIECE}", re.ASCII)
TOGETHER = re.compile(r"(\d{2})(\d{2})(\d{4})", re.ASCII)
IN_WORDS = re.compile(rf"(?:ngày |mùng |mồng )*{PIECE} tháng {PIECE}(?:,? năm|,|[/\-])? ?(\d{{4}})", re.ASCII)
MONTH_FIRST = re.compile(rf"(?:tháng )?{PIECE}(?: ?[/.\-] ?|,? năm |[, ] ?)(\d{{4}})", re.ASCII)
MONTH_LAST = re.compile(rf"(\d{{4}}) ?[/.\-] ?{PIECE}", re.ASCII)
YEAR = re.compile(r"(?:năm )?(\d{4})", re.ASCII)
ENGLISH_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
ENGLISH_DAY_FIRST = re.compile(rf"{PIECE}(?:st|nd|rd|th)? ([a-z]{{3,9}})\.?,? (\d{{4}})", re.ASCII)
ENGLISH_MONTH_FIRST = re.compile(rf"([a-z]{{3,9}})\.? {PIECE}(?:st|nd|rd|th)?,? (\d{{4}})", re.ASCII)
ENGLISH_MONTH = re.compile(r"([a-z]{3,9})\.?,? (\d{4})", re.ASCII)
CLOCK_TEXT = r"(\d{1,2})\s*(?:[:hg.]|giờ)\s*(\d{2})?(?:\s*phút|:(\d{2})(?:\.\d+)?)?"
CLOCK = re.compile(CLOCK_TEXT, re.ASCII | re.IGNORECASE)
DAY_AND_CLOCK = re.compile(rf"(.+?)[\s,]+(?:lúc\s+)?({CLOCK_TEXT})", re.ASCII | re.IGNORECASE)

FIRST_YEAR, LAST_YEAR = 1850, 2150
"""Between which 25122026 is a date and not some other number of eight digits."""
SOON, OLDEST = 1, 20
"""Two digits of a year up to the next year's are this century's; over 20 years ahead they are the last one's."""


def parse_date(raw: str, *, today: date | None = None) -> date:
    """A date as typed; raises ValueError, and `Unclear` with the dates it may be.

    25/12/2026, 25.12.26, 25122026, 25 tháng 12 năm 2026, 25 December 2026, 2026-12-25.
    """
    text = _tidy(raw)
    for pattern, read in WAYS:
        if match := pattern.fullmatch(text):
            return read(match.groups(), today or date.today())
    raise ValueError(raw)


def parse_month(raw: str, *, today: date | None = None) -> date:
    """A month and year as typed, as the first day of the month; a whole date will do; raises ValueError."""
    text = _tidy(raw)
    if match := MONTH_FIRST.fullmatch(text):
        return date(int(match[2]), int(match[1]), 1)
    if match := MONTH_LAST.fullmatch(text):
        return date(int(match[1]), int(match[2]), 1)
    if match := ENGLISH_MONTH.fullmatch(text):
        return date(int(match[2]), _english_month(match[1]), 1)
    return parse_date(raw, today=today).replace(day=1)


def parse_year(raw: str, *, today: date | None = None) -> date:
    """A year as typed, as its first day; a month with its year or a date will do; raises ValueError."""
    if match := YEAR.fullmatch(_tidy(raw)):
        return date(int(match[1]), 1, 1)
    return parse_month(raw, today=today).replace(month=1)


def parse_time(raw: str) -> time:
    """A time of day as typed: 14:30, 14h30, 7 giờ, 7 giờ 30 phút; raises ValueError."""
    match = CLOCK.fullmatch(_tidy(raw))
    if match is None:
        raise ValueError(raw)
    hour, minute, second = (int(part or 0) for part in match.groups())
    return time(hour, minute, second)


def day_and_clock(raw: str) -> tuple[str, str]:
    """A date and the time of day after it, each still as typed; "" where there is no time."""
    match = DAY_AND_CLOCK.fullmatch(_tidy(raw))
    return (match[1], match[2]) if match else (raw, "")


def _tidy(raw: str) -> str:
    return unicodedata.normalize("NFC", SPACES.sub(" ", latin(raw)).strip().lower())


def _day_first(parts: Sequence[str], today: date) -> date:
    day, month, *_ = map(int, parts)
    years = _years(parts[2], today)
    if month > 12 and day <= 12:  # the American way round
        raise Unclear(*(date(year, day, month) for year in years))
    found = [date(year, month, day) for year in years]
    if len(found) > 1:
        raise Unclear(*found)
    return found[0]


def _years(text: str, today: date) -> tuple[int, ...]:
    """The years that four or two digits may stand for."""
    if len(text) == 4:
        return (int(text),)
    this = today.year - today.year % 100 + int(text)
    if this <= today.year + SOON:
        return (this,)
    return (this - 100,) if this > today.year + OLDEST else (this - 100, this)


def _together(parts: Sequence[str], today: date) -> date:
    """25122026; 20261225 where that is no day of our time."""
    if _is_our_time(parts[2]):
        return _day_first(parts, today)
    digits = "".join(parts)
    if not _is_our_time(digits[:4]):
        raise ValueError(digits)
    return _year_first((digits[:4], digits[4:6], digits[6:]), today)


def _is_our_time(year: str) -> bool:
    return FIRST_YEAR <= int(year) <= LAST_YEAR


def _year_first(parts: Sequence[str], today: date) -> date:
    year, month, day = map(int, parts)
    return date(year, month, day)


def _english(parts: Sequence[str], today: date) -> date:
    day, month = (parts[0], parts[1]) if parts[0].isdigit() else (parts[1], parts[0])
    return date(int(parts[2]), _english_month(month), int(day))


def _english_month(name: str) -> int:
    found = [place for place, month in enumerate(ENGLISH_MONTHS, 1) if month.startswith(name)]
    if len(found) != 1:
        raise ValueError(name)
    return found[0]


WAYS: tuple[tuple[re.Pattern[str], Callable[[Sequence[str], date], date]], ...] = (
    (DAY_FIRST, _day_first),
    (YEAR_FIRST, _year_first),
    (TOGETHER, _together),
    (IN_WORDS, _day_first),
    (ENGLISH_DAY_FIRST, _english),
    (ENGLISH_MONTH_FIRST, _english),
)
