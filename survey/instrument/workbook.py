"""Sheets back into files: a workbook for other tools, a folder of CSV sheets for version control."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from io import BytesIO, StringIO
from itertools import pairwise

from xlsxwriter import Workbook  # type: ignore[import-untyped]

from survey.instrument.faults import Fault, InstrumentErrors
from survey.instrument.model import Sheets

# Excel's limit for one cell; beyond it XlsxWriter would leave the cell out without a word.
MAX_CELL = 32_767
# pyxform takes 60 blank rows for the end of a sheet.
MAX_BLANK = 50
# Texts stay texts: a label such as =1+1 is shown, never calculated.
PLAIN = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def xlsx_bytes(sheets: Sheets) -> bytes:
    """The sheets as a workbook that reads back to the same sheets; every cell is a text.

    Raises InstrumentErrors for a cell that no workbook holds.
    """
    buffer = BytesIO()
    with Workbook(buffer, PLAIN) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            page.freeze_panes(1, 0)
            for place, cells in enumerate(_lines(rows)):
                for column, text in enumerate(cells):
                    if len(text) > MAX_CELL:
                        raise InstrumentErrors((_too_long(name, place + 1, _columns(rows)[column], text),))
                    if text:
                        page.write_string(place, column, text)
    return buffer.getvalue()


def csv_files(sheets: Sheets) -> dict[str, str]:
    """The sheets as `survey.csv`, `choices.csv`, …: what a questionnaire's folder holds."""
    files = {}
    for name, rows in sheets.items():
        output = StringIO()
        csv.writer(output, lineterminator="\n").writerows(_lines(rows))
        files[f"{name}.csv"] = output.getvalue()
    return files


def _columns(rows: list[dict[str, str]]) -> list[str]:
    """The columns in an order that every row keeps, since the XForm's bytes follow it."""
    first = dict.fromkeys(column for row in rows for column in row)
    before: dict[str, set[str]] = {column: set() for column in first}
    for row in rows:
        for one, next_one in pairwise(row):
            before[next_one].add(one)
    try:
        return list(TopologicalSorter(before).static_order())
    except CycleError:
        return list(first)


def _lines(rows: list[dict[str, str]]) -> Iterator[list[str]]:
    """The header, then each row; blank rows stay, so that messages name the same rows."""
    columns = _columns(rows)
    yield columns
    blank = 0
    for row in rows:
        blank = 0 if row else blank + 1
        if blank <= MAX_BLANK:
            yield [row.get(column, "") for column in columns]


def _too_long(sheet: str, row: int, column: str, text: str) -> Fault:
    return Fault(
        sheet,
        row,
        column,
        f"The cell has {len(text)} characters, a workbook holds {MAX_CELL}.",
        "Shorten it, or keep the questionnaire as a folder of CSV sheets.",
        f"Ô có {len(text)} ký tự, bảng tính chỉ chứa {MAX_CELL}.",
        "Rút ngắn, hoặc giữ phiếu dưới dạng thư mục các trang CSV.",
    )
