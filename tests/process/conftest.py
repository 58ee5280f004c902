"""A fielded round of the hand-made sample, and a queue that a test can work off."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from procrastinate.schema import SchemaManager

from survey.cases.models import Case, Disposition
from survey.cases.service import add_sample, set_disposition
from survey.extensions import db
from survey.intake.models import Mode
from survey.intake.service import Arrival, submit
from survey.process import jobs
from survey.rounds.models import Round
from tests.factories import field_survey
from tests.process import hand_made
from tests.process.hand_made import DESIGN_WEIGHT, NONRESPONSE, WITHIN


@dataclass(frozen=True)
class HandMade:
    """The round of the hand-made sample."""

    round_id: int
    address: str = "/process/tinh-tay/r1"


@pytest.fixture
def field(app: Flask, tmp_path: Path) -> Callable[..., HandMade]:
    """Put the hand-made sample into the field; `answered` False leaves every case open."""

    def put(*steps: dict[str, Any], answered: bool = True, **quality: float) -> HandMade:
        fielded = field_survey(app, hand_made.FORM, folder=tmp_path)
        with app.app_context():
            round_ = db.session.get_one(Round, fielded.round_id)
            version = round_.instrument_version
            version.indicators = hand_made.INDICATORS
            version.design = hand_made.design(*(steps or (DESIGN_WEIGHT, NONRESPONSE, WITHIN)), **quality)
            add_sample(round_, {"method": "by hand"}, [_unit(unit) for unit in hand_made.SAMPLE])
            if answered:
                _answer(round_)
            db.session.commit()
        return HandMade(fielded.round_id)

    return put


def _unit(unit: str) -> dict[str, Any]:
    stratum, psu, probability, _ = hand_made.SAMPLE[unit]
    return {"unit": unit, "stratum": stratum, "psu": psu, "probability": probability}


def _answer(round_: Round) -> None:
    for case in db.session.query(Case).filter_by(round_id=round_.id):
        disposition = hand_made.SAMPLE[case.unit][3]
        if disposition == Disposition.COMPLETE:
            answers = dict(zip(("members", "sex", "uses"), hand_made.ANSWERS[case.unit], strict=True))
            submit(round_, Arrival(f"uuid:{case.unit}", answers, Mode.OPENROSA, case=case))
        else:
            set_disposition(case, disposition)


@pytest.fixture(scope="session")
def queue_tables(one_app: Flask) -> None:
    """The queue's schema, which migrations make in production."""
    with psycopg.connect(jobs._conninfo(one_app), options=jobs.SCHEMA, autocommit=True) as connection:
        if connection.execute("SELECT to_regclass('procrastinate.procrastinate_jobs')").fetchone() != (None,):
            return  # a test that migrates has made it
        connection.execute("CREATE SCHEMA IF NOT EXISTS procrastinate")
        connection.execute(SchemaManager.get_schema())  # type: ignore[arg-type]


@pytest.fixture
def work_off(app: Flask, queue_tables: None) -> Iterator[Callable[[], None]]:
    """Do all queued jobs, as a worker would; afterwards the queue is empty and its connections are closed."""

    def work() -> None:
        asyncio.run(jobs.work_off(app, wait=False))

    yield work
    with psycopg.connect(jobs._conninfo(app), options=jobs.SCHEMA, autocommit=True) as connection:
        connection.execute("TRUNCATE procrastinate_jobs CASCADE")
    jobs._sender(jobs._conninfo(app)).close()
    jobs._sender.cache_clear()
