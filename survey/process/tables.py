"""Responses as tidy tables, one a level, and the snapshot that freezes them."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, select

from survey.cases.models import Case, Disposition
from survey.errors import Fault
from survey.extensions import db
from survey.instrument import Instrument
from survey.instrument.values import string
from survey.intake.models import Response, ResponseStatus, Source
from survey.process.models import Snapshot
from survey.rounds.models import InstrumentVersion, Round
from survey.rounds.service import instrument_of

KEY = "response_key"
VERSION = "form_version"
CASES = "cases"
ROOT = "root"
OPT_IN = "opt_in"
BATCH = 5000

Tables = dict[str, pd.DataFrame]


def take_snapshot(round_: Round, files: str) -> Snapshot:
    """Freeze a round's complete sample responses; the same content gives the same snapshot.

    Tables: `root` (a row a response), one for each repeat (a row an instance, with its response's key), and
    `cases` (a row a sampled unit, whether it answered or not); with `opt_in` in design.yaml also `opt_in`, the answers
    of the open page with the columns of `root`. Contact data are not in the answers; the
    response's key is its instanceID, not a name or a place; `mode` and `assisted` (yes, no) say how it
    came. Raises `Fault` for a preview, which is never data.
    """
    if round_.is_preview:
        raise Fault("Bản xem thử không có số liệu.", "Mở một đợt khảo sát rồi thu thập câu trả lời.")
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        tables = collect_tables(connection, round_)
    digest, folder = _freeze(tables, Path(files) / "snapshots")
    snapshot = db.session.scalar(select(Snapshot).where(Snapshot.hash == digest))
    if snapshot is None:
        snapshot = Snapshot(round_id=round_.id, hash=digest)
    snapshot.folder, snapshot.rows = str(folder), {name: len(table) for name, table in tables.items()}
    db.session.add(snapshot)
    db.session.flush()
    return snapshot


def read_tables(snapshot: Snapshot) -> Tables:
    """The tables of a snapshot."""
    return {path.stem: pd.read_parquet(path) for path in sorted(Path(snapshot.folder).glob("*.parquet"))}


def collect_tables(connection: Connection, round_: Round) -> Tables:
    """The round's tables as they are now, in one consistent reading.

    Responses keep the version of the questionnaire that they were given in; versions line up by the names of their
    variables, and `form_version` says which one a row is from.
    """
    found = list(_responses(connection, round_))
    apart = list(_responses(connection, round_, Source.OPT_IN)) if _asks_apart(round_) else []
    versions = _versions(round_, {version_id for version_id, _ in (*found, *apart)})
    instrument, *others = (instrument_of(version) for version in versions.values())
    tables = _answer_tables(instrument, [row for _, row in found], others)
    if VERSION not in tables[ROOT]:
        tables[ROOT][VERSION] = pd.Series([versions[each].version for each, _ in found], dtype="string")
    if _asks_apart(round_):
        tables[OPT_IN] = _answer_tables(instrument, [row for _, row in apart], others)[ROOT]
    return {**tables, CASES: _case_table(connection, round_)}


def _asks_apart(round_: Round) -> bool:
    """Whether design.yaml wants the answers of the open page, in a table of their own."""
    return OPT_IN in (round_.instrument_version.design or {})


def _versions(round_: Round, used: set[int]) -> dict[int, InstrumentVersion]:
    """The round's own version, then the others that its responses were given in, newest first."""
    own = round_.instrument_version
    query = select(InstrumentVersion).where(InstrumentVersion.id.in_(used - {own.id}))
    others = db.session.scalars(query.order_by(InstrumentVersion.id.desc()))
    return {own.id: own, **{version.id: version for version in others}}


def empty_tables(instrument: Instrument) -> Tables:
    """The tables of answers as they are before anybody has answered: their columns and types."""
    return _answer_tables(instrument, [])


def _answer_tables(instrument: Instrument, rows: list[Any], others: Sequence[Instrument] = ()) -> Tables:
    questions = [question for form in (instrument, *others) for question in form.questions.values()]
    repeats = sorted({question.level for question in questions if question.level})
    return {repeat or ROOT: _level_table(instrument, rows, repeat, others) for repeat in (None, *repeats)}


def _responses(
    connection: Connection, round_: Round, source: Source = Source.SAMPLE
) -> Iterator[tuple[int, tuple[str, int | None, str, str, dict[str, Any]]]]:
    """Each response's version, and its row."""
    query = (
        select(
            Response.instrument_version_id,
            Response.instance_id,
            Response.case_id,
            Response.mode,
            Response.assisted,
            Response.answers,
        )
        .outerjoin(Case, Case.id == Response.case_id)
        .where(
            Response.round_id == round_.id,
            Response.status == ResponseStatus.COMPLETE,
            Response.source == source,
            # Whoever opened the page only to refuse has a response without answers.
            (Response.case_id.is_(None)) | (Case.disposition == Disposition.COMPLETE),
        )
        .order_by(Response.instance_id)
        .execution_options(yield_per=BATCH)
    )
    for row in connection.execute(query):
        assisted = "yes" if row.assisted else "no"
        yield row.instrument_version_id, (row.instance_id, row.case_id, row.mode, assisted, row.answers)


def _level_table(
    instrument: Instrument, rows: list[Any], repeat: str | None, others: Sequence[Instrument] = ()
) -> pd.DataFrame:
    """One row a response, or an instance of the repeat, with the variables of that level in any version."""
    kinds = _kinds((instrument, *others), repeat)
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
    table = pd.DataFrame.from_records(records, columns=[*fixed, *kinds])
    for variable, kind in kinds.items():
        table[variable] = _typed(table[variable], kind)
    if repeat is None:
        table["case_id"] = table["case_id"].astype("Int64")
    return table


def _kinds(instruments: Sequence[Instrument], repeat: str | None) -> dict[str, str]:
    """The variables of a level with a type that holds their values in every version."""
    found: dict[str, set[str]] = {}
    for instrument in instruments:
        for question in instrument.questions.values():
            if (question.level or None) == repeat:
                found.setdefault(question.variable, set()).add(question.type)
    return {variable: _wide(types) for variable, types in found.items()}


def _wide(types: set[str]) -> str:
    """One type for values of several: decimal holds all numbers, text holds everything."""
    if len(types) == 1:
        return next(iter(types))
    return "decimal" if types <= NUMBERS.keys() else "text"


def _cells(answers: dict[str, Any]) -> dict[str, Any]:
    """Values as they stand in a table: several choices become one string, as XLSForm writes them."""
    return {name: " ".join(value) if _is_choices(value) else value for name, value in answers.items()}


def _is_choices(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


NUMBERS = {"integer": "Int64", "range": "Float64", "decimal": "Float64"}


def _typed(column: "pd.Series[Any]", kind: str) -> "pd.Series[Any]":
    if kind in NUMBERS:
        return pd.to_numeric(column).astype(NUMBERS[kind])
    return column.map(lambda value: None if pd.isna(value) else _text(value)).astype("string")


def _text(value: Any) -> str:
    """A value as text; a number of a version in which the question took numbers as XForms write it."""
    return string(value) if isinstance(value, float) else str(value)


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


def content_hash(folder: Path) -> str:
    """SHA-256 over the names and bytes of a snapshot's files, in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.parquet")):
        digest.update(path.stem.encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _freeze(tables: Tables, folder: Path) -> tuple[str, Path]:
    """Write the tables under a name that is their hash; what is there already stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".part-") as name:
        written = Path(name) / "tables"
        written.mkdir()
        for table, rows in tables.items():
            arrow = pa.Table.from_pandas(rows, preserve_index=False)
            pq.write_table(arrow, written / f"{table}.parquet", compression="zstd")
        digest = content_hash(written)
        try:
            written.rename(folder / digest)
        except OSError:  # it is there, perhaps since another worker's rename a moment ago
            if not (folder / digest).exists():
                raise
    return digest, folder / digest
