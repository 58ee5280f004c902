"""Uploading an XLSForm: a version without a round, or a list of what to mend."""

import io
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import select

from survey.accounts.models import AuditEvent, Role
from survey.extensions import db
from survey.rounds.models import InstrumentVersion, Round, Survey
from tests.page import page
from tests.staff import read, signed_in, token, words

UPLOAD = "/manage/upload"
SURVEY = [("type", "name", "label"), ("integer", "age", "Tuổi"), ("text", "job", "Nghề nghiệp")]
SETTINGS = [("form_title", "form_id", "version"), ("Lao động", "lao-dong", "1")]


def workbook(survey: list[tuple[str, ...]] = SURVEY, version: str = "1") -> bytes:
    """An XLSX file with these rows."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in (("survey", survey), ("settings", [SETTINGS[0], ("Lao động", "lao-dong", version)])):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    book.close()
    return file.getvalue()


def upload(app: Flask, content: bytes, name: str = "phieu.xlsx", code: str = "", username: str = "quan"):  # type: ignore[no-untyped-def]
    with app.app_context():
        known = db.session.scalar(select(AuditEvent.id).where(AuditEvent.subject == f"user:{username}"))
    browser = signed_in(app, username, None if known else Role.MANAGER)
    data = {"csrf_token": token(browser, UPLOAD), "code": code, "file": (io.BytesIO(content), name)}
    return browser, browser.post(UPLOAD, data=data, content_type="multipart/form-data")


def count(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.query(model).count()


def test_a_good_form_becomes_a_version_that_takes_no_answers_yet(app: Flask) -> None:
    browser, answer = upload(app, workbook())
    assert answer.location.startswith("/manage/lao-dong/phien-ban/")
    assert "Đã nhập phiếu lao-dong, phiên bản 1" in words(read(browser, answer.location))
    assert (count(app, InstrumentVersion), count(app, Round)) == (1, 0)


def test_the_code_chosen_wins_over_the_form_id(app: Flask) -> None:
    assert upload(app, workbook(), code="viec-lam")[1].location.startswith("/manage/viec-lam/phien-ban/")


def test_a_new_version_joins_its_survey_and_the_same_file_changes_nothing(app: Flask) -> None:
    for content in (workbook(), workbook(), workbook(version="2")):
        assert upload(app, content)[1].status_code == 303
    assert (count(app, Survey), count(app, InstrumentVersion)) == (1, 2)


def test_other_content_under_a_known_version_is_refused(app: Flask) -> None:
    upload(app, workbook())
    _, answer = upload(app, workbook([*SURVEY, ("text", "more", "Thêm")]))
    assert answer.status_code == 422
    assert "phiên bản 1 đã có với nội dung khác" in words(page(answer.text))
    assert count(app, InstrumentVersion) == 1


def test_a_faulty_form_lists_sheet_row_column_cause_and_remedy(app: Flask) -> None:
    wrong = [
        ("type", "name", "label", "relevant"),
        ("integer", "age", "Tuổi", ""),
        ("select_one jobs", "job", "Nghề", ""),
        ("text", "why", "Vì sao?", "${aeg} > 15"),
    ]
    _, answer = upload(app, workbook(wrong))
    assert answer.status_code == 422
    faults = [
        [words(cell) for cell in row.xpath("th|td")]
        for row in page(answer.text).xpath("//table[contains(@class, 'faults')]//tbody/tr")
    ]
    places = {(sheet, row) for sheet, row, _, _, _ in faults}
    assert ("survey", "4") in places
    assert "choices" in {sheet for sheet, _ in places}  # the list of jobs is not there
    assert all(cause and remedy for _, _, _, cause, remedy in faults)
    assert any("aeg" in cause for _, _, _, cause, _ in faults)
    assert (count(app, Survey), count(app, InstrumentVersion)) == (0, 0)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "phieu.xlsx", "tệp rỗng"),
        (b"MZ\x90", "phieu.exe", "không phải tệp XLSForm"),
        (b"not a zip file", "phieu.xlsx", ""),
        (Path(__file__).read_bytes(), "phieu.md", ""),
    ],
)
def test_a_file_that_is_no_form_is_refused_with_a_page(
    app: Flask, content: bytes, name: str, said: str
) -> None:
    _, answer = upload(app, content, name)
    assert answer.status_code == 422
    assert said in words(page(answer.text))
    assert count(app, Survey) == 0


def test_no_file_at_all_says_choose_one(app: Flask) -> None:
    browser = signed_in(app, "quan", Role.MANAGER)
    answer = browser.post(UPLOAD, data={"csrf_token": token(browser, UPLOAD)})
    assert answer.status_code == 422
    assert "Chọn tệp XLSForm" in words(page(answer.text))
