"""Corrections as they are frozen with a snapshot and laid over its answers."""

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection

from survey.editing.applying import COLUMNS, VERSION, apply, correction_table, mark
from survey.extensions import db
from survey.instrument import Instrument
from survey.process.snapshots.coarsening import is_coarsened, leads_to_a_person
from survey.process.snapshots.shape import Tables
from survey.process.snapshots.states import ValueState
from survey.rounds.models import InstrumentVersion, Round
from survey.rounds.service import instrument_of


def collect(connection: Connection, round_: Round) -> pa.Table | None:
    """The round's active corrections; those of answers that stay out of snapshots stay out too."""
    table = correction_table(connection, round_.id)
    versions = {
        number: instrument_of(db.session.get_one(InstrumentVersion, number)) for number in set(table[VERSION])
    }
    kept = [
        _is_kept(versions[number], variable)
        for number, variable in zip(table[VERSION], table["variable"], strict=True)
    ]
    return pa.Table.from_pandas(table.loc[kept, COLUMNS], preserve_index=False) if any(kept) else None


def _is_kept(instrument: Instrument, variable: str) -> bool:
    question = instrument.questions.get(variable)
    if question is None or is_coarsened(question.type):
        return False
    return not leads_to_a_person(instrument, question)


def laid_over(tables: Tables, corrections: pd.DataFrame) -> Tables:
    """The answers with corrected values."""
    return apply(tables, corrections)[0]


def marked(states: Tables, tables: Tables, corrections: pd.DataFrame) -> Tables:
    """The state tables with CORRECTED where a correction stands."""
    return mark(states, tables, corrections, ValueState.CORRECTED)
