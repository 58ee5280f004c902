"""Tables of the desk as files for spreadsheets, in which no text is read as a formula."""

import io

import pandas as pd

from survey.text import defused

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def csv_bytes(table: pd.DataFrame) -> bytes:
    """UTF-8 with a byte order mark, which Excel needs for Vietnamese."""
    return table.map(defused).to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def xlsx_bytes(table: pd.DataFrame) -> bytes:
    """One sheet with its heading kept in sight; Excel shows the numbers as its reader's country writes them."""
    buffer = io.BytesIO()
    options = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}
    with pd.ExcelWriter(buffer, engine="xlsxwriter", engine_kwargs=options) as writer:
        table.to_excel(writer, sheet_name="uoc_luong", index=False)
        writer.sheets["uoc_luong"].freeze_panes(1, 1)
        writer.sheets["uoc_luong"].autofit(max_width=400)
    return buffer.getvalue()


WRITERS = {"csv": csv_bytes, "xlsx": xlsx_bytes}
