"""Expressions read once: their tree, what they refer to, and whether every function exists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from survey.instrument.faults import EvaluationError, ExpressionError
from survey.instrument.functions import FUNCTIONS
from survey.instrument.grammar import Binary, Call, Literal, Negate, Path, Tree, Variable, parse
from survey.instrument.patterns import compiled

# What other products' questionnaires use in place of ours.
ELSEWHERE = {
    "duration": "duration() is SurveyCTO's; subtract two date-times instead.",
    "device-info": "device-info() is SurveyCTO's; use a metadata question of type deviceid.",
    "difference-in-months": "difference-in-months() is CHT's; use date arithmetic.",
    "lower-case": "ODK Collect has no lower-case(); use translate().",
    "upper-case": "ODK Collect has no upper-case(); use translate().",
    "substring": "ODK Collect has no substring(); use substr(), which counts from 0.",
    "last": "ODK Collect has no last(); use count().",
    "thousands-sep": "thousands-sep() is Kobo's; leave formatting to the report.",
}


@dataclass(frozen=True)
class Expression:
    """An expression that reads well; `variables` are the names it refers to as ${name}."""

    text: str
    tree: Tree
    variables: frozenset[str]
    functions: frozenset[str]

    @property
    def is_volatile(self) -> bool:
        """Whether it can differ from one evaluation to the next (now, today, random, uuid)."""
        return any(FUNCTIONS[name].volatile for name in self.functions)


@lru_cache(maxsize=20_000)
def compile_expression(text: str) -> Expression:
    """Read an expression; raises ExpressionError with position, cause and remedy."""
    tree = parse(text)
    nodes = list(walk_tree(tree))
    calls = [node for node in nodes if isinstance(node, Call)]
    for call in calls:
        _check_call(text, call)
    variables = frozenset(node.name for node in nodes if isinstance(node, Variable))
    return Expression(text, tree, variables, frozenset(call.name for call in calls))


def walk_tree(tree: Tree) -> Iterator[Tree]:
    """Every node of the tree, the node itself first."""
    yield tree
    for child in children(tree):
        yield from walk_tree(child)


def children(tree: Tree) -> tuple[Tree, ...]:
    """The operands, arguments, predicates and starting points directly under a node."""
    match tree:
        case Binary(_, left, right):
            return (left, right)
        case Negate(operand):
            return (operand,)
        case Call(_, arguments, _):
            return arguments
        case Path(start, steps, _, predicates):
            inner = tuple(item for step in steps for item in step.predicates)
            return (*predicates, *inner) if isinstance(start, str) else (start, *predicates, *inner)
    return ()


def _check_call(text: str, call: Call) -> None:
    function = FUNCTIONS.get(call.name)
    if function is None:
        cause, vietnamese = f"there is no function {call.name}()", f"không có hàm {call.name}()"
        raise ExpressionError(text, call.position, cause, _suggestion(call.name), vietnamese)
    if not function.least <= len(call.arguments) <= function.most:
        cause = f"{call.name}() takes {_arity(function.least, function.most)}, not {len(call.arguments)}"
        remedy = "Add or remove arguments."
        raise ExpressionError(text, call.position, cause, remedy, f"{call.name}() sai số đối số")
    if call.name == "regex" and isinstance(call.arguments[1], Literal):
        _check_pattern(text, call, call.arguments[1].value)


def _check_pattern(text: str, call: Call, pattern: str) -> None:
    try:
        compiled(pattern)
    except EvaluationError as error:
        remedy = "Correct the regular expression."
        raise ExpressionError(
            text, call.position, str(error), remedy, f"biểu thức chính quy sai: {error}"
        ) from error


def _suggestion(name: str) -> str:
    close = get_close_matches(name, FUNCTIONS, n=1)
    return ELSEWHERE.get(name) or (
        f"Did you mean {close[0]}()?" if close else "See the list of functions of XLSForm."
    )


def _arity(least: int, most: int) -> str:
    if least == most:
        return f"{least} argument{'s' if least != 1 else ''}"
    return f"{least} to {most} arguments" if most < 100 else f"at least {least} arguments"
