"""Answers that were taken back: out of snapshots, and figures that counted them are not signed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from survey.disseminate import service as disseminate
from survey.disseminate.preview import releases
from survey.errors import Conflict, Fault
from survey.extensions import db
from survey.intake.models import Response
from survey.intake.withdrawal import TooLate, withdraw
from survey.process import service
from survey.process.models import Run
from survey.process.tables import ROOT, read_tables
from survey.rounds.models import Purpose, Round
from survey.signoff.models import SignOffStatus
from tests.process.conftest import HandMade
from tests.staff import statistician


@pytest.fixture
def run(app: Flask, field: Callable[..., HandMade]) -> Run:
    """A finished run of the hand-made sample, within an application context."""
    fielded = field()
    with app.app_context():
        round_ = db.session.get_one(Round, fielded.round_id)
        round_.purpose = Purpose.DEMONSTRATION
        run = service.request_run(round_, statistician())
        db.session.commit()
        service.execute(run.id)
        yield service.find_run(run.id)


def take_back(run: Run) -> str:
    """Somebody of the run withdraws; return the record's key."""
    query = select(Response).where(Response.round_id == run.round_id).order_by(Response.instance_id)
    response = db.session.scalars(query).first()
    assert response is not None
    withdraw(response)
    db.session.commit()
    return response.instance_id


def test_the_snapshot_goes_and_its_run_is_cancelled(run: Run) -> None:
    snapshot = Path(run.snapshot.folder)
    key = take_back(run)
    assert not snapshot.exists()
    assert (run.status, run.estimates, run.edits) == ("cancelled", [], [])
    assert "rút lại" in run.message
    again = service.request_run(run.round, run.requested_by)
    db.session.commit()
    service.execute(again.id)
    assert again.status == "done"
    assert key not in set(read_tables(again.snapshot)[ROOT]["response_key"])


def test_a_run_that_was_put_forward_waits_for_nobody(run: Run) -> None:
    release = disseminate.propose(run, run.requested_by)
    db.session.commit()
    take_back(run)
    assert releases(SignOffStatus.CHECKED) == []
    with pytest.raises(Conflict, match="đã bị hủy"):
        disseminate.publish(release, statistician("minh"))


def test_signing_ends_withdrawal_and_the_codes(run: Run) -> None:
    response = db.session.scalars(select(Response).where(Response.round_id == run.round_id)).first()
    assert response.resume_code
    disseminate.publish(disseminate.propose(run, run.requested_by), statistician("minh"))
    db.session.commit()
    assert run.round.deidentify_at
    assert set(db.session.scalars(select(Response.resume_code))) == {None}
    with pytest.raises(TooLate):
        withdraw(response)


def test_nothing_is_signed_before_the_promised_day(run: Run) -> None:
    run.round.deidentify_at = datetime.now(UTC) + timedelta(days=2)
    release = disseminate.propose(run, run.requested_by)
    with pytest.raises(Fault, match="còn rút lại được"):
        disseminate.publish(release, statistician("minh"))
    assert release.status == SignOffStatus.CHECKED


def test_a_withdrawal_while_the_snapshot_is_taken(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    again = service.request_run(run.round, run.requested_by)
    db.session.commit()
    take = service.take_snapshot

    def slow(round_: Round, files: str) -> object:
        snapshot = take(round_, files)
        found = db.session.scalars(select(Response).where(Response.round_id == round_.id)).first()
        found.answers, found.content_hash, found.status = {}, None, "withdrawn"
        return snapshot

    monkeypatch.setattr(service, "take_snapshot", slow)
    with pytest.raises(Conflict, match="đã bị hủy"):
        service.execute(again.id)
    assert again.status == "cancelled"
    assert not Path(again.snapshot.folder).exists()
