"""What people type, in the ways they type it here."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey import formats
from survey.instrument import TypeFault, coerce, written
from survey.instrument.days import parse_date
from survey.instrument.faults import Unclear
from tests.instrument.forms import instrument

FORM = """
| survey  |
|         | type              | name    | label | appearance |
|         | integer           | integer | I     |
|         | decimal           | decimal | D     |
|         | date              | date    | D     |
|         | time              | time    | T     |
|         | dateTime          | moment  | M     |
|         | select_multiple l | many    | M     |
|         | text              | text    | T     |
|         | geopoint          | point   | P     |
|         | integer           | dong    | M     | money |
|         | decimal           | million | M     | money-million |
|         | decimal           | apart   | M     | thousands-sep |
|         | date              | month   | M     | month-year |
|         | date              | year    | Y     | year |
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
        ("decimal", "0.125", 0.125),
        ("decimal", "1.000.000,5", 1000000.5),
        ("decimal", "1,000,000.5", 1000000.5),
        ("decimal", "1 000,5", 1000.5),
        ("decimal", "1, 5", 1.5),
        ("decimal", "+1,5", 1.5),
        ("decimal", "- 1,5", -1.5),
        ("decimal", "៤,៥", 4.5),
        ("integer", "១២៥", 125),
        ("apart", "1.500", 1500.0),
        ("dong", "1.500", 1_500),
        ("dong", "1.000.000 đồng", 1_000_000),
        ("dong", "1.000.000đ", 1_000_000),
        ("dong", "500k", 500_000),
        ("dong", "500 nghìn", 500_000),
        ("dong", "500 nghin dong", 500_000),
        ("dong", "2 triệu", 2_000_000),
        ("dong", "２ triệu", 2_000_000),
        ("dong", "2 TRIỆU 300 ngàn", 2_300_000),
        ("dong", "1,1 triệu", 1_100_000),
        ("dong", "1 triệu rưỡi", 1_500_000),
        ("dong", "1 tỷ 250 triệu", 1_250_000_000),
        ("dong", "2 million", 2_000_000),
        ("dong", "3 thousand", 3_000),
        ("million", "1,5 tỷ", 1500.0),
        ("million", "1.000.000 đồng", 1.0),
        ("million", "1.500", 1500.0),
        ("date", "25/12/2026", "2026-12-25"),
        ("date", "1-2-1980", "1980-02-01"),
        ("date", "2026-12-25", "2026-12-25"),
        ("date", "25.12.2026", "2026-12-25"),
        ("date", "25 / 12 / 2026", "2026-12-25"),
        ("date", "25.12.26", "2026-12-25"),
        ("date", "5/3/80", "1980-03-05"),
        ("date", "25122026", "2026-12-25"),
        ("date", "ngày 25 tháng 12 năm 2026", "2026-12-25"),
        ("date", "25 tha\u0301ng 12, 2026", "2026-12-25"),
        ("date", "25 December 2026", "2026-12-25"),
        ("date", "Dec 25th, 2026", "2026-12-25"),
        ("date", "២៥/១២/២០២៦", "2026-12-25"),
        ("month", "3/2026", "2026-03-01"),
        ("month", "tháng 3 năm 2026", "2026-03-01"),
        ("month", "03-2026", "2026-03-01"),
        ("month", "2026-03", "2026-03-01"),
        ("month", "March 2026", "2026-03-01"),
        ("month", "25/3/2026", "2026-03-01"),
        ("year", "1984", "1984-01-01"),
        ("year", "năm 1984", "1984-01-01"),
        ("year", "3/1984", "1984-01-01"),
        ("time", "7 giờ 30 phút", "07:30:00"),
        ("moment", "25 tháng 12 năm 2026 lúc 7h30", "2026-12-25T07:30:00"),
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
        ("date", "32/13/2026", "Nhập ngày, ví dụ 25/12/2026"),
        ("date", "30 Mar", "Nhập ngày, ví dụ 25/12/2026"),
        ("date", "99999999", "Nhập ngày, ví dụ 25/12/2026"),
        ("month", "tháng Chạp", "Nhập tháng và năm, ví dụ 12/2026"),
        ("year", "84", "Nhập năm bằng 4 chữ số, ví dụ 2026"),
        ("integer", "12 34", "Nhập một số nguyên, ví dụ 12"),
        ("integer", "2 triệu", "Nhập một số nguyên, ví dụ 12"),
        ("dong", "1tr", "Nhập số tiền, ví dụ 1.000.000 hoặc 1 triệu"),
        ("dong", "2 triệu 5", "Nhập số tiền, ví dụ 1.000.000 hoặc 1 triệu"),
        ("dong", "300 nghìn 2 triệu", "Nhập số tiền, ví dụ 1.000.000 hoặc 1 triệu"),
        ("dong", "rưỡi", "Nhập số tiền, ví dụ 1.000.000 hoặc 1 triệu"),
        ("dong", "1,5 đồng", "Nhập số tiền, ví dụ 1.000.000 hoặc 1 triệu"),
        ("million", "nhiều", "Nhập số tiền theo triệu đồng, ví dụ 1500 hoặc 1,5 tỷ"),
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


@pytest.mark.parametrize(
    ("variable", "raw", "language", "asks"),
    [
        ("decimal", "1.500", "vi", "1500 hay 1,5? Số này hiểu được hai cách: viết 1500 hoặc 1,5"),
        ("decimal", "1,500", "vi", "1500 hay 1,5? Số này hiểu được hai cách: viết 1500 hoặc 1,5"),
        ("decimal", "1.125", "en", "1125 or 1.1250? This can be read in two ways: write 1125 or 1.1250"),
        ("decimal", "1,000.5", "vi", "Có phải 1.000,5? Viết 1000,5"),
        ("decimal", "1.000,5", "en", "Is it 1,000.5? Write 1000.5"),
        ("dong", "1.500 triệu", "vi", "1500 hay 1,5? Số này hiểu được hai cách: viết 1500 hoặc 1,5"),
        (
            "date",
            "03/25/2026",
            "vi",
            "Có phải 25/03/2026? Viết ngày trước, tháng sau và đủ 4 chữ số của năm: 25/03/2026",
        ),
    ],
)
def test_what_may_mean_two_things_is_asked_back(variable: str, raw: str, language: str, asks: str) -> None:
    with pytest.raises(TypeFault) as refusal:
        coerce(instrument(FORM).questions[variable], raw, language=language)
    assert refusal.value.message(language) == asks


def test_the_century_of_two_digits_is_asked_where_a_person_may_be_that_old() -> None:
    today = date(2026, 11, 22)
    assert parse_date("1/2/27", today=today) == date(2027, 2, 1)
    assert parse_date("1/2/47", today=today) == date(1947, 2, 1)
    with pytest.raises(Unclear) as asked:
        parse_date("1/2/40", today=today)
    assert asked.value.readings == (date(1940, 2, 1), date(2040, 2, 1))


LANGUAGES = st.sampled_from(["vi", "en", "km"])
DECIMALS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(min_value=-(10**9), max_value=10**9, places=3).map(float),
)


@given(st.integers(-(2**63) + 1, 2**63 - 1), LANGUAGES)
def test_a_whole_number_written_in_a_language_is_read_back(value: int, language: str) -> None:
    questions = instrument(FORM).questions
    for text in (
        written(value, language),
        written(value, language, grouped=True),
        formats.number(value, 0, language),
    ):
        assert coerce(questions["integer"], text, language=language) == value
    if abs(value) < 2**53:
        assert coerce(questions["dong"], written(value, language, grouped=True), language=language) == value


@given(DECIMALS, LANGUAGES)
def test_a_decimal_written_in_a_language_is_read_back(value: float, language: str) -> None:
    questions = instrument(FORM).questions
    assert coerce(questions["decimal"], written(value, language), language=language) == value
    grouped = written(value, language, grouped=True)
    assert coerce(questions["apart"], grouped, language=language) == value


@given(DECIMALS, st.integers(0, 4), LANGUAGES)
def test_a_number_as_pages_print_it_is_read_back_or_asked(value: float, places: int, language: str) -> None:
    printed = formats.rounded(min(max(value, -1e15), 1e15), places)
    try:
        found = coerce(
            instrument(FORM).questions["decimal"],
            formats.number(printed, places, language),
            language=language,
        )
    except TypeFault as asked:
        assert written(printed, language) in asked.message(language)
    else:
        assert found == float(printed)


@given(st.dates(), LANGUAGES)
def test_a_date_as_pages_print_it_is_read_back(day: date, language: str) -> None:
    if day.year >= 1000:
        assert (
            coerce(instrument(FORM).questions["date"], formats.date(day, language), language=language)
            == day.isoformat()
        )
