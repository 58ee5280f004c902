"""A round's responses out of the database in batches, in one consistent reading."""

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, func, select

from survey.cases.models import Case, Disposition
from survey.extensions import db
from survey.intake.models import Response, ResponseStatus, Source
from survey.process.snapshots.columns import Batch
from survey.rounds.models import InstrumentVersion, Round

BATCH = 10_000
JSONB_VERSION = 1  # bytes before the text of a JSONB value in PostgreSQL's binary format
COLUMNS = ("text", "int4", "text", "bool", "int4", "bytea")


def count_responses(connection: Connection, round_: Round) -> int:
    """How many responses a snapshot of the round would hold now."""
    return connection.execute(_of_sample(round_).with_only_columns(func.count())).scalar_one()


def versions_used(connection: Connection, round_: Round) -> dict[int, InstrumentVersion]:
    """The round's own version, then the others that its responses were given in, newest first."""
    own = round_.instrument_version
    used = connection.execute(_of_sample(round_).with_only_columns(Response.instrument_version_id).distinct())
    others = {version_id for (version_id,) in used} - {own.id}
    query = select(InstrumentVersion).where(InstrumentVersion.id.in_(others))
    found = db.session.scalars(query.order_by(InstrumentVersion.id.desc()))
    return {own.id: own, **{version.id: version for version in found}}


def batches(connection: Connection, round_: Round, size: int = BATCH) -> Iterator[Batch]:
    """The complete responses of the round's sample, in the order of their keys.

    By COPY in PostgreSQL's binary format: an answer document comes as one piece of JSON, and those of a batch are
    read together.
    """
    query = (
        _of_sample(round_)
        .with_only_columns(
            Response.instance_id,
            Response.case_id,
            Response.mode,
            Response.assisted,
            Response.instrument_version_id,
            Response.answers,
        )
        .order_by(Response.instance_id)
    )
    rows: list[tuple[Any, ...]] = []
    for row in _copied(connection, query):
        rows.append(row)
        if len(rows) == size:
            yield _batch(rows)
            rows = []
    if rows:
        yield _batch(rows)


def _of_sample(round_: Round) -> Select[Any]:
    return (
        select(Response.id)
        .outerjoin(Case, Case.id == Response.case_id)
        .where(
            Response.round_id == round_.id,
            Response.status == ResponseStatus.COMPLETE,
            Response.source == Source.SAMPLE,
            # Whoever opened the page only to refuse has a response without answers.
            (Response.case_id.is_(None)) | (Case.disposition == Disposition.COMPLETE),
        )
    )


def _copied(connection: Connection, query: Select[Any]) -> Iterator[tuple[Any, ...]]:
    statement = query.compile(connection, compile_kwargs={"literal_binds": True})
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT BINARY)") as copy:
        copy.set_types(COLUMNS)
        yield from copy.rows()


def _batch(rows: list[tuple[Any, ...]]) -> Batch:
    keys, cases, modes, assisted, versions, answers = zip(*rows, strict=True)
    texts = b",".join([answer[JSONB_VERSION:] for answer in answers])
    documents: list[dict[str, Any]] = msgspec.json.decode(b"[%b]" % texts)
    return Batch(keys, cases, modes, assisted, versions, documents)
