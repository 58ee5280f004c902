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
# Columns whose part after :: becomes an attribute of the XForm, and columns that have languages.
ATTRIBUTES = frozenset({"bind", "body", "control", "instance"})
TRANSLATED = frozenset(
    {"label", "hint", "guidance_hint", "required_message", "constraint_message", "requiredmsg"}
)
ATTRIBUTE = re.compile(r"[^\W\d][\w.\-]*(?::[^\W\d][\w.\-]*)*")
KOBO = re.compile(r"(?:begin|end)_(?:kobomatrix|score|rank)\b")
MAX_TOLD = 100
Row = dict[str, str]


def inspect(sheets: Sheets) -> tuple[Fault, ...]:
    """The faults that can be seen cell by cell, in the order of the rows."""
    rows = [
        {column.strip().lower(): cell for column, cell in row.items()} for row in sheets.get("survey", [])
    ]
    found = [
        *_columns(sheets),
        *_names(rows),
        *_kobo(rows),
        *_blocks(rows),
        *_lists(rows, sheets),
        *_choices(sheets),
        *_references(rows, sheets),
    ]
    return tuple(sorted(found, key=lambda fault: (fault.sheet != "survey", fault.row or 0))[:MAX_TOLD])


def merged(first: tuple[Fault, ...], others: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """The faults of the inspection, and those of the converter that they do not explain."""
    places = {(fault.sheet, fault.row) for fault in others}
    left = [
        fault for fault in first if (fault.sheet, fault.row) not in places and not (fault.is_guess and others)
    ]
    return (*left, *others)


def _columns(sheets: Sheets) -> Iterator[Fault]:
    """Headers that stop the converter: they become attributes, or are read as languages."""
    for sheet in ("survey", "choices"):
        for column in dict.fromkeys(column for row in sheets.get(sheet, []) for column in row):
            parts = [part.strip() for part in column.split("::")]
            if parts[0].lower() in ATTRIBUTES and len(parts) == 2:
                yield from _attribute(sheets[sheet], sheet, column, parts[1])
            elif len(parts) > 2 and parts[0].lower() in TRANSLATED:
                yield Fault(
                    sheet,
                    1,
                    column,
                    "The header holds '::' twice, as when two headers ran together.",
                    "Write one column per language, such as label::English (en).",
                    "Tiêu đề có hai dấu '::', có lẽ hai tiêu đề bị dính liền.",
                    "Mỗi ngôn ngữ một cột, ví dụ label::English (en).",
                )


def _attribute(rows: list[Row], sheet: str, column: str, name: str) -> Iterator[Fault]:
    """An attribute that is no XML name, or one that the converter takes for its own on a group."""
    own = (number for number, row in _numbered(rows) if column in row and BEGIN.match(row.get("type", "")))
    number = 1 if not ATTRIBUTE.fullmatch(name) else next(own, None) if name == "tag" else None
    if number is not None:
        yield Fault(
            sheet,
            number,
            column,
            f"The converter cannot write the attribute {name!r} here.",
            "Rename the column, or empty this cell.",
            f"Bộ chuyển đổi không ghi được thuộc tính {name!r} ở đây.",
            "Đổi tên cột, hoặc xoá ô này.",
        )


def _kobo(rows: list[Row]) -> Iterator[Fault]:
    for number, row in _numbered(rows):
        if KOBO.match(row.get("type", "")):
            cause = f"'{row['type']}' is a question type of KoboToolbox."
            yield _fault(number, "type", cause, "Write the rows as a group with table-list.")


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


TWICE = (
    "Rename one, or set allow_choice_duplicates to yes where a choice_filter tells them apart.",
    "Đổi một mã, hoặc đặt allow_choice_duplicates là yes khi choice_filter phân biệt được.",
)


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
            yield Fault("choices", number, "name", cause, TWICE[0], cause_vi, TWICE[1])
        seen.add(key)


def _references(rows: list[Row], sheets: Sheets) -> Iterator[Fault]:
    names = Counter(row.get("name", "") for row in rows if not END.match(row.get("type", "")))
    settings = sheets.get("settings", [])
    root = next((row["name"] for row in settings if row.get("name")), "data")
    for number, row in _numbered(rows):
        for column, cell in row.items():
            yield from _cell_references("survey", number, column, cell, names, root)
            if column in EXPRESSIONS - {"default", "trigger"}:
                yield from _syntax(number, column, cell)
    for number, row in _numbered(settings):
        for column, cell in row.items():
            yield from _cell_references("settings", number, column, cell, names, root)


def _cell_references(
    sheet: str, number: int, column: str, cell: str, names: Counter[str], root: str
) -> Iterator[Fault]:
    for name in dict.fromkeys(REFERENCE.findall(cell)):
        if names[name] == 0 and name != "instanceID":
            cause, remedy = f"${{{name}}} names no question.", "Correct the name inside the braces."
        elif names[name] > 1:
            cause = f"${{{name}}} is ambiguous: several questions have that name."
            remedy = "Give each question its own name."
        elif name == root:
            cause = f"${{{name}}} is ambiguous: '{name}' is also the name of the form itself."
            remedy = "Rename the question, or set another name in the column name of settings."
        else:
            continue
        yield _fault(number, column, cause, remedy, sheet)


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
        re.compile(r"^\$\{(.+)\} is ambiguous.*form itself\.$"),
        r"${\1} không rõ: '\1' cũng là tên của cả phiếu.",
        "Đổi tên câu hỏi, hoặc đặt tên khác ở cột name của trang settings.",
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
        re.compile(r"^'(.+)' is a question type of KoboToolbox\.$"),
        r"'\1' là loại câu hỏi riêng của KoboToolbox.",
        "Viết các dòng thành nhóm table-list.",
    ),
    (
        re.compile(r"^'(.+)' ends the (.+) of row (\d+)\.$"),
        r"'\1' đóng khối \2 ở dòng \3.",
        "Sửa lại dòng end.",
    ),
)


def _fault(row: int, column: str, cause: str, remedy: str, sheet: str = "survey") -> Fault:
    for pattern, cause_vi, remedy_vi in VIETNAMESE:
        if pattern.match(cause):
            return Fault(sheet, row, column, cause, remedy, pattern.sub(cause_vi, cause), remedy_vi)
    return Fault(sheet, row, column, cause, remedy)
