"""The table of a round's sampled units, whether they answered or not."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pyarrow as pa
from sqlalchemy import Connection, Text, cast, select

from survey.cases.models import Case, Disposition
from survey.rounds.models import Round

BATCH = 10_000
Columns = dict[str, pa.Array]


def case_table(connection: Connection, round_: Round) -> pa.Table:
    """A row a unit with what the frame knows of it, in the order of the units; no columns without a sample.

    Batches become columns as they come: a million units as Python objects would not fit in the memory that a
    snapshot may take.
    """
    parts = [_columns(rows) for rows in _batches(connection, round_)]
    kinds = _kinds(parts)
    return pa.concat_tables(
        [pa.table({name: column.cast(kinds[name]) for name, column in part.items()}) for part in parts]
        or [pa.table({})],
        promote_options="default",
    )


def _batches(connection: Connection, round_: Round) -> Iterator[Sequence[Any]]:
    query = (
        select(
            Case.id,
            Case.unit,
            Case.stratum,
            Case.psu,
            Case.probability,
            Case.disposition,
            cast(Case.frame_data, Text).label("frame_data"),
        )
        .where(Case.round_id == round_.id)
        .order_by(Case.unit)
    )
    yield from connection.execute(query.execution_options(yield_per=BATCH)).partitions()


def _columns(rows: Sequence[Any]) -> Columns:
    frame: list[dict[str, Any]] = msgspec.json.decode(f"[{','.join(row.frame_data for row in rows)}]")
    known = {
        "case_id": [row.id for row in rows],
        "unit": [row.unit for row in rows],
        "stratum": [row.stratum for row in rows],
        "psu": [row.psu for row in rows],
        "probability": [row.probability for row in rows],
        "disposition": [row.disposition for row in rows],
        "responded": [row.disposition == Disposition.COMPLETE for row in rows],
    }
    names = dict.fromkeys(name for data in frame for name in data)
    told = {name: [data.get(name) for data in frame] for name in names}
    return {name: _array(values) for name, values in {**known, **told}.items()}


def _array(values: list[Any]) -> pa.Array:
    """Values of one type as they are, of several as texts."""
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if value is None else str(value) for value in values])


def _kinds(parts: Sequence[Columns]) -> dict[str, pa.DataType]:
    """One type for each column that holds it in every batch."""
    found: dict[str, set[pa.DataType]] = {}
    for part in parts:
        for name, column in part.items():
            found.setdefault(name, set()).add(column.type)
    return {name: _wide(types - {pa.null()}) for name, types in found.items()}


def _wide(types: set[pa.DataType]) -> pa.DataType:
    if len(types) < 2:
        return next(iter(types), pa.null())
    numbers = all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in types)
    return pa.float64() if numbers else pa.string()
