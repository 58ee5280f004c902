"""Anything typed into any question, on the web and in a record: an answer or a message, never an error page."""

import re
import unicodedata
from typing import Any
from xml.sax.saxutils import escape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from survey.extensions import db
from survey.instrument import check
from survey.intake.models import Response, ResponseStatus
from tests.collect.visitor import Visitor
from tests.factories import Fielded, field_survey
from tests.openrosa.device import Device, message

CONNECTED: dict[str, Any] = {
    "consent": "yes",
    "former_province": "84",
    "commune": "29512",
    "household_size": 4,
    "adults_15plus": 3,
    "internet_at_home": "yes",
    "internet_connection": ["mobile"],
    "answered_by": "self",
    "sex": "female",
    "age": 42,
    "mobile_phone_use": "yes",
    "mobile_phone_own": "yes",
    "smartphone_own": "yes",
    "internet_last_use": "m3",
    "online_purchase": "m3",
    "online_public_service": "self",
}
UNCONNECTED = {**CONNECTED, "internet_at_home": "no", "mobile_phone_own": "no"}
NASTY = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\u202eabc\u202c",
    "\u200b",
    "\ufeff",
    "👨‍👩‍👧‍👦 🇻🇳",
    "Hoa\u0300 Ti\u0323nh",
    "1.234,5",
    "12,5",
    "１２",
    "-0",
    "1e400",
    "NaN",
    "٣",
    "²",
    "9" * 40,
    "31/02/2026",
    "25/12/2026",
    "\r\n\r",
    "<b>&amp;'\"]]>",
    "${age}",
    "{{ 7*7 }}",
    "%s%n",
    "' OR 1=1 --",
    "x" * 20_001,
]
TYPED = st.one_of(st.sampled_from(NASTY), st.text(max_size=30))
FEW = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def household(app: Flask) -> Fielded:
    return field_survey(app)


def pages_shown(fielded: Fielded, answers: dict[str, Any]) -> list[str]:
    """The pages that these answers open."""
    relevant = {variable for variable, _ in check(fielded.instrument, answers).relevant}
    return [p.id for p in fielded.instrument.pages if any(q.variable in relevant for q in p.questions)]


def set_answers(app: Flask, answers: dict[str, Any]) -> None:
    """Bring the one draft back to a known state."""
    with app.app_context():
        statement = update(Response).values(answers=answers, status=ResponseStatus.DRAFT)
        db.session.execute(statement.execution_options(synchronize_session=False))
        db.session.commit()


@pytest.mark.parametrize("answers", [CONNECTED, UNCONNECTED], ids=["connected", "unconnected"])
def test_any_text_in_any_field_of_the_web_pages(
    app: Flask, client: FlaskClient, household: Fielded, answers: dict[str, Any]
) -> None:
    visitor = Visitor(client).open("/s/ict-ho-gia-dinh").press()
    root = visitor.address.partition("/trang/")[0]

    @FEW
    @given(data=st.data())
    def type_anything(page: str, data: st.DataObject) -> None:
        set_answers(app, answers)
        visitor.open(f"{root}/trang/{page}")
        typed = {name: data.draw(TYPED, name) for name in visitor.asked}
        visitor.press(**typed)
        assert visitor.status == 200, visitor.text
        for name in set(visitor.asked) & typed.keys():
            if visitor.address.endswith(page) and visitor.document.xpath(
                f"//*[@id='q-{name}' and @type='text']"
            ):
                assert _kept(visitor.value(name)) == _kept(typed[name])

    for page in pages_shown(household, answers):
        type_anything(page=page)
    with app.app_context():
        (response,) = db.session.scalars(select(Response))
        assert unicodedata.is_normalized("NFC", str(response.answers.get("case_code", "")))


def _kept(text: str) -> str:
    """A text without what HTML itself cannot carry or trims: control characters, and line ends in one line."""
    return "".join(letter for letter in text if letter.isprintable() and letter != "\ufffd")


@pytest.mark.parametrize("answers", [CONNECTED, UNCONNECTED], ids=["connected", "unconnected"])
def test_any_text_in_any_question_of_a_record(
    client: FlaskClient, household: Fielded, answers: dict[str, Any]
) -> None:
    device = Device(client, household)
    questions = re.findall(rb"<(\w+)(?:/>|>[^<]*</\1>)", device.record(answers))
    assert len(questions) > 20

    @FEW
    @given(typed=TYPED)
    def send_anything(name: bytes, typed: str) -> None:
        element = b"<%s>%s</%s>" % (name, escape(typed).encode(), name)
        pattern = rb"<%s(?:/>|>[^<]*</%s>)" % (name, name)
        record = re.sub(pattern, lambda _: element, device.record(answers))
        reply = device.send(record)
        assert reply.status_code in (201, 202, 400, 422), reply.text
        assert re.search("[.!?…)]$", message(reply))

    for name in dict.fromkeys(questions):
        send_anything(name=name)


@pytest.mark.parametrize(
    "body", [b"-revision=1&consent=%ff%fe&case_code=%00", b"%", b"consent=yes&consent=no"]
)
def test_bytes_that_are_no_text(client: FlaskClient, household: Fielded, body: bytes) -> None:
    visitor = Visitor(client).open("/s/ict-ho-gia-dinh").press()
    token = str(visitor.value("csrf_token")).encode()
    reply = client.post(
        visitor.address,
        data=b"csrf_token=" + token + b"&" + body,
        content_type="application/x-www-form-urlencoded",
    )
    assert reply.status_code == 303


def test_a_text_of_a_megabyte_is_told_to_be_shortened_and_stays_on_the_page(
    client: FlaskClient, household: Fielded
) -> None:
    visitor = Visitor(client).open("/s/ict-ho-gia-dinh").press()
    long = "x" * 1_000_000
    visitor.press(consent="yes", case_code=long)
    assert visitor.faults == ["Mã phiếu Viết ngắn lại, nhiều nhất 20.000 ký tự"]
    assert visitor.value("case_code") == long
    device = Device(client, household)
    reply = device.send(
        device.record({"consent": "yes", "case_code": "8"}).replace(b">8<", b">" + b"x" * 1_000_000 + b"<")
    )
    assert reply.status_code == 422
    assert "Viết ngắn lại" in message(reply)


def test_decomposed_vietnamese_is_the_same_text_on_both_channels(
    app: Flask, client: FlaskClient, tmp_path: Any
) -> None:
    form = """
    | survey   |      |         |       |            |
    |          | type | name    | label | constraint |
    |          | text | village | Ấp    | . = 'Hòa Tịnh' |
    | settings |      |         |       |            |
    |          | form_id | version |    |            |
    |          | village | 1       |    |            |
    """
    fielded = field_survey(app, form, folder=tmp_path)
    decomposed = unicodedata.normalize("NFD", "Hòa Tịnh")
    assert (
        Device(client, fielded).send(Device(client, fielded).record({"village": decomposed})).status_code
        == 201
    )
    visitor = Visitor(client).open("/s/village").press().press(village=decomposed)
    assert visitor.h1 == "Xem lại trước khi gửi"
    visitor.press()
    with app.app_context():
        kept = db.session.scalars(select(Response)).all()
        assert [response.answers["village"] for response in kept] == ["Hòa Tịnh", "Hòa Tịnh"]


@pytest.mark.parametrize("place", ["%00", "a%00b", "%ff", "%F0%9F%98%80", "..%2f..%2f", "x" * 3000])
@pytest.mark.parametrize(
    "address",
    [
        "/s/{}",
        "/s/ict-ho-gia-dinh?lang={}",
        "/k/{}",
        "/k/{}/tu-choi",
        "/openrosa/{}/formList",
        "{openrosa}/formList?formID={}",
        "{openrosa}/forms/{}/form.xml",
        "{draft}/trang/{}",
        "{draft}/danh-sach/{}",
        "{draft}?lang={}",
    ],
)
def test_odd_addresses_are_not_found_or_served(
    client: FlaskClient, household: Fielded, address: str, place: str
) -> None:
    draft = Visitor(client).open("/s/ict-ho-gia-dinh").press().address.partition("/trang/")[0]
    openrosa = f"/openrosa/{household.project_token}"
    reply = client.get(address.format(place, openrosa=openrosa, draft=draft), follow_redirects=True)
    assert reply.status_code in (200, 404)
