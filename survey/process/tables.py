"""Responses as tidy tables, one a level, and the snapshot that freezes them."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa
from sqlalchemy import Connection, select

from survey.errors import Fault
from survey.extensions import db
from survey.instrument import Instrument
from survey.intake.models import Source
from survey.process.models import Snapshot
from survey.process.snapshots import annexes
from survey.process.snapshots.cases import case_table
from survey.process.snapshots.codebook import Counts, codebook_document, count_states
from survey.process.snapshots.collecting import batches, count_responses, versions_used
from survey.process.snapshots.columns import Batch, rows_of
from survey.process.snapshots.documents import Document, structs
from survey.process.snapshots.freezing import STATES, Freezer, content_hash, freezing, settle
from survey.process.snapshots.reading import read_codebook, read_states, read_tables
from survey.process.snapshots.shape import CASES, KEY, ROOT, VERSION, Level, Tables, levels_in
from survey.process.snapshots.states import Reasons, ValueState
from survey.rounds.models import Round
from survey.rounds.service import instrument_of

__all__ = [
    "CASES",
    "KEY",
    "OPT_IN",
    "ROOT",
    "VERSION",
    "Tables",
    "ValueState",
    "collect_tables",
    "content_hash",
    "empty_tables",
    "read_codebook",
    "read_states",
    "read_tables",
    "tables_of",
    "take_snapshot",
]

OPT_IN = "opt_in"
"""The table of volunteers' answers, and the entry of design.yaml that asks for it."""

Told = Callable[[int, int], None]
"""Called with how many responses are done, and of how many."""


def take_snapshot(round_: Round, files: str, told: Told | None = None) -> Snapshot:
    """Freeze a round's complete sample responses; the same content gives the same snapshot.

    Tables: `root` (a row a response), one for each repeat (a row an instance, with its response's key), and
    `cases` (a row a sampled unit, whether it answered or not); beside them `states/` (why each value is there or
    not) and the codebook. Contact data are left out, places are coarsened and files' names dropped (see
    `snapshots.coarsening`). The response's key is its instanceID, a random number that names no person or place:
    corrections, lists of records to look at and withdrawals find the record by it. `mode` and `assisted`
    (yes, no) say how it came. Raises `Fault` for a preview, which is never data.
    """
    if round_.is_preview:
        raise Fault("Bản xem thử không có số liệu.", "Mở một đợt khảo sát rồi thu thập câu trả lời.")
    folder = Path(files) / "snapshots"
    with freezing(folder) as freezer:
        with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            _collect(connection, round_, freezer, told or (lambda done, of: None))
        digest, kept = settle(freezer, folder)
    snapshot = db.session.scalar(select(Snapshot).where(Snapshot.hash == digest))
    if snapshot is None:
        snapshot = Snapshot(round_id=round_.id, hash=digest)
    snapshot.folder = str(kept)
    snapshot.rows = {name: rows for name, rows in freezer.rows.items() if "/" not in name}
    db.session.add(snapshot)
    db.session.flush()
    return snapshot


def _collect(connection: Connection, round_: Round, freezer: Freezer, told: Told) -> None:
    """Everything of the round in one consistent reading, a batch at a time."""
    collected = _Collected(connection, round_)
    of, done, counts = count_responses(connection, round_), 0, Counts()
    for level in collected.levels:
        freezer.table(level.name, level.schema.empty_table())
        freezer.table(f"{STATES}/{level.name}", _no_states(level))
    for parts in collected.parts():
        for level, rows, states in parts:
            freezer.table(level.name, rows)
            freezer.table(f"{STATES}/{level.name}", states)
            count_states(counts, level, states)
            done += len(rows) if not level.repeats else 0
        told(done, of)
    for rows in collected.volunteers():
        freezer.table(OPT_IN, rows)
    freezer.table(CASES, case_table(connection, round_))
    for name, table in annexes.collect_annexes(connection, round_).items():
        freezer.table(f"{annexes.FOLDER}/{name}", table)
    freezer.document(codebook_document(collected.levels, list(collected.instruments.values()), counts))


class _Collected:
    """The responses of a round, level by level and batch by batch."""

    def __init__(self, connection: Connection, round_: Round) -> None:
        self.connection, self.round = connection, round_
        self.apart = OPT_IN in (round_.instrument_version.design or {})
        sources = (Source.SAMPLE, Source.OPT_IN) if self.apart else (Source.SAMPLE,)
        versions = versions_used(connection, round_, sources)
        self.names = {number: version.version for number, version in versions.items()}
        self.instruments = {number: instrument_of(version) for number, version in versions.items()}
        self.levels = levels_in(list(self.instruments.values()))

    def parts(self) -> Iterator[list[tuple[Level, pa.Table, pa.Table]]]:
        """Of each batch the rows and states of every level."""
        reasons = Reasons(self.instruments)
        for batch in batches(self.connection, self.round, self.levels):
            yield [
                (rows.level, rows.table(batch, self.names), reasons.states(rows, batch))
                for rows in rows_of(batch, self.levels)
            ]

    def volunteers(self) -> Iterator[pa.Table]:
        """The rows of those whom nobody sampled, with the columns of `root`, where design.yaml asks for them."""
        if not self.apart:
            return
        root = [level for level in self.levels if not level.repeats]
        yield root[0].schema.empty_table()
        for batch in batches(self.connection, self.round, self.levels, Source.OPT_IN):
            yield from (rows.table(batch, self.names) for rows in rows_of(batch, root))


def _no_states(level: Level) -> pa.Table:
    return pa.schema([(name, pa.int8()) for name in level.kinds]).empty_table()


def collect_tables(connection: Connection, round_: Round) -> Tables:
    """The round's tables as they are now, in one consistent reading, in memory.

    Responses keep the version of the questionnaire that they were given in; versions line up by the names of their
    variables, and `form_version` says which one a row is from.
    """
    collected = _Collected(connection, round_)
    found = {level.name: [level.schema.empty_table()] for level in collected.levels}
    for parts in collected.parts():
        for level, rows, _ in parts:
            found[level.name].append(rows)
    found |= {OPT_IN: list(collected.volunteers())} if collected.apart else {}
    tables = {name: pa.concat_tables(parts).to_pandas() for name, parts in found.items()}
    return {**tables, CASES: case_table(connection, round_).to_pandas()}


def tables_of(instrument: Instrument, answers: Mapping[str, Document]) -> Tables:
    """The tables of answers at hand, by the keys of their records, as if all had come over the web unaided."""
    count, levels = len(answers), levels_in([instrument])
    documents = structs(list(answers.values()), levels)
    batch = Batch(list(answers), [None] * count, ["web"] * count, [False] * count, [0] * count, documents)
    return {
        rows.level.name: rows.table(batch, {0: instrument.version}).to_pandas()
        for rows in rows_of(batch, levels)
    }


def empty_tables(instrument: Instrument) -> Tables:
    """The tables of answers as they are before anybody has answered: their columns and types."""
    return tables_of(instrument, {})
