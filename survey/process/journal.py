"""What happened to a run, kept in the database as it happens: who asked, each step with its times, why it stopped."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import select, update

from survey.accounts.models import User
from survey.extensions import db
from survey.process.models import EventKind, Run, RunEvent

LONGEST = 1000
CUT_OFF = "Bị ngắt giữa chừng."


def note(run: Run, kind: EventKind, message: str = "", user: User | None = None) -> None:
    """Write down a moment of a run, within the caller's transaction."""
    db.session.add(
        RunEvent(run_id=run.id, kind=kind, message=message[:LONGEST], user_id=user.id if user else None)
    )


@contextmanager
def step(run: Run, name: str) -> Iterator[RunEvent]:
    """Write down that a step begins (committed, so that the run's page shows it) and, if it does well, ends.

    The caller may set `rows` and `message` of what is yielded, and commits the end with the work itself.
    """
    event = RunEvent(run_id=run.id, kind=EventKind.STEP, step=name)
    db.session.add(event)
    db.session.commit()
    yield event
    event.ended_at = _now()


def cut_off(run: Run, message: str = CUT_OFF) -> int:
    """Say of steps that never ended that they did not; how many there were. They keep no end: nobody saw it."""
    query = update(RunEvent).where(
        RunEvent.run_id == run.id,
        RunEvent.kind == EventKind.STEP,
        RunEvent.ended_at.is_(None),
        RunEvent.message == "",
    )
    return db.session.execute(query.values(message=message[:LONGEST])).rowcount  # type: ignore[attr-defined, no-any-return]


def journal_of(run: Run) -> list[RunEvent]:
    """What happened to a run, in order, with who did it."""
    query = select(RunEvent).where(RunEvent.run_id == run.id).order_by(RunEvent.id)
    return list(db.session.scalars(query))


def _now() -> datetime:
    return datetime.now(UTC)
