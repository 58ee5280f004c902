"""Every questionnaire can be answered from its first page to the end, in the engine and on the web pages."""

import random
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.commands.serving import load_reference_data
from survey.extensions import db
from survey.instrument import check
from survey.intake.models import Response, ResponseStatus
from survey.rounds.models import InstrumentVersion
from tests.collect.visitor import Visitor
from tests.factories import field_survey
from tests.questionnaires.library import FOLDER, NAMES, OWN, instrument, random_walk, sheet

WALKS = 60
MOST_QUESTIONS = 6  # on a page


@pytest.mark.parametrize("name", OWN)
def test_random_respondents_reach_the_end_and_together_see_every_question(name: str) -> None:
    form, rng = instrument(name), random.Random(11)
    asked: set[str] = set()
    for _ in range(WALKS):
        answers, _ = random_walk(form, rng)
        checked = check(form, answers)
        assert checked.faults == ()
        asked |= {variable for variable, _ in checked.relevant}
    assert {question.variable for question in form.questions.values() if not question.is_silent} <= asked


@pytest.mark.parametrize("name", OWN)
def test_consent_is_asked_first_after_a_text_and_no_ends_the_form(name: str) -> None:
    form = instrument(name)
    first = form.pages[0]
    assert first.questions[0].type == "note"
    assert [q.name for q in first.questions if q.type.startswith("select")] == ["consent"]
    refused = check(form, {"consent": "no"})
    assert refused.faults == ()
    later = {q.variable for page in form.pages[1:] for q in page.questions}
    assert later & {variable for variable, _ in refused.relevant} == set()


@pytest.mark.parametrize("name", OWN)
def test_pages_have_few_questions(name: str) -> None:
    sizes = {page.id: len([q for q in page.questions if not q.is_silent]) for page in instrument(name).pages}
    assert {page: size for page, size in sizes.items() if size > MOST_QUESTIONS} == {}


@pytest.mark.parametrize("name", OWN)
def test_every_choice_question_and_number_is_required_or_says_that_it_may_stay_empty(name: str) -> None:
    allowed = ("để trống", "Không bắt buộc")
    silent = [
        row["name"]
        for row in sheet(FOLDER / name / "survey.csv")
        if row["type"].split()[0] in ("select_one", "select_multiple", "integer", "text", "image", "geopoint")
        and row["required"] != "yes"
        and not any(word in row["hint::Tiếng Việt (vi)"] for word in allowed)
    ]
    assert silent == []


def test_the_service_loads_the_whole_library_when_it_starts(app: Flask) -> None:
    with app.app_context():
        load_reference_data()
        versions = {version.survey.code: version for version in db.session.scalars(select(InstrumentVersion))}
        assert sorted(versions) == NAMES
        assert all(version.indicators["indicators"] for version in versions.values())


@pytest.mark.parametrize("name", [name for name in OWN if name != "ict-ho-gia-dinh"])
def test_a_visitor_answers_on_the_web_pages_and_it_is_kept(
    name: str, app: Flask, client: FlaskClient
) -> None:
    field_survey(app, FOLDER / name)
    answers, pages = agreed(name)
    visitor = Visitor(client).open(f"/s/{name}").press()
    seen = []
    while "/xem-lai" not in visitor.address:
        assert visitor.status == 200 and len(seen) <= len(pages), (visitor.address, visitor.faults)
        seen.append(visitor.address.rpartition("/")[2])
        visitor.press(**{asked: entry(answers[asked]) for asked in visitor.asked if asked in answers})
    assert seen == pages
    visitor.press()
    assert visitor.document.xpath("//@data-receipt")
    with app.app_context():
        response = db.session.scalars(select(Response)).one()
        assert response.status == ResponseStatus.COMPLETE
        assert {key: response.answers[key] for key in answers} == answers


def agreed(name: str) -> tuple[dict[str, Any], list[str]]:
    """The longest of a few random walks: one that agreed."""
    rng = random.Random(5)
    return max((random_walk(instrument(name), rng) for _ in range(8)), key=lambda walk: len(walk[1]))


def entry(value: Any) -> Any:
    """A value as typed or ticked."""
    return value if isinstance(value, list) else str(value)
