"""Lines that are near in meaning and never the same, and what surveys give to a line that is compiled."""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import select

from survey.extensions import db
from survey.registry.files import rows
from survey.registry.models import Indicator


@dataclass(frozen=True)
class Near:
    """A line near another, and in which way the two differ."""

    line: Indicator
    note: str


@dataclass(frozen=True)
class Input:
    """A survey's indicator from which a compiled line takes something; `dimension` empty for the total."""

    survey: str
    indicator: str
    dimension: str
    note: str


def near_lines(line: Indicator) -> list[Near]:
    """Lines of the same row of the document, and those that near.csv names, in the order of the documents."""
    notes = _notes().get(line.code, {})
    query = select(Indicator).where(Indicator.code.in_(notes) | (Indicator.parent_row == line.parent_row))
    found = db.session.scalars(query.where(Indicator.code != line.code).order_by(Indicator.position))
    return [Near(one, notes.get(one.code, "cùng một dòng của văn bản")) for one in found]


@cache
def _notes() -> dict[str, dict[str, str]]:
    notes: dict[str, dict[str, str]] = {}
    for row in rows("near.csv"):
        notes.setdefault(row["line"], {})[row["near"]] = row["note"]
        notes.setdefault(row["near"], {})[row["line"]] = row["note"]
    return notes


def inputs_of(line: Indicator) -> list[Input]:
    """What surveys give to a line that an office compiles."""
    return [
        Input(row["survey"], row["indicator"], row["dimension"], row["note"])
        for row in rows("inputs.csv")
        if row["line"] == line.code
    ]
