"""A correction by rule: one variable set by an expression wherever a rule fails; looked at before it is made."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from sqlalchemy import select

from survey.accounts.models import User
from survey.editing.judging import judge
from survey.editing.models import CorrectionBatch, Kind
from survey.editing.places import Place, digest, is_same, value_at
from survey.editing.service import Change, Edited, Grounds, correct, edited, is_data
from survey.errors import Conflict, Fault
from survey.extensions import db
from survey.instrument import (
    EvaluationError,
    ExpressionError,
    Instrument,
    Question,
    TypeFault,
    compile_expression,
    evaluate_column,
)
from survey.instrument.answers import stored
from survey.intake.models import Response
from survey.process.correcting.findings import affected_keys
from survey.process.correcting.lines import is_editable, words_for
from survey.process.correcting.records import Record, broken_rules, judged
from survey.process.edits import INSTANCE, EditRule, rule_table
from survey.process.tables import KEY, ROOT, tables_of
from survey.rounds.models import Round
from survey.rounds.service import instrument_of

MOST = 20_000
CHUNK = 500
SHOWN = 20


class BadExpression(Fault):
    title = "Biểu thức chưa dùng được"


@dataclass(frozen=True)
class Changed:
    """One record with what would change in it: the value that is set, and what the questionnaire changes with it."""

    state: Edited
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Unsuited:
    """A record in which the value cannot be set, with the reason."""

    state: Edited
    reason: str


@dataclass(frozen=True)
class Preview:
    """What a correction by rule would do; `mark` stands for exactly these changes."""

    changed: tuple[Changed, ...]
    unsuited: tuple[Unsuited, ...]
    unchanged: int
    pairs: tuple[tuple[str, str, int], ...]
    mark: str

    @property
    def values(self) -> int:
        """How many values change, those that follow included."""
        return sum(len(each.changes) for each in self.changed)

    @property
    def follows(self) -> int:
        """How many values the questionnaire changes with the others."""
        return sum(change.follows for each in self.changed for change in each.changes)


def settable(instrument: Instrument, rule: EditRule) -> list[Question]:
    """The questions that a rule's correction may set: those of its level, its own first."""
    found = [q for q in instrument.questions.values() if (q.level or ROOT) == rule.table and is_editable(q)]
    return sorted(found, key=lambda question: question.variable not in rule.variables)


def preview(round_: Round, rule: EditRule, variable: str, expression: str) -> Preview:
    """What setting `variable` to `expression` would change in the records that break the rule now.

    Records are those that the last run named; of them, those that still break the rule. Raises `BadExpression`.
    """
    instrument = instrument_of(round_.instrument_version)
    question = next((q for q in settable(instrument, rule) if q.variable == variable), None)
    if question is None:
        raise BadExpression("Chưa chọn biến cần sửa.", "Chọn một biến trong danh sách.")
    _readable(expression)
    now = datetime.now(UTC)
    changed, unsuited, unchanged = list[Changed](), list[Unsuited](), 0
    for states in _chunks(round_, affected_keys(round_, rule.code)):
        for state, values in _new_values(instrument, rule, question, expression, states):
            outcome = _outcome(state, values, now)
            if isinstance(outcome, Unsuited):
                unsuited.append(outcome)
            elif outcome.changes:
                changed.append(outcome)
            else:
                unchanged += 1
    return Preview(
        tuple(changed),
        tuple(unsuited),
        unchanged,
        _pairs(instrument, changed),
        _mark(rule, variable, expression, changed),
    )


def _readable(expression: str) -> None:
    try:
        if not expression.strip():
            raise BadExpression("Chưa ghi biểu thức.", "Ghi giá trị hoặc biểu thức, ví dụ 'no' hay ${x} + 1.")
        compile_expression(expression)
    except ExpressionError as error:
        raise _bad(error) from error


def _bad(error: ExpressionError | EvaluationError) -> BadExpression:
    if isinstance(error, ExpressionError):
        return BadExpression(
            f"{error.cause_vi or error.cause} (ký tự {error.position + 1}).",
            error.remedy_vi or "Sửa biểu thức.",
        )
    return BadExpression(f"Không tính được: {error}.", "Sửa biểu thức.")


def _chunks(round_: Round, keys: Sequence[str]) -> Iterator[list[Edited]]:
    if len(keys) > MOST:
        raise Fault(
            f"Quy tắc này có {len(keys)} phiếu, nhiều hơn {MOST} phiếu sửa được một lần.",
            "Quy tắc sai ở nhiều phiếu như vậy thường là do quy tắc hoặc phiếu hỏi: kiểm tra chúng trước.",
        )
    for start in range(0, len(keys), CHUNK):
        query = select(Response).where(
            Response.round_id == round_.id, Response.instance_id.in_(keys[start : start + CHUNK])
        )
        yield edited(
            [each for each in db.session.scalars(query.order_by(Response.instance_id)) if is_data(each)]
        )


Entered = tuple[Edited, Mapping[Place, Any] | str]


def _new_values(
    instrument: Instrument, rule: EditRule, question: Question, expression: str, states: list[Edited]
) -> Iterator[Entered]:
    """Of each record that breaks the rule the values to set, or why one does not fit its question."""
    if not states:
        return
    broken = broken_rules(judged(instrument, (rule,), states), (rule,))
    tables = tables_of(instrument, {state.response.instance_id: dict(state.used) for state in states})
    rows = rule_table(_reading(rule, expression), tables)
    try:
        found = evaluate_column(expression, rows)
    except (ExpressionError, EvaluationError) as error:
        raise _bad(error) from error
    numbers = rows[INSTANCE] if INSTANCE in rows else pd.Series(0, index=rows.index)
    by_key: dict[str, dict[Record, Any]] = {}
    for key, number, value in zip(rows[KEY], numbers, found, strict=True):
        by_key.setdefault(str(key), {})[(rule.table, int(number))] = value
    for state in states:
        key = state.response.instance_id
        its = {r: v for r, v in by_key.get(key, {}).items() if (key, r) in broken}
        if its:
            yield state, _stored(question, its)


def _reading(rule: EditRule, expression: str) -> EditRule:
    """The rule with the expression's variables among its own, so that its table holds them."""
    return EditRule(
        rule.code,
        rule.level,
        rule.table,
        f"({rule.when}) and (({expression}) = '' or true())",
        rule.must,
        rule.severity,
        rule.message,
    )


def _stored(question: Question, values: Mapping[Record, Any]) -> Mapping[Place, Any] | str:
    try:
        return {
            Place(level, number, question.variable): stored(question, "" if _is_missing(value) else value)
            for (level, number), value in values.items()
        }
    except TypeFault as fault:
        return fault.message("vi")


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA


def _outcome(state: Edited, values: Mapping[Place, Any] | str, now: datetime) -> Changed | Unsuited:
    if isinstance(values, str):
        return Unsuited(state, values)
    new = {place: value for place, value in values.items() if not is_same(value, value_at(state.used, place))}
    if not new:
        return Changed(state, ())
    judgement = judge(instrument_of(state.response.instrument_version), state.used, new, now)
    if not judgement.is_possible:
        refusals = [fault.message("vi") for fault in judgement.refusals]
        return Unsuited(
            state, refusals[0] if refusals else "Câu này không được hỏi với các câu trả lời còn lại."
        )
    direct = [Change(place, value_at(state.used, place), value) for place, value in new.items()]
    followers = [
        Change(place, value_at(state.used, place), value, follows=True)
        for place, value in judgement.follows.items()
    ]
    return Changed(state, (*direct, *followers))


def _pairs(instrument: Instrument, changed: Sequence[Changed]) -> tuple[tuple[str, str, int], ...]:
    """How often which value becomes which, the most frequent first."""
    counts = Counter(
        tuple(words_for(instrument, change.place.variable, value) for value in (change.seen, change.new))
        for each in changed
        for change in each.changes
        if not change.follows
    )
    return tuple((old, new, count) for (old, new), count in counts.most_common(SHOWN))


def _mark(rule: EditRule, variable: str, expression: str, changed: Sequence[Changed]) -> str:
    parts = [rule.code, variable, expression]
    for each in changed:
        for change in each.changes:
            parts.append(
                f"{each.state.response.id} {change.place} {digest(change.seen)} {digest(change.new)}"
            )
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def apply_rule(
    round_: Round, rule: EditRule, variable: str, expression: str, seen: str, grounds: Grounds, user: User
) -> CorrectionBatch:
    """Make exactly the changes that were looked at (`seen` is their mark), all or none; the caller commits.

    Raises `Conflict` when the data have changed since.
    """
    found = preview(round_, rule, variable, expression)
    if found.mark != seen:
        raise Conflict(
            "Dữ liệu đã thay đổi sau khi bạn xem trước; chưa giá trị nào được sửa.",
            "Xem trước lại rồi áp dụng.",
        )
    changes = {each.state.response.id: each.changes for each in found.changed}
    return correct(round_, changes, grounds, user)


def grounds_of(rule: EditRule, variable: str, expression: str, reason: str, note: str) -> Grounds:
    """Why a correction by rule is made, with what it sets."""
    return Grounds(reason, note, Kind.RULE, rule.code, f"{variable} := {expression}")
