"""The course of a run: how far it is, that it was cancelled, why it failed."""

from collections.abc import Callable
from datetime import UTC, datetime

from analysis import SurveyError
from survey.errors import Conflict, Fault
from survey.extensions import db
from survey.process.journal import cut_off, note
from survey.process.models import EventKind, Run, RunStatus
from survey.process.statistical_faults import in_vietnamese

Progress = Callable[[float, str], None]
LONGEST = 1000  # characters of a reason that are kept
FINISHED = (RunStatus.DONE, RunStatus.FAILED, RunStatus.CANCELLED)
MOST_ATTEMPTS = 3
"""How often a run is begun whose worker was killed each time."""


class WorkerDied(Fault):
    """Every worker that began the run was killed in the middle."""

    title = "Lượt xử lý không chạy hết"

    def __init__(self) -> None:
        super().__init__(
            f"Máy xử lý dừng đột ngột {MOST_ATTEMPTS} lần khi đang tính lượt này.",
            "Xem máy còn đủ bộ nhớ và đĩa không (khaosat doctor), rồi chạy lại lượt này.",
        )


class RunCancelled(Conflict):
    """Somebody cancelled the run: nothing of it is kept, and nothing is wrong."""

    title = "Lượt xử lý đã bị hủy"


def begin(run: Run) -> None:
    """Write down that a worker begins, or begins again; raise `WorkerDied` once that has failed too often."""
    refuse_cancelled(run)
    interrupted = cut_off(run)
    if run.attempts >= MOST_ATTEMPTS:
        with failing(run):
            raise WorkerDied
    run.attempts += 1
    kind = EventKind.RESUMED if interrupted else EventKind.STARTED
    note(run, kind, f"Lần {run.attempts}" if run.attempts > 1 else "")
    db.session.commit()


def teller(run: Run, progress: Progress | None) -> Progress:
    """Say how far a run is: in its row, where the web page looks, and to the command line."""

    def tell(share: float, message: str) -> None:
        refuse_cancelled(run)
        if run.status in (RunStatus.QUEUED, RunStatus.WEIGHTED):
            run.status = RunStatus.RUNNING
        run.progress, run.message = share, message
        db.session.commit()
        if progress:
            progress(share, message)

    return tell


def refuse_cancelled(run: Run) -> None:
    """Raise `RunCancelled` if somebody has cancelled the run; nobody can from here to the next commit."""
    db.session.refresh(run, ["status"], with_for_update=True)
    if run.status == RunStatus.CANCELLED:
        raise RunCancelled(f"Lượt {run.id} đã bị hủy.", "Yêu cầu một lượt mới.")


class failing:
    """Mark the run failed with the reason, and let the fault go on to whoever asked."""

    def __init__(self, run: Run) -> None:
        self.run_id = run.id

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, Exception):
            return
        db.session.rollback()
        if isinstance(error, RunCancelled):
            cut_off(db.session.get_one(Run, self.run_id), "Bị hủy.")
            db.session.commit()
            return
        fault = in_vietnamese(error) if isinstance(error, SurveyError) else error
        run = db.session.get_one(Run, self.run_id)
        if run.status == RunStatus.CANCELLED:  # and what it worked on was taken away
            return
        run.status, run.finished_at = RunStatus.FAILED, datetime.now(UTC)
        run.message, run.detail = (text[:LONGEST] for text in _reason(fault))
        cut_off(run, "Dừng vì lỗi.")
        note(run, EventKind.FAILED, run.message)
        db.session.commit()
        if fault is not error:
            raise fault from error


def _reason(fault: Exception) -> tuple[str, str]:
    """What the run's page says, and what stands beside it for whoever looks deeper."""
    if isinstance(fault, Fault):
        return str(fault), getattr(fault, "detail", "")
    message = "Chương trình gặp lỗi ngoài dự kiến. Báo người vận hành kèm số lượt và dòng chi tiết."
    return message, f"{type(fault).__name__}: {fault}"
