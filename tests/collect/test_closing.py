"""A round that closes while people answer: told on every page, and nothing typed is lost."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.extensions import db
from survey.intake.late import admit
from survey.intake.models import Response
from survey.rounds.models import Round
from survey.rounds.service import close_round, open_round
from tests.collect.test_pages import SHOP
from tests.collect.visitor import Visitor
from tests.factories import Fielded, field_survey


@pytest.fixture
def shop(app: Flask, tmp_path: Path) -> Fielded:
    return field_survey(app, SHOP, folder=tmp_path, units=1)


@pytest.fixture
def visitor(shop: Fielded, client: FlaskClient) -> Visitor:
    return Visitor(client).open("/s/shop").press()


def close(app: Flask, shop: Fielded) -> None:
    """The manager ends the fieldwork."""
    with app.app_context():
        close_round(db.session.get_one(Round, shop.round_id))
        db.session.commit()


def reopen(app: Flask, shop: Fielded) -> None:
    """The manager opens the round again."""
    with app.app_context():
        round_ = db.session.get_one(Round, shop.round_id)
        open_round(round_)
        admit(round_)
        db.session.commit()


def response(app: Flask) -> Response:
    """The one response."""
    with app.app_context():
        return db.session.scalars(select(Response)).one()


def test_the_start_page_and_a_draft_say_that_the_round_is_over(
    app: Flask, shop: Fielded, visitor: Visitor
) -> None:
    close(app, shop)
    page = visitor.address
    assert visitor.open("/s/shop").status == 403
    assert "hiện không nhận" in visitor.h1
    assert visitor.open(page).status == 403
    assert "kết thúc trước khi phiếu của ông/bà được gửi" in visitor.text
    (token,) = shop.cases.values()
    assert visitor.open(f"/k/{token}").status == 403


@pytest.mark.parametrize("action", ["", "tiep-tuc"])
def test_a_start_page_left_open_leads_to_the_page_that_says_so(
    app: Flask, shop: Fielded, client: FlaskClient, action: str
) -> None:
    visitor = Visitor(client).open("/s/shop")
    close(app, shop)
    visitor.submit(visitor.form(action), {}, {"code": "ABCD2345"} if action else {})
    assert (visitor.status, "hiện không nhận" in visitor.h1) == (403, True)


@pytest.mark.parametrize("action", ["", "tu-choi"])
def test_an_invitation_left_open_leads_there_too(
    app: Flask, shop: Fielded, client: FlaskClient, action: str
) -> None:
    (token,) = shop.cases.values()
    visitor = Visitor(client).open(f"/k/{token}")
    close(app, shop)
    visitor.submit(visitor.form(action), {}, {})
    assert (visitor.status, "hiện không nhận" in visitor.h1) == (403, True)


def test_a_page_posted_after_the_end_is_kept_and_waits_for_the_round(
    app: Flask, shop: Fielded, visitor: Visitor
) -> None:
    page = visitor.address
    close(app, shop)
    visitor.press(online="y", staff="12")
    assert (visitor.status, visitor.h1) == (403, "Đợt khảo sát đã kết thúc")
    assert response(app).status == "draft"
    reopen(app, shop)
    assert visitor.open(page).value("staff") == "12"
    assert visitor.faults == []
    assert visitor.press().asked == ["online", "staff", "channel"]


def test_the_last_tap_after_the_end_is_kept_as_late(app: Flask, shop: Fielded, visitor: Visitor) -> None:
    visitor.press(online="n", staff="2").press(remark="x")
    close(app, shop)
    visitor.press()
    assert "nộp muộn" in visitor.text
    assert visitor.document.xpath("//@data-receipt")
    assert response(app).status == "late"
    reopen(app, shop)
    assert response(app).status == "complete"
    assert "đã được ghi nhận" in visitor.open(visitor.address).text


def test_an_unfinished_form_sent_after_the_end_stays_a_draft(
    app: Flask, shop: Fielded, visitor: Visitor
) -> None:
    visitor.open(visitor.address.partition("/trang/")[0] + "/xem-lai")
    close(app, shop)
    visitor.press()
    assert visitor.h1 == "Đợt khảo sát đã kết thúc"
    assert response(app).status == "draft"


def test_the_thanks_page_stays_after_the_end(app: Flask, shop: Fielded, visitor: Visitor) -> None:
    visitor.press(online="n", staff="2").press(remark="x").press()
    close(app, shop)
    assert visitor.open(visitor.address).status == 200
    assert visitor.document.xpath("//@data-receipt")
    assert "Người khác trả lời" not in visitor.text
