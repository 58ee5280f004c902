"""The queue of runs: what runs, what waits and at which place, what ended without figures; cancel, try again."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select, tuple_

from survey.accounts.models import User
from survey.accounts.service import record, require
from survey.errors import Conflict
from survey.extensions import db
from survey.process.course import FINISHED
from survey.process.journal import note
from survey.process.models import EventKind, Run, RunStatus
from survey.process.service import is_at_hand
from survey.process.withdrawn import REASON

AT_WORK = (RunStatus.RUNNING, RunStatus.WEIGHTED)
STOPPED = (RunStatus.FAILED, RunStatus.CANCELLED)
MOST_SHOWN = 50


@dataclass(frozen=True)
class Queue:
    """Runs of all rounds: under way, waiting in the order in which they will be taken up, stopped (newest first)."""

    running: tuple[Run, ...]
    waiting: tuple[Run, ...]
    stopped: tuple[Run, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.running or self.waiting or self.stopped)


def queue() -> Queue:
    """The queue as it is now."""
    running = select(Run).where(Run.status.in_(AT_WORK)).order_by(Run.id)
    waiting = select(Run).where(Run.status == RunStatus.QUEUED).order_by(Run.queued_at, Run.id)
    stopped = select(Run).where(Run.status.in_(STOPPED)).order_by(Run.finished_at.desc(), Run.id.desc())
    found = (tuple(db.session.scalars(query)) for query in (running, waiting, stopped.limit(MOST_SHOWN)))
    return Queue(*found)


def position(run: Run) -> int | None:
    """The place of a waiting run in the queue, from 1; None for one that does not wait."""
    if run.status != RunStatus.QUEUED:
        return None
    before = select(func.count()).where(
        Run.status == RunStatus.QUEUED, tuple_(Run.queued_at, Run.id) <= (run.queued_at, run.id)
    )
    return db.session.scalar(before)


def waiting_since(moment: datetime) -> list[int]:
    """Numbers of the runs that were asked for before a moment and not yet begun."""
    query = select(Run.id).where(Run.status == RunStatus.QUEUED, Run.queued_at < moment)
    return list(db.session.scalars(query.order_by(Run.id)))


def cancel(run: Run, user: User | None = None) -> None:
    """Stop a run that has not finished; a worker notices at its next step. The caller commits."""
    db.session.refresh(run, ["status"], with_for_update=True)
    if run.status in FINISHED:
        raise Conflict(f"Lượt {run.id} đã kết thúc.", "Không cần hủy.")
    run.status, run.finished_at, run.message = RunStatus.CANCELLED, datetime.now(UTC), ""
    note(run, EventKind.CANCELLED, user=user)
    record("run.cancel", f"run:{run.id}", user=user)


def may_retry(run: Run) -> bool:
    """Whether a run can be tried again: it stopped, and never had figures that somebody may have checked."""
    return run.status in STOPPED and run.message != REASON


def retry(run: Run, user: User, *, same_snapshot: bool = False) -> None:
    """Queue a stopped run again with its recipe; the caller commits and hands its number to a worker.

    With `same_snapshot` on the data that it had, else on those of now. Raises `Refused` unless the user is a
    statistician, `Conflict` for a run that has not stopped or whose snapshot is gone.
    """
    require(user, "weight")
    db.session.refresh(run, ["status", "message"], with_for_update=True)
    if not may_retry(run):
        raise Conflict(
            f"Lượt {run.id} không chạy lại được: chỉ chạy lại lượt dừng vì lỗi hoặc bị hủy trước khi có kết quả.",
            "Yêu cầu một lượt mới ở trang của đợt.",
        )
    if same_snapshot and not is_at_hand(run.snapshot):
        raise Conflict(f"Bản chụp dữ liệu của lượt {run.id} không còn.", "Chạy lại với dữ liệu hiện có.")
    if not same_snapshot:
        run.snapshot = None
    run.status, run.progress, run.attempts, run.queued_at = RunStatus.QUEUED, 0.0, 0, datetime.now(UTC)
    run.message, run.detail, run.finished_at, run.log, run.edits = "", "", None, [], []
    note(run, EventKind.RETRIED, "Dùng lại bản chụp cũ." if same_snapshot else "Chụp dữ liệu mới.", user)
    record("run.retry", f"run:{run.id}", {"same_snapshot": same_snapshot}, user=user)
