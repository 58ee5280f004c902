"""What people type, in the ways they type it here."""

from __future__ import annotations

import pytest

from survey.instrument import TypeFault, coerce
from tests.instrument.forms import instrument

FORM = """
| survey  |
|         | type              | name    | label |
|         | integer           | integer | I     |
|         | decimal           | decimal | D     |
|         | date              | date    | D     |
|         | time              | time    | T     |
|         | dateTime          | moment  | M     |
|         | select_multiple l | many    | M     |
|         | text              | text    | T     |
|         | geopoint          | point   | P     |
| choices |
|         | list_name | name | label |
|         | l         | a    | A     |
|         | l         | b    | B     |
"""


@pytest.mark.parametrize(
    ("variable", "raw", "value"),
    [
        ("integer", " 12 ", 12),
        ("integer", "1.000.000", 1_000_000),
        ("integer", "1.000", 1_000),
        ("integer", "1,000", 1_000),
        ("integer", "5 000 000", 5_000_000),
        ("integer", "-3", -3),
        ("integer", "２５", 25),
        ("decimal", "１．２３４，５", 1234.5),
        ("integer", "\u200f１２\u200e", 12),
        ("date", "\u200e25/12/2026\u200e", "2026-12-25"),
        ("date", "２５／１２／２０２６", "2026-12-25"),
        ("time", "7 giơ\u0300", "07:00:00"),
        ("text", "Hoa\u0300 Ti\u0323nh 👨‍👩‍👧", "Hoà Tịnh 👨‍👩‍👧"),
        ("text", "a\x00b\x0b", "ab"),
        ("text", "\u200b \ufeff", None),
        ("text", "a\rb", "a\nb"),
        ("integer", "12,0", 12),
        ("decimal", "1.000,5", 1000.5),
        ("decimal", "0,5", 0.5),
        ("decimal", "2.5", 2.5),
        ("decimal", "1.000", 1000.0),
        ("decimal", "0.125", 0.125),
        ("decimal", "1,234.5", 1234.5),
        ("date", "25/12/2026", "2026-12-25"),
        ("date", "1-2-1980", "1980-02-01"),
        ("date", "2026-12-25", "2026-12-25"),
        ("time", "7h30", "07:30:00"),
        ("time", "14:05", "14:05:00"),
        ("time", "7 giờ", "07:00:00"),
        ("moment", "25/12/2026 14:30", "2026-12-25T14:30:00"),
        ("many", ["b", "a", "b"], ["a", "b"]),
        ("many", "b a", ["a", "b"]),
        ("text", "dòng 1\r\ndòng 2", "dòng 1\ndòng 2"),
        ("point", "10.24, 105.97", "10.24 105.97 0 0"),
        ("integer", "   ", None),
        ("many", [], None),
    ],
)
def test_entries_are_read_forgivingly(variable: str, raw: str | list[str], value: object) -> None:
    assert coerce(instrument(FORM).questions[variable], raw) == value


@pytest.mark.parametrize(
    ("variable", "raw", "advice"),
    [
        ("integer", "mười hai", "Nhập một số nguyên, ví dụ 12"),
        ("integer", "1,5", "Nhập một số nguyên, ví dụ 12"),
        ("integer", "1e5", "Nhập một số nguyên, ví dụ 12"),
        ("decimal", "1.00.0", "Nhập một số, ví dụ 1,5"),
        ("decimal", "NaN", "Nhập một số, ví dụ 1,5"),
        ("date", "31/02/2026", "Nhập ngày, ví dụ 25/12/2026"),
        ("date", "12/25/2026", "Nhập ngày, ví dụ 25/12/2026"),
        ("time", "25:00", "Nhập giờ, ví dụ 14:30"),
        ("many", ["c"], "Chọn một câu trả lời trong danh sách"),
        ("point", "95 10", "Nhập vị trí: vĩ độ rồi kinh độ, ví dụ 10.24 105.97"),
    ],
)
def test_what_cannot_be_read_is_answered_with_what_to_do(
    variable: str, raw: str | list[str], advice: str
) -> None:
    with pytest.raises(TypeFault) as refusal:
        coerce(instrument(FORM).questions[variable], raw)
    assert refusal.value.message("vi") == advice


def test_a_machines_decimal_point_is_a_decimal_point() -> None:
    assert coerce(instrument(FORM).questions["decimal"], "1.000", machine=True) == 1.0
    assert coerce(instrument(FORM).questions["decimal"], "12.345", machine=True) == 12.345
