"""An instrument made ready to run: every expression compiled, every calculation in its order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from survey.instrument.answers import CHECKS, SEEN, text
from survey.instrument.evaluator import scope_at
from survey.instrument.expression import compile_expression
from survey.instrument.faults import ExpressionError, Fault, InstrumentErrors
from survey.instrument.grammar import Tree
from survey.instrument.model import Instrument, Node, Question, Repeat
from survey.instrument.ordering import dependency_order
from survey.instrument.places import Run, Truth
from survey.instrument.scope import Scope
from survey.instrument.values import Value

# The sheet's column for each compiled part of a node, for messages.
COLUMNS = ("relevant", "calculation", "default", "required", "constraint", "repeat_count", "choice_filter")


@dataclass(slots=True)
class Plan:
    """One node with its compiled parts."""

    node: Node
    key: str
    level: str
    parent: str
    place: int
    relevant: Truth | None = None
    required: Truth | None = None
    constraint: Truth | None = None
    constraint_tree: Tree | None = None
    calculation: Run | None = None
    default: Run | None = None
    count: Run | None = None
    keeps: bool = False
    check: Callable[[Question, Any], Any] = text
    see: Callable[[Any], Value] | None = None
    uses: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Program:
    """All plans by variable, in document order; `steps` is what must run, in dependency order."""

    instrument: Instrument
    plans: dict[str, Plan]
    steps: tuple[Plan, ...]
    repeats: tuple[Plan, ...]
    visible: tuple[Plan, ...]


def program_of(instrument: Instrument) -> Program:
    """The instrument's program, compiled on first use; raises InstrumentErrors."""
    program: Program | None = instrument.cache.get("program")
    if program is None:
        program = instrument.cache["program"] = _compile(instrument)
    return program


def _compile(instrument: Instrument) -> Program:
    faults: list[Fault] = []
    plans = {
        key: _plan(instrument, node, place, faults)
        for place, (key, node) in enumerate(instrument.nodes.items())
    }
    if faults:
        raise InstrumentErrors(tuple(faults))
    order = dependency_order(instrument, {key: plan.uses for key, plan in plans.items()})
    return Program(
        instrument,
        plans,
        _steps(plans, order),
        tuple(plan for plan in plans.values() if isinstance(plan.node, Repeat)),
        tuple(plan for plan in plans.values() if isinstance(plan.node, Question) and not plan.node.is_silent),
    )


def _steps(plans: dict[str, Plan], order: list[str]) -> tuple[Plan, ...]:
    """The nodes that can change when the program runs; all others are settled when answers are read."""
    shaky: set[str] = set()
    for plan in plans.values():
        if plan.relevant or plan.parent in shaky or isinstance(plan.node, Repeat):
            shaky.add(plan.key)
    return tuple(plans[key] for key in order if key in shaky or plans[key].calculation or plans[key].default)


def _plan(instrument: Instrument, node: Node, place: int, faults: list[Fault]) -> Plan:
    plan = Plan(node, node.variable, node.level, node.parent, place)
    maker = _Maker(plan, scope_at(instrument, node, plan.uses), faults)
    plan.relevant = maker.truth("relevant", node.relevant)
    if isinstance(node, Repeat):
        plan.count = maker.run("repeat_count", node.count)
    if isinstance(node, Question):
        _question_plan(plan, node, maker)
    return plan


def _question_plan(plan: Plan, node: Question, maker: _Maker) -> None:
    plan.check = CHECKS.get(node.type, text)
    plan.see = SEEN.get(node.type)
    plan.calculation = maker.run("calculation", node.calculation)
    plan.keeps = bool(node.trigger) or maker.is_settled(node.calculation)
    if node.default:
        plan.default = maker.run("default", node.default) if node.is_dynamic_default else _literal(node)
    # Constraints and requirements are judged after everything has its value, so they order nothing.
    judge = _Maker(plan, scope_at(maker.scope.instrument, node), maker.faults)
    plan.required = judge.truth("required", node.required)
    plan.constraint = judge.truth("constraint", node.constraint)
    if plan.constraint:
        plan.constraint_tree = compile_expression(node.constraint).tree


def _literal(node: Question) -> Run:
    value = node.default
    return lambda env: value


class _Maker:
    """Compiles the parts of one plan and collects faults with their row and column."""

    def __init__(self, plan: Plan, scope: Scope, faults: list[Fault]) -> None:
        self.plan, self.scope, self.faults = plan, scope, faults

    def tree(self, column: str, text: str) -> Tree | None:
        try:
            return compile_expression(text).tree if text else None
        except ExpressionError as error:
            self.faults.append(fault_of(self.plan.node, column, error))
            return None

    def truth(self, column: str, text: str) -> Truth | None:
        tree = self.tree(column, text)
        return self.compiled(column, lambda: self.scope.compile_boolean(tree)) if tree else None

    def run(self, column: str, text: str) -> Run | None:
        tree = self.tree(column, text)
        return self.compiled(column, lambda: self.scope.compile(tree).run) if tree else None

    def compiled(self, column: str, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except ExpressionError as error:
            self.faults.append(fault_of(self.plan.node, column, error))
            return None

    def is_settled(self, text: str) -> bool:
        """Whether a calculation, once made, stays: it depends on the moment and on nothing else."""
        try:
            expression = compile_expression(text) if text else None
        except ExpressionError:
            return False
        return expression is not None and expression.is_volatile and not self.plan.uses


def fault_of(node: Node, column: str, error: ExpressionError) -> Fault:
    """A fault of the questionnaire for an expression that cannot be used."""
    cause = f"{error.cause} (character {error.position + 1})." if error.position else f"{error.cause}."
    place_vi = f" (ký tự {error.position + 1})" if error.position else ""
    cause_vi = f"{error.cause_vi}{place_vi}." if error.cause_vi else ""
    remedy_vi = error.remedy_vi or "Sửa biểu thức này."
    return Fault("survey", node.row, column, cause, error.remedy, cause_vi, remedy_vi)
