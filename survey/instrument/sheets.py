"""XLSForm files into sheets: lists of rows, each a dict of column to text."""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

from pyxform.xls2json_backends import get_xlsform  # type: ignore[import-untyped]

from survey.instrument.archive import look_over, refusal, unreadable
from survey.instrument.explain import explain
from survey.instrument.faults import InstrumentErrors
from survey.instrument.model import Sheets

SHEETS = ("survey", "choices", "settings", "external_choices", "entities", "osm")
MAX_FILE = 30_000_000
MAX_ROWS = 200_000
WORKBOOKS = (".xlsx", ".xlsm", ".xls")


def read_sheets(path: Path) -> Sheets:
    """The sheets of an XLSForm: a folder of CSV files, or one .xlsx, .xls, .csv or .md file.

    Raises InstrumentErrors when the file cannot be read.
    """
    if path.is_dir():
        return _bounded(_folder(path))
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(READERS)
        raise refusal(
            "", f"{path.name} is not a questionnaire file", f"Give one of {known} or a folder.",
            f"{path.name} không phải tệp phiếu hỏi.", f"Dùng tệp {known} hoặc một thư mục.",
        )  # fmt: skip
    if not path.is_file():
        raise refusal(
            "", f"{path.name} does not exist", "Check the name.",
            f"Không có tệp {path.name}.", "Kiểm tra lại tên tệp.",
        )  # fmt: skip
    if path.stat().st_size > MAX_FILE:
        most = MAX_FILE // 1_000_000
        raise refusal(
            "", f"{path.name} is larger than {most} MB", "Remove pictures and unused sheets.",
            f"Tệp lớn hơn {most} MB.", "Bỏ ảnh và các trang không dùng.",
        )  # fmt: skip
    return _bounded(reader(path))


def form_in(path: Path) -> Path:
    """The form at a path: the folder with survey.csv, or the only workbook in a folder; a file is itself.

    Raises InstrumentErrors where a folder holds several workbooks.
    """
    if not path.is_dir() or (path / "survey.csv").is_file():
        return path
    found = [
        file
        for file in sorted(path.iterdir())
        if file.suffix.lower() in WORKBOOKS and not file.name.startswith(("~$", "."))
    ]
    if len(found) > 1:
        names = ", ".join(file.name for file in found)
        raise refusal(
            "",
            f"There are several forms: {names}",
            "Leave one.",
            f"Có nhiều tệp phiếu hỏi: {names}",
            "Chỉ để lại một tệp phiếu hỏi.",
        )
    return found[0] if found else path


def _bounded(sheets: Sheets) -> Sheets:
    for name, rows in sheets.items():
        if len(rows) > MAX_ROWS:
            raise refusal(
                name, f"{len(rows)} rows, more than {MAX_ROWS}", "Use a CSV attachment for long lists.",
                f"Trang có {len(rows)} dòng, quá {MAX_ROWS}.", "Để danh sách dài trong tệp CSV đính kèm.",
            )  # fmt: skip
    return sheets


def _folder(path: Path) -> Sheets:
    found = {name: path / f"{name}.csv" for name in SHEETS if (path / f"{name}.csv").is_file()}
    if "survey" not in found:
        raise refusal(
            "survey", f"the folder {path.name} has no survey.csv", "Add survey.csv.",
            f"Thư mục {path.name} không có survey.csv.", "Thêm tệp survey.csv.",
        )  # fmt: skip
    return {name: table(text_of(file), name) for name, file in found.items()}


def text_of(path: Path) -> str:
    """The text of a UTF-8 file, with or without a byte order mark."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise refusal(
            "", f"{path.name} is not UTF-8 ({error.reason})", "Save it as CSV UTF-8.",
            "Tệp không ở bảng mã UTF-8.", "Lưu lại dạng CSV UTF-8 (hoặc .xlsx) rồi tải lên.",
        ) from error  # fmt: skip


def table(text: str, sheet: str) -> list[dict[str, str]]:
    """The rows of a CSV text by its first line's names; blank rows stay, so that row numbers hold."""
    rows = list(csv.reader(StringIO(text, newline="")))
    header = [name.strip() for name in rows[0]] if rows else []
    for place, name in enumerate(header):
        if name and name in header[:place]:
            raise refusal(
                sheet, f"the column {name!r} appears twice", "Keep one of them.",
                f"Cột '{name}' xuất hiện hai lần.", "Chỉ giữ một cột.", 1, name,
            )  # fmt: skip
    return [_row(header, cells) for cells in rows[1:]]


def _row(header: list[str], cells: list[str]) -> dict[str, str]:
    pairs = zip(header, cells, strict=False)
    return {name: cell.strip() for name, cell in pairs if name and cell.strip()}


def _single_csv(path: Path) -> Sheets:
    """One CSV file with the sheet's name in the first column, as pyxform takes it."""
    rows = list(csv.reader(StringIO(text_of(path), newline="")))
    return _stacked(rows)


def _markdown(path: Path) -> Sheets:
    return markdown_sheets(text_of(path))


def markdown_sheets(text: str) -> Sheets:
    """The sheets of a questionnaire written as a table of `|` cells."""
    rows = []
    for line in text.splitlines():
        if line.strip().startswith("|"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
            rows.append([cell.replace("\\|", "|") for cell in cells])
    return _stacked(
        [row for row in rows if not all(set(cell) <= {"-", ":"} and cell for cell in row[1:] or [""])]
    )


def _stacked(rows: list[list[str]]) -> Sheets:
    sheets: Sheets = {}
    header: list[str] | None = None
    current = ""
    for row in rows:
        first, cells = (row[0].strip().lower(), row[1:]) if row else ("", [])
        if first:
            current, header = first, None
            sheets.setdefault(current, [])
        if not current or (first and not any(cells)):
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
        else:
            sheets[current].append(_row(header, cells))
    return sheets


def _workbook(path: Path) -> Sheets:
    look_over(path)
    return _from_pyxform(path)


def _from_pyxform(path: Path) -> Sheets:
    try:
        with warnings.catch_warnings():
            # Formatting that openpyxl does not keep is of no concern to a questionnaire.
            warnings.simplefilter("ignore")
            data = get_xlsform(str(path))
    except Exception as error:
        fault = explain(error, {})
        raise unreadable(str(error)) if fault.is_guess else InstrumentErrors((fault,)) from error
    return {name: _texts(getattr(data, name)) for name in SHEETS if getattr(data, name)}


def _texts(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [
        {key: str(value) for key, value in row.items() if key and value not in (None, "")} for row in rows
    ]


READERS: dict[str, Callable[[Path], Sheets]] = {
    ".xlsx": _workbook,
    ".xlsm": _workbook,
    ".xls": _from_pyxform,
    ".csv": _single_csv,
    ".md": _markdown,
}
