"""Whether the files beside a form are all there, and hold what the form asks of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from survey.instrument.expression import compile_expression, walk_tree
from survey.instrument.faults import ExpressionError, Fault, InstrumentErrors
from survey.instrument.filetypes import LARGEST, TYPES, type_of
from survey.instrument.grammar import Call, Literal
from survey.instrument.grammar import Path as Steps
from survey.instrument.limits import FORBIDDEN
from survey.instrument.lookups import file_columns, label_columns
from survey.instrument.model import Instrument, Question, Sheets
from survey.instrument.tables import columns_of

ODD_NAME = re.compile(r"[/\\:*?\"<>|\x00-\x1f]|^\.")
LONGEST_NAME = 100
MOST_TOLD = 100
PULLDATA = re.compile(r"\bpulldata\s*\(")
EXPRESSIONS = ("relevant", "required", "constraint", "calculation", "choice_filter", "default")


def refuse_files(instrument: Instrument, nearby: Iterable[str] = ()) -> None:
    """Raise InstrumentErrors for each file that the form names and lacks, and each that does not hold what it should.

    `nearby` are names of files that lie beside the form: one that differs in capitals only is named as the remedy.
    """
    near = tuple(nearby)
    faults = [fault for name in instrument.media for fault in _file_faults(instrument, name, near)]
    faults = faults or [fault for q in instrument.questions.values() for fault in _lists(instrument, q)]
    if faults:
        raise InstrumentErrors(tuple(faults[:MOST_TOLD]))


def _file_faults(instrument: Instrument, name: str, near: tuple[str, ...]) -> Iterator[Fault]:
    sheet, row, column = mention(instrument.sheets, name)
    for cause, remedy, cause_vi, remedy_vi in _told(instrument, name, near):
        yield Fault(sheet, row, column, cause, remedy, cause_vi, remedy_vi)


Told = tuple[str, str, str, str]


def _told(instrument: Instrument, name: str, near: tuple[str, ...]) -> Iterator[Told]:
    """What is wrong with one file: cause and remedy in English and in Vietnamese."""
    file = instrument.files.get(name)
    if ODD_NAME.search(name) or len(name) > LONGEST_NAME:
        yield (
            f"The file name {name[:LONGEST_NAME]!r} cannot be used.",
            "Name the file with letters, digits, - and _, without a folder.",
            f"Không dùng được tên tệp “{name[:LONGEST_NAME]}”.",
            "Đặt tên tệp bằng chữ, số, - và _, không ghi thư mục.",
        )
    elif type_of(name) is None:
        endings = ", ".join(TYPES)
        yield (
            f"Files of the type of {name} cannot be used.",
            f"Use one of {endings}.",
            f"Không dùng được loại tệp của {name}.",
            f"Dùng một trong các loại: {endings}.",
        )
    elif file is None:
        yield _missing(name, near)
    else:
        yield from _content_told(name, file.read())


def _missing(name: str, near: tuple[str, ...]) -> Told:
    alike = [other for other in near if _folded(other) == _folded(name)]
    alike = alike or get_close_matches(name, near, n=1, cutoff=0.85)
    if alike:
        hint = f"There is a file {alike[0]}: give both the same name."
        hint_vi = f"Có tệp {alike[0]}: sửa cho hai tên giống nhau."
    else:
        hint = (
            "Put it into the folder media beside the form (in a .zip together with the form when uploading)."
        )
        hint_vi = "Đặt tệp vào thư mục media cạnh phiếu (khi tải lên: nén cùng phiếu thành một tệp .zip)."
    return f"The file {name} is missing.", hint, f"Thiếu tệp {name}.", hint_vi


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _content_told(name: str, content: bytes) -> Iterator[Told]:
    kind = type_of(name)
    if not content:
        yield (
            f"The file {name} is empty.",
            "Save it again.",
            f"Tệp {name} rỗng (0 byte).",
            "Lưu lại tệp rồi nhập lại.",
        )
    elif len(content) > LARGEST:
        megabytes = LARGEST // 10**6
        yield (
            f"The file {name} is larger than {megabytes} MB.",
            "Make it smaller.",
            f"Tệp {name} lớn hơn {megabytes} MB.",
            "Giảm kích thước tệp.",
        )
    elif kind is not None and not kind.holds(content):
        ending = Path(name).suffix
        yield (
            f"The content of {name} is not of the type {ending}.",
            "Save it again in that format (lists as UTF-8); a new ending alone changes no format.",
            f"Nội dung của {name} không phải loại {ending}.",
            "Lưu lại đúng định dạng (danh sách: UTF-8); chỉ đổi phần mở rộng thì định dạng không đổi.",
        )


def mention(sheets: Sheets, name: str) -> tuple[str, int | None, str]:
    """The first cell that names a file: sheet, row and column; ("survey", None, "") where none does."""
    word = re.compile(rf"(?:^|[\s/]){re.escape(name)}(?:$|\s)")
    looked_up = re.compile(rf"\bpulldata\s*\(\s*[\"']{re.escape(Path(name).stem)}(?:\.csv)?[\"']")
    for sheet in ("survey", "choices"):
        for number, row in enumerate(sheets.get(sheet, ()), start=2):
            for column, cell in row.items():
                if word.search(cell) or looked_up.search(cell) or _declares(row, column, name):
                    return sheet, number, column
    return "survey", None, ""


def _declares(row: dict[str, str], column: str, name: str) -> bool:
    """Whether a row of type csv-external or xml-external declares the file."""
    kind = row.get("type", "")
    return column == "name" and kind.endswith("-external") and f"{row[column]}.{kind[:3]}" == name


def _lists(instrument: Instrument, question: Question) -> Iterator[Fault]:
    """What a question asks of a list that is at hand and that the list does not have."""
    if question.file in instrument.tables:
        yield from _choice_faults(instrument, question)
    for column in EXPRESSIONS:
        text = getattr(question, column)
        if PULLDATA.search(text):
            yield from _pulldata_faults(instrument, question, column, text)


def _choice_faults(instrument: Instrument, question: Question) -> Iterator[Fault]:
    table, name = instrument.tables[question.file], question.file
    columns = columns_of(table)
    value, label = file_columns(question)
    if not table:
        yield _fault(question, "type", f"The list {name} has no rows.", "Add its choices.",
                     f"Danh sách {name} không có dòng nào.", "Thêm các lựa chọn vào tệp.")  # fmt: skip
        return
    if value not in columns:
        yield _no_column(question, "type", name, value, columns)
    if not label_columns(instrument, question):
        yield _no_column(question, "type", name, label, columns)
    for wanted in _filter_columns(question):
        if wanted not in columns:
            yield _no_column(question, "choice_filter", name, wanted, columns)
    yield from _name_faults(question, name, [row.get(value, "") for row in table] if value in columns else [])


def _name_faults(question: Question, file: str, names: list[str]) -> Iterator[Fault]:
    for number, name in enumerate(names, start=2):
        if FORBIDDEN.search(name) or (question.type == "select_multiple" and len(name.split()) > 1):
            yield _fault(
                question,
                "type",
                f"Row {number} of {file}: the name {name[:80]!r} cannot be stored.",
                "Write names of choices as one word, without spaces and control characters.",
                f"Dòng {number} của {file}: không lưu được mã “{name[:80]}”.",
                "Viết mã của lựa chọn liền một từ, không có dấu cách và ký tự điều khiển.",
            )
            return


def _filter_columns(question: Question) -> list[str]:
    """The columns of the list that the filter reads."""
    try:
        tree = compile_expression(question.choice_filter).tree if question.choice_filter else None
    except ExpressionError:
        return []
    read = [node for node in walk_tree(tree) if isinstance(node, Steps)] if tree else []
    return [
        node.steps[0].name
        for node in read
        if node.start == "." and len(node.steps) == 1 and node.steps[0].axis == "child"
    ]


def _pulldata_faults(instrument: Instrument, question: Question, column: str, text: str) -> Iterator[Fault]:
    try:
        tree = compile_expression(text).tree
    except ExpressionError:
        return
    for node in walk_tree(tree):
        if isinstance(node, Call) and node.name == "pulldata" and len(node.arguments) >= 3:
            named = [item.value if isinstance(item, Literal) else None for item in node.arguments[:3]]
            table = instrument.tables.get(named[0] or "")
            for wanted in named[1:] if table else ():
                if wanted is not None and wanted not in columns_of(table or ()):
                    yield _no_column(question, column, str(named[0]), wanted, columns_of(table or ()))


def _no_column(question: Question, column: str, file: str, wanted: str, columns: Iterable[str]) -> Fault:
    there = ", ".join(columns)[:300]
    return _fault(
        question,
        column,
        f"The list {file} has no column {wanted!r}.",
        f"Add the column, or name one that is there: {there}.",
        f"Danh sách {file} không có cột “{wanted}”.",
        f"Thêm cột này, hoặc ghi tên một cột có trong tệp: {there}.",
    )


def _fault(question: Question, column: str, cause: str, remedy: str, cause_vi: str, remedy_vi: str) -> Fault:
    return Fault("survey", question.row, column, cause, remedy, cause_vi, remedy_vi)
