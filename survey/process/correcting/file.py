"""All corrections of a round as a CSV file: who, when, why, what it was and what it is."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from survey import formats
from survey.editing.models import Correction, CorrectionBatch
from survey.editing.service import is_stale
from survey.extensions import db
from survey.rounds.models import Round
from survey.text import defused

COLUMNS = (
    "correction", "batch", "response_key", "level", "instance", "variable", "old_value", "new_value", "kind", "rule",
    "expression", "reason", "note", "follows", "made_by", "made_at", "state", "reverted_by", "reverted_at",
)  # fmt: skip


def corrections_csv(round_: Round) -> str:
    """The file, with a mark by which Excel knows its encoding; nothing in it runs as a formula."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(round_):
        writer.writerow([defused(value) for value in row])
    return "\ufeff" + file.getvalue()


def _rows(round_: Round) -> Iterator[tuple[Any, ...]]:
    query = (
        select(Correction)
        .options(
            joinedload(Correction.batch).joinedload(CorrectionBatch.made_by), joinedload(Correction.response)
        )
        .where(Correction.round_id == round_.id)
        .order_by(Correction.id)
    )
    for each in db.session.scalars(query):
        batch, undone = each.batch, each.reverted_by
        yield (
            each.id, batch.id, each.response.instance_id, each.level, each.instance or "", each.variable,
            _value(each.old_value), _value(each.new_value), batch.kind, batch.rule or "", batch.expression,
            batch.reason, batch.note, "yes" if each.follows else "no", batch.made_by.username,
            formats.datetime(batch.made_at), _state(each), undone.username if undone else "",
            formats.datetime(each.reverted_at) if each.reverted_at else "",
        )  # fmt: skip


def _value(value: Any) -> Any:
    """A stored value in one cell: several choices as one text, nothing as an empty cell."""
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else value if isinstance(value, str | int | float) else json.dumps(value)


def _state(correction: Correction) -> str:
    if correction.reverted_at is not None:
        return "reverted"
    return "stale" if is_stale(correction) else "active"
