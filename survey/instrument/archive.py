"""A workbook looked over before anything reads it: its size, what its XML declares, its cells, its formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile

from lxml import etree

from survey.instrument.faults import Fault, InstrumentErrors

# A workbook of 100,000 choices unpacks to some 40 MB and has 300,000 cells.
MAX_UNPACKED = 100_000_000
MAX_CELLS = 600_000
MAX_PARTS = 2_000
MAX_TOLD = 100
HEAD = 4_000
SHEETS = "xl/worksheets/"
CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
VALUE = re.compile(rb"<(?:\w+:)?v>[^<]")
PLACE = re.compile(rb"\sr=[\"'](?P<column>[A-Z]{1,3})(?P<row>\d{1,7})[\"']")
ENCODING = re.compile(rb"<\?xml[^>]*encoding=[\"']([^\"']+)", re.IGNORECASE)
WRONG_VALUE = re.compile(rb"\st=[\"']e[\"']")
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def refusal(
    sheet: str,
    cause: str,
    remedy: str,
    cause_vi: str,
    remedy_vi: str,
    row: int | None = None,
    column: str = "",
) -> InstrumentErrors:
    """The error for a file with one fault, in English and Vietnamese."""
    return InstrumentErrors((Fault(sheet, row, column, cause, remedy, cause_vi, remedy_vi),))


def look_over(path: Path) -> None:
    """Raise InstrumentErrors for a workbook that cannot or should not be read.

    It is no archive, too large once unpacked, declares entities, has more cells than any questionnaire, or has
    formulas without a value, which would silently be empty cells.
    """
    try:
        with ZipFile(path) as archive:
            _refuse_size(archive)
            faults: list[Fault] = []
            cells = 0
            for name in archive.namelist():
                if name.lower().endswith((".xml", ".rels")):
                    content = archive.read(name)
                    _refuse_declarations(content)
                    if name.startswith(SHEETS):
                        cells += _count(content, cells)
                        faults += _formulas(content, name, archive)
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise unreadable(str(error)) from error
    if faults:
        raise InstrumentErrors(tuple(faults[:MAX_TOLD]))


def unreadable(why: str) -> InstrumentErrors:
    """The error for a file that is no workbook or a broken one."""
    return refusal(
        "",
        f"The file is not a workbook, or it is broken ({why[:200]}).",
        "Open it in Excel or LibreOffice, save it as .xlsx and import that.",
        "Tệp không phải bảng tính, hoặc đã hỏng.",
        "Mở tệp bằng Excel hoặc LibreOffice, lưu lại thành .xlsx rồi tải lên.",
    )


def _refuse_size(archive: ZipFile) -> None:
    parts = archive.infolist()
    size = sum(entry.file_size for entry in parts)
    if size > MAX_UNPACKED or len(parts) > MAX_PARTS:
        raise refusal(
            "",
            f"The workbook unpacks to {size // 1_000_000} MB in {len(parts)} parts.",
            "Remove pictures and unused rows and sheets.",
            f"Bảng tính khi giải nén là {size // 1_000_000} MB, gồm {len(parts)} phần, quá lớn.",
            "Bỏ ảnh, các dòng và trang không dùng rồi lưu lại.",
        )


def _refuse_declarations(content: bytes) -> None:
    """No spreadsheet program writes document types, or another encoding than UTF-8, in which one could hide."""
    head = content[:HEAD]
    encoding = ENCODING.match(head.lstrip(b"\xef\xbb\xbf \t\r\n"))
    strange = b"\0" in head or (encoding and encoding[1].lower() not in (b"utf-8", b"us-ascii"))
    if strange or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise refusal(
            "",
            "The workbook's XML declares a document type, entities or an unusual encoding.",
            "Open it in Excel or LibreOffice and save it again as .xlsx.",
            "Bên trong bảng tính có khai báo thực thể XML hoặc bảng mã lạ, không được nhận vì lý do an toàn.",
            "Mở tệp bằng Excel hoặc LibreOffice rồi lưu lại thành .xlsx.",
        )


def _count(content: bytes, before: int) -> int:
    count = sum(1 for _ in CELL.finditer(content))
    if before + count > MAX_CELLS:
        raise refusal(
            "",
            f"The workbook has more than {MAX_CELLS} cells.",
            "Keep long lists in an attached CSV file, and delete empty formatted rows.",
            f"Bảng tính có hơn {MAX_CELLS:,} ô.".replace(",", "."),
            "Để danh sách dài trong tệp CSV đính kèm, và xóa các dòng trống có định dạng.",
        )
    return count


def _formulas(content: bytes, part: str, archive: ZipFile) -> Iterator[Fault]:
    """Formulas that were saved without a value or with an error for one; those with a value are read as it."""
    if not FORMULA.search(content):
        return
    sheet = ""
    starts = [match.start() for match in CELL.finditer(content)]
    for start, end in pairwise([*starts, len(content)]):
        cell = content[start:end]
        if not FORMULA.search(cell):
            continue
        attributes = cell.partition(b">")[0]
        is_wrong, place = WRONG_VALUE.search(attributes), PLACE.search(attributes)
        if place and (is_wrong or not VALUE.search(cell)):
            sheet = sheet or _sheet_name(archive, part)
            yield _formula_fault(sheet, int(place["row"]), place["column"].decode(), bool(is_wrong))


def _formula_fault(sheet: str, row: int, column: str, is_wrong: bool) -> Fault:
    what, what_vi = ("ends in an error", "bị lỗi") if is_wrong else ("has no value", "chưa có giá trị")
    return Fault(
        sheet,
        row,
        column,
        f"The cell is a formula that {what}.",
        "Put its text or number in its place (copy, paste as values).",
        f"Ô là công thức {what_vi}.",
        "Thay công thức bằng chữ hoặc số (sao chép rồi dán dạng giá trị).",
    )


def _sheet_name(archive: ZipFile, part: str) -> str:
    """The name that people see of a worksheet's part."""
    try:
        book = etree.fromstring(archive.read("xl/workbook.xml"))
        links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, etree.XMLSyntaxError):
        return PurePosixPath(part).stem
    wanted = {link.get("Id") for link in links if str(link.get("Target")).endswith(PurePosixPath(part).name)}
    names = (item.get("name") for item in book.iter("{*}sheet") if item.get(RELATION) in wanted)
    return str(next(names, PurePosixPath(part).stem))
