"""The calendar of the documents: which report is due when, from whom, about which lines."""

from datetime import date

from survey.registry.calendar import Obligation, agency_on, obligations


def due(year: int, beginning: str) -> list[Obligation]:
    return [one for one in obligations(year) if one.code.startswith(beginning)]


def test_plan_43_asks_for_a_report_each_quarter() -> None:
    quarters = due(2026, "KH43-quy")
    assert [one.due for one in quarters] == [
        date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30), date(2026, 12, 31),
    ]  # fmt: skip
    assert not any(one.day_given for one in quarters), "the plan names no day"


def test_before_a_day_means_the_day_before_at_the_latest() -> None:
    (report,) = due(2026, "QD618-nam")
    assert (report.due, report.last_day, report.day_given) == (date(2026, 12, 5), date(2026, 12, 4), True)
    (report,) = due(2026, "KH54-nam")
    assert (report.due, report.last_day) == (date(2026, 12, 15), date(2026, 12, 14))
    assert len({line.rstrip("abc") for line in report.lines}) == 71


def test_tra_vinhs_review_comes_twice_a_year() -> None:
    assert [one.due for one in due(2025, "QD2043-6-thang")] == [date(2025, 6, 30), date(2025, 12, 31)]


def test_nothing_is_due_before_its_document_was_signed() -> None:
    assert [one.period for one in due(2022, "KH43-quy")] == ["2022-Q2", "2022-Q3", "2022-Q4"]
    assert obligations(2021) == []


def test_who_reports_to_whom_is_told_by_the_names_of_the_day() -> None:
    (then,) = due(2024, "KH54-nam")
    (now,) = due(2026, "KH54-nam")
    assert then.owner == "Sở Thông tin và Truyền thông tỉnh Vĩnh Long"
    assert now.owner == "Sở Khoa học và Công nghệ tỉnh Vĩnh Long"
    assert due(2026, "QD2043-6-thang")[0].recipient == "UBND tỉnh Vĩnh Long"
    assert agency_on("ubnd-huyen", date(2026, 11, 22)) == ""


def test_codes_are_unique_and_days_in_order() -> None:
    found = obligations(2026)
    assert len({one.code for one in found}) == len(found)
    assert [one.due for one in found] == sorted(one.due for one in found)
    assert all(one.lines and one.basis for one in found)
