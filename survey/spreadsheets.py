"""Tables as people send them: CSV of any spreadsheet (commas, semicolons, tabs, any code page) or .xlsx."""

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property

from openpyxl import load_workbook

from survey.code_pages import UTF_8, UTF_16, converter, decoded, has_lost_letters, mended
from survey.errors import Fault

MOST_ROWS = 200_000
LARGEST_UNPACKED = 100 * 1024 * 1024
SEPARATORS = ",;\t|"
ZIP_START = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"

Line = tuple[int, list[str]]


class BadTable(Fault):
    title = "Tệp chưa nhập được"


@dataclass(frozen=True)
class Sheet:
    """A table: its headings, and its rows with their numbers in the file, all as text; empty rows are left out."""

    headings: list[str]
    rows: list[Line]
    code_page: str

    @property
    def notice(self) -> str:
        """What to tell whoever sent the file about its code page; empty for Unicode."""
        if self.code_page in (UTF_8, UTF_16):
            return ""
        return (
            f"Tệp ở bảng mã {self.code_page} đã được chuyển sang Unicode. Xem lại chữ có dấu trước khi lưu."
        )

    @cached_property
    def records(self) -> list[tuple[int, dict[str, str]]]:
        """The rows by heading; raise `BadTable` where two columns have the same one."""
        named = [heading for heading in self.headings if heading]
        twice = next((heading for heading in named if named.count(heading) > 1), None)
        if twice:
            raise BadTable(f"Có hai cột cùng tên “{twice[:40]}”.", "Chỉ giữ một cột.")
        return [
            (number, {name: cell for name, cell in zip(self.headings, cells, strict=False) if name})
            for number, cells in self.rows
        ]


def read_table(content: bytes) -> Sheet:
    """The table in a file; raise `BadTable`, with what to do, for anything that is none."""
    if content.startswith(OLD_EXCEL):
        raise BadTable("Tệp .xls kiểu cũ không đọc được.", "Lưu lại dạng .xlsx hoặc CSV UTF-8.")
    is_workbook = content.startswith(ZIP_START)
    lines, code_page = _workbook(content) if is_workbook else _lines_of(*text_of(content))
    filled = [(number, cells) for number, cells in lines if any(cells)]
    if not filled:
        raise BadTable("Tệp rỗng.", "Lưu tệp có dòng tiêu đề rồi tải lên.")
    (_, headings), *rows = filled
    if not rows:
        raise BadTable("Tệp chỉ có dòng tiêu đề.", "Thêm ít nhất một dòng.")
    if len(rows) > MOST_ROWS:
        raise BadTable(f"Tệp có hơn {MOST_ROWS} dòng.", "Chia thành nhiều tệp.")
    return Sheet(headings, rows, code_page)


def text_of(content: bytes) -> tuple[str, str]:
    """The text of a CSV file and its code page; raise `BadTable` where letters cannot be told or are lost."""
    try:
        text, code_page = decoded(content)
    except UnicodeError as error:
        raise BadTable(
            "Không nhận ra bảng mã chữ của tệp (không phải UTF-8, TCVN3, VNI hay Windows-1258).",
            "Trong Excel chọn Lưu dạng “CSV UTF-8” rồi tải lên.",
        ) from error
    if "\0" in text:
        raise BadTable("Tệp này không phải bảng CSV.", "Lưu bảng dạng CSV UTF-8 hoặc .xlsx rồi tải lên.")
    if has_lost_letters(text):
        raise BadTable(
            "Chữ có dấu trong tệp đã thành dấu hỏi (như “T?nh”), không khôi phục được.",
            "Mở tệp gốc, chọn Lưu dạng “CSV UTF-8” hoặc .xlsx rồi tải lên.",
        )
    return text, code_page


def separator_of(text: str) -> tuple[str, int]:
    """What separates the cells of a CSV text, and how many lines before the headings say so (Excel's `sep=`)."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.lower().startswith("sep="):
        return first[4:5] or ",", 1
    return max(SEPARATORS, key=first.count), 0


def _lines_of(text: str, code_page: str) -> tuple[list[Line], str]:
    separator, before = separator_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        lines = [(reader.line_num, [_clean(cell) for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise BadTable(f"Không đọc được tệp CSV: {error}.", "Lưu lại dạng CSV UTF-8 rồi tải lên.") from error
    return lines[before:], code_page


def _workbook(content: bytes) -> tuple[list[Line], str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > LARGEST_UNPACKED:
                raise BadTable("Tệp Excel quá lớn sau khi giải nén.", "Chia thành nhiều tệp.")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        cells = sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 2)
        lines = [(number, [_cell(cell) for cell in row]) for number, row in enumerate(cells, 1)]
        book.close()
    except BadTable:
        raise
    except Exception as error:  # openpyxl raises whatever its parts raise
        raise BadTable("Không đọc được tệp Excel.", "Lưu lại dạng .xlsx hoặc CSV UTF-8.") from error
    _, code_page = mended("\n".join(cell for _, row in lines for cell in row))
    convert = converter(code_page)
    return [(number, [convert(cell) for cell in row]) for number, row in lines], code_page


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    return "" if value is None else _clean(str(value))


def _clean(cell: str) -> str:
    return cell.replace("\ufeff", "").strip()
