"""Which process works on a run: told by a lock of the database that ends with the process, however that ends."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, literal_column, select, text

from survey.errors import Conflict
from survey.extensions import db
from survey.process.models import Run, RunStatus

LOCKS = 7301  # the class of our advisory locks; the object is the run's number


class RunHeld(Conflict):
    """Another process works on the run at this moment."""

    title = "Lượt xử lý đang chạy"


@contextmanager
def holding(run_id: int) -> Iterator[None]:
    """Keep other processes off a run while this one works on it; raise `RunHeld` if one is at it already."""
    with db.engine.connect() as connection:
        if not connection.scalar(select(func.pg_try_advisory_lock(LOCKS, run_id))):
            raise RunHeld(f"Lượt {run_id} đang được máy khác tính.", "Đợi lượt này xong hoặc hủy nó.")
        connection.commit()  # the lock is the session's: nothing waits for an open transaction
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(LOCKS, run_id)))
            connection.commit()


def abandoned() -> list[int]:
    """Runs that are under way by their rows, but that no process works on: it was killed, or its machine went."""
    held = (
        select(literal_column("objid::bigint"))
        .select_from(text("pg_locks"))
        .where(
            text("locktype = 'advisory' AND classid = :locks AND granted").bindparams(locks=LOCKS),
            text("database = (SELECT oid FROM pg_database WHERE datname = current_database())"),
        )
    )
    query = select(Run.id).where(Run.status == RunStatus.RUNNING, Run.id.not_in(held))
    return list(db.session.scalars(query.order_by(Run.id)))
