"""Further tables that are frozen with a snapshot, and what reading does with them: the one place to add some.

What the office changes (corrections, imputed values) stays beside what was collected, never over it: it is a table
of its own in `annexes/`, part of the snapshot's hash, and laid over the answers whenever they are read. A room
below this one that keeps such a table adds a line to `ANNEXES`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection

from survey.editing.applying import CORRECTIONS
from survey.process.snapshots import corrections
from survey.process.snapshots.shape import Tables
from survey.rounds.models import Round

FOLDER = "annexes"


@dataclass(frozen=True)
class Annex:
    """How one further table is made and used.

    `collect` reads it in the snapshot's own transaction, in a fixed order of rows, None where there is nothing;
    `apply` gives the tables as changed by it; `mark` gives the state tables with CORRECTED or IMPUTED where it
    changed something. Neither changes its input.
    """

    collect: Callable[[Connection, Round], pa.Table | None]
    apply: Callable[[Tables, pd.DataFrame], Tables]
    mark: Callable[[Tables, Tables, pd.DataFrame], Tables]


ANNEXES: dict[str, Annex] = {
    CORRECTIONS: Annex(corrections.collect, corrections.laid_over, corrections.marked),
}
"""By name, in the order in which they are laid over the answers."""


def collect_annexes(connection: Connection, round_: Round) -> dict[str, pa.Table]:
    """The further tables of a round that have something in them."""
    found = {name: annex.collect(connection, round_) for name, annex in ANNEXES.items()}
    return {name: table for name, table in found.items() if table is not None and len(table)}


def applied(tables: Tables, annexes: Tables) -> Tables:
    """The answers with every annex laid over them."""
    for name, annex in ANNEXES.items():
        if name in annexes:
            tables = annex.apply(tables, annexes[name])
    return tables


def marked(states: Tables, tables: Tables, annexes: Tables) -> Tables:
    """The state tables with what every annex changed; `tables` are the answers as collected."""
    for name, annex in ANNEXES.items():
        if name in annexes:
            states = annex.mark(states, tables, annexes[name])
    return states
