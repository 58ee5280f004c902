"""The DBI fielded, and firms that have answered it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from survey.assessment import peers
from survey.assessment.plan import Assessment
from survey.assessment.reading import read_assessment
from survey.rounds.service import read_plans
from tests.assessment.firms import DBI, Firm, field_dbi, hand_in
from tests.questionnaires.library import instrument


@pytest.fixture(scope="session")
def plan() -> Assessment:
    """The DBI's own file."""
    plans = read_plans(DBI)
    return read_assessment(plans["assessment"], instrument("dbi-dnnvv"), plans["indicators"]["variables"])


@pytest.fixture
def fielded(app: Flask) -> int:
    """An open round of the DBI: its id."""
    peers._kept.clear()  # numbers of rounds begin anew in each test's tables
    return field_dbi(app)


@pytest.fixture
def firm(app: Flask, fielded: int) -> Callable[..., Firm]:
    """Hand in the answers of a firm: a score for every criterion, and what differs."""

    def made(score: int = 2, **answers: Any) -> Firm:
        return hand_in(app, fielded, score, **answers)

    return made
