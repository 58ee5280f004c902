"""A table of contacts as it comes: CSV of any spreadsheet (commas, semicolons, tabs, UTF-8 or UTF-16) or .xlsx."""

import csv
import io
import zipfile
from collections.abc import Iterator

from openpyxl import load_workbook

from survey.errors import Fault
from survey.text import plain

MOST_ROWS = 200_000
LARGEST_UNPACKED = 100 * 1024 * 1024
SEPARATORS = ",;\t|"
ZIP_START = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
HEADINGS = {
    "code": ("code", "ma", "ma phieu", "ma moi", "case", "case_code", "case code"),
    "unit": ("unit", "don vi", "ma don vi", "unit_code", "ma ho"),
    "phone": ("phone", "sdt", "so dien thoai", "dien thoai", "di dong", "so di dong", "mobile", "tel"),
    "email": ("email", "e-mail", "thu dien tu", "mail", "dia chi email", "dia chi e-mail"),
}
NAMED = {heading: name for name, headings in HEADINGS.items() for heading in headings}

Row = dict[str, str]


class BadTable(Fault):
    title = "Tệp liên hệ chưa nhập được"


def read_table(content: bytes) -> list[tuple[int, Row]]:
    """The rows with their numbers in the file, by our names of the columns; raise `BadTable`."""
    lines = _lines(content)
    try:
        header = next(((number, cells) for number, cells in lines if any(cells)), None)
        if header is None:
            raise BadTable("Tệp rỗng.", "Lưu tệp có dòng tiêu đề rồi tải lên.")
        names = _names(header[1])
        rows = [
            (number, {name: cell for name, cell in zip(names, cells, strict=False) if name})
            for number, cells in lines
            if any(cells)
        ]
    except csv.Error as error:
        raise BadTable(f"Không đọc được tệp CSV: {error}.", "Lưu lại dạng CSV UTF-8 rồi tải lên.") from error
    if not rows:
        raise BadTable("Tệp chỉ có dòng tiêu đề.", "Thêm ít nhất một dòng.")
    if len(rows) > MOST_ROWS:
        raise BadTable(f"Tệp có {len(rows)} dòng, quá {MOST_ROWS}.", "Chia thành nhiều tệp.")
    return rows


def _names(cells: list[str]) -> list[str]:
    names = [NAMED.get(" ".join(plain(cell).replace("\ufeff", "").split()), "") for cell in cells]
    named = [name for name in names if name]
    seen = ", ".join(f"“{cell[:30]}”" for cell in cells[:8] if cell)
    if not {"code", "unit"} & set(named):
        raise BadTable(f"Thiếu cột mã phiếu (code) hoặc mã đơn vị (unit); thấy {seen}.", "Sửa dòng tiêu đề.")
    if not {"phone", "email"} & set(named):
        raise BadTable(f"Thiếu cột điện thoại (phone) hoặc email; thấy {seen}.", "Sửa dòng tiêu đề.")
    twice = {name for name in named if named.count(name) > 1}
    if twice:
        raise BadTable(f"Có hai cột cùng là {sorted(twice)[0]}.", "Chỉ giữ một cột.")
    return names


def _lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    if content.startswith(OLD_EXCEL):
        raise BadTable("Tệp .xls kiểu cũ không đọc được.", "Lưu lại dạng .xlsx hoặc CSV UTF-8.")
    return _workbook(content) if content.startswith(ZIP_START) else _text_lines(_decoded(content))


def _decoded(content: bytes) -> str:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadTable(
            "Tệp không phải UTF-8.", "Trong Excel chọn Lưu dạng “CSV UTF-8” rồi tải lên."
        ) from error


def _text_lines(text: str) -> Iterator[tuple[int, list[str]]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.lower().startswith("sep="):  # Excel's own way to name the separator
        text = text.split("\n", 1)[1] if "\n" in text else ""
        separator, before = first[4:5] or ",", 1
    else:
        separator, before = max(SEPARATORS, key=first.count), 0
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    for cells in reader:
        yield reader.line_num + before, [cell.strip() for cell in cells]


def _workbook(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > LARGEST_UNPACKED:
                raise BadTable("Tệp Excel quá lớn sau khi giải nén.", "Chia thành nhiều tệp.")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except BadTable:
        raise
    except Exception as error:  # openpyxl raises whatever its parts raise
        raise BadTable("Không đọc được tệp Excel.", "Lưu lại dạng .xlsx hoặc CSV UTF-8.") from error
    with_rows = book.worksheets[0].iter_rows(values_only=True, max_row=MOST_ROWS + 2)
    for number, cells in enumerate(with_rows, 1):
        yield number, [_cell(cell) for cell in cells]
    book.close()


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
