"""`khaosat run`: the queue, a run's log, cancel and retry."""

from collections.abc import Callable

from click.testing import Result
from flask import Flask

from survey.accounts.models import Role
from survey.extensions import db
from survey.process import service
from survey.rounds.models import Round
from tests.process.conftest import HandMade, field, queue_tables, work_off
from tests.staff import add_person, statistician

__all__ = ["field", "queue_tables", "work_off"]
Khaosat = Callable[..., Result]


def test_a_run_is_cancelled_and_tried_again(
    app: Flask, khaosat: Khaosat, field: Callable[..., HandMade], work_off: Callable[[], None]
) -> None:
    assert "No run" in khaosat("run", "list").output
    fielded = field()
    add_person(app, "quan", Role.MANAGER)
    with app.app_context():
        run = service.request_run(db.session.get_one(Round, fielded.round_id), statistician())
        db.session.commit()
        number = str(run.id)
    assert f"{number} tinh-tay/r1: waiting, place 1" in khaosat("run", "list").output
    refused = khaosat("run", "cancel", number, "--as", "quan")
    assert refused.exit_code == 1
    assert "waiting" in khaosat("run", "list").output
    assert khaosat("run", "cancel", number, "--as", "lan").exit_code == 0
    assert "cancelled" in khaosat("run", "list").output
    lost = khaosat("run", "retry", number, "--as", "lan", "--same-snapshot")
    assert (lost.exit_code, "không còn" in lost.output) == (1, True)
    queued = khaosat("run", "retry", number, "--as", "lan")
    assert (queued.exit_code, "place 1" in queued.output) == (0, True), queued.output
    assert khaosat("run", "cancel", number, "--as", "lan").exit_code == 0
    done = khaosat("run", "retry", number, "--as", "lan", "--here")
    assert (done.exit_code, "3 estimates" in done.output) == (0, True), done.output
    log = khaosat("run", "log", number).output
    assert [log.count(word) for word in ("requested", "cancelled", "retried", "done")] == [1, 2, 2, 1]
    assert "Chụp dữ liệu" in log
    again = khaosat("run", "retry", number, "--as", "lan")
    assert (again.exit_code, "không chạy lại được" in again.output) == (1, True)
