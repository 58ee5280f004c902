"""Runs are jobs: they resume after their worker was killed, are tried again by whoever may, and tell what happened."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from survey.accounts.models import Role, User
from survey.config import PROJECT, Settings
from survey.errors import Conflict
from survey.extensions import db
from survey.process import jobs, queue, service
from survey.process.course import MOST_ATTEMPTS, WorkerDied
from survey.process.holding import RunHeld, abandoned, holding
from survey.process.journal import journal_of
from survey.process.models import Estimate, EventKind, Run, RunStatus
from survey.rounds.models import Round
from tests.process.conftest import HandMade
from tests.staff import read, send, signed_in, statistician, words

Field = Callable[..., HandMade]
PATIENCE = 120.0
LAST = "Thay đổi, vùng nhỏ, phiếu tự nguyện"  # the step whose end writes all figures
FIGURE = (
    "indicator",
    "dimension",
    "level",
    "value",
    "std_error",
    "ci_low",
    "ci_high",
    "cv",
    "df",
    "deff",
    "n",
)


def requested(app: Flask, fielded: HandMade) -> int:
    """A run that waits."""
    with app.app_context():
        lan = db.session.scalar(select(User).where(User.username == "lan")) or statistician()
        run = service.request_run(db.session.get_one(Round, fielded.round_id), lan)
        db.session.commit()
        return run.id


def figures(app: Flask, run_id: int) -> list[tuple[object, ...]]:
    """The run's estimates, to the last bit."""
    with app.app_context():
        found = db.session.scalars(select(Estimate).where(Estimate.run_id == run_id).order_by(Estimate.id))
        return [tuple(getattr(one, name) for name in FIGURE) for one in found]


@contextmanager
def worker(database_url: str, settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """`khaosat worker` in a process of its own, killed at the end if it still lives."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url.replace("postgresql+psycopg://", "postgresql://"),
        "KHAOSAT_HOME": str(settings.home),
        "KHAOSAT_FILES": settings.files,
    }
    command = [sys.executable, "-c", "from survey.cli import main; main()", "worker"]
    process = subprocess.Popen(command, env=environment, cwd=PROJECT)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def until(app: Flask, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with app.app_context():
            if condition():
                return
        time.sleep(0.1)
    raise AssertionError("it did not come to pass")


def test_the_same_inputs_give_the_same_numbers(app: Flask, field: Field) -> None:
    fielded = field()
    runs = [requested(app, fielded) for _ in range(2)]
    with app.app_context():
        for run_id in runs:
            service.execute(run_id)
        assert len({service.find_run(run_id).snapshot_id for run_id in runs}) == 1
    first, second = (figures(app, run_id) for run_id in runs)
    assert len(first) == 3
    assert first == second


@pytest.mark.slow
def test_a_killed_worker_leaves_nothing_half_and_another_does_the_rest(
    app: Flask, field: Field, work_off: Callable[[], None], database_url: str, settings: Settings
) -> None:
    fielded = field()
    undisturbed, run_id = requested(app, fielded), requested(app, fielded)
    with app.app_context():
        service.execute(undisturbed)
        jobs.enqueue_run(run_id)
        engine = db.engine

    def reckons() -> bool:
        run = service.find_run(run_id)
        return run.status == RunStatus.RUNNING and journal_of(run)[-1].step == LAST

    with engine.connect() as gate, worker(database_url, settings) as victim:
        gate.execute(
            text("LOCK TABLE estimate IN ACCESS EXCLUSIVE MODE")
        )  # the worker stops before its figures
        until(app, reckons)
        with app.app_context():
            assert run_id not in abandoned()
            with pytest.raises(RunHeld):
                service.execute(run_id)
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()
        gate.rollback()
    until(app, lambda: run_id in abandoned())
    assert figures(app, run_id) == []
    with app.app_context():
        jobs.requeue()
    work_off()
    with app.app_context():
        run = service.find_run(run_id)
        assert (run.status, run.attempts) == (RunStatus.DONE, 2)
        kinds = [event.kind for event in journal_of(run)]
        assert kinds.count(EventKind.RESUMED) == 1
        cut = [event for event in journal_of(run) if event.kind == EventKind.STEP and event.ended_at is None]
        assert [(event.step, event.message) for event in cut] == [(LAST, "Bị ngắt giữa chừng.")]
        assert not list(Path(settings.files, "snapshots").glob(".part-*"))
    assert figures(app, run_id) == figures(app, undisturbed)


def test_a_run_whose_workers_die_each_time_is_marked_with_the_remedy(
    app: Flask, field: Field, work_off: Callable[[], None]
) -> None:
    run_id = requested(app, field())
    with app.app_context():
        run = service.find_run(run_id)
        run.status, run.attempts = RunStatus.RUNNING, MOST_ATTEMPTS
        db.session.commit()
        assert abandoned() == [run_id]
        jobs.requeue()
    work_off()
    with app.app_context():
        run = service.find_run(run_id)
        assert run.status == RunStatus.FAILED
        assert run.message == str(WorkerDied())
        assert journal_of(run)[-1].kind == EventKind.FAILED
    assert "còn đủ bộ nhớ" in words(read(signed_in(app, "lan"), f"/process/run/{run_id}"))


def test_a_held_run_is_nobody_elses(app: Flask, field: Field) -> None:
    run_id = requested(app, field())
    with app.app_context():
        service.find_run(run_id).status = RunStatus.RUNNING
        db.session.commit()
        with holding(run_id):
            assert abandoned() == []
            with pytest.raises(RunHeld, match="đang được máy khác tính"), holding(run_id):
                raise AssertionError
        assert abandoned() == [run_id]


@pytest.mark.parametrize("choice", ["same", "new"])
def test_a_stopped_run_is_tried_again_by_its_button(
    app: Flask, field: Field, work_off: Callable[[], None], monkeypatch: pytest.MonkeyPatch, choice: str
) -> None:
    run_id = requested(app, field())
    with app.app_context():
        with monkeypatch.context() as patched:
            patched.setattr(service, "_figures", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                service.execute(run_id)
        run = service.find_run(run_id)
        assert run.status == RunStatus.FAILED
        first = run.snapshot_id
        db.session.execute(
            text("UPDATE response SET answers = answers || '{\"members\": 4}' WHERE instance_id = 'uuid:1'")
        )
        db.session.commit()
    page = f"/process/run/{run_id}"
    browser = signed_in(app, "lan")
    sent = send(browser, page, f"{page}/retry", snapshot=choice)
    assert (sent.status_code, sent.location) == (303, page)
    assert "thứ 1 trong hàng" in words(read(browser, page))
    work_off()
    with app.app_context():
        run = service.find_run(run_id)
        assert run.status == RunStatus.DONE
        assert (run.snapshot_id == first) == (choice == "same")
        (event,) = (event for event in journal_of(run) if event.kind == EventKind.RETRIED)
        assert event.user is not None
        assert event.user.username == "lan"
    shown = words(read(browser, page))
    assert "Cho chạy lại" in shown
    assert "Chụp dữ liệu" in shown


def test_a_run_with_figures_is_not_tried_again(app: Flask, field: Field) -> None:
    run_id = requested(app, field())
    with app.app_context():
        service.execute(run_id)
        with pytest.raises(Conflict, match="không chạy lại được"):
            queue.retry(service.find_run(run_id), statistician("minh"))


def test_a_lost_snapshot_is_told(app: Flask, field: Field) -> None:
    run_id = requested(app, field())
    with app.app_context():
        run = service.find_run(run_id)
        queue.cancel(run)
        db.session.commit()
        with pytest.raises(Conflict, match="không còn"):
            queue.retry(run, statistician("minh"), same_snapshot=True)


def test_the_queue_is_shown_with_places_and_reasons(app: Flask, field: Field) -> None:
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    assert "Không có việc nào" in words(read(browser, "/process/cong-viec"))
    fielded = field()
    first, second, third = (requested(app, fielded) for _ in range(3))
    with app.app_context():
        assert [queue.position(service.find_run(one)) for one in (first, second, third)] == [1, 2, 3]
        queue.cancel(service.find_run(first))
        db.session.commit()
        assert [queue.position(service.find_run(one)) for one in (first, second, third)] == [None, 1, 2]
    page = read(browser, "/process/cong-viec")
    shown = words(page)
    assert "0 lượt đang chạy, 2 lượt đang chờ" in shown
    assert page.xpath(f"//h2[.='Đã dừng mà chưa có kết quả']/following::a[.='Lượt {first}']")
    assert send(browser, "/process/cong-viec", f"/process/run/{second}/cancel").status_code == 303
    assert "1 lượt đang chờ" in words(read(browser, "/process/cong-viec"))


def test_who_may_not_weight_tries_nothing_again(app: Flask, field: Field) -> None:
    run_id = requested(app, field())
    with app.app_context():
        queue.cancel(service.find_run(run_id))
        db.session.commit()
    browser = signed_in(app, "quan", Role.MANAGER)
    assert send(browser, "/tai-khoan", f"/process/run/{run_id}/retry", snapshot="new").status_code == 403
    with app.app_context():
        assert db.session.get_one(Run, run_id).status == RunStatus.CANCELLED
