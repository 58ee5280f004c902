"""Records of a round one by one: their answers as used, and the rules that they break now."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from survey.editing.service import Edited
from survey.instrument import Instrument
from survey.process.edits import INSTANCE, EditReport, EditRule, check_edits
from survey.process.tables import KEY, ROOT, tables_of

Record = tuple[str, int]
"""A level's table and the number of the instance in it, 0 at the root."""


def judged(instrument: Instrument, rules: tuple[EditRule, ...], states: Sequence[Edited]) -> EditReport:
    """What the rules find in these records as they are used now."""
    documents = {state.response.instance_id: dict(state.used) for state in states}
    return check_edits(rules, tables_of(instrument, documents))


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
    tables = tables_of(instrument, {"": dict(answers)})
    level, number = record
    seen = {} if level not in tables or level == ROOT else _row(tables[level], number - 1)
    return {**_row(tables[ROOT], 0), **seen}


def _row(table: pd.DataFrame, at: int) -> dict[str, Any]:
    row = table.iloc[at].to_dict() if 0 <= at < len(table) else {}
    return {str(name): "" if pd.isna(value) else value for name, value in row.items()}
