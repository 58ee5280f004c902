"""Which questions of the household questionnaire may be released, and as what."""

import pytest
from flask import Flask

from survey.instrument import codebook
from survey.microdata.candidates import Candidate, area_codes, of_question
from survey.rounds.service import instrument_of, load_questionnaire
from tests.factories import HOUSEHOLD
from tests.known import load_areas


@pytest.fixture
def kinds(app: Flask) -> dict[str, str]:
    """Each variable's kind, or why it is withheld."""
    with app.app_context():
        load_areas()
        areas = area_codes()
        items = codebook(instrument_of(load_questionnaire(HOUSEHOLD)))
        judged = {item.name: of_question(item, areas, False) for item in items}
    return {name: one.kind if isinstance(one, Candidate) else one for name, one in judged.items()}


def test_places_are_known_by_their_codes(kinds: dict[str, str]) -> None:
    assert kinds["former_province"] == kinds["commune"] == "geography"  # also with "elsewhere" on the list


def test_answers_keep_their_kind_and_texts_stay_at_home(kinds: dict[str, str]) -> None:
    assert (kinds["sex"], kinds["age"], kinds["internet_activities"]) == ("choice", "number", "several")
    assert kinds["case_code"].startswith("chữ tự do")
    places = [name for name, kind in kinds.items() if kind == "geography"]
    assert places == ["former_province", "commune"]
