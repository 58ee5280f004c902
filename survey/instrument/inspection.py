"""Every simple fault of the sheets at once; the converter stops at the first that it meets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from survey.instrument.expression import compile_expression
from survey.instrument.faults import ExpressionError, Fault
from survey.instrument.model import Sheets
from survey.instrument.rows import BEGIN, END

REFERENCE = re.compile(r"\$\{\s*(?:last-saved#)?([^}\s]+)\s*\}")
NAME = re.compile(r"[^\W\d][\w.\-]*")
SELECT = re.compile(r"^(?:select_one|select_multiple|rank)\s+(\S+)")
EXPRESSIONS = frozenset(
    [
        "relevant",
        "constraint",
        "calculation",
        "choice_filter",
        "required",
        "repeat_count",
        "trigger",
        "default",
    ]
)
Row = dict[str, str]


def inspect(sheets: Sheets) -> tuple[Fault, ...]:
    """The faults that can be seen cell by cell, in the order of the rows."""
    rows = [
        {column.strip().lower(): cell for column, cell in row.items()} for row in sheets.get("survey", [])
    ]
    found = [*_names(rows), *_blocks(rows), *_lists(rows, sheets), *_choices(sheets), *_references(rows)]
    return tuple(sorted(found, key=lambda fault: (fault.sheet != "survey", fault.row or 0)))


def merged(first: tuple[Fault, ...], others: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """The converter's faults, then those of the inspection that stand in other cells."""
    places = {(fault.sheet, fault.row) for fault in first}
    return (*first, *(fault for fault in others if (fault.sheet, fault.row) not in places))


def _numbered(rows: list[Row]) -> Iterator[tuple[int, Row]]:
    return ((number, row) for number, row in enumerate(rows, start=2) if row)


def _names(rows: list[Row]) -> Iterator[Fault]:
    blocks: list[set[str]] = [{"meta"}]
    for number, row in _numbered(rows):
        kind, name = row.get("type", ""), row.get("name", "")
        if END.match(kind):
            blocks = blocks[:-1] or blocks
            continue
        if name and not NAME.fullmatch(name):
            remedy = "Use letters, digits, _ - . and begin with a letter or _."
            yield _fault(number, "name", f"The name {name!r} has characters that are not allowed.", remedy)
        if name and name in blocks[-1]:
            cause = (
                "The name 'meta' is reserved." if name == "meta" else f"The name '{name}' stands twice here."
            )
            yield _fault(number, "name", cause, "Give it another name.")
        blocks[-1].add(name)
        if BEGIN.match(kind):
            blocks.append(set())


def _blocks(rows: list[Row]) -> Iterator[Fault]:
    opened: list[tuple[int, str]] = []
    for number, row in _numbered(rows):
        kind = row.get("type", "")
        if BEGIN.match(kind):
            opened.append((number, re.split(r"[_ ]", kind)[1]))
        elif END.match(kind) and not opened:
            yield _fault(number, "type", f"'{kind}' has no matching 'begin'.", "Remove it.")
        elif END.match(kind):
            begun, name = opened.pop()
            if not kind.lower().endswith(name.lower()):
                yield _fault(
                    number, "type", f"'{kind}' ends the {name} of row {begun}.", f"Write 'end {name}'."
                )
    for begun, name in opened:
        yield _fault(begun, "type", f"This {name} is never ended.", f"Add a row 'end {name}'.")


def _lists(rows: list[Row], sheets: Sheets) -> Iterator[Fault]:
    lists = {row.get("list_name") or row.get("list name", "") for row in sheets.get("choices", [])}
    for number, row in _numbered(rows):
        match = SELECT.match(row.get("type", ""))
        if match and match.group(1) not in lists and "${" not in match.group(1) and "choices" in sheets:
            cause = f"The list '{match.group(1)}' is not on the choices sheet."
            yield _fault(number, "type", cause, "Add its choices, or correct the list name.")


def _choices(sheets: Sheets) -> Iterator[Fault]:
    settings = next(iter(sheets.get("settings", [])), {})
    if settings.get("allow_choice_duplicates", "").lower() in ("yes", "true"):
        return
    seen: set[tuple[str, str]] = set()
    for number, row in _numbered(sheets.get("choices", [])):
        key = (row.get("list_name") or row.get("list name", ""), row.get("name", ""))
        if key in seen and all(key):
            cause = f"The choice '{key[1]}' stands twice in the list '{key[0]}'."
            cause_vi = f"Lựa chọn '{key[1]}' xuất hiện hai lần trong danh sách '{key[0]}'."
            yield Fault("choices", number, "name", cause, "Rename one of the two.", cause_vi, "Đổi một mã.")
        seen.add(key)


def _references(rows: list[Row]) -> Iterator[Fault]:
    names = Counter(row.get("name", "") for row in rows if not END.match(row.get("type", "")))
    for number, row in _numbered(rows):
        for column, cell in row.items():
            yield from _cell_references(number, column, cell, names)
            if column in EXPRESSIONS - {"default", "trigger"}:
                yield from _syntax(number, column, cell)


def _cell_references(number: int, column: str, cell: str, names: Counter[str]) -> Iterator[Fault]:
    for name in REFERENCE.findall(cell):
        if names[name] == 0 and name != "instanceID":
            yield _fault(
                number, column, f"${{{name}}} names no question.", "Correct the name inside the braces."
            )
        elif names[name] > 1:
            cause = f"${{{name}}} is ambiguous: several questions have that name."
            yield _fault(number, column, cause, "Give each question its own name.")


def _syntax(number: int, column: str, cell: str) -> Iterator[Fault]:
    if cell.strip().lower() in ("yes", "no", "true", "false"):
        return
    try:
        compile_expression(cell.translate(STRAIGHT))
    except ExpressionError as error:
        cause_vi = f"{error.cause_vi}." if error.cause_vi else ""
        remedy_vi = error.remedy_vi or "Sửa biểu thức này."
        yield Fault("survey", number, column, f"{error.cause}.", error.remedy, cause_vi, remedy_vi)


# The converter straightens curly quotation marks by itself.
STRAIGHT = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"'})
VIETNAMESE = (
    (
        re.compile(r"^\$\{(.+)\} names no question\.$"),
        r"${\1} không phải tên câu hỏi nào.",
        "Sửa tên trong ngoặc nhọn.",
    ),
    (
        re.compile(r"^\$\{(.+)\} is ambiguous.*$"),
        r"${\1} không rõ: nhiều câu hỏi cùng tên.",
        "Đặt tên riêng.",
    ),
    (
        re.compile(r"^The list '(.+)' is not.*$"),
        r"Danh sách '\1' không có trong trang choices.",
        "Thêm lựa chọn.",
    ),
    (re.compile(r"^The name 'meta' is reserved\.$"), "Tên 'meta' dành riêng cho hệ thống.", "Đặt tên khác."),
    (re.compile(r"^The name '(.+)' stands twice here\.$"), r"Tên '\1' xuất hiện hai lần.", "Đổi một tên."),
    (
        re.compile(r"^The name (.+) has characters.*$"),
        r"Tên \1 có ký tự không được dùng.",
        "Dùng chữ, số và _.",
    ),
    (re.compile(r"^This (.+) is never ended\.$"), r"Khối \1 chưa được đóng.", "Thêm dòng end."),
    (re.compile(r"^'(.+)' has no matching.*$"), r"'\1' không có begin tương ứng.", "Bỏ dòng này."),
    (
        re.compile(r"^'(.+)' ends the (.+) of row (\d+)\.$"),
        r"'\1' đóng khối \2 ở dòng \3.",
        "Sửa lại dòng end.",
    ),
)


def _fault(row: int, column: str, cause: str, remedy: str) -> Fault:
    for pattern, cause_vi, remedy_vi in VIETNAMESE:
        if pattern.match(cause):
            return Fault("survey", row, column, cause, remedy, pattern.sub(cause_vi, cause), remedy_vi)
    return Fault("survey", row, column, cause, remedy)
