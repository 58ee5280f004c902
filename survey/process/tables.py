"""Responses as tidy tables, one a level, and the snapshot that freezes them."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, select

from survey.cases.models import Case, Disposition
from survey.extensions import db
from survey.instrument import Instrument
from survey.intake.models import Response, ResponseStatus, Source
from survey.process.models import Snapshot
from survey.rounds.models import Round
from survey.rounds.service import instrument_of

KEY = "response_key"
CASES = "cases"
ROOT = "root"
BATCH = 5000

Tables = dict[str, pd.DataFrame]


def take_snapshot(round_: Round, files: str) -> Snapshot:
    """Freeze a round's complete sample responses; the same content gives the same snapshot.

    Tables: `root` (a row a response), one for each repeat (a row an instance, with its response's key), and
    `cases` (a row a sampled unit, whether it answered or not). Contact data are not in the answers; the
    response's key is its instanceID, not a name or a place; `mode` and `assisted` (yes, no) say how it came.
    """
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        tables = collect_tables(connection, round_)
    arrow = {
        name: pa.Table.from_pandas(table, preserve_index=False) for name, table in sorted(tables.items())
    }
    digest = _hash(arrow)
    found = db.session.scalar(select(Snapshot).where(Snapshot.hash == digest))
    if found is not None and Path(found.folder).exists():
        return found
    folder = Path(files) / "snapshots" / digest
    _write(arrow, folder)
    snapshot = found or Snapshot(round_id=round_.id, hash=digest)
    snapshot.folder, snapshot.rows = str(folder), {name: len(table) for name, table in tables.items()}
    db.session.add(snapshot)
    db.session.flush()
    return snapshot


def read_tables(snapshot: Snapshot) -> Tables:
    """The tables of a snapshot."""
    return {path.stem: pd.read_parquet(path) for path in sorted(Path(snapshot.folder).glob("*.parquet"))}


def collect_tables(connection: Connection, round_: Round) -> Tables:
    """The round's tables as they are now, in one consistent reading."""
    instrument = instrument_of(round_.instrument_version)
    tables = _answer_tables(instrument, list(_responses(connection, round_)))
    return {**tables, CASES: _case_table(connection, round_)}


def empty_tables(instrument: Instrument) -> Tables:
    """The tables of answers as they are before anybody has answered: their columns and types."""
    return _answer_tables(instrument, [])


def _answer_tables(instrument: Instrument, rows: list[Any]) -> Tables:
    repeats = sorted({question.level for question in instrument.questions.values() if question.level})
    return {repeat or ROOT: _level_table(instrument, rows, repeat) for repeat in (None, *repeats)}


def _responses(
    connection: Connection, round_: Round
) -> Iterator[tuple[str, int | None, str, str, dict[str, Any]]]:
    query = (
        select(Response.instance_id, Response.case_id, Response.mode, Response.assisted, Response.answers)
        .outerjoin(Case, Case.id == Response.case_id)
        .where(
            Response.round_id == round_.id,
            Response.status == ResponseStatus.COMPLETE,
            Response.source == Source.SAMPLE,
            # Whoever opened the page only to refuse has a response without answers.
            (Response.case_id.is_(None)) | (Case.disposition == Disposition.COMPLETE),
        )
        .order_by(Response.instance_id)
        .execution_options(yield_per=BATCH)
    )
    for row in connection.execute(query):
        yield row.instance_id, row.case_id, row.mode, "yes" if row.assisted else "no", row.answers


def _level_table(instrument: Instrument, rows: list[Any], repeat: str | None) -> pd.DataFrame:
    """One row a response, or an instance of the repeat, with the variables of that level."""
    questions = [question for question in instrument.questions.values() if (question.level or None) == repeat]
    records: list[dict[str, Any]] = []
    for key, case_id, mode, assisted, answers in rows:
        if repeat is None:
            paradata = {KEY: key, "case_id": case_id, "mode": mode, "assisted": assisted}
            records.append({**paradata, **_cells(answers)})
        else:
            records.extend(
                {KEY: key, "instance": number, **_cells(instance)}
                for number, instance in enumerate(answers.get(repeat, ()), 1)
            )
    fixed = [KEY, "case_id", "mode", "assisted"] if repeat is None else [KEY, "instance"]
    table = pd.DataFrame.from_records(
        records, columns=[*fixed, *(question.variable for question in questions)]
    )
    for question in questions:
        table[question.variable] = _typed(table[question.variable], question.type)
    if repeat is None:
        table["case_id"] = table["case_id"].astype("Int64")
    return table


def _cells(answers: dict[str, Any]) -> dict[str, Any]:
    """Values as they stand in a table: several choices become one string, as XLSForm writes them."""
    return {name: " ".join(value) if _is_choices(value) else value for name, value in answers.items()}


def _is_choices(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


NUMBERS = {"integer": "Int64", "range": "Float64", "decimal": "Float64"}


def _typed(column: "pd.Series[Any]", kind: str) -> "pd.Series[Any]":
    if kind in NUMBERS:
        return pd.to_numeric(column).astype(NUMBERS[kind])
    return column.map(lambda value: None if pd.isna(value) else str(value)).astype("string")


def _case_table(connection: Connection, round_: Round) -> pd.DataFrame:
    query = select(
        Case.id, Case.unit, Case.stratum, Case.psu, Case.probability, Case.disposition, Case.frame_data
    ).where(Case.round_id == round_.id)
    rows = [
        {
            "case_id": row.id,
            "unit": row.unit,
            "stratum": row.stratum,
            "psu": row.psu,
            "probability": row.probability,
            "disposition": row.disposition,
            "responded": row.disposition == Disposition.COMPLETE,
            **row.frame_data,
        }
        for row in connection.execute(query.order_by(Case.unit))
    ]
    return pd.DataFrame(rows)


def _hash(tables: dict[str, pa.Table]) -> str:
    """SHA-256 over names, schemas and contents."""
    digest = hashlib.sha256()
    for name, table in tables.items():
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema.remove_metadata()) as stream:
            stream.write_table(table.replace_schema_metadata(None).combine_chunks())
        digest.update(name.encode())
        digest.update(sink.getvalue())
    return digest.hexdigest()


def _write(tables: dict[str, pa.Table], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        temporary = folder / f".{name}.part"
        pq.write_table(table, temporary, compression="zstd")
        temporary.replace(folder / f"{name}.parquet")
