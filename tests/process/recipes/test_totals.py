"""Totals as spreadsheets hold them: numbers in both manners, and everything that is no list of totals."""

import io

import pytest
from openpyxl import Workbook

from survey.process.recipes.numerals import PLAIN, VIETNAMESE, AmbiguousNumbers, as_number, form_of
from survey.process.recipes.totals import BadTotals, disagreements, margins_of, read_totals
from survey.spreadsheets import BadTable


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1.234,5", "12", "0"], [1234.5, 12, 0]),
        (["1.234.567", "1.234"], [1_234_567, 1234]),
        (["1,234,567.5", "1,234"], [1_234_567.5, 1234]),
        (["1234.5", "199283"], [1234.5, 199_283]),
        (["1 234 567", "199\N{NO-BREAK SPACE}283"], [1_234_567, 199_283]),
        (["1234567", "0"], [1_234_567, 0]),
        (["0,5", "1234"], [0.5, 1234]),
    ],
)
def test_numbers_are_read_as_the_column_shows(texts: list[str], numbers: list[float]) -> None:
    form = form_of(texts)
    assert [as_number(text, form) for text in texts] == numbers


@pytest.mark.parametrize("texts", [["1.234", "5.678"], ["1,234"], ["1.234", "12"]])
def test_what_can_be_read_in_two_ways_is_asked(texts: list[str]) -> None:
    with pytest.raises(AmbiguousNumbers, match=r"1234 .*hay 1\.234|1\.234 .*hay 1234"):
        form_of(texts)


def test_two_manners_in_one_file_are_refused() -> None:
    with pytest.raises(AmbiguousNumbers, match="lẫn hai cách"):
        form_of(["1.234,5", "1,234.5"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-5",
        "nan",
        "inf",
        "1e9",
        "=1+1",
        "12%",
        "1.23.456",
        "1..2",
        "१२३",
        "١٢",
        "1,2,3",
        "9" * 30,
        "0x10",
        "+5",
        "½",
    ],
)
def test_what_is_no_count_is_none(text: str) -> None:
    assert as_number(text, VIETNAMESE) is None
    assert as_number(text, PLAIN) is None


def file(*rows: str, heading: str = "margin,level,total") -> bytes:
    return "\n".join([heading, *rows]).encode()


def test_a_file_with_byte_order_mark_and_vietnamese_headings_and_semicolons_is_read() -> None:
    content = "\ufeffBiên;Nhóm;Tổng\nsex;male;1.234,5\nsex;female;2.000.000\n".encode()
    assert margins_of(read_totals(content).totals) == {"sex": {"male": 1234.5, "female": 2_000_000}}


def test_a_workbook_is_read() -> None:
    book = Workbook()
    for row in (
        ["margin", "level", "total", "population"],
        ["sex", "male", 90, "adults"],
        ["sex", "female", 110.0, "adults"],
    ):
        book.active.append(row)  # type: ignore[union-attr]
    kept = io.BytesIO()
    book.save(kept)
    read = read_totals(kept.getvalue())
    assert margins_of(read.totals) == {"sex": {"male": 90, "female": 110}}
    assert read.definition == "adults"


def test_a_form_that_is_said_settles_what_the_file_leaves_open() -> None:
    content = file("sex,male,1.234")
    assert read_totals(content, VIETNAMESE).totals[0].total == 1234
    assert read_totals(content, PLAIN).totals[0].total == 1.234


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (file("sex,male,90", "sex,male,91"), "ine: dòng"),
        (file("sex,male,-90"), "số âm"),
        (file("sex,male,NaN"), "không phải số đếm"),
        (file("sex,male,=A1+1"), "công thức"),
        (file("sex,male,"), "trống"),
        (file("=cmd|' /C calc'!A0,male,1"), "tên biên"),
        (file("sex:area,male,1"), "không hợp biên"),
        (file("sex,male:urban,1"), "không hợp biên"),
        (file(f"{'x' * 300},male,1"), "tên biên"),
        (file(f"sex,{'x' * 300},1"), "quá dài"),
        (file("sex,ma\u202ele,1"), "ký tự lạ"),
        (file("male,90", heading="level,total"), "không có cột margin"),
    ],
)
def test_what_is_wrong_is_told_with_its_row(content: bytes, told: str) -> None:
    told = "đã có ở dòng 2" if told.startswith("ine") else told
    with pytest.raises(BadTotals) as refused:
        read_totals(content)
    assert any(told in message for message, _ in refused.value.faults), refused.value.faults
    assert all(remedy for _, remedy in refused.value.faults)


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04broken", b"%PDF-1.7", file()])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises((BadTable, BadTotals)):
        read_totals(content)


SEX = {"sex": {"male": 90.0, "female": 110.0}}


def test_margins_that_agree_are_right() -> None:
    crossed = {"sex:area": {"male:u": 40.0, "male:r": 50.0, "female:u": 60.0, "female:r": 50.0}}
    assert list(disagreements({**SEX, **crossed, "members": {"": 5.0}})) == []
    assert list(disagreements({"sex": {"a": 1e7, "b": 1e7}, "area": {"u": 2e7 + 10}})) == [], (
        "a millionth is rounding"
    )


@pytest.mark.parametrize(
    ("margins", "told"),
    [
        ({**SEX, "area": {"u": 100.0, "r": 101.0}}, "cộng lại được 200, biên 'area' được 201"),
        (
            {**SEX, "sex:area": {"male:u": 100.0, "female:u": 100.0}},
            "cộng theo sex = female được 110, biên 'sex:area' được 100",
        ),
        ({"sex": {"male": 0.0}}, "bằng 0"),
        ({"sex": {"male": 1.0, "": 2.0}}, "không ghi mức"),
    ],
)
def test_margins_that_tell_of_different_populations_are_told(
    margins: dict[str, dict[str, float]], told: str
) -> None:
    assert any(told in message for message, _ in disagreements(margins)), list(disagreements(margins))
