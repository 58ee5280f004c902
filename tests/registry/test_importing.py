"""A file of values: every faulty row named, and the file taken in whole or not at all."""

import io

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import func, select

from survey.errors import Conflict
from survey.extensions import db
from survey.registry.values import importing
from survey.registry.values.importing import RowCheck, check_rows, look_at, take
from survey.registry.values.models import AdministrativeValue, ValueImport
from survey.spreadsheets import BadTable
from tests.registry.test_checks import TODAY
from tests.staff import statistician

HEAD = "mã chỉ tiêu,kỳ,giá trị,tử số,mẫu số,số văn bản,ngày văn bản,cơ quan,ghi chú\n"
GOOD = HEAD + (
    "KH54-13,2025,62,,,12/BC-SCT,10/01/2026,Sở Công Thương tỉnh Vĩnh Long,\n"
    'KH54-24,2025,"31,5",,,12/BC-SCT,10/01/2026,Sở Công Thương tỉnh Vĩnh Long,<b>đậm</b>\n'
)


def seen(text: str | bytes) -> ValueImport:
    content = text.encode() if isinstance(text, str) else text
    return look_at(content, "so-lieu.csv", statistician(), None)


def faults(rows: list[RowCheck]) -> dict[int, set[str]]:
    return {row.number: {one.column for one in row.check.faults} for row in rows if row.check.faults}


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(AdministrativeValue)) or 0


def test_a_right_file_becomes_drafts(here: Flask) -> None:
    held = seen(GOOD)
    assert faults(check_rows(held, TODAY)) == {} and count() == 0
    values = take(held, held.uploaded_by, TODAY)
    db.session.commit()
    assert [(value.indicator.code, value.value, value.status) for value in values] == [
        ("KH54-13", 62, "draft"), ("KH54-24", 31.5, "draft"),
    ]  # fmt: skip
    with pytest.raises(Conflict, match="đã được nhập"):
        take(held, held.uploaded_by, TODAY)
    assert count() == 2


def test_every_faulty_row_is_named_and_nothing_is_taken(here: Flask) -> None:
    held = seen(
        GOOD
        + "KH54-99,2025,1,,,1,10/01/2026,,\nKH54-15,2025,=1+1,,,1,10/01/2026,,\nKH54-37,2025,50,,,1,10/01/2026,,\n"
    )
    rows = check_rows(held, TODAY)
    assert faults(rows) == {4: {"line"}, 5: {"value"}, 6: {"line"}}
    assert "đo bằng khảo sát" in rows[4].check.faults[0].message
    with pytest.raises(Conflict, match="dòng 4, 5, 6"):
        take(held, held.uploaded_by, TODAY)
    assert count() == 0


def test_two_rows_of_one_place_are_faults_of_both(here: Flask) -> None:
    rows = check_rows(seen(GOOD + "kh54-13,năm 2025,63,,,12/BC-SCT,10/01/2026,,\n"), TODAY)
    assert faults(rows) == {2: {"period"}, 4: {"period"}}
    assert "dòng 4" in rows[0].check.faults[0].message


def test_a_file_that_was_right_yesterday_is_looked_at_again(here: Flask) -> None:
    first, second = seen(GOOD), look_at(GOOD.encode(), "lai.csv", statistician("minh"), None)
    take(first, first.uploaded_by, TODAY)
    with pytest.raises(Conflict, match="dòng 2, 3"):
        take(second, second.uploaded_by, TODAY)
    db.session.commit()
    assert count() == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_code_pages_and_separators_of_spreadsheets_are_read(here: Flask, encoding: str) -> None:
    text = GOOD.replace(",", ";").replace('"31;5"', "31,5")
    assert faults(check_rows(seen(text.encode(encoding)), TODAY)) == {}


def test_a_workbook_is_read(here: Flask) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Ma_chi_tieu", "Ky", "Gia tri", "So van ban", "Ngay van ban"])
    sheet.append(["KH54-24", 2025, 31.5, "12/BC-SCT", "10/01/2026"])
    kept = io.BytesIO()
    book.save(kept)
    (row,) = check_rows(seen(kept.getvalue()), TODAY)
    assert row.check.reported is not None and row.check.reported.value == 31.5


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "rỗng"),
        (b"a,b\n1,2\n", "Thiếu cột"),
        (HEAD.encode(), "tiêu đề"),
        ((HEAD.strip() + ",Kỳ\n1,2,3,4,5,6,7,8,9,10\n").encode(), "hai cột"),
        (b"\x00\x01\x02", ""),
        ((HEAD + "KH54-13,2025,1,,,1,10/01/2026,,\n" * 2001).encode(), "Chia thành nhiều tệp"),
    ],
)
def test_what_is_no_table_of_values_is_refused(here: Flask, content: bytes, expected: str) -> None:
    with pytest.raises(BadTable) as refused:
        seen(content)
    assert expected in str(refused.value)


def test_a_dropped_file_keeps_nothing(here: Flask) -> None:
    held = seen(GOOD)
    importing.drop_import(held, held.uploaded_by)
    with pytest.raises(Conflict):
        take(held, held.uploaded_by, TODAY)
    assert held.rows == [] and count() == 0


def test_unknown_columns_are_told(here: Flask) -> None:
    assert "màu" in seen(GOOD.replace("ghi chú", "màu")).notice
