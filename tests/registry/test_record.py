"""The record of a line: what the documents said on a day, and what changed since."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.staff import read, words


@pytest.fixture
def browser(reading: Flask) -> FlaskClient:
    return reading.test_client()


def test_owners_and_definition_are_those_of_the_day(browser: FlaskClient) -> None:
    then = words(read(browser, "/chi-tieu/KH54-37/ho-so?ngay=2024-01-01"))
    now = words(read(browser, "/chi-tieu/KH54-37/ho-so?ngay=22/11/2026"))
    assert "tài liệu không nêu" in then and "Định nghĩa 2" in then
    assert "15+" in now and "không có cơ quan kế thừa" in now
    assert "75 %" in now.replace("\N{NO-BREAK SPACE}", " ")
    assert "Nghị quyết 07-NQ/TU ngày 16/11/2022" in now


def test_a_line_without_anybody_left_says_so(browser: FlaskClient) -> None:
    assert "Không có cơ quan kế thừa" in words(read(browser, "/chi-tieu/KH54-07/ho-so?ngay=2026-11-22"))
    assert "Tài liệu không nêu cơ quan chủ trì" in words(read(browser, "/chi-tieu/VQ-06/ho-so"))


def test_before_its_document_a_line_had_nothing(browser: FlaskClient) -> None:
    text = words(read(browser, "/chi-tieu/KH54-01/ho-so?ngay=2020-01-01"))
    assert "chưa có mục tiêu" in text and "chưa có văn bản giao" in text


def test_deadlines_stand_with_the_line(browser: FlaskClient) -> None:
    text = words(read(browser, "/chi-tieu/618-01a/ho-so?ngay=2026-11-22"))
    assert "trước 05/12/2026" in text


@pytest.mark.parametrize("day", ["2026-13-01", "hôm nay", "<script>", "99999999"])
def test_a_day_that_is_none_is_said_to_be_none(browser: FlaskClient, day: str) -> None:
    answer = browser.get(f"/chi-tieu/KH54-37/ho-so?ngay={day}")
    assert answer.status_code == 400
    assert "không phải ngày" in answer.text and "<script>" not in answer.text


def test_every_line_has_its_record(browser: FlaskClient) -> None:
    for code in ("KH54-05", "TV-01", "VQ-17", "KH43-14", "KH54B-03", "618-05"):
        read(browser, f"/chi-tieu/{code}/ho-so")
    assert browser.get("/chi-tieu/KH99-99/ho-so").status_code == 404
