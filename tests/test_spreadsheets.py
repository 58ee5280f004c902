"""Tables as people send them: separators, code pages of before Unicode, workbooks, and what is none."""

import io
import unicodedata
from datetime import datetime

import pytest
from openpyxl import Workbook

from survey.code_pages import TCVN3, UTF_8, UTF_16, VNI, WINDOWS_1258, decoded, from_tcvn3, from_vni
from survey.spreadsheets import BadTable, read_table

TEXT = (
    "Tỷ lệ người dân có điện thoại thông minh ở xã Hòa Bình, phường Phước Hậu; đường Nguyễn Thị Minh Khai,"
    " ấp Mỹ Thuận, quá khứ, khuỷu tay, nghiêng ngả, thuở xưa, kỹ sư, giặc giã, loắt choắt, khuếch trương,"
    " rượu, hươu, khuya, bưởi, thuế, quỵ lụy, Đắk Lắk"
)
# As fonts of their time stored it, from texts of those years.
AS_STORED = {
    TCVN3: ("Tû lÖ hé nghÌo, céng hßa x· héi chñ nghÜa ViÖt Nam, ®éc lËp tù do h¹nh phóc",),
    VNI: ("Tyû leä hoä ngheøo, coäng hoøa xaõ hoäi chuû nghóa Vieät Nam, ñoäc laäp töï do haïnh phuùc",),
}
MEANT = "Tỷ lệ hộ nghèo, cộng hòa xã hội chủ nghĩa Việt Nam, độc lập tự do hạnh phúc"


def in_windows_1258(text: str) -> bytes:
    """Letters with their shape, tones after them, as Vietnamese Windows wrote."""
    stored = b""
    for letter in text:
        tones = [
            mark for mark in unicodedata.normalize("NFD", letter) if mark in "\u0300\u0301\u0303\u0309\u0323"
        ]
        shape = "".join(mark for mark in unicodedata.normalize("NFD", letter) if mark not in tones)
        stored += (unicodedata.normalize("NFC", shape) + "".join(tones)).encode("cp1258")
    return stored


@pytest.mark.parametrize("page", AS_STORED)
def test_text_of_an_old_font_is_told_and_converted(page: str) -> None:
    (stored,) = AS_STORED[page]
    assert decoded(stored.encode("latin-1")) == (MEANT, page)
    assert decoded(stored.encode("utf-8")) == (MEANT, page)  # copied letter by letter into Unicode


def test_windows_1258_is_told_and_converted() -> None:
    assert decoded(in_windows_1258(TEXT)) == (TEXT, WINDOWS_1258)


@pytest.mark.parametrize(
    "text", [TEXT, "ភាសាខ្មែរ តម្លៃ ស្រុក ឃុំ", "café déjà naïve élève", "plain ascii", "ñandú Ñuñoa año"]
)
def test_unicode_stays_as_it_is(text: str) -> None:
    assert decoded(text.encode()) == (text, UTF_8)
    assert decoded(b"\xef\xbb\xbf" + text.encode()) == (text, UTF_8)
    assert decoded(text.encode("utf-16")) == (text, UTF_16)


def test_every_letter_comes_through_both_fonts() -> None:
    vowels = "aăâeêioôơuưy"
    tones = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    letters = [unicodedata.normalize("NFC", vowel + tone) for vowel in vowels for tone in tones] + ["đ"]
    for read, page in ((from_tcvn3, TCVN3), (from_vni, VNI)):
        stored = {
            read(one + two) for one in map(chr, range(32, 256)) for two in ["", *map(chr, range(161, 256))]
        }
        missing = [letter for letter in letters if letter not in stored]
        assert not missing, (page, missing)
        assert {"Đ", "Ơ", "Ư"} <= stored


def test_what_cannot_be_told_is_refused_with_a_remedy() -> None:
    for content, said in [
        ("café déjà naïve élève\n1\n".encode("latin-1"), "Không nhận ra bảng mã"),
        (b"T?nh,V?nh Long,x? H?a,Tr? Vinh\n1,2,3,4\n", "dấu hỏi"),
        (b"", "rỗng"),
        (b"a,b\n", "chỉ có dòng tiêu đề"),
        (b"a\0b,c\n1,2\n", "không phải bảng CSV"),
        (b"PK\x03\x04 broken", "Không đọc được tệp Excel"),
        (b"\xd0\xcf\x11\xe0 old", ".xls kiểu cũ"),
    ]:
        with pytest.raises(BadTable) as caught:
            read_table(content)
        assert said in str(caught.value)
        assert caught.value.remedy


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_quotes_and_line_numbers(separator: str) -> None:
    lines = ["a{s}b", '"hai\ndòng"{s}1', "", "x{s}=1+1"]
    sheet = read_table("\r\n".join(lines).format(s=separator).encode())
    assert sheet.records == [(3, {"a": "hai\ndòng", "b": "1"}), (5, {"a": "x", "b": "=1+1"})]
    assert sheet.notice == ""


def test_excel_names_its_separator() -> None:
    assert read_table(b"sep=|\na|b\n1,5|2\n").records == [(3, {"a": "1,5", "b": "2"})]


def test_a_workbook_set_in_an_old_font_is_converted_and_said() -> None:
    book = Workbook()
    book.active.append(["ten", "so", "ngay"])
    book.active.append([AS_STORED[TCVN3][0], 12.0, datetime(2026, 11, 22)])
    buffer = io.BytesIO()
    book.save(buffer)
    sheet = read_table(buffer.getvalue())
    assert sheet.records == [(2, {"ten": MEANT, "so": "12", "ngay": "2026-11-22"})]
    assert TCVN3 in sheet.notice


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(BadTable, match="hai cột cùng tên"):
        _ = read_table(b"a,a\n1,2\n").records
