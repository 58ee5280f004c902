"""Snapshots that hold an answer which was taken back: erased, with the runs that were made of them."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import select

from survey.extensions import db
from survey.intake.models import Response, ResponseStatus
from survey.intake.withdrawal import withdrawn
from survey.process.folders import present, run_folder
from survey.process.journal import note
from survey.process.models import EventKind, Run, RunStatus, Snapshot
from survey.process.tables import KEY, OPT_IN, ROOT
from survey.rounds.models import Round

REASON = "Có câu trả lời đã được người trả lời rút lại: tính một lượt mới."


@withdrawn.connect
def erase_copies(round_: Round) -> None:
    """Delete the round's snapshots that hold a withdrawn answer, and cancel their runs; the caller commits.

    The files go before the commit: a snapshot that was lost by mistake is taken again with the same content,
    an answer that stayed by mistake is not noticed. Nothing published is touched: signing de-identifies.
    """
    if not (gone := withdrawn_keys(round_)):
        return
    for snapshot in db.session.scalars(select(Snapshot).where(Snapshot.round_id == round_.id)):
        if _holds(snapshot, gone):
            shutil.rmtree(present(snapshot.folder))
            for run in db.session.scalars(select(Run).where(Run.snapshot_id == snapshot.id)):
                _cancel(run)


def withdrawn_keys(round_: Round) -> set[str]:
    """The keys under which withdrawn answers would stand in a snapshot."""
    query = select(Response.instance_id).where(
        Response.round_id == round_.id, Response.status == ResponseStatus.WITHDRAWN
    )
    return set(db.session.scalars(query))


def _holds(snapshot: Snapshot, keys: set[str]) -> bool:
    paths = (present(snapshot.folder) / f"{table}.parquet" for table in (ROOT, OPT_IN))
    return any(_mentions(path, keys) for path in paths if path.exists())


def _mentions(path: Path, keys: set[str]) -> bool:
    column = pq.read_table(path, columns=[KEY])[KEY]
    return bool(pc.any(pc.is_in(column, pa.array(sorted(keys), column.type))).as_py())


def _cancel(run: Run) -> None:
    """Its figures count the answer, and the lists beside them tell something of it."""
    note(run, EventKind.CANCELLED, REASON)
    run.status, run.finished_at, run.message = RunStatus.CANCELLED, datetime.now(UTC), REASON
    run.estimates.clear()
    run.results.clear()
    run.edits = []
    shutil.rmtree(run_folder(run), ignore_errors=True)
