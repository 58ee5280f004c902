"""What was read before agreeing: kept with the answers, by version and language."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.extensions import db
from survey.intake.models import Response
from survey.rounds.models import ConsentText
from tests.collect.consenting import CONSENTING, DESIGN, answer, responses
from tests.collect.test_pages import SHOP
from tests.collect.visitor import Visitor
from tests.factories import Fielded, field_survey
from tests.openrosa.device import Device

VIETNAMESE = "Chúng tôi hỏi về vườn.\n\nÔng/bà đồng ý không?"
ENGLISH = "We ask about gardens.\n\nDo you agree?"


@pytest.fixture
def garden(app: Flask, tmp_path: Path) -> Fielded:
    return field_survey(app, CONSENTING, folder=tmp_path, design=DESIGN)


def read_by(app: Flask, response: Response) -> str:
    """The text that a response's person read."""
    with app.app_context():
        query = select(ConsentText.text).where(
            ConsentText.hash == response.consent_hash,
            ConsentText.language == response.consent_language,
            ConsentText.instrument_version_id == response.instrument_version_id,
        )
        return db.session.scalars(query).one()


@pytest.mark.parametrize(("lang", "text"), [("vi", VIETNAMESE), ("en", ENGLISH)])
def test_the_text_is_kept_in_the_language_read(
    app: Flask, garden: Fielded, client: FlaskClient, lang: str, text: str
) -> None:
    answer(Visitor(client).open(f"/s/garden?lang={lang}").press())
    (response,) = responses(app)
    assert (response.consent_language, response.consent_given) == (lang, True)
    assert response.started_at < response.consented_at < response.submitted_at
    assert read_by(app, response) == text


def test_who_changes_the_language_first_has_read_the_other_text(
    app: Flask, garden: Fielded, client: FlaskClient
) -> None:
    visitor = Visitor(client).open("/s/garden").press().press("lang:en")
    assert responses(app)[0].consent_hash is None, "nothing was agreed to yet"
    answer(visitor)
    assert read_by(app, responses(app)[0]) == ENGLISH


def test_a_later_change_of_language_changes_nothing(app: Flask, garden: Fielded, client: FlaskClient) -> None:
    Visitor(client).open("/s/garden").press().press(consent="yes").press("lang:en")
    (response,) = responses(app)
    assert (response.language, response.consent_language) == ("en", "vi")


def test_a_refusal_is_kept_as_one(app: Flask, garden: Fielded, client: FlaskClient) -> None:
    Visitor(client).open("/s/garden").press().press(consent="no").press()
    assert responses(app)[0].consent_given is False


def test_a_device_does_not_tell_the_language(app: Flask, garden: Fielded, client: FlaskClient) -> None:
    device = Device(client, garden)
    device.send(device.record({"consent": "yes", "garden": "mít"}))
    (response,) = responses(app)
    assert (response.consent_language, response.consent_given) == ("und", True)
    assert read_by(app, response) == f"{VIETNAMESE}\n\n{ENGLISH}"


def test_a_text_of_the_plan_is_agreed_to_by_starting(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    text = {"vi": "Bấm bắt đầu là đồng ý.", "en": "Starting means agreeing."}
    field_survey(app, SHOP, folder=tmp_path, design={"consent": text})
    visitor = Visitor(client).open("/s/shop")
    assert text["vi"] in visitor.text
    visitor.press()
    assert read_by(app, responses(app)[0]) == text["vi"]


def test_where_nothing_is_asked_nothing_is_claimed(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    field_survey(app, SHOP, folder=tmp_path)
    Visitor(client).open("/s/shop").press().press(online="n", staff="2").press(remark="x").press()
    (response,) = responses(app)
    assert (response.status, response.consent_hash, response.consented_at) == ("complete", None, None)
