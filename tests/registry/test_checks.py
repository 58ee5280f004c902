"""What an agency may report: every cell by itself, with what is wrong and what to do."""

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from survey.accounts.models import User
from survey.registry.periods import read_day, read_period
from survey.registry.service import search
from survey.registry.values.checks import Check, Entry, check
from survey.registry.values.limits import limits_of
from survey.registry.values.service import enter
from tests.staff import statistician

TODAY = date(2026, 11, 22)
ENTRY = Entry(
    line="KH54-13",
    period="2025",
    value="62",
    source_number="12/BC-SCT",
    source_date="10/01/2026",
    agency="Sở Công Thương tỉnh Vĩnh Long",
)
SHARE = replace(ENTRY, line="KH54-24", value="31,5")


def faults(entry: Entry, column: str) -> str:
    seen = check(entry, TODAY)
    assert {fault.column for fault in seen.faults} == {column}, seen.faults
    assert seen.reported is None
    assert all(fault.remedy for fault in seen.faults)
    return " ".join(f"{fault.message} {fault.remedy}" for fault in seen.faults)


def passed(entry: Entry) -> Check:
    seen = check(entry, TODAY)
    assert seen.reported is not None, seen.findings
    return seen


def test_a_right_entry_is_read(reading: Flask) -> None:
    reported = passed(ENTRY).reported
    assert reported is not None
    assert (reported.value, reported.period.code, reported.agency.code) == (62, "2025", "so-cong-thuong")
    assert reported.area.kind == "province"


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        ("line", "", "Thiếu mã"),
        ("line", "KH54-113", "Có phải KH54-"),
        ("line", "KH54-37", "đo bằng khảo sát"),
        ("line", "KH54-41", "đo bằng khảo sát"),
        ("line", "KH54-27", "nhiệm vụ"),
        ("period", "2027", "chưa bắt đầu"),
        ("period", "năm nay", "không phải kỳ"),
        ("value", "", "Thiếu giá trị"),
        ("value", "-1", "ngoài giới hạn"),
        ("value", "1,5", "không phải số nguyên"),
        ("value", "=SUM(A1:A9)", "không phải số"),
        ("value", "1e400", "không phải số"),
        ("value", "nan", "không phải số"),
        ("source_number", "", "Thiếu số văn bản"),
        ("source_number", "x" * 101, "Rút gọn"),
        ("source_date", "", "Thiếu ngày"),
        ("source_date", "31/02/2026", "không phải ngày"),
        ("source_date", "23/11/2026", "tương lai"),
        ("agency", "Sở Y tế tỉnh Vĩnh Long", "không chủ trì"),
        ("agency", "Sở Công Thươn", "Sở Công Thương tỉnh Vĩnh Long"),
        ("area", "Hà Nội", "Không có địa bàn"),
        ("area", "Trà Vinh", "không tồn tại"),
        ("note", "x" * 1_000_000, "Rút gọn"),
        ("numerator", "3", "không phải tỷ lệ"),
    ],
)
def test_a_wrong_cell_is_named_with_its_remedy(reading: Flask, column: str, text: str, expected: str) -> None:
    assert expected in faults(replace(ENTRY, **{column: text}), column)


@pytest.mark.parametrize(
    ("cells", "column", "expected"),
    [
        ({"value": "101"}, "value", "ngoài giới hạn"),
        ({"value": "-0,1"}, "value", "ngoài giới hạn"),
        ({"value": "", "numerator": "5"}, "denominator", "đi đôi"),
        ({"value": "", "numerator": "5", "denominator": "0"}, "denominator", "bằng 0"),
        ({"value": "", "numerator": "6", "denominator": "5"}, "numerator", "lớn hơn mẫu số"),
        ({"value": "", "numerator": "-6", "denominator": "5"}, "numerator", "số âm"),
        ({"value": "31,5", "numerator": "1", "denominator": "3"}, "value", "33,33"),
    ],
)
def test_a_share_lies_between_0_and_100_and_agrees_with_its_counts(
    reading: Flask, cells: dict[str, str], column: str, expected: str
) -> None:
    assert expected in faults(replace(SHARE, **cells), column)


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        ({"value": "31,5 %"}, 31.5),
        ({"value": "31.5"}, 31.5),
        ({"value": "31.512"}, 31.512),
        ({"value": "33,3", "numerator": "1", "denominator": "3"}, 100 / 3),
        ({"value": "", "numerator": "1.500", "denominator": "3.000"}, 50),
        ({"value": "0"}, 0),
    ],
)
def test_numbers_are_read_as_people_write_them(reading: Flask, cells: dict[str, str], value: float) -> None:
    reported = passed(replace(SHARE, **cells)).reported
    assert reported is not None and reported.value == pytest.approx(value)


def test_all_cells_are_looked_at_at_once(reading: Flask) -> None:
    seen = check(replace(ENTRY, value="x", period="x", source_date="x"), TODAY)
    assert {fault.column for fault in seen.faults} == {"value", "period", "source_date"}


def test_the_area_is_that_of_the_period(reading: Flask) -> None:
    old = passed(replace(ENTRY, period="2024", source_date="10/01/2025")).reported
    assert old is not None and old.area.kind == "province_old" and old.area.code == "86"
    named = passed(replace(ENTRY, period="2024", area="tra vinh", source_date="10/01/2025")).reported
    assert named is not None and named.area.code == "84"


def test_only_who_led_the_line_on_the_day_of_the_document_reports_it(reading: Flask) -> None:
    statistics = replace(ENTRY, line="KH54-01", value="9,8", agency="")
    before = passed(replace(statistics, period="2023", source_date="01/02/2024")).reported
    now = passed(statistics).reported
    assert before is not None and before.agency.code == "cuc-thong-ke-vl"
    assert now is not None and now.agency.code == "thong-ke-tinh"
    assert "không chủ trì" in faults(replace(statistics, agency="Cục Thống kê tỉnh Vĩnh Long"), "agency")


def test_before_its_document_and_after_its_owners_a_line_has_no_source(reading: Flask) -> None:
    early = replace(ENTRY, period="2022", source_date="10/01/2023")
    assert "không có cơ quan nào chủ trì" in faults(early, "agency")


def test_where_the_document_names_nobody_any_agency_may_report_with_a_warning(reading: Flask) -> None:
    seen = passed(
        replace(
            ENTRY,
            line="VQ-06",
            value="9",
            agency="Thống kê tỉnh Vĩnh Long (thuộc Cục Thống kê – Bộ Tài chính)",
        )
    )
    assert [one.column for one in seen.warnings] == ["agency"]


def test_a_jump_and_an_early_document_are_only_warned_of(reading: Flask) -> None:
    lan: User = statistician()
    reported = passed(replace(SHARE, period="2024", value="10", source_date="10/01/2025")).reported
    assert reported is not None
    enter(reported, lan)
    area = replace(SHARE, period="2023", value="40", source_date="10/01/2024")
    assert passed(area).warnings == [], "nothing before it"
    seen = check(replace(SHARE, period="2025-S1", value="60", source_date="10/05/2025"), TODAY)
    assert [one.column for one in seen.warnings] == ["source_date"], (
        "another length of period is not compared"
    )


def test_every_administrative_line_has_limits(reading: Flask) -> None:
    assert len([limits_of(line) for line in search(measured_by="administrative data")]) == 104


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026", "2026"), ("năm 2026", "2026"), ("2026-Q3", "2026-Q3"), ("Quý 3/2026", "2026-Q3"), ("2026-s1", "2026-S1"),
        ("6 tháng đầu năm 2026", "2026-S1"), ("9/2026", "2026-09"), ("2026-09", "2026-09"), (" tháng 9/2026 ", "2026-09"),
    ],
)  # fmt: skip
def test_periods_are_read_as_people_write_them(text: str, code: str) -> None:
    assert read_period(text).code == code


@pytest.mark.parametrize("text", ["", "26", "2026-Q5", "2026-13", "1899", "2026 2027", "٢٠٢٦-Q9"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_period(text)


def test_days_are_read_as_people_write_them() -> None:
    assert {read_day(text) for text in ("2026-11-22", "22/11/2026", " 22-11-2026", "22.11.2026")} == {TODAY}
