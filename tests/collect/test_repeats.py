"""Repeats on the web: a list, one screen an instance."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.extensions import db
from survey.intake.models import Response
from tests.collect.visitor import Visitor
from tests.factories import field_survey

MEMBERS = """
| survey   |              |        |               |              |            |          |
|          | type         | name   | label         | relevant     | constraint | required |
|          | text         | head   | Tên chủ hộ    |              |            |          |
|          | begin_repeat | member | Người trong hộ |             |            |          |
|          | text         | name   | Tên           |              |            | yes      |
|          | integer      | age    | Tuổi          |              | . < 120    | yes      |
|          | text         | school | ${name} học trường nào? | ${age} < 18 | | yes     |
|          | end_repeat   |        |               |              |            |          |
|          | text         | remark | Ý kiến        |              |            |          |
| settings |              |        |               |              |            |          |
|          | form_id      | version |              |              |            |          |
|          | members      | 1      |               |              |            |          |
"""


@pytest.fixture
def visitor(app: Flask, client: FlaskClient, tmp_path: Path) -> Visitor:
    field_survey(app, MEMBERS, folder=tmp_path)
    return Visitor(client).open("/s/members").press().press(head="Tám")


def test_members_are_added_changed_and_taken_out(app: Flask, visitor: Visitor) -> None:
    assert "Chưa có mục nào" in visitor.text
    visitor.press("add")
    assert visitor.asked == ["name", "age"]
    visitor.press(name="Lan", age="9")
    assert visitor.asked == ["name", "age", "school"]
    assert "Lan học trường nào?" in visitor.text
    visitor.press(school="Tiểu học")
    assert "Người trong hộ – số 1" in visitor.text
    visitor.press("add").press(name="Hai", age="40").press("add").press(name="Nhầm", age="1").press(
        school="x"
    )
    visitor.press("remove:3")
    assert "Nhầm" not in visitor.text
    visitor.press()
    assert visitor.asked == ["remark"]
    visitor.press()
    assert "Tiểu học" in visitor.text
    visitor.press()
    with app.app_context():
        assert db.session.scalars(select(Response)).one().answers["member"] == [
            {"name": "Lan", "age": 9, "school": "Tiểu học"},
            {"name": "Hai", "age": 40},
        ]


def test_a_member_left_half_is_told_before_going_on(visitor: Visitor) -> None:
    visitor.press("add").press("back", name="Lan").press()
    assert visitor.faults == ["Người trong hộ – số 1: Tuổi Nhập một số"]
    page = visitor.open(visitor.address).document.xpath("//*[@id='error-summary']//a/@href")[0]
    visitor.open(page.partition("#")[0]).press(age="40")
    assert visitor.faults == [], "the list does not blame what was mended"


def test_typing_that_does_not_fit_stays_with_its_member_when_another_is_taken_out(visitor: Visitor) -> None:
    visitor.press("add").press(name="Lan", age="40").press("add").press("back", name="Hai", age="bốn")
    assert visitor.faults == [], "nothing is blamed before the person goes on"
    visitor.press("remove:1").press()
    change = visitor.document.xpath("//main//a[contains(@href, '/muc/1/')]/@href")[0]
    visitor.open(change.partition("#")[0])
    assert (visitor.value("name"), visitor.value("age")) == ("Hai", "bốn")


def test_none_is_an_answer_too(visitor: Visitor) -> None:
    assert visitor.press().asked == ["remark"]
    visitor.press()
    assert visitor.h1 == "Xem lại trước khi gửi"


def test_a_counted_repeat_has_as_many_as_were_said(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    form = """
    | survey   |              |        |         |              |
    |          | type         | name   | label   | repeat_count |
    |          | integer      | size   | Số người |             |
    |          | begin_repeat | member | Người   | ${size}      |
    |          | text         | name   | Tên     |              |
    |          | end_repeat   |        |         |              |
    | settings |              |        |         |              |
    |          | form_id      | version |        |              |
    |          | counted      | 1      |         |              |
    """
    field_survey(app, form, folder=tmp_path)
    visitor = Visitor(client).open("/s/counted").press().press(size="2")
    assert "số 1" in visitor.text
    assert "số 2" in visitor.text
    assert not visitor.document.xpath("//button[@value='add']")
