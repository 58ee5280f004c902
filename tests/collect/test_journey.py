"""A visitor on the province's household survey, from the first page to the receipt."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.cases.models import Case, Disposition
from survey.extensions import db
from survey.instrument import check
from survey.intake.models import Response
from tests.collect.visitor import Visitor
from tests.factories import field_survey

ANSWERS: dict[str, Any] = {
    "consent": "yes",
    "former_province": "84",
    "household_size": "4",
    "adults_15plus": "3",
    "internet_at_home": "yes",
    "fibre_available": "yes",
    "internet_connection": ["fibre", "mobile"],
    "answered_by": "selected",
    "sex": "female",
    "age": "42",
    "mobile_phone_use": "yes",
    "mobile_phone_own": "yes",
    "smartphone_own": "yes",
    "smartphone_use": "yes",
    "internet_last_use": "m3",
    "internet_frequency": "daily",
    "internet_activities": ["none"],
    "digital_skills": ["none"],
    "security_measures": ["none"],
    "bank_account": "yes",
    "ewallet": "no",
    "mobile_money": "refused",
    "cashless_payments": ["none"],
    "online_purchase": "never",
    "vneid_account": "level2",
    "online_public_service": "self",
    "public_service_satisfaction": "5",
}


def answer_all(visitor: Visitor, answers: dict[str, Any]) -> list[str]:
    """Answer every page until the review; the first offered choice where the answers are silent."""
    seen = []
    while "/xem-lai" not in visitor.address:
        assert visitor.status == 200, (visitor.address, visitor.faults)
        assert len(seen) < 30, seen
        seen.append(visitor.address.rpartition("/")[2])
        visitor.press(**{name: _entry(visitor, name, answers) for name in visitor.asked})
    return seen


def _entry(visitor: Visitor, name: str, answers: dict[str, Any]) -> Any:
    offered = visitor.document.xpath(
        f"//input[@name='{name}']/@value | //select[@name='{name}']/option/@value"
    )
    wanted = answers.get(name, next(filter(None, offered), ""))
    chosen = wanted if isinstance(wanted, list) else [wanted]
    if visitor.document.xpath(f"//input[@name='{name}' and (@type='radio' or @type='checkbox')]"):
        known = [value for value in chosen if value in offered]
        return known or [next(filter(None, offered))]
    return wanted


def test_a_visitor_answers_the_household_survey_and_it_is_kept(app: Flask, client: FlaskClient) -> None:
    fielded = field_survey(app)
    visitor = Visitor(client).open("/s/ict-ho-gia-dinh")
    pages = answer_all(visitor.press(), ANSWERS)
    assert pages[:3] == ["identification", "location_province", "location_commune"]
    assert "shopping" not in pages
    assert "satisfaction" in pages
    visitor.press()
    (receipt,) = visitor.document.xpath("//@data-receipt")
    with app.app_context():
        response = db.session.scalars(select(Response)).one()
        assert (response.status, response.mode, response.source) == ("complete", "web", "opt_in")
        assert response.resume_code == receipt
        assert response.answers["age"] == 42
        assert response.answers["former_province"] == "84"
        assert "case_code" not in response.answers
        assert check(fielded.instrument, response.answers).is_complete


def test_who_does_not_agree_is_asked_nothing_more(app: Flask, client: FlaskClient) -> None:
    field_survey(app)
    visitor = Visitor(client).open("/s/ict-ho-gia-dinh").press().press(consent="no")
    assert "/xem-lai" in visitor.address
    visitor.press()
    assert visitor.document.xpath("//@data-receipt")
    with app.app_context():
        answers = db.session.scalars(select(Response)).one().answers
        assert answers.keys() <= {"consent", "instanceName"}
        assert answers["consent"] == "no"


def test_an_invitation_knows_its_case_and_is_used_once(app: Flask, client: FlaskClient) -> None:
    fielded = field_survey(app, units=2)
    code, token = next(iter(fielded.cases.items()))
    visitor = Visitor(client).open(f"/k/{token}")
    assert code[:4] in visitor.text
    visitor.press()
    assert visitor.asked == ["consent"]
    pages = answer_all(visitor, ANSWERS)
    assert "location_province" not in pages
    visitor.press()
    assert visitor.document.xpath("//@data-receipt")
    with app.app_context():
        response = db.session.scalars(select(Response)).one()
        assert (response.answers["case_code"], response.source) == (code, "sample")
        assert db.session.scalar(select(Case.disposition).where(Case.code == code)) == Disposition.COMPLETE
    assert "đã được gửi" in visitor.open(f"/k/{token}").h1


def test_a_typed_case_code_makes_the_answer_the_cases(app: Flask, client: FlaskClient) -> None:
    fielded = field_survey(app, units=2)
    code = next(iter(fielded.cases))
    visitor = Visitor(client).open("/s/ict-ho-gia-dinh").press()
    visitor.press(consent="yes", case_code="ZZZZZZ99")
    assert "Không có mã phiếu này" in visitor.faults[0]
    visitor.press(consent="yes", case_code=code.lower())
    answer_all(visitor, ANSWERS)
    visitor.press()
    with app.app_context():
        response = db.session.scalars(select(Response)).one()
        assert (response.source, response.answers["case_code"]) == ("sample", code)
    other = Visitor(app.test_client()).open("/s/ict-ho-gia-dinh").press().press(consent="yes", case_code=code)
    assert "đã có câu trả lời" in other.faults[0]


def test_an_invited_person_may_decline_and_change_their_mind(app: Flask, client: FlaskClient) -> None:
    fielded = field_survey(app, units=1)
    ((_code, token),) = fielded.cases.items()
    visitor = Visitor(client).open(f"/k/{token}")
    visitor.submit(visitor.form("tu-choi"), {}, {})
    assert "Cảm ơn" in visitor.h1
    with app.app_context():
        assert db.session.scalar(select(Case.disposition)) == Disposition.REFUSAL
    answer_all(visitor.open(f"/k/{token}").press(), ANSWERS)
    visitor.press()
    with app.app_context():
        assert db.session.scalar(select(Case.disposition)) == Disposition.COMPLETE


def test_pages_speak_the_language_chosen_and_keep_what_was_typed(app: Flask, client: FlaskClient) -> None:
    field_survey(app)
    visitor = Visitor(client).open("/s/ict-ho-gia-dinh?lang=en")
    assert visitor.document.get("lang") == "en"
    visitor.press()
    assert "Do you agree" in visitor.text
    visitor.press("lang:vi", consent="yes")
    assert "Ông/bà có đồng ý" in visitor.text
    assert visitor.value("consent") == "yes"
    visitor.press("lang:km")
    assert visitor.document.get("lang") == "km"
    assert "បាទ/ចាស" in visitor.text, "the Khmer label that exists"
    assert "Ông/bà có đồng ý" in visitor.text, "Vietnamese where there is none"
