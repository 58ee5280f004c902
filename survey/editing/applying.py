"""Corrections as a table of a snapshot, and the snapshot's tables with them applied."""

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Connection, select

from survey.editing.models import Correction, CorrectionBatch
from survey.editing.places import ROOT
from survey.instrument.values import string
from survey.intake.models import Response, ResponseStatus, Source

CORRECTIONS = "corrections"
KEY, INSTANCE = "response_key", "instance"
COLUMNS = ["correction_id", KEY, "level", INSTANCE, "variable", "old_value", "new_value", "kind", "rule"]
VERSION = "instrument_version"

Tables = dict[str, pd.DataFrame]
Marks = npt.NDArray[np.bool_]


def correction_table(connection: Connection, round_id: int) -> pd.DataFrame:
    """The active corrections of a round's data, a row a value; values as JSON, missing where nothing was answered.

    Beside `COLUMNS` it says the instrument version (its id) that each response was given in.
    """
    query = (
        select(
            Correction.id,
            Response.instance_id,
            Correction.level,
            Correction.instance,
            Correction.variable,
            Correction.old_value,
            Correction.new_value,
            CorrectionBatch.kind,
            CorrectionBatch.rule,
            Response.instrument_version_id,
        )
        .join(Response, Response.id == Correction.response_id)
        .join(CorrectionBatch, CorrectionBatch.id == Correction.batch_id)
        .where(
            Correction.round_id == round_id,
            Correction.reverted_at.is_(None),
            Response.status == ResponseStatus.COMPLETE,
            Response.source == Source.SAMPLE,
        )
        .order_by(Response.instance_id, Correction.level, Correction.instance, Correction.variable)
    )
    rows = [(*row[:5], _json(row[5]), _json(row[6]), *row[7:]) for row in connection.execute(query)]
    table = pd.DataFrame(rows, columns=[*COLUMNS, VERSION])
    texts = ("level", KEY, "variable", "old_value", "new_value", "kind", "rule")
    return table.astype({"correction_id": "int64", INSTANCE: "int64", **dict.fromkeys(texts, "string")})


def counted(tables: Tables, corrections: pd.DataFrame | None) -> dict[str, int]:
    """How many corrections were applied to tables as collected, and how many stood on other answers."""
    if corrections is None:
        return {"applied": 0, "stale": 0}
    standing = apply(tables, corrections)[1]
    return {"applied": int(standing.sum()), "stale": int((~standing).sum())}


def apply(tables: Tables, corrections: pd.DataFrame) -> tuple[Tables, Marks]:
    """The tables with new values, and which corrections stood; what was given stays as it is.

    A correction whose old value is not what was collected is left out: it was made for another answer.
    """
    done: Marks = np.zeros(len(corrections), dtype=np.bool_)
    result = dict(tables)
    for (level, variable), rows in corrections.reset_index(drop=True).groupby(
        ["level", "variable"], sort=True
    ):
        if level in tables and variable in tables[str(level)]:
            if result[str(level)] is tables[str(level)]:
                result[str(level)] = tables[str(level)].copy()
            done[rows.index] = _apply(result[str(level)], str(variable), rows)
    return result, done


def mark(states: Tables, tables: Tables, corrections: pd.DataFrame, code: int) -> Tables:
    """State tables (rows and variables as those of `tables`, as collected) with `code` where a value was corrected."""
    _, standing = apply(tables, corrections)
    result = dict(states)
    for (level, variable), rows in corrections[standing].groupby(["level", "variable"], sort=True):
        if level in states and variable in states[str(level)]:
            at = _positions(tables[str(level)], rows)
            column = result[str(level)][variable].copy()
            column.iloc[at] = code
            result[str(level)] = result[str(level)].assign(**{str(variable): column})
    return result


def _apply(table: pd.DataFrame, variable: str, rows: pd.DataFrame) -> Any:
    """Put new values into a column; which of the rows stood on what was collected."""
    at = _positions(table, rows)
    column = table[variable].copy()
    old = [cell_of(value, column) for value in rows["old_value"]]
    new = [cell_of(value, column) for value in rows["new_value"]]
    standing = np.array(
        [place >= 0 and _same(column.iat[place], was) for place, was in zip(at, old, strict=True)], dtype=bool
    )
    for place, value, stands in zip(at, new, standing, strict=True):
        if stands:
            column.iat[place] = value
    table[variable] = column
    return standing


def _positions(table: pd.DataFrame, rows: pd.DataFrame) -> Any:
    """The row of the table that each correction is about; -1 where there is none."""
    if rows["level"].iat[0] == ROOT:
        return pd.Index(table[KEY].astype(object)).get_indexer(rows[KEY].astype(object))
    keys = pd.MultiIndex.from_arrays([table[KEY].astype(object), table[INSTANCE].astype("int64")])
    wanted = pd.MultiIndex.from_arrays([rows[KEY].astype(object), rows[INSTANCE]])
    return keys.get_indexer(wanted)


def cell_of(text: Any, column: "pd.Series[Any]") -> Any:
    """A value kept as JSON as it stands in a column: several choices as one text, nothing as missing."""
    if text is None or pd.isna(text):
        return pd.NA
    value = json.loads(text)
    if pd.api.types.is_numeric_dtype(column):
        return value
    if isinstance(value, list):
        return " ".join(value)
    return string(float(value)) if isinstance(value, int | float) else str(value)


def _same(cell: Any, value: Any) -> bool:
    if pd.isna(cell) or pd.isna(value):
        return bool(pd.isna(cell) and pd.isna(value))
    return bool(cell == value)


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
