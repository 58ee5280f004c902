"""One personal link in two browsers: one draft, nothing overwritten, and a clear end for both."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from survey.cases.models import Case, Disposition
from survey.extensions import db
from survey.intake.models import Response
from tests.collect.test_pages import SHOP
from tests.collect.visitor import Visitor
from tests.factories import field_survey


@pytest.fixture
def link(app: Flask, tmp_path: Path) -> str:
    """The address of a personal invitation."""
    (token,) = field_survey(app, SHOP, folder=tmp_path, units=1).cases.values()
    return f"/k/{token}"


def visitors(app: Flask, link: str) -> list[Visitor]:
    """Two browsers at the invitation."""
    return [Visitor(app.test_client()).open(link) for _ in range(2)]


def count(app: Flask) -> int | None:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Response))


def answers(app: Flask) -> dict[str, object]:
    with app.app_context():
        return db.session.scalars(select(Response)).one().answers


def test_started_at_once_it_is_one_draft(app: Flask, link: str) -> None:
    both = visitors(app, link)
    with ThreadPoolExecutor(2) as threads:
        addresses = {visitor.address for visitor in threads.map(Visitor.press, both)}
    assert len(addresses) == 1
    assert count(app) == 1


def test_pages_answered_on_different_devices_come_together(app: Flask, link: str) -> None:
    one, other = (visitor.press() for visitor in visitors(app, link))
    one.press(online="n", staff="2")
    other.press(online="n", staff="5")
    assert "cửa sổ khác" in other.text
    assert other.press("discard").value("staff") == "2"
    other.press()
    other.press(remark="từ máy kia")
    one.open(one.address.partition("/trang/")[0])
    assert "từ máy kia" in one.text
    one.press()
    assert answers(app) == {"online": "n", "staff": 2, "remark": "từ máy kia"}


def test_who_types_on_after_the_other_sent_is_told_so(app: Flask, link: str) -> None:
    one, other = (visitor.press() for visitor in visitors(app, link))
    one.press(online="n", staff="2")
    other.open(one.address)
    one.press(remark="của tôi").press()
    other.press(remark="khác")
    assert "đã được gửi từ một cửa sổ hoặc máy khác" in other.text
    assert other.document.xpath("//@data-receipt") == one.document.xpath("//@data-receipt")
    assert answers(app)["remark"] == "của tôi"


def test_a_second_tap_on_the_same_words_is_no_matter(app: Flask, link: str) -> None:
    one, other = (visitor.press() for visitor in visitors(app, link))
    one.press(online="n", staff="2")
    other.open(one.address)
    one.press(remark="của tôi").press()
    assert "máy khác" not in other.press(remark="của tôi").text


def test_after_completion_the_link_says_so_however_it_is_used(app: Flask, link: str) -> None:
    one, other = visitors(app, link)
    one.press().press(online="n", staff="2").press().press()
    assert "Phiếu này đã được gửi" in other.press().h1, "pressed on a page that was open before"
    assert "Phiếu này đã được gửi" in other.open(link).h1
    assert count(app) == 1


def test_declining_after_the_other_completed_changes_nothing(app: Flask, link: str) -> None:
    one, other = visitors(app, link)
    one.press().press(online="n", staff="2").press().press()
    other.submit(other.form("tu-choi"), {}, {})
    assert "Phiếu này đã được gửi" in other.h1
    with app.app_context():
        assert db.session.scalar(select(Case.disposition)) == Disposition.COMPLETE


def test_declining_leads_to_a_page_of_its_own(app: Flask, link: str) -> None:
    visitor = visitors(app, link)[0]
    assert visitor.open(f"{link}/tu-choi").address == link, "who has not declined sees the invitation"
    visitor.submit(visitor.form("tu-choi"), {}, {})
    assert "Cảm ơn" in visitor.open(visitor.address).h1
