"""The fewest answers of a record that must change so that its rules hold: shown to a person, who decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

import pandas as pd

from analysis.errors import SurveyError, TimeExceeded
from survey.editing.cases import Untranslatable
from survey.editing.models import Outcome
from survey.editing.places import Place, with_values
from survey.editing.service import Edited
from survey.editing.systems import smallest_change
from survey.instrument import Instrument, Question, TypeFault, holds
from survey.instrument.answers import stored
from survey.process.correcting.lines import is_editable
from survey.process.correcting.records import Record, values_for
from survey.process.edits import EditRule, reliability_of
from survey.process.tables import ROOT, tables_of
from survey.rounds.models import Round

SECONDS = 2.0
"""How long the search for one record may take."""
MOST_TRIED = 300
ERROR = "error"
SAID = {
    Outcome.NONE: "Không có cách đổi nào làm mọi quy tắc cùng đạt mà giữ nguyên các biến cố định.",
    Outcome.TIMEOUT: "Tìm quá lâu nên đã dừng. Xem các biến của quy tắc rồi tự chọn.",
    Outcome.UNREADABLE: "Quy tắc này không chuyển được thành hệ ràng buộc để tìm tự động. Tự chọn biến cần sửa.",
}


@dataclass(frozen=True)
class Suggestion:
    """What a search ended with: the places to change with a value for each, None for no answer.

    `admissible` says for a variable which values would do while the others are as proposed.
    """

    outcome: Outcome
    rules: tuple[EditRule, ...]
    values: Mapping[Place, Any] = field(default_factory=dict)
    cost: float = 0.0
    admissible: Mapping[Place, tuple[str, ...]] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """Why there is none."""
        return SAID.get(self.outcome, "")


def suggest(
    round_: Round,
    instrument: Instrument,
    rules: tuple[EditRule, ...],
    broken: tuple[EditRule, ...],
    state: Edited,
    record: Record,
    seconds: float = SECONDS,
) -> Suggestion:
    """Search for the smallest change of a record that breaks rules.

    All rules of severity error of its table have to hold; warnings count where nothing worse is wrong. Values that
    the form works out are never changed, nor are those of the response when a repeat's instance is looked at.
    """
    system = _system(rules, broken, record)
    questions = {
        q.variable: q for q in instrument.questions.values() if (q.level or ROOT) in (record[0], ROOT)
    }
    reliability = reliability_of(round_.instrument_version.edits) | {
        name: inf for name, q in questions.items() if not is_editable(q) or (q.level or ROOT) != record[0]
    }
    seen = values_for(instrument, state.used, record)
    try:
        found = smallest_change(system, questions, seen, reliability, seconds)
    except Untranslatable:
        return Suggestion(Outcome.UNREADABLE, broken)
    except TimeExceeded:
        return Suggestion(Outcome.TIMEOUT, broken)
    except SurveyError:
        return Suggestion(Outcome.NONE, broken)
    if found is None:
        return Suggestion(Outcome.NONE, broken)
    try:
        values = {
            Place(*record, name): stored(questions[name], value) for name, value in found.values.items()
        }
    except TypeFault:
        return Suggestion(Outcome.NONE, broken)
    if not values or _breaks(instrument, system, with_values(state.used, values), record):
        return Suggestion(Outcome.NONE, broken)
    admissible = {place: _admissible(instrument, system, state, values, place) for place in values}
    return Suggestion(Outcome.FOUND, broken, values, found.cost, admissible)


def _system(rules: tuple[EditRule, ...], broken: tuple[EditRule, ...], record: Record) -> list[EditRule]:
    of_table = [rule for rule in rules if rule.table == record[0]]
    errors = [rule for rule in of_table if rule.severity == ERROR]
    return errors if any(rule.severity == ERROR for rule in broken) else of_table


def _breaks(
    instrument: Instrument, rules: list[EditRule], answers: Mapping[str, Any], record: Record
) -> bool:
    """Whether the record breaks a rule after all: what is proposed is proved by the evaluator that runs use."""
    return not _passing(rules, _row(instrument, answers, record))[0]


def _row(instrument: Instrument, answers: Mapping[str, Any], record: Record) -> pd.DataFrame:
    tables = tables_of(instrument, {"": dict(answers)})
    root = tables[ROOT]
    if record[0] == ROOT:
        return root
    row = tables[record[0]].iloc[[record[1] - 1]].reset_index(drop=True)
    return pd.concat([row, root.drop(columns=[name for name in root if name in row])], axis=1)


def _passing(rules: list[EditRule], table: pd.DataFrame) -> list[bool]:
    failed = pd.Series(False, index=table.index)
    for rule in rules:
        failed |= holds(rule.when, table) & ~holds(rule.must, table)
    return [not bool(each) for each in failed]


def _admissible(
    instrument: Instrument, rules: list[EditRule], state: Edited, values: Mapping[Place, Any], place: Place
) -> tuple[str, ...]:
    """The values of one place that do while the others are as proposed; () where they are too many to try."""
    question = instrument.questions[place.variable]
    tried = _tried(question)
    if not tried:
        return ()
    row = _row(instrument, with_values(state.used, values), (place.level, place.instance))
    table = row.loc[[0] * len(tried)].reset_index(drop=True)
    table[place.variable] = pd.Series(tried, dtype=row[place.variable].dtype)
    good = [value for value, passes in zip(tried, _passing(rules, table), strict=True) if passes]
    return _told(question, good)


def _tried(question: Question) -> list[Any]:
    if question.type == "select_one" and question.choices:
        return [*(choice.name for choice in question.choices[:MOST_TRIED]), None]
    return list(range(MOST_TRIED)) if question.type == "integer" else []


def _told(question: Question, good: list[Any]) -> tuple[str, ...]:
    """Choices by their labels; numbers as ranges."""
    if question.type == "select_one":
        labels = question.choice_by_name
        return tuple("bỏ trống" if name is None else labels[name].label("vi") or name for name in good)
    ranges: list[list[int]] = []
    for number in good:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return tuple(_range(low, high) for low, high in ranges)


def _range(low: int, high: int) -> str:
    if high == MOST_TRIED - 1:
        return f"từ {low} trở lên"
    return str(low) if low == high else f"{low}–{high}"
