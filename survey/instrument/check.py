"""Answers judged by their instrument: relevance, calculations, requirements, constraints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from survey.instrument import messages
from survey.instrument.choices import allowed_names, is_from_repeat
from survey.instrument.faults import AnswerFault, EvaluationError, Texts
from survey.instrument.model import Instrument, Page, Question
from survey.instrument.places import Env
from survey.instrument.program import Plan, Program, program_of
from survey.instrument.run import Session, open_session

Index = tuple[int, ...]


@dataclass(frozen=True)
class Checked:
    """Answers as they may be stored, what is relevant, and what is wrong.

    `answers` has calculations and defaults filled in and irrelevant values left out; values that
    have a type fault are left out too.  `relevant` holds (variable, repeat positions from 0).
    """

    answers: dict[str, Any]
    relevant: frozenset[tuple[str, Index]]
    faults: tuple[AnswerFault, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def check(
    instrument: Instrument,
    answers: Mapping[str, Any],
    *,
    page: Page | None = None,
    now: datetime | None = None,
    first_load: bool | None = None,
) -> Checked:
    """Judge answers; pure, never changes its input.

    With `page`, only that page's questions are judged, as for saving as one goes.  `now` is the time
    for today() and now(), the clock's if not given.  Defaults of visible questions are filled in on
    first load only: while a document (or an instance of a repeat) has no answer of a visible question
    yet, or as `first_load` says; a key that holds None was left empty by the person.
    """
    session = open_session(program_of(instrument), answers, now, first_load)
    faults = [*session.faults, *_judged(session)]
    if page is not None:
        keys = {question.variable for question in page.questions} | {page.repeat}
        faults = [fault for fault in faults if fault.variable in keys]
    relevant = session.relevant()
    standing = [
        fault for fault in faults if fault.kind == "unknown" or (fault.variable, fault.index) in relevant
    ]
    return Checked(session.answers(), relevant, _sorted(session.program, standing))


def _judged(session: Session) -> list[AnswerFault]:
    bad = {(fault.variable, fault.index) for fault in session.faults}
    found: list[AnswerFault] = []
    for plan in session.program.visible:
        question = plan.node
        if isinstance(question, Question) and (plan.required or plan.constraint or _has_filter(question)):
            _judge(session, plan, question, bad, found)
    return found


def _judge(session: Session, plan: Plan, question: Question, bad: set[Any], found: list[AnswerFault]) -> None:
    for env in session.places[plan.level]:
        row = env.rows[-1]
        if plan.key in row.off:
            continue
        answered = plan.key in row
        if not answered and plan.required is None:
            continue
        fault = _fault(session, plan, question, env, answered)
        if fault:
            index = tuple(position - 1 for position in env.positions)
            if (plan.key, index) not in bad:
                found.append(AnswerFault(plan.key, index, *fault))


def _fault(
    session: Session, plan: Plan, question: Question, env: Env, answered: bool
) -> tuple[str, Texts] | None:
    env.current = env.rows[-1].get(plan.key, "")
    try:
        if not answered:
            needed = plan.required is not None and plan.required(env)
            return ("required", messages.required(question)) if needed else None
        if plan.constraint is not None and not plan.constraint(env):
            return "constraint", messages.constraint(question, plan.constraint_tree)
    except EvaluationError:
        return "constraint", messages.constraint(question, None)
    if _has_filter(question) and not _is_offered(session, question, env):
        return "choice", messages.CHOICE
    return None


def _has_filter(question: Question) -> bool:
    """Whether the list depends on other answers, or on a file that may be at hand."""
    return bool(question.choice_filter or question.file) or is_from_repeat(question)


def _is_offered(session: Session, question: Question, env: Env) -> bool:
    names = allowed_names(session.program.instrument, question, env)
    answer = str(env.current)
    chosen = [answer] if question.type == "select_one" else answer.split()
    return names is None or all(name in names for name in chosen)


def _sorted(program: Program, faults: list[AnswerFault]) -> tuple[AnswerFault, ...]:
    """In the order of the form: instance by instance where a repeat stands."""

    def place(fault: AnswerFault) -> tuple[Any, ...]:
        plan = program.plans.get(fault.variable)
        if plan is None:
            return (10**9,)
        order: list[Any] = [plan.place]
        for position in reversed(fault.index):
            plan = program.plans[plan.level] if plan.level else plan
            order = [plan.place, position, *order]
        return tuple(order)

    return tuple(sorted(faults, key=place))
