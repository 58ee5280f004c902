"""What no questionnaire may exceed: checked before the converter, whose time and memory know no bound."""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey.instrument.faults import Fault, InstrumentErrors
from survey.instrument.languages import language_names
from survey.instrument.model import Sheets
from survey.instrument.rows import BEGIN, END

MAX_CELL = 32_767
MAX_COLUMNS = 300
MAX_LANGUAGES = 40
MAX_QUESTIONS = 10_000
MAX_CHOICES = 110_000
MAX_REFERENCES = 300
MAX_ALL_REFERENCES = 60_000
MAX_NAME = 255
MAX_SETTINGS = {"form_id": 128, "id_string": 128, "version": 64}
MAX_DEPTH = 40
MAX_TOLD = 100
# What XML 1.0 and PostgreSQL's JSON cannot hold: control characters, lone surrogates, non-characters.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ROWS = {"survey": MAX_QUESTIONS, "choices": MAX_CHOICES, "external_choices": MAX_CHOICES}
FEWER = ("Shorten it.", "Rút ngắn lại.")


def refuse_excess(sheets: Sheets) -> None:
    """Raise InstrumentErrors for cells, names, rows, columns and nesting beyond the limits."""
    found = [*_sizes(sheets), *_cells(sheets), *_depth(sheets.get("survey", []))]
    if found:
        raise InstrumentErrors(tuple(found[:MAX_TOLD]))


def _sizes(sheets: Sheets) -> Iterator[Fault]:
    languages = language_names(sheets)
    if len(languages) > MAX_LANGUAGES:
        yield Fault(
            "survey",
            1,
            "",
            f"The columns name {len(languages)} languages, more than {MAX_LANGUAGES}.",
            "Keep the languages that respondents speak.",
            f"Các cột có {len(languages)} ngôn ngữ, quá {MAX_LANGUAGES}.",
            "Chỉ giữ các ngôn ngữ mà người trả lời dùng.",
        )
    references = 0
    for sheet, rows in sheets.items():
        most = ROWS.get(sheet, 1_000)
        filled = sum(map(bool, rows))
        if filled > most:
            yield Fault(
                sheet,
                None,
                "",
                f"The sheet has {filled} rows, more than {most}.",
                "Split the questionnaire, or keep long lists in an attached CSV file.",
                f"Trang có {filled} dòng, quá {most}.",
                "Chia phiếu, hoặc để danh sách dài trong tệp CSV đính kèm.",
            )
        columns = {column for row in rows for column in row}
        if len(columns) > MAX_COLUMNS:
            yield Fault(
                sheet,
                1,
                "",
                f"The sheet has {len(columns)} columns, more than {MAX_COLUMNS}.",
                "Remove columns that the questionnaire does not use.",
                f"Trang có {len(columns)} cột, quá {MAX_COLUMNS}.",
                "Bỏ các cột không dùng.",
            )
        references += sum(cell.count("${") for row in rows for cell in row.values())
    if references > MAX_ALL_REFERENCES:
        what, what_vi = "The questionnaire has", "Phiếu có"
        yield _excess("survey", None, "", what, what_vi, references, MAX_ALL_REFERENCES, "${name}")


def _cells(sheets: Sheets) -> Iterator[Fault]:
    for sheet, rows in sheets.items():
        for number, row in enumerate(rows, start=2):
            for column, cell in row.items():
                # Few cells are long or strange, so the usual one costs three quick tests.
                if len(cell) > MAX_NAME or not cell.isprintable() or sheet == "settings":
                    yield from _cell(sheet, number, column, cell)


def _cell(sheet: str, row: int, column: str, cell: str) -> Iterator[Fault]:
    if column == "name" and len(cell) > MAX_NAME:
        yield _excess(sheet, row, column, "The name has", "Tên có", len(cell), MAX_NAME, "")
    if sheet == "settings" and len(cell) > MAX_SETTINGS.get(column, MAX_CELL):
        most = MAX_SETTINGS[column]
        yield _excess(sheet, row, column, f"{column} has", f"{column} có", len(cell), most, "")
    if len(cell) > MAX_CELL:
        yield _excess(sheet, row, column, "The cell has", "Ô có", len(cell), MAX_CELL, "")
    if cell.count("${") > MAX_REFERENCES:
        count = cell.count("${")
        yield _excess(sheet, row, column, "The cell has", "Ô có", count, MAX_REFERENCES, "${name}")
    strange = FORBIDDEN.search(cell)
    if strange:
        code = f"U+{ord(strange.group()):04X}"
        yield Fault(
            sheet,
            row,
            column,
            f"The cell has a character that cannot be stored ({code}, character {strange.start() + 1}).",
            "Type the text again without it.",
            f"Ô có ký tự không lưu được ({code}, ký tự thứ {strange.start() + 1}).",
            "Gõ lại nội dung, bỏ ký tự này.",
        )


def _excess(
    sheet: str, row: int | None, column: str, what: str, what_vi: str, count: int, most: int, unit: str
) -> Fault:
    english, vietnamese = unit or "characters", unit or "ký tự"
    return Fault(
        sheet,
        row,
        column,
        f"{what} {count} {english}, more than {most}.",
        FEWER[0],
        f"{what_vi} {count} {vietnamese}, quá {most}.",
        FEWER[1],
    )


def _depth(rows: list[dict[str, str]]) -> Iterator[Fault]:
    depth = 0
    for number, row in enumerate(rows, start=2):
        kind = row.get("type", "")
        depth += bool(BEGIN.match(kind)) - bool(END.match(kind))
        if depth > MAX_DEPTH:
            yield Fault(
                "survey",
                number,
                "type",
                f"Groups are nested too deeply: more than {MAX_DEPTH} levels.",
                "Use fewer levels of groups.",
                f"Các nhóm lồng nhau quá sâu: hơn {MAX_DEPTH} cấp.",
                "Giảm số cấp nhóm.",
            )
            return
