"""How runs end early, through the real queue: cancelled, or with a reason on their page."""

import logging
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from survey.accounts.models import Role
from survey.errors import Conflict
from survey.extensions import db
from survey.process import queue, service
from survey.process.models import Estimate, Run, RunStatus
from survey.rounds.models import Round
from tests.process.conftest import HandMade
from tests.process.hand_made import DESIGN_WEIGHT, NONRESPONSE, RAKE, WITHIN, controls
from tests.staff import read, send, signed_in, words

Field = Callable[..., HandMade]


def queued(app: Flask, fielded: HandMade) -> int:
    """A run in the queue, asked for by its button."""
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    location = send(browser, fielded.address, f"{fielded.address}/runs").location
    return int(location.rsplit("/", 1)[1])


def cancel(app: Flask, run_id: int) -> None:
    with app.app_context():
        queue.cancel(service.find_run(run_id))
        db.session.commit()


def state(app: Flask, run_id: int) -> tuple[str, int]:
    """Status and number of estimates."""
    with app.app_context():
        estimates = db.session.scalars(select(Estimate).where(Estimate.run_id == run_id)).all()
        return service.find_run(run_id).status, len(estimates)


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log says at the level of a warning or above, with the traceback where there is one."""
    formatter = logging.Formatter()
    return [formatter.format(record) for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_run_cancelled_in_the_queue_ends_with_one_sentence(
    app: Flask, field: Field, work_off: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    run_id = queued(app, field())
    cancel(app, run_id)
    work_off()
    assert complaints(caplog) == [f"run {run_id} was cancelled, no figures of it are kept"]
    assert state(app, run_id) == (RunStatus.CANCELLED, 0)


@pytest.mark.parametrize("step", ["take_snapshot", "weighted_design", "_figures"])
def test_a_run_cancelled_half_way_ends_at_its_next_step(
    app: Flask,
    field: Field,
    work_off: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    """Somebody presses the button while the worker is in this step, even the last one."""
    run_id = queued(app, field())
    work = getattr(service, step)

    def pressed_meanwhile(*arguments: object, **told: object) -> object:
        done = work(*arguments, **told)
        if state(app, run_id)[0] != RunStatus.CANCELLED:
            cancel(app, run_id)
        return done

    monkeypatch.setattr(service, step, pressed_meanwhile)
    work_off()
    assert complaints(caplog) == [f"run {run_id} was cancelled, no figures of it are kept"]
    assert state(app, run_id) == (RunStatus.CANCELLED, 0)


def test_a_finished_run_cannot_be_cancelled(app: Flask, field: Field, work_off: Callable[[], None]) -> None:
    run_id = queued(app, field())
    work_off()
    with app.app_context(), pytest.raises(Conflict, match="đã kết thúc"):
        queue.cancel(db.session.get_one(Run, run_id))
    assert state(app, run_id) == (RunStatus.DONE, 3)


def test_a_statistical_fault_is_told_in_vietnamese_with_its_english_as_detail(
    app: Flask, field: Field, work_off: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody of the sample is of the third sex that the totals ask for."""
    fielded = field(DESIGN_WEIGHT, NONRESPONSE, WITHIN, RAKE)
    totals = {"sex": {"male": 100.0, "female": 140.0, "other": 7.0}, "stratum": {"A": 120.0, "B": 127.0}}
    with app.app_context():
        db.session.get_one(Round, fielded.round_id).instrument_version.controls = controls(totals)
        db.session.commit()
    run_id = queued(app, fielded)
    work_off()
    (alert,) = read(signed_in(app, "lan"), f"/process/run/{run_id}").xpath("//div[@role='alert']")
    said = words(alert.xpath("p[2]")[0])
    assert said.startswith("Biên “sex”: nhóm “other” có tổng thể 7 nhưng mẫu không có ai. Gộp nhóm này")
    assert "no weight in the sample" in words(alert.xpath("details")[0])
    (line,) = complaints(caplog)
    assert line.startswith(f"run {run_id} failed: Biên “sex”")
    assert "\n" not in line


def test_an_unexpected_error_is_not_shown_as_a_sentence_to_the_staff(
    app: Flask, field: Field, work_off: Callable[[], None]
) -> None:
    run_id = queued(app, field())
    with app.app_context():
        run = service.find_run(run_id)
        with pytest.raises(RuntimeError), service.failing(run):
            raise RuntimeError("disk on fire")
    shown = words(read(signed_in(app, "lan"), f"/process/run/{run_id}"))
    assert "lỗi ngoài dự kiến" in shown
    assert "RuntimeError: disk on fire" in shown


def test_the_queue_is_empty_after_a_cancelled_run(
    app: Flask, field: Field, work_off: Callable[[], None]
) -> None:
    """The next run of the round is not held up by the one that was cancelled."""
    fielded = field()
    first = queued(app, fielded)
    cancel(app, first)
    work_off()
    browser = signed_in(app, "minh", Role.STATISTICIAN)
    second = int(send(browser, fielded.address, f"{fielded.address}/runs").location.rsplit("/", 1)[1])
    work_off()
    assert state(app, second) == (RunStatus.DONE, 3)
