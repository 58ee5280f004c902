"""Population totals read from a table and judged by themselves: numbers, names, and whether margins agree."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from survey.errors import Fault
from survey.formats import number
from survey.process.recipes.numerals import as_number, form_of
from survey.process.weighting.controls import CROSS
from survey.spreadsheets import Sheet, read_table
from survey.text import plain

COLUMNS = {
    "margin": ("margin", "bien"),
    "level": ("level", "nhom", "muc"),
    "total": ("total", "tong", "tong so"),
}
TOLERANCE = 1e-6
"""How far two margins may be apart, as a share of the population: what raking itself allows."""
MOST_TOLD = 20
LONGEST_NAME = 200
NAME = re.compile(r"\w[\w.-]*(:\w[\w.-]*)*")


class BadTotals(Fault):
    """What is wrong with a list of totals, one thing after the other."""

    title = "Tổng thể chưa dùng được"

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        message, remedy = faults[0]
        more = f" Và {len(faults) - 1} chỗ khác." if len(faults) > 1 else ""
        super().__init__(message[:1].upper() + message[1:], remedy + more)
        self.faults = tuple(faults[:MOST_TOLD])


@dataclass(frozen=True)
class Total:
    """How many units of the population are of one level of a margin; an empty level: the sum of a number."""

    margin: str
    level: str
    total: float
    row: int


@dataclass(frozen=True)
class TotalsRead:
    """The totals of a file; `definition` is what its population column says, `notice` what was done to its letters."""

    totals: tuple[Total, ...]
    definition: str
    notice: str


def read_totals(content: bytes, form: str | None = None) -> TotalsRead:
    """The totals in a CSV or .xlsx file with the columns margin, level, total.

    `form` says how numbers are written where the file does not tell. Raises `BadTable`, `AmbiguousNumbers`
    and `BadTotals`, which names rows.
    """
    sheet = read_table(content)
    named = _columns(sheet)
    rows = [
        (row, {name: record.get(named[name], "").strip() for name in COLUMNS})
        for row, record in sheet.records
    ]
    form = form or form_of([record["total"] for _, record in rows])
    totals = [
        Total(record["margin"], record["level"], as_number(record["total"], form) or 0.0, row)
        for row, record in rows
    ]
    faults = [fault for row, record in rows for fault in _row_faults(row, record, form)]
    if faults := [*faults, *_repeated(totals)]:
        raise BadTotals(faults)
    return TotalsRead(tuple(totals), _definition(sheet), sheet.notice)


def _columns(sheet: Sheet) -> dict[str, str]:
    """Which heading holds what; raise `BadTotals` for one that is missing."""
    headings = {plain(heading).strip(): heading for heading in sheet.headings if heading}
    found = {
        name: next((headings[word] for word in words if word in headings), None)
        for name, words in COLUMNS.items()
    }
    if lacking := [name for name, heading in found.items() if heading is None]:
        raise BadTotals([(f"tệp không có cột {', '.join(lacking)}.", "Cần ba cột: margin, level, total.")])
    return {name: heading for name, heading in found.items() if heading}


def _row_faults(row: int, record: dict[str, str], form: str) -> Iterator[tuple[str, str]]:
    where, text = f"dòng {row}", record["total"]
    if not NAME.fullmatch(record["margin"]) or len(record["margin"]) > LONGEST_NAME:
        yield (
            f"{where}: tên biên {record['margin'][:40]!r} không dùng được.",
            "Viết tên biến, hoặc hai biến như sex:area_type.",
        )
    if len(record["level"]) > LONGEST_NAME or not record["level"].isprintable():
        yield f"{where}: mã mức quá dài hoặc có ký tự lạ.", "Dùng mã mức của phiếu."
    if record["level"] and record["level"].count(CROSS) != record["margin"].count(CROSS):
        yield (
            f"{where}: mức {record['level'][:40]!r} không hợp biên {record['margin'][:40]!r}.",
            "Mỗi biến một mã, nối bằng dấu hai chấm.",
        )
    if as_number(text, form) is None:
        yield f"{where}: tổng {text[:40]!r} {_what_else(text)}", "Ghi một số không âm; không có ai thì ghi 0."


def _what_else(text: str) -> str:
    """Why a text is no count."""
    if not text:
        return "trống."
    if text.startswith("="):
        return "là công thức: dán giá trị thay cho công thức."
    return "là số âm." if text[0] in "-−" and text[1:2].isdigit() else "không phải số đếm."


def _repeated(totals: Iterable[Total]) -> Iterator[tuple[str, str]]:
    seen: dict[tuple[str, str], int] = {}
    for each in totals:
        first = seen.setdefault((each.margin, each.level), each.row)
        if first != each.row:
            name = f"biên {each.margin!r}, mức {each.level!r}"
            yield f"dòng {each.row}: {name} đã có ở dòng {first}.", "Giữ một dòng."


def _definition(sheet: Sheet) -> str:
    """Who is counted, where a column of the file says so, and the same in every row."""
    told = {record.get("population", "").strip() for _, record in sheet.records} - {""}
    return told.pop() if len(told) == 1 else ""


def margins_of(totals: Iterable[Total]) -> dict[str, dict[str, float]]:
    """Totals by margin and level."""
    margins: dict[str, dict[str, float]] = {}
    for each in totals:
        margins.setdefault(each.margin, {})[each.level] = each.total
    return margins


def is_number(levels: Iterable[str]) -> bool:
    """Whether a margin is the sum of a number instead of a count by level."""
    return list(levels) == [""]


def disagreements(margins: dict[str, dict[str, float]]) -> Iterator[tuple[str, str]]:
    """Margins that do not describe one population: in all, or by a variable that both of two margins have."""
    counted = {name: levels for name, levels in margins.items() if not is_number(levels)}
    for name, levels in counted.items():
        if "" in levels:
            yield f"biên {name!r} có dòng không ghi mức.", "Điền mã mức cho mọi dòng của biên."
        if not sum(levels.values()):
            yield f"biên {name!r} cộng lại bằng 0.", "Điền tổng của các mức."
    for (first, a), (second, b) in combinations(counted.items(), 2):
        shared = [part for part in first.split(CROSS) if part in second.split(CROSS)]
        for_all = _apart("", {"": sum(a.values())}, {"": sum(b.values())})
        by_part = (_apart(part, summed(first, a, part), summed(second, b, part)) for part in shared)
        for found in (for_all, *by_part):
            if found:
                level, x, y = found
                yield (
                    f"biên {first!r} cộng {level}được {number(x)}, biên {second!r} được {number(y)}.",
                    "Mọi biên phải tả cùng một tổng thể (lệch không quá một phần triệu): sửa tệp theo nguồn.",
                )
                break


def _apart(part: str, a: dict[str, float], b: dict[str, float]) -> tuple[str, float, float] | None:
    """The first level at which two sums are further apart than raking allows."""
    whole = max(sum(a.values()), sum(b.values()))
    for level in sorted({*a, *b}):
        x, y = a.get(level, 0.0), b.get(level, 0.0)
        if abs(x - y) > TOLERANCE * whole:
            return (f"theo {part} = {level} " if part else "lại "), x, y
    return None


def summed(margin: str, levels: dict[str, float], part: str) -> dict[str, float]:
    """A crossed margin added up over all but one of its variables."""
    place = margin.split(CROSS).index(part)
    sums: dict[str, float] = {}
    for level, total in levels.items():
        key = level.split(CROSS)[place] if level else ""
        sums[key] = sums.get(key, 0.0) + total
    return sums
