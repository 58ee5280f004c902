"""One document run through its program: values read in, relevance and calculations settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from survey.instrument import messages
from survey.instrument.answers import stored
from survey.instrument.faults import AnswerFault, EvaluationError, TypeFault
from survey.instrument.model import Question, Repeat
from survey.instrument.places import Env, Row
from survey.instrument.program import Plan, Program

Index = tuple[int, ...]
MAX_INSTANCES = 10_000


class Session:
    """The places (root and every instance of every repeat), their values, and the faults of reading."""

    def __init__(self, program: Program, now: datetime) -> None:
        self.program = program
        self.faults: list[AnswerFault] = []
        self.root = Env((Row(),), (), now)
        self.places: dict[str, list[Env]] = {"": [self.root]}

    # -- reading ---------------------------------------------------------------------------------
    def read(self, env: Env, level: str, answers: Mapping[str, Any], first_load: bool | None) -> None:
        """Read one level of the document into its row, and the levels below it."""
        row, plans = env.rows[-1], self.program.plans
        for key, value in answers.items():
            plan = plans.get(key)
            if plan is None or plan.level != level or not isinstance(plan.node, Question | Repeat):
                self._fault(key, env, "unknown", messages.UNKNOWN)
            elif isinstance(plan.node, Repeat):
                self._read_repeat(plan, env, value, first_load)
            elif value is None or value == "" or value == []:
                row.left.add(key)
            else:
                self._read_value(plan, plan.node, env, row, value)
        if first_load is None:
            row.fresh = not any(_is_visible(plans.get(key)) for key in answers)
        else:
            row.fresh = first_load

    def _read_value(self, plan: Plan, question: Question, env: Env, row: Row, value: Any) -> None:
        try:
            value = plan.check(question, value)
        except TypeFault as fault:
            self._fault(plan.key, env, fault.kind, fault.texts)
            return
        row.kept[plan.key] = value
        row[plan.key] = plan.see(value) if plan.see else value

    def _read_repeat(self, plan: Plan, env: Env, value: Any, first_load: bool | None) -> None:
        if not isinstance(value, list | tuple) or not all(isinstance(item, Mapping) for item in value):
            if value is not None:
                self._fault(plan.key, env, "type", messages.REPEAT)
            return
        if len(value) > MAX_INSTANCES:
            self._fault(plan.key, env, "length", messages.REPEAT)
            return
        rows = []
        for position, item in enumerate(value, start=1):
            inner = env.inside(Row(), position)
            rows.append(inner.rows[-1])
            self.places.setdefault(plan.key, []).append(inner)
            self.read(inner, plan.key, item, first_load)
        env.rows[-1][plan.key] = rows

    def _fault(self, key: str, env: Env, kind: str, texts: dict[str, str]) -> None:
        self.faults.append(AnswerFault(key, tuple(position - 1 for position in env.positions), kind, texts))

    # -- settling --------------------------------------------------------------------------------
    def settle(self) -> None:
        """Run relevance, calculations and defaults in their order."""
        for plan in self.program.repeats:
            self.places.setdefault(plan.key, [])
        for plan in self.program.steps:
            if isinstance(plan.node, Repeat):
                self._settle_repeat(plan)
            else:
                self._settle(plan)

    def _settle_repeat(self, plan: Plan) -> None:
        for env in self.places[plan.key]:
            parent_off = bool(plan.parent) and plan.parent in env.rows[-2].off
            if parent_off or (plan.relevant is not None and not _holds(plan.relevant, env)):
                env.rows[-1].off.add(plan.key)

    def _settle(self, plan: Plan) -> None:
        key, parent, relevant, calculation = plan.key, plan.parent, plan.relevant, plan.calculation
        for env in self.places[plan.level]:
            row = env.rows[-1]
            if (parent and parent in row.off) or (relevant is not None and not _holds(relevant, env)):
                row.off.add(key)
                row.pop(key, None)
            elif calculation is not None:
                self._calculate(plan, env, row)
            elif plan.default is not None and key not in row:
                self._default(plan, env, row)

    def _calculate(self, plan: Plan, env: Env, row: Row) -> None:
        question = plan.node
        assert isinstance(question, Question)
        present = plan.key in row
        if plan.keeps and (present or not self._triggered(question, env)):
            return
        if plan.default is not None and not present and not question.calculation:
            self._default(plan, env, row)
            return
        self._put(plan, question, env, row, plan.calculation)

    def _triggered(self, question: Question, env: Env) -> bool:
        if not question.trigger:
            return True
        plans = self.program.plans
        return any(name in row for name in question.trigger for row in env.rows if name in plans)

    def _default(self, plan: Plan, env: Env, row: Row) -> None:
        question = plan.node
        assert isinstance(question, Question)
        shown = not (question.is_silent or question.read_only or question.type == "note")
        if plan.key in row.left or (shown and not row.fresh):
            return
        self._put(plan, question, env, row, plan.default)

    def _put(self, plan: Plan, question: Question, env: Env, row: Row, run: Any) -> None:
        """Store an expression's result; one that does not fit its question's type counts as empty."""
        env.current = row.get(plan.key, "")
        kept = row.kept
        try:
            value = stored(question, run(env))
        except (EvaluationError, TypeFault):
            value = None
        if value is None:
            row.pop(plan.key, None)
            kept.pop(plan.key, None)
        else:
            kept[plan.key] = value
            row[plan.key] = plan.see(value) if plan.see else value

    # -- giving out ------------------------------------------------------------------------------
    def answers(self) -> dict[str, Any]:
        """The document without irrelevant values."""
        return self._document(self.root)

    def _document(self, env: Env) -> dict[str, Any]:
        row = env.rows[-1]
        document = {key: value for key, value in row.kept.items() if key not in row.off}
        for plan in self.program.repeats:
            if plan.key in row:
                inner = [env.inside(item, 0) for item in row[plan.key] if plan.key not in item.off]
                if inner:
                    document[plan.key] = [self._document(place) for place in inner]
        return document

    def relevant(self) -> frozenset[tuple[str, Index]]:
        """Every relevant node with the 0-based positions of its instance."""
        found: set[tuple[str, Index]] = set()
        for plan in self.program.plans.values():
            if isinstance(plan.node, Repeat):
                self._relevant_repeat(plan, found)
            for env in self.places[plan.key if isinstance(plan.node, Repeat) else plan.level]:
                if plan.key not in env.rows[-1].off:
                    found.add((plan.key, tuple([position - 1 for position in env.positions])))
        return frozenset(found)

    def _relevant_repeat(self, plan: Plan, found: set[tuple[str, Index]]) -> None:
        """The repeat as a whole, so that its page is reached while it has no instance yet."""
        for outer in self.places[plan.level]:
            if plan.parent and plan.parent in outer.rows[-1].off:
                continue
            if plan.relevant is None or _holds(plan.relevant, outer.inside(Row(), 1)):
                found.add((plan.key, tuple([position - 1 for position in outer.positions])))


def _holds(test: Any, env: Env) -> bool:
    try:
        return bool(test(env))
    except EvaluationError:
        return False


def _is_visible(plan: Plan | None) -> bool:
    return plan is not None and (not isinstance(plan.node, Question) or not plan.node.is_silent)


def open_session(
    program: Program, answers: Mapping[str, Any], now: datetime | None = None, first_load: bool | None = None
) -> Session:
    """Read answers and settle them."""
    session = Session(program, now or datetime.now().astimezone())
    session.read(session.root, "", answers, first_load)
    session.settle()
    return session
