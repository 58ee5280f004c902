"""Why each value is there or is not: collected, corrected, imputed, or the reason it is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from survey.instrument import (
    EvaluationError,
    ExpressionError,
    Instrument,
    Question,
    compile_expression,
    holds,
)
from survey.instrument.scope import node_of
from survey.instrument.wording import Condition, conditions_of
from survey.process.snapshots.columns import Batch, Rows
from survey.process.snapshots.shape import questions_of

States = npt.NDArray[np.int8]
Truths = npt.NDArray[np.bool_]


class ValueState(IntEnum):
    """As kept in a snapshot's state tables; from 10 on the value is missing, for the reason named.

    CORRECTED and IMPUTED are given where what was changed by the office is laid over what was collected.
    """

    COLLECTED = 0
    CORRECTED = 1
    IMPUTED = 2
    NOT_ANSWERED = 10
    NOT_RELEVANT = 11
    NOT_IN_VERSION = 12
    DONT_KNOW = 13
    REFUSED = 14
    UNEXPLAINED = 15


MISSING_CODES = {"dont_know": ValueState.DONT_KNOW, "refused": ValueState.REFUSED}
"""Choice names that are no answer to the question; see the house's grammar of names."""
CHOSEN = frozenset({"select_one", "select_multiple", "rank"})


@dataclass(eq=False)
class Reasons:
    """Works out the states of a batch's rows by the versions of the questionnaire that they were given in."""

    instruments: Mapping[int, Instrument]
    conditions: dict[tuple[int, str], tuple[Condition, ...]] = field(default_factory=dict)

    def states(self, rows: Rows, batch: Batch) -> pa.Table:
        """The state of every variable in every row, in the order of the level's table."""
        versions = np.asarray(batch.versions)[rows.response]
        asked = {
            version: questions_of(self.instruments[version], rows.level) for version in np.unique(versions)
        }
        truths: dict[tuple[int, str], Truths | None] = {}
        columns = {}
        for variable, kind in rows.level.kinds.items():
            states = _filled(rows.column(variable), kind)
            empty = states == ValueState.NOT_ANSWERED
            for version, questions in asked.items():
                here = empty & (versions == version)
                if here.any():
                    states[here] = self._reason(rows, questions.get(variable), version, truths)[here]
            columns[variable] = pa.array(states, pa.int8())
        return pa.table(columns)

    def _reason(
        self,
        rows: Rows,
        question: Question | None,
        version: int,
        truths: dict[tuple[int, str], Truths | None],
    ) -> States:
        """Why a row of this version has no value, if it has none."""
        if question is None:
            return np.full(len(rows), ValueState.NOT_IN_VERSION, np.int8)
        relevant = np.ones(len(rows), np.bool_)
        unknown = False
        for condition in self._conditions(question, version):
            key = (version, f"{condition.node.variable}\0{condition.expression}")
            if key not in truths:
                truths[key] = self._holds(rows, condition, version)
            found = truths[key]
            if found is None:
                unknown = True
            else:
                relevant &= found
        reason = ValueState.UNEXPLAINED if unknown else ValueState.NOT_ANSWERED
        return np.where(relevant, reason, ValueState.NOT_RELEVANT).astype(np.int8)

    def _conditions(self, question: Question, version: int) -> tuple[Condition, ...]:
        key = (version, question.variable)
        if key not in self.conditions:
            self.conditions[key] = tuple(conditions_of(self.instruments[version], question))
        return self.conditions[key]

    def _holds(self, rows: Rows, condition: Condition, version: int) -> Truths | None:
        """Where a condition is true; None where columns do not tell: paths, counts of repeats, the day it is."""
        try:
            expression = compile_expression(condition.expression)
            if expression.is_volatile:
                return None
            table = self._table(rows, expression.variables, self.instruments[version])
            return None if table is None else holds(condition.expression, table)
        except (ExpressionError, EvaluationError):
            return None

    def _table(self, rows: Rows, names: frozenset[str], instrument: Instrument) -> pd.DataFrame | None:
        """The columns that a condition names, of the rows' level or of those around it."""
        found: dict[str, object] = {}
        for name in names:
            node = node_of(instrument, name)
            if not isinstance(node, Question):
                return None
            column = _from_level(rows, node)
            if column is None:
                return None
            found[name] = _as_pandas(column)
        return pd.DataFrame(found, index=pd.RangeIndex(len(rows)))


def _from_level(rows: Rows, node: Question) -> pa.Array | None:
    """The column of a question in the rows' level, or of the row around each; None where it lies deeper."""
    if (rows.level.repeats[-1] if rows.level.repeats else "") == node.level:
        return rows.column(node.variable)
    if rows.outer is None or rows.above is None:
        return None
    around = _from_level(rows.outer, node)
    return None if around is None else around.take(pa.array(rows.above))


def _as_pandas(column: pa.Array) -> "pd.Series[object]":
    """Texts as categories: a condition is worked out once for each of their values."""
    if pa.types.is_string(column.type):
        return column.dictionary_encode().to_pandas()
    return column.to_pandas()


def _filled(column: pa.Array, kind: str) -> States:
    """COLLECTED where there is a value, the reason where a choice says that there is none, else NOT_ANSWERED."""
    states = np.where(
        column.is_null().to_numpy(zero_copy_only=False), ValueState.NOT_ANSWERED, ValueState.COLLECTED
    ).astype(np.int8)
    if kind in CHOSEN:
        for code, state in MISSING_CODES.items():
            states[pc.fill_null(pc.equal(column, code), False).to_numpy(zero_copy_only=False)] = state
    return states
