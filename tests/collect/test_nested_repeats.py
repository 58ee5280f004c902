"""Repeats within repeats on the web: a list in each instance, at any depth."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from survey.extensions import db
from survey.intake.models import Response, UnsavedPage
from tests.collect.visitor import Visitor
from tests.factories import field_survey

HAMLET = """
| survey   |                 |           |                              |                |            |          |
|          | type            | name      | label                        | relevant       | constraint | required |
|          | text            | hamlet    | Tên ấp                       |                |            |          |
|          | begin_repeat    | household | Hộ                           |                |            |          |
|          | text            | address   | Địa chỉ                      |                |            | yes      |
|          | begin_repeat    | member    | Người                        |                |            |          |
|          | text            | name      | Tên người ở ${address}       |                |            | yes      |
|          | integer         | age       | Tuổi                         |                | . < 120    |          |
|          | begin_repeat    | phone     | Điện thoại                   | ${age} >= 6    |            |          |
|          | text            | make      | Máy của ${name} hiệu gì?     |                |            | yes      |
|          | integer         | price     | Giá                          |                | . > 0      |          |
|          | end_repeat      |           |                              |                |            |          |
|          | end_repeat      |           |                              |                |            |          |
|          | begin_group     | after     | Về hộ                        |                |            |          |
|          | integer         | rooms     | Nhà ở ${address} mấy phòng?  |                |            |          |
|          | end_group       |           |                              |                |            |          |
|          | end_repeat      |           |                              |                |            |          |
|          | text            | remark    | Ý kiến                       |                |            |          |
| settings |                 |           |                              |                |            |          |
|          | form_id         | version   |                              |                |            |          |
|          | hamlet          | 1         |                              |                |            |          |
"""
LAN = {"name": "Lan", "age": 34, "phone": [{"make": "A", "price": 1_200_000}, {"make": "B", "price": None}]}
BABY = {"name": "Bé", "age": 1}
HOUSEHOLDS = [
    {"address": "12 Bến Tre", "member": [LAN, BABY], "rooms": 3},
    {"address": "14 Bến Tre", "member": [], "rooms": None},
]


@pytest.fixture
def visitor(app: Flask, client: FlaskClient, tmp_path: Path) -> Visitor:
    """A visitor on the empty list of households."""
    field_survey(app, HAMLET, folder=tmp_path)
    return Visitor(client).open("/s/hamlet").press().press(hamlet="Tư")


def answers(app: Flask) -> dict[str, Any]:
    """What is kept."""
    with app.app_context():
        return dict(db.session.scalars(select(Response)).one().answers)


def fill(visitor: Visitor) -> None:
    """Two households: in the first Lan with two phones and a baby without, in the second nobody; ends on their list."""
    visitor.press("add").press(address="12 Bến Tre")
    visitor.press("add").press(name="Lan", age="34")
    visitor.press("add").press(make="A", price="1.200.000").press("add").press(make="B").press()
    visitor.press("add").press(name="Bé", age="1").press().press(rooms="3")
    visitor.press("add").press(address="14 Bến Tre").press().press()


def test_each_level_has_its_list_and_the_answers_keep_their_place(app: Flask, visitor: Visitor) -> None:
    fill(visitor)
    assert visitor.h1 == "Hộ"
    assert answers(app)["household"] == HOUSEHOLDS
    visitor.press().press(remark="Hết")
    assert visitor.h1 == "Xem lại trước khi gửi"
    visitor.press()
    assert visitor.document.xpath("//@data-receipt")
    assert answers(app)["household"] == [
        {
            "address": "12 Bến Tre",
            "member": [{**LAN, "phone": [{"make": "A", "price": 1_200_000}, {"make": "B"}]}, BABY],
            "rooms": 3,
        },
        {"address": "14 Bến Tre"},
    ]


def test_the_way_names_the_instance_and_quotes_what_stands_around_it(visitor: Visitor) -> None:
    visitor.press("add").press(address="12 Bến Tre")
    assert (visitor.h1, visitor.address.partition("/danh-sach/")[2]) == ("Hộ – số 1 › Người", "1/member")
    visitor.press("add")
    assert visitor.h1 == "Hộ – số 1 › Người – số 1"
    assert "Tên người ở 12 Bến Tre" in visitor.text
    visitor.press(name="Lan", age="34").press("add")
    assert visitor.h1 == "Hộ – số 1 › Người – số 1 › Điện thoại – số 1"
    assert "Máy của Lan hiệu gì?" in visitor.text
    assert visitor.address.partition("/muc/")[2] == "1.1.1/phone"


def test_a_list_that_is_not_relevant_is_passed_over(visitor: Visitor) -> None:
    visitor.press("add").press(address="12 Bến Tre").press("add").press(name="Bé", age="1")
    assert visitor.h1 == "Hộ – số 1 › Người", "a baby has no list of phones"
    visitor.press("add").press(name="Lan", age="34")
    assert visitor.h1 == "Hộ – số 1 › Người – số 2 › Điện thoại"


def test_the_review_shows_them_nested_and_leads_to_each(app: Flask, visitor: Visitor) -> None:
    fill(visitor)
    visitor.press().press()
    headings = [
        (heading.tag, " ".join(heading.text_content().split()))
        for heading in visitor.document.xpath(
            "//main//section//*[self::h2 or self::h3 or self::h4 or self::h5]"
        )
    ]
    assert headings[:6] == [
        ("h2", "Hộ"),
        ("h3", "Hộ – số 1"),
        ("h3", "Hộ – số 1 › Người"),
        ("h4", "Hộ – số 1 › Người – số 1"),
        ("h4", "Hộ – số 1 › Người – số 1 › Điện thoại"),
        ("h5", "Hộ – số 1 › Người – số 1 › Điện thoại – số 1"),
    ]
    (link,) = visitor.document.xpath("//main//a[contains(@href, '/muc/1.1.2/phone')]/@href")
    assert "Máy của Lan hiệu gì?B" in visitor.text
    visitor.open(link).press(price="900.000").press()
    assert visitor.h1 == "Xem lại trước khi gửi"
    assert answers(app)["household"][0]["member"][0]["phone"][1] == {"make": "B", "price": 900_000}


def test_taking_one_out_moves_up_what_stands_after_it(app: Flask, visitor: Visitor) -> None:
    visitor.press("add").press(address="1").press().press()
    visitor.press("add").press(address="2").press("add").press(name="Lan", age="34")
    visitor.press("add").press("back", make="A", price="rẻ").press("back").press("back")
    visitor.open(visitor.address.partition("/muc/")[0].partition("/danh-sach/")[0] + "/danh-sach/household")
    visitor.press("remove:1")
    assert answers(app)["household"] == [
        {"address": "2", "member": [{"name": "Lan", "age": 34, "phone": [{"make": "A", "price": None}]}]}
    ]
    visitor.open(visitor.address.replace("danh-sach/household", "muc/1.1.1/phone"))
    assert (visitor.value("make"), visitor.value("price")) == ("A", "rẻ"), "typing moved with its household"
    visitor.open(visitor.address.replace("muc/1.1.1/phone", "danh-sach/household")).press("remove:1")
    assert answers(app)["household"] == []
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(UnsavedPage)) == 0


def test_what_is_missing_deep_inside_is_told_on_every_list_around_it(visitor: Visitor) -> None:
    visitor.press("add").press(address="1").press("add").press(name="Lan", age="34")
    visitor.press("add").press("back", price="5").press()
    told = "Hộ – số 1 › Người – số 1 › Điện thoại – số 1: Máy của Lan hiệu gì?"
    assert visitor.faults[0].startswith(told)
    visitor.open(visitor.address.partition("/danh-sach/")[0] + "/danh-sach/household").press()
    assert visitor.faults[0].startswith(told)
    (link,) = visitor.document.xpath("//*[@id='error-summary']//a/@href")
    visitor.open(link.partition("#")[0]).press(make="A")
    assert visitor.faults == []


def test_who_comes_back_goes_on_at_the_list_that_was_not_seen(visitor: Visitor) -> None:
    visitor.press("add").press("pause", address="1")
    link = visitor.document.xpath("//main//a/@href")[0]
    assert visitor.open(link).h1 == "Hộ – số 1 › Người"


def test_two_tabs_in_different_members_cannot_overwrite_each_other(app: Flask, visitor: Visitor) -> None:
    visitor.press("add").press(address="1").press("add").press(name="Lan", age="3")
    first = visitor.address.replace("danh-sach/1/member", "muc/1.1/member")
    other = Visitor(visitor.client).open(first)
    visitor.open(first).press(name="Mai", age="3")
    other.press(name="Hoa", age="3")
    assert "cửa sổ khác" in other.text
    assert answers(app)["household"][0]["member"] == [{"name": "Mai", "age": 3}]


@pytest.mark.parametrize(
    "place",
    [
        "muc/1/member", "muc/1.1.1.1/phone", "muc/3/household", "muc/0/household", "muc/2.1/member",
        "muc/1.2/member-2", "muc/1.5/member", "danh-sach/member", "danh-sach/2/member", "danh-sach/1.1/member",
        "danh-sach/1.0/phone", "danh-sach/1/household", "danh-sach/khong",
    ],
)  # fmt: skip
def test_places_that_the_draft_does_not_have(visitor: Visitor, place: str) -> None:
    visitor.press("add").press(address="1")
    visitor.open(f"{visitor.address.partition('/danh-sach/')[0]}/{place}")
    assert visitor.status == 404


def test_an_instance_that_begins_with_a_list_and_a_counted_list(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    form = """
    | survey   |              |         |         |              |
    |          | type         | name    | label   | repeat_count |
    |          | begin_repeat | house   | Nhà     |              |
    |          | begin_repeat | floor   | Tầng    |              |
    |          | integer      | rooms   | Số phòng |             |
    |          | begin_repeat | room    | Phòng   | ${rooms}     |
    |          | text         | use     | Để làm gì |            |
    |          | end_repeat   |         |         |              |
    |          | end_repeat   |         |         |              |
    |          | end_repeat   |         |         |              |
    | settings |              |         |         |              |
    |          | form_id      | version |         |              |
    |          | houses       | 1       |         |              |
    """
    field_survey(app, form, folder=tmp_path)
    visitor = Visitor(client).open("/s/houses").press()
    assert visitor.h1 == "Nhà"
    visitor.press("add")
    assert visitor.h1 == "Nhà – số 1 › Tầng"
    visitor.press("add").press(rooms="2")
    assert visitor.h1 == "Nhà – số 1 › Tầng – số 1 › Phòng"
    assert not visitor.document.xpath("//button[@value='add']")
    visitor.open(visitor.document.xpath("//main//a[contains(@href, '/muc/1.1.2/')]/@href")[0]).press(
        use="Bếp"
    )
    visitor.press().press().press().press()
    assert visitor.document.xpath("//@data-receipt")
    assert answers(app)["house"] == [{"floor": [{"rooms": 2, "room": [{}, {"use": "Bếp"}]}]}]
