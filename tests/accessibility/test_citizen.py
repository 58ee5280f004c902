"""Every kind of page of the citizen's form: nothing that axe finds, and nothing wider than 320 px."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.cases.models import Case
from survey.extensions import db
from survey.invitations.contacts import stop
from survey.invitations.links import revoke
from survey.rounds.models import Purpose
from survey.rounds.service import close_round, find_round
from tests.accessibility.browser import Shown
from tests.collect.every_type import EVERY_TYPE
from tests.collect.test_from_file import ONE_PAGE
from tests.collect.test_from_file import fielded as with_lists
from tests.collect.visitor import Visitor
from tests.factories import field_survey

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LANGUAGES = pytest.mark.parametrize("lang", ["vi", "en"])


@pytest.fixture
def visitor(app: Flask, client: FlaskClient, tmp_path: Path, lang: str) -> Visitor:
    """A visitor on the page with every type of question."""
    field_survey(app, EVERY_TYPE, folder=tmp_path)
    return Visitor(client).open(f"/s/types?lang={lang}").press()


def assert_right(shown: Shown, address: str, lang: str) -> None:
    """The page in the browser has no fault, is in its language and fits."""
    window = shown.open(address)
    assert window.locator("html").get_attribute("lang") == lang
    assert shown.faults() == [], address
    assert shown.width() <= 320, address


@LANGUAGES
def test_start_and_resume(shown: Shown, visitor: Visitor, lang: str) -> None:
    assert_right(shown, f"/s/types?lang={lang}", lang)
    visitor.open(f"/s/types?lang={lang}")
    form: Any = visitor.form("tiep-tuc")
    reply = visitor.client.post(
        form.action, data={**dict(form.form_values()), "code": "SAIM-AAAA"}, follow_redirects=True
    )
    window = shown.open_text(reply.text)
    assert window.locator(".field-error").is_visible()
    assert shown.faults() == []


@LANGUAGES
def test_questions_of_each_type(shown: Shown, visitor: Visitor, lang: str) -> None:
    assert_right(shown, visitor.address, lang)


@LANGUAGES
def test_lists_from_files(shown: Shown, app: Flask, client: FlaskClient, tmp_path: Path, lang: str) -> None:
    """A list that waits for an answer, one that is searched, and one of which several are written."""
    with_lists(app, tmp_path, ONE_PAGE)
    visitor = Visitor(client).open(f"/s/noi-o?lang={lang}").press()
    assert_right(shown, visitor.address, lang)
    visitor.press(xa="29512", den="")
    visitor.press(ap="x", den="x\ny")
    assert len(visitor.faults) == 2
    assert_right(shown, visitor.address, lang)


@LANGUAGES
def test_messages_beside_questions(shown: Shown, visitor: Visitor, lang: str) -> None:
    wrong = dict.fromkeys(("area", "staff", "born", "opens", "met", "share", "place"), "x")
    visitor.press(**wrong, order=["1", "1", "2"])
    assert len(visitor.faults) == 9
    assert_right(shown, visitor.address, lang)


@LANGUAGES
def test_a_lone_question_a_list_and_its_instance(shown: Shown, visitor: Visitor, lang: str) -> None:
    visitor.press(staff="2", best="sr")
    assert visitor.asked == ["alone"]
    assert_right(shown, visitor.address, lang)
    visitor.press()
    assert_right(shown, visitor.address, lang)
    visitor.press("add")
    assert_right(shown, visitor.address, lang)
    visitor.press(name="Lan")
    assert_right(shown, visitor.address, lang)


@LANGUAGES
def test_review_pause_and_thanks(shown: Shown, visitor: Visitor, lang: str) -> None:
    root = re.sub("/trang/.*", "", visitor.address)
    assert_right(shown, f"{root}/tam-dung", lang)
    assert_right(shown, f"{root}/xem-lai", lang)  # with what is still missing
    visitor.press(staff="2", best="sr", grown=["sr", "du"]).press().press()
    assert "/xem-lai" in visitor.address
    assert_right(shown, visitor.address, lang)
    visitor.press()
    assert visitor.document.xpath("//@data-receipt")
    assert_right(shown, visitor.address, lang)


@LANGUAGES
def test_two_windows(shown: Shown, visitor: Visitor, lang: str) -> None:
    other = Visitor(visitor.client).open(visitor.address)
    visitor.press(staff="2", best="sr")
    other.press(staff="3", best="sr")
    assert_right(shown, other.address, lang)


@LANGUAGES
def test_an_invitation_and_its_refusal(app: Flask, client: FlaskClient, shown: Shown, lang: str) -> None:
    fielded = field_survey(app, units=1)
    (token,) = fielded.cases.values()
    assert_right(shown, f"/k/{token}?lang={lang}", lang)
    visitor = Visitor(client).open(f"/k/{token}?lang={lang}")
    visitor.submit(visitor.form("tu-choi"), {}, {})
    assert_right(shown, f"/k/{token}/tu-choi?lang={lang}", lang)


@LANGUAGES
def test_links_that_open_nothing_and_the_way_out_of_messages(app: Flask, shown: Shown, lang: str) -> None:
    (token,) = field_survey(app, units=1).cases.values()
    assert_right(shown, f"/k/khong-co?lang={lang}", lang)
    assert_right(shown, f"/k/{token}/dung-nhan-tin?lang={lang}", lang)
    with app.app_context():
        case = db.session.query(Case).one()
        stop(case)
        db.session.commit()
    assert_right(shown, f"/k/{token}/dung-nhan-tin?lang={lang}", lang)
    with app.app_context():
        revoke(db.session.query(Case).one(), replace=True)
        db.session.commit()
    assert_right(shown, f"/k/{token}?lang={lang}", lang)


@LANGUAGES
def test_no_consent_is_thanked_for(app: Flask, client: FlaskClient, shown: Shown, lang: str) -> None:
    field_survey(app)
    visitor = Visitor(client).open(f"/s/ict-ho-gia-dinh?lang={lang}").press().press(consent="no")
    visitor.press()
    assert visitor.document.xpath("//@data-receipt")
    assert_right(shown, visitor.address, lang)


@LANGUAGES
def test_a_closed_round(app: Flask, shown: Shown, visitor: Visitor, lang: str) -> None:
    with app.app_context():
        close_round(find_round("types", "r1"))
        db.session.commit()
    assert_right(shown, f"/s/types?lang={lang}", lang)
    assert_right(shown, visitor.address, lang)


@LANGUAGES
def test_a_synthetic_round(app: Flask, shown: Shown, lang: str) -> None:
    field_survey(app, purpose=Purpose.DEMONSTRATION)
    assert_right(shown, f"/s/ict-ho-gia-dinh?lang={lang}", lang)


def test_an_address_that_leads_nowhere(app: Flask, shown: Shown) -> None:
    assert_right(shown, "/s/khong-co", "vi")
