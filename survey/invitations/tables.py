"""A table of contacts as it comes: which of its columns are the code, the unit, the phone and the e-mail."""

from survey.spreadsheets import BadTable, read_table
from survey.text import plain

HEADINGS = {
    "code": ("code", "ma", "ma phieu", "ma moi", "case", "case_code", "case code"),
    "unit": ("unit", "don vi", "ma don vi", "unit_code", "ma ho"),
    "phone": ("phone", "sdt", "so dien thoai", "dien thoai", "di dong", "so di dong", "mobile", "tel"),
    "email": ("email", "e-mail", "thu dien tu", "mail", "dia chi email", "dia chi e-mail"),
}
NAMED = {heading: name for name, headings in HEADINGS.items() for heading in headings}

Row = dict[str, str]


def read_contacts(content: bytes) -> list[tuple[int, Row]]:
    """The rows with their numbers in the file, by our names of the columns; raise `BadTable`."""
    sheet = read_table(content)
    names = _names(sheet.headings)
    return [
        (number, {name: cell for name, cell in zip(names, cells, strict=False) if name})
        for number, cells in sheet.rows
    ]


def _names(cells: list[str]) -> list[str]:
    names = [NAMED.get(" ".join(plain(cell).split()), "") for cell in cells]
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
