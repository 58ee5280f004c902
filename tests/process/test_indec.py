"""INDEC's ICT module of 2018 through the real services: import, weight, estimate, held against R's figures."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from survey.config import PROJECT
from survey.extensions import db
from survey.intake.importing import import_microdata
from survey.process import service
from survey.process.models import Estimate, Run, RunStatus
from survey.rounds.models import Purpose
from survey.rounds.service import ensure_round, load_questionnaire, open_round
from tests.staff import statistician

pytestmark = [pytest.mark.slow]

FOLDER = PROJECT / "questionnaires" / "indec-ict-2018"
AGGLOMERATES = 32

# R 4.2.2, survey 4.1-1: svydesign(ids=~CODUSU, strata=~AGLOMERADO, weights=~POND_TIC, nest=TRUE),
# svymean(~I(IP_III_05 == 1), deff="replace") and so on; in percent.
PERSONS = {
    "indec-computer-use": (42.6221500908235, 0.503282950996273, 5.61125190496965),
    "indec-internet-use": (77.680700719406, 0.4113590741696, 5.28765883457881),
    "indec-mobile-phone-use": (83.5115990621773, 0.307105373079296, 3.7107734751071),
}
EXACT, CLOSE = 1e-9, 1e-7


@pytest.fixture
def run(app: Flask) -> Iterator[Run]:
    """A finished run of the imported microdata."""
    with app.app_context():
        version = load_questionnaire(FOLDER)
        round_ = ensure_round(version, "microdata", purpose=Purpose.VERIFICATION, time_period="2018-Q4")
        open_round(round_)
        import_microdata(round_, FOLDER)
        requested = service.request_run(round_, statistician())
        db.session.commit()
        yield service.execute(requested.id)


def test_the_figures_of_persons_are_those_of_r(run: Run) -> None:
    assert run.status == RunStatus.DONE
    assert run.snapshot is not None
    assert run.snapshot.rows == {"cases": 0, "person": 54178, "root": 18600}
    for code, (value, std_error, deff) in PERSONS.items():
        found = _total(run, code)
        assert found.value == pytest.approx(value, rel=EXACT)
        assert found.std_error == pytest.approx(std_error, rel=CLOSE)
        assert found.deff == pytest.approx(deff, rel=CLOSE)
        assert found.n == 54178
    _every_agglomerate_has_a_figure(run)
    _the_same_data_and_recipe_give_the_same_figures(run)


def _total(run: Run, code: str) -> Estimate:
    return next(row for row in run.estimates if row.indicator == code and row.dimension is None)


def _every_agglomerate_has_a_figure(run: Run) -> None:
    for indicator in service.recipe_used(run).indicators:
        levels = {row.level for row in run.estimates if row.indicator == indicator.code and row.level}
        assert len(levels) == AGGLOMERATES


def _the_same_data_and_recipe_give_the_same_figures(run: Run) -> None:
    again = service.request_run(run.round, run.requested_by)
    db.session.commit()
    again = service.execute(again.id)
    assert again.snapshot_id == run.snapshot_id
    assert again.recipe_hash == run.recipe_hash
    assert _values(again) == _values(run)


def _values(run: Run) -> list[tuple[str, str | None, float, float]]:
    rows = db.session.scalars(select(Estimate).where(Estimate.run_id == run.id).order_by(Estimate.id))
    return [(row.indicator, row.level, row.value, row.std_error) for row in rows]
