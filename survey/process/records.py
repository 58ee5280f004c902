"""Records of a round one by one: their answers as used, and the rules that they break now."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from survey.editing.service import Edited
from survey.instrument import Instrument
from survey.process.edits import INSTANCE, EditReport, EditRule, check_edits
from survey.process.tables import KEY, ROOT, Tables, empty_tables

Record = tuple[str, int]
"""A level's table and the number of the instance in it, 0 at the root."""


def record_tables(instrument: Instrument, documents: Mapping[str, Mapping[str, Any]]) -> Tables:
    """The tables of some answer documents by their keys, with the columns and types that all tables have."""
    return {
        level: _frame(
            empty, [row for key, answers in documents.items() for row in _rows(key, answers, level)]
        )
        for level, empty in empty_tables(instrument).items()
    }


def _rows(key: str, answers: Mapping[str, Any], level: str) -> list[dict[str, Any]]:
    if level == ROOT:
        return [{**_cells(answers), KEY: key}]
    inside = answers.get(level) or ()
    return [{**_cells(row), KEY: key, INSTANCE: number} for number, row in enumerate(inside, 1)]


def _frame(empty: pd.DataFrame, rows: list[dict[str, Any]]) -> pd.DataFrame:
    columns = {
        name: pd.Series([_cell(row.get(name), kind) for row in rows], dtype=kind)
        for name, kind in empty.dtypes.items()
    }
    return pd.DataFrame(columns)


def _cells(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: " ".join(value) if isinstance(value, list) and all(isinstance(i, str) for i in value) else value
        for name, value in answers.items()
    }


def _cell(value: Any, kind: Any) -> Any:
    if value is None or isinstance(value, list | dict):
        return None
    return str(value) if pd.api.types.is_string_dtype(kind) and not isinstance(value, str) else value


def judged(instrument: Instrument, rules: tuple[EditRule, ...], states: Sequence[Edited]) -> EditReport:
    """What the rules find in these records as they are used now."""
    documents = {state.response.instance_id: state.used for state in states}
    return check_edits(rules, record_tables(instrument, documents))


def broken_rules(report: EditReport, rules: Sequence[EditRule]) -> dict[tuple[str, Record], list[EditRule]]:
    """The rules that each record breaks, by response key, table and instance."""
    by_code = {rule.code: rule for rule in rules}
    found: dict[tuple[str, Record], list[EditRule]] = {}
    for code, key, instance in report.affected[["code", KEY, INSTANCE]].itertuples(index=False, name=None):
        rule = by_code[code]
        number = 0 if pd.isna(instance) else int(instance)
        found.setdefault((str(key), (rule.table, number)), []).append(rule)
    return found


def values_for(instrument: Instrument, answers: Mapping[str, Any], record: Record) -> dict[str, Any]:
    """The values that a record's rules see, by variable; empty text where nothing was answered."""
    tables = record_tables(instrument, {"": answers})
    level, number = record
    seen = {} if level not in tables or level == ROOT else _row(tables[level], number - 1)
    return {**_row(tables[ROOT], 0), **seen}


def _row(table: pd.DataFrame, at: int) -> dict[str, Any]:
    row = table.iloc[at].to_dict() if 0 <= at < len(table) else {}
    return {str(name): "" if pd.isna(value) else value for name, value in row.items()}
