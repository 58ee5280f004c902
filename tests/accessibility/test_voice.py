"""Citizen voice and its desk: nothing that axe finds, and nothing wider than 320 px."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from sqlalchemy import select

from survey.accounts.models import Role, User
from survey.demo.voices import speak
from survey.extensions import db
from survey.voice.models import VoiceSubmission
from tests.accessibility.browser import Shown
from tests.accessibility.test_citizen import LANGUAGES, assert_right
from tests.accessibility.test_staff import assert_right as assert_desk_right
from tests.accessibility.test_staff import assert_shown_right
from tests.collect.visitor import Visitor
from tests.staff import send, signed_in
from tests.voice.conftest import areas, hasty
from tests.voice.messages import GOOD, chosen, jpeg

__all__ = ["areas", "hasty"]
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("areas", "hasty")]


@LANGUAGES
def test_the_form_its_messages_the_map_and_the_thanks(client: FlaskClient, shown: Shown, lang: str) -> None:
    query = "" if lang == "vi" else f"?lang={lang}"
    assert_right(shown, f"/y-kien{query}", lang)
    visitor = (
        Visitor(client).open(f"/y-kien{query}").press(phone="1", commune="x", photos=chosen(b"x", jpeg()))
    )
    assert len(visitor.faults) == 5
    assert_right(shown, visitor.address, lang)
    visitor.press("map", **GOOD, phone="", commune="")
    assert_right(shown, visitor.address, lang)
    form = next(form for form in visitor.document.forms if form.xpath(".//button[@name='move']"))
    visitor.submit(form, {"move": "north"}, {})
    assert_right(shown, visitor.address, lang)
    visitor.open(visitor.document.xpath("string(//p[@class='actions']/a/@href)"))
    assert_right(shown, visitor.address, lang)
    visitor.press()
    assert visitor.document.xpath("//@data-receipt")
    assert_right(shown, visitor.address, lang)


@LANGUAGES
def test_finding_and_the_summary(client: FlaskClient, shown: Shown, lang: str) -> None:
    for address in ("/y-kien/tra-cuu", "/y-kien/AAAAAAAA", "/y-kien/tong-hop"):
        assert_right(shown, f"{address}?lang={lang}", lang)


def test_the_map_is_a_button_of_the_size_that_presses_are_told_in(client: FlaskClient, shown: Shown) -> None:
    """A picture that the stylesheet scales would tell a press elsewhere."""
    visitor = Visitor(client).open("/y-kien").press("map", **GOOD)
    for address, width in ((visitor.address, 280), (f"{visitor.address}?rong=640", 640)):
        picture = shown.open(address).locator("input[type=image]")
        box = picture.bounding_box()
        assert box is not None
        assert (box["width"], round(box["height"])) == (width, int(picture.get_attribute("height") or 0))
        assert picture.evaluate("at => at.clientWidth") == width


def test_the_desk(app: Flask, browser: Browser, shown: Shown) -> None:
    hoa = signed_in(app, "hoa", Role.CASEWORKER)
    assert_desk_right(browser, hoa, "/y-kien-xu-ly/")
    with app.app_context():
        speak(db.session.scalars(select(User)).one())
        numbers = db.session.scalars(select(VoiceSubmission.id).order_by(VoiceSubmission.id)).all()
    pages = ["/y-kien-xu-ly/", "/y-kien-xu-ly/?tab=nghi&status=new&commune=x", "/y-kien/tong-hop"]
    assert_desk_right(browser, hoa, *pages, *(f"/y-kien-xu-ly/{number}" for number in numbers[:2]))
    address = f"/y-kien-xu-ly/{numbers[0]}"
    shown.open_text(send(hoa, address, f"{address}/tra-loi", revision="0", answer="x").text)
    assert_shown_right(shown, "somebody else was first")
