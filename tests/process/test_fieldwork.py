"""Fieldwork numbers: outcomes, response rate, answers by day."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import update

from survey.accounts.models import Role
from survey.cases.models import Disposition
from survey.extensions import db
from survey.intake.models import Response, Source
from survey.process import fieldwork
from survey.process.fieldwork import Outcomes
from survey.rounds.models import Round
from tests.process.conftest import HandMade
from tests.staff import read, signed_in, words


@pytest.mark.parametrize(
    ("counts", "rate"),
    [
        ({Disposition.COMPLETE: 6, Disposition.REFUSAL: 1, Disposition.NON_CONTACT: 1}, 75.0),
        ({Disposition.COMPLETE: 6, Disposition.REFUSAL: 2, Disposition.INELIGIBLE: 92}, 75.0),
        (
            {Disposition.COMPLETE: 1, Disposition.PARTIAL: 1, Disposition.UNKNOWN: 1, Disposition.PENDING: 1},
            25.0,
        ),
        ({Disposition.PENDING: 10}, 0.0),
        ({Disposition.INELIGIBLE: 10}, None),
        ({}, None),
    ],
)
def test_the_response_rate_is_rr1_of_aapor(counts: dict[str, int], rate: float | None) -> None:
    assert Outcomes(counts).response_rate == (None if rate is None else pytest.approx(rate))


def test_outcomes_of_a_round_and_of_its_strata(app: Flask, field: Callable[..., HandMade]) -> None:
    fielded = field()
    with app.app_context():
        round_ = db.session.get_one(Round, fielded.round_id)
        line = fieldwork.round_line(round_)
        strata = fieldwork.outcomes_by_stratum(round_)
    assert (line.outcomes.sampled, line.outcomes.complete, line.complete, line.opt_in) == (9, 6, 6, 0)
    assert line.outcomes.response_rate == pytest.approx(75)
    assert {name: (found.complete, found.sampled) for name, found in strata.items()} == {
        "A": (3, 5),
        "B": (3, 4),
    }


def test_the_overview_lists_every_round_with_its_numbers(app: Flask, field: Callable[..., HandMade]) -> None:
    field()
    shown = words(read(signed_in(app, "lan", Role.STATISTICIAN), "/process/"))
    assert "Mẫu tính tay" in shown
    assert "75,0" in shown
    assert "Chưa công bố" in shown


def test_an_empty_desk_says_what_to_do(app: Flask) -> None:
    shown = words(read(signed_in(app, "quan", Role.MANAGER), "/process/"))
    assert "Chưa có đợt khảo sát nào" in shown
    assert "mở trang Quản lý" in shown


def test_answers_are_counted_by_the_day_of_the_province(app: Flask, field: Callable[..., HandMade]) -> None:
    """20:30 in London on the 14th is 03:30 on the 15th in Vĩnh Long."""
    fielded = field()
    with app.app_context():
        db.session.execute(update(Response).values(submitted_at=datetime(2026, 9, 14, 20, 30, tzinfo=UTC)))
        db.session.commit()
        round_ = db.session.get_one(Round, fielded.round_id)
        days = fieldwork.answers_by_day(round_)
        opt_in = fieldwork.answers_by_day(round_, Source.OPT_IN)
    assert days == {date(2026, 9, 15): 6}
    assert opt_in == {}


def test_the_round_page_names_outcomes_and_strata(app: Flask, field: Callable[..., HandMade]) -> None:
    fielded = field()
    shown = words(read(signed_in(app, "lan", Role.STATISTICIAN), fielded.address))
    for expected in ("Từ chối (2.11)", "Không gặp (2.2)", "Không thuộc diện điều tra (4.7)", "Tính trọng số"):
        assert expected in shown
