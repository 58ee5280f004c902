"""A round's responses out of the database in batches, in one consistent reading."""

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, TypeVar

from psycopg import ServerCursor
from psycopg.types.string import ByteaBinaryLoader
from sqlalchemy import Connection, Select, func, select

from survey.cases.models import Case, Disposition
from survey.extensions import db
from survey.intake.models import Response, ResponseStatus, Source
from survey.process.snapshots.columns import Batch
from survey.process.snapshots.documents import parsed
from survey.process.snapshots.shape import Level
from survey.rounds.models import InstrumentVersion, Round

BATCH = 20_000
JSONB_VERSION = 1  # bytes before the text of a JSONB value in PostgreSQL's binary format
T = TypeVar("T")


def count_responses(connection: Connection, round_: Round) -> int:
    """How many responses a snapshot of the round would hold now."""
    return connection.execute(_complete(round_, Source.SAMPLE).with_only_columns(func.count())).scalar_one()


def versions_used(
    connection: Connection, round_: Round, sources: Sequence[Source] = (Source.SAMPLE,)
) -> dict[int, InstrumentVersion]:
    """The round's own version, then the others that its responses were given in, newest first."""
    own = round_.instrument_version
    query = _complete(round_, *sources).with_only_columns(Response.instrument_version_id).distinct()
    used = connection.execute(query)
    others = {version_id for (version_id,) in used} - {own.id}
    newest = select(InstrumentVersion).where(InstrumentVersion.id.in_(others))
    found = db.session.scalars(newest.order_by(InstrumentVersion.id.desc()))
    return {own.id: own, **{version.id: version for version in found}}


def batches(
    connection: Connection, round_: Round, levels: Sequence[Level], source: Source = Source.SAMPLE
) -> Iterator[Batch]:
    """The complete responses of the round from one source, in the order of their keys.

    Through a cursor of the server in PostgreSQL's binary format: an answer document stays one piece of JSON, and
    those of a batch are read together. The next batch is fetched while this one is worked on.
    """
    query = (
        _complete(round_, source)
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
    for rows in _ahead(_fetched(connection, query)):
        keys, cases, modes, assisted, versions, answers = zip(*rows, strict=True)
        texts = [answer[JSONB_VERSION:] for answer in answers]
        yield Batch(keys, cases, modes, assisted, versions, parsed(texts, levels))


def _complete(round_: Round, *sources: Source) -> Select[Any]:
    return (
        select(Response.id)
        .outerjoin(Case, Case.id == Response.case_id)
        .where(
            Response.round_id == round_.id,
            Response.status == ResponseStatus.COMPLETE,
            Response.source.in_(sources),
            # Whoever opened the page only to refuse has a response without answers.
            (Response.case_id.is_(None)) | (Case.disposition == Disposition.COMPLETE),
        )
    )


def _fetched(connection: Connection, query: Select[Any]) -> Generator[list[tuple[Any, ...]]]:
    statement = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
    driver: Any = connection.connection.driver_connection
    cursor: ServerCursor[Any]
    with driver.cursor("snapshot", binary=True) as cursor:
        cursor.adapters.register_loader("jsonb", ByteaBinaryLoader)
        cursor.execute(statement.encode())
        while rows := cursor.fetchmany(BATCH):
            yield rows


def _ahead(items: Generator[T]) -> Iterator[T]:
    """The same items, each made in another thread while the one before is worked on."""
    nothing: Any = object()
    with closing(items), ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, nothing)
        while (item := coming.result()) is not nothing:
            coming = thread.submit(next, items, nothing)
            yield item
