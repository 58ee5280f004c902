"""What pyxform says about a questionnaire, turned into faults with sheet, row, cause and remedy."""

from __future__ import annotations

import re

from survey.instrument.faults import Fault
from survey.instrument.model import Sheets
from survey.instrument.remedies import REMEDIES, Remedy

ROW = re.compile(r"\[\s*row\s*:\s*(\d+)\s*\]\s*|\brow (?:number )?(\d+)\b", re.IGNORECASE)
SHEET = re.compile(
    r"(?:the |on |sheet: )'?(survey|choices|settings|entities|external_choices)'?(?: sheet|\b)"
)
COLUMN = re.compile(r"the '(\w[\w:. ]*)' (?:value|column|parameter)")
CELL = re.compile(r"[Oo]n the '(\w+)' sheet[^,]*, (?:the )?'(\w+)'")
ADVICE = re.compile(r" (?:Learn more:|Please ensure|Please either)")


def explain(error: Exception, sheets: Sheets) -> Fault:
    """One fault for an exception of pyxform, or of Python inside it."""
    text = " ".join(str(error).split())
    for remedy in REMEDIES:
        match = remedy.pattern.search(text)
        if match:
            return known(remedy, match, text, sheets)
    if _is_pyxform(error):
        cause, _, advice = text.partition(" Please ")
        advice = f"Please {advice}" if advice else "Correct the cell and import again."
        cause = _sentence(ROW.sub("", cause))
        return Fault(
            sheet_of(text), row_of(text), column_of(text), cause, advice, cause, "Sửa ô này rồi nhập lại."
        )
    what = f"{type(error).__name__}: {text[:200] or '–'}"
    return Fault(
        sheet_of(text),
        row_of(text),
        "",
        _sentence(f"The converter stopped with {what}"),
        "Look for an empty or misplaced cell in the rows added last; remove unusual columns and try again.",
        _sentence(f"Bộ chuyển đổi dừng với lỗi {what}"),
        "Xem các ô trống hoặc đặt sai trong những dòng mới thêm; bỏ cột lạ rồi thử lại.",
        is_guess=True,
    )


def _is_pyxform(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] == "pyxform"


def known(remedy: Remedy, match: re.Match[str], text: str, sheets: Sheets) -> Fault:
    """The fault of a message that the catalogue explains, found again in the sheets."""
    found = {key: value for key, value in match.groupdict().items() if value is not None}
    words = {key: found.get(key, "") for key in remedy.pattern.groupindex}
    sheet = remedy.sheet or words.get("sheet") or sheet_of(text)
    column = remedy.column.format(**words) or column_of(text)
    row = row_of(text) or _search(sheets, sheet, column, words)
    return Fault(
        sheet,
        row,
        column,
        remedy.cause.format(**words),
        remedy.remedy.format(**words),
        remedy.cause_vi.format(**words),
        remedy.remedy_vi.format(**words),
        is_guess=remedy.is_guess,
    )


def row_of(text: str) -> int | None:
    """The row that a message of pyxform names."""
    match = ROW.search(text)
    return int(match.group(1) or match.group(2)) if match else None


def sheet_of(text: str) -> str:
    """The sheet that a message of pyxform names; survey where it names none."""
    match = SHEET.search(text)
    return match.group(1) if match else "survey"


def column_of(text: str) -> str:
    """The column that a message of pyxform names."""
    match = CELL.search(text) or COLUMN.search(text)
    return match.groups()[-1] if match else ""


def _search(sheets: Sheets, sheet: str, column: str, words: dict[str, str]) -> int | None:
    """The row whose cell holds the name that the message complains of."""
    wanted = [word for word in (words.get("name"), words.get("value")) if word]
    for word in wanted:
        for place, row in enumerate(sheets.get(sheet, ())):
            cells = [row.get(column, "")] if column in row else list(row.values())
            if any(cell == word or f"${{{word}}}" in cell for cell in cells):
                return place + 2
    return None


def _sentence(text: str) -> str:
    text = ADVICE.split(text)[0].strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
