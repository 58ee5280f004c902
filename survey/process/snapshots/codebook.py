"""The codebook frozen with a snapshot: each variable with its words and how many values it has in each state."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from survey.instrument import Instrument, codebook
from survey.instrument.codebook import Variable
from survey.process.snapshots.coarsening import FILES, PLACES
from survey.process.snapshots.shape import Level
from survey.process.snapshots.states import CHOSEN, MISSING_CODES, ValueState

FILE = "codebook.json"
HELD = {
    **dict.fromkeys(PLACES, "commune, else two decimals of a degree"),
    **dict.fromkeys(FILES, "whether a file came"),
}
"""What is kept of types that lead to a person or a place."""

Counts = dict[str, dict[str, Counter[int]]]
"""By level and variable, how many values are in each state."""


def count_states(counts: Counts, level: Level, states: pa.Table) -> None:
    """Add a batch's states to the counts."""
    table = counts.setdefault(level.name, {})
    for name, column in zip(states.column_names, states.columns, strict=True):
        numbers = np.bincount(column.to_numpy(), minlength=max(ValueState) + 1)
        table.setdefault(name, Counter()).update(
            {state: int(number) for state, number in enumerate(numbers) if number}
        )


def codebook_document(
    levels: Sequence[Level], instruments: Sequence[Instrument], counts: Counts
) -> dict[str, Any]:
    """The codebook as it is frozen; of a variable of several versions the words of the first that has it.

    `instruments`: the round's own version first. `valid` are values that answer the question, `missing` the
    others by reason; `states` says what the numbers in the state tables mean.
    """
    described: dict[str, Variable] = {}
    for instrument in reversed(instruments):
        described.update({variable.name: variable for variable in codebook(instrument)})
    return {
        "versions": [
            {"form_id": each.form_id, "version": each.version, "hash": each.hash} for each in instruments
        ],
        "states": {str(state.value): state.name.lower() for state in ValueState},
        "tables": {
            level.name: {
                "keys": list(level.keys),
                "repeats": list(level.repeats),
                "variables": [
                    _variable(described[name], kind, counts.get(level.name, {}).get(name, Counter()))
                    for name, kind in level.kinds.items()
                ],
            }
            for level in levels
        },
    }


def _variable(variable: Variable, kind: str, counts: Mapping[int, int]) -> dict[str, Any]:
    missing = {
        ValueState(state).name.lower(): number
        for state, number in sorted(counts.items())
        if state >= ValueState.NOT_ANSWERED
    }
    codes = [code.value for code in variable.choices]
    return {
        "name": variable.name,
        "type": kind,
        "label": dict(variable.label),
        "choices": [{"value": code.value, "label": dict(code.label)} for code in variable.choices],
        "missing_codes": [code for code in codes if code in MISSING_CODES] if kind in CHOSEN else [],
        "relevant": variable.relevant,
        "held": HELD.get(kind, "as answered"),
        "valid": sum(number for state, number in counts.items() if state < ValueState.NOT_ANSWERED),
        "missing": missing,
    }
