"""A round whose recipe can be written anew."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask

from survey.extensions import db
from survey.process.recipes import service
from survey.rounds.models import Round
from tests.process.conftest import HandMade, field, queue_tables, work_off
from tests.process.hand_made import controls

__all__ = ["field", "queue_tables", "work_off"]

PEOPLE = {"sex": {"male": 90, "female": 110}, "stratum": {"A": 80, "B": 120}}
"""Totals for which the hand-made sample can be raked."""
RAKED = "      - {step: rake, margins: [sex, stratum]}\n"


@pytest.fixture
def fielded(app: Flask, field: Callable[..., HandMade]) -> HandMade:
    """The hand-made round, whose questionnaire has totals beside it that its own plan does not use."""
    found = field()
    with app.app_context():
        version = db.session.get_one(Round, found.round_id).instrument_version
        version.controls = controls(PEOPLE)
        said = {
            "population_base": "resident",
            "controls": {"controls.csv": {"population": {"vi": "Người lớn", "en": "adults"}}},
        }
        version.design = {**version.design, **said}
        db.session.commit()
    return found


@contextmanager
def in_round(app: Flask, found: HandMade) -> Iterator[Round]:
    """The round, within the application."""
    with app.app_context():
        yield db.session.get_one(Round, found.round_id)


def own_text(round_: Round, more: str = "") -> str:
    """The questionnaire's own plan with more steps at its end."""
    text = service.text_of(round_, 0)
    head, quality, tail = text.partition("quality:")
    return head + more + quality + tail


Anything = Any
