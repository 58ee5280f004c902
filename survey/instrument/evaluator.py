"""Expressions compiled to closures that give one value for one place in one answer document."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from survey.instrument.functions import FUNCTIONS
from survey.instrument.grammar import Binary, Call, Literal, Negate, Number, Path, Tree, Variable
from survey.instrument.model import Node, Question
from survey.instrument.operators import arithmetic, comparison
from survey.instrument.scope import Env, Scope, flat_reader, reader, resolve
from survey.instrument.values import Nodes, Value, boolean, number

Run: TypeAlias = Callable[[Env], Value]
KINDS = {
    "integer": "number",
    "decimal": "number",
    "range": "number",
    "date": "date",
    "dateTime": "date",
    "time": "date",
    "start": "date",
    "end": "date",
    "today": "date",
}


@dataclass(frozen=True)
class Code:
    """A compiled expression: `kind` is what it is known to give (string, number, boolean, date, any);
    a question's number or date may also be the empty text."""

    run: Run
    kind: str = "any"
    constant: Any = None


def compile_tree(tree: Tree, scope: Scope) -> Code:
    """Compile a syntax tree for one scope; raises ExpressionError for names that lead nowhere."""
    return COMPILERS[type(tree)](tree, scope)


def compile_boolean(tree: Tree, scope: Scope) -> Callable[[Env], bool]:
    """Compile for its truth."""
    code = compile_tree(tree, scope)
    if code.kind == "boolean":
        return code.run  # type: ignore[return-value]
    run = code.run
    return lambda env: boolean(run(env))


def _literal(tree: Literal, scope: Scope) -> Code:
    value = tree.value
    return Code(lambda env: value, "string", value)


def _number(tree: Number, scope: Scope) -> Code:
    value = tree.value
    return Code(lambda env: value, "number", value)


def _variable(tree: Variable, scope: Scope) -> Code:
    if scope.instrument is None:
        scope.note(tree.name)
        return Code(flat_reader(tree.name))
    if tree.name.startswith("last-saved#"):
        return Code(lambda env: "", "string")
    return _read(scope, resolve(scope, tree))


def _read(scope: Scope, node: Node | None) -> Code:
    if node is None:
        return Code(lambda env: "", "string")
    kind = KINDS.get(node.type, "string") if isinstance(node, Question) else "any"
    direct = isinstance(node, Question) and scope.node is not None
    if (direct and node.level and node.level not in scope.levels()) or (not direct and node.level):
        kind = "any"
    return Code(reader(scope, node), kind)


def _negate(tree: Negate, scope: Scope) -> Code:
    run = compile_tree(tree.operand, scope).run
    if isinstance(tree.operand, Number):
        value = -tree.operand.value
        return Code(lambda env: value, "number", value)
    return Code(lambda env: -number(run(env)), "number")


def _binary(tree: Binary, scope: Scope) -> Code:
    if tree.operator in ("and", "or"):
        return _logical(tree, scope)
    left, right = compile_tree(tree.left, scope), compile_tree(tree.right, scope)
    if tree.operator == "|":
        return Code(lambda env: _union(left.run(env), right.run(env)))
    if tree.operator in ("=", "!=", "<", "<=", ">", ">="):
        return Code(comparison(tree.operator, left, right), "boolean")
    return Code(arithmetic(tree.operator, left, right), "number")


def _logical(tree: Binary, scope: Scope) -> Code:
    operands: list[Callable[[Env], bool]] = []
    node: Tree = tree
    while isinstance(node, Binary) and node.operator == tree.operator:
        operands.append(compile_boolean(node.right, scope))
        node = node.left
    operands.append(compile_boolean(node, scope))
    operands.reverse()
    return Code(_chain(tuple(operands), tree.operator == "or"), "boolean")


def _chain(operands: tuple[Callable[[Env], bool], ...], stop: bool) -> Run:
    if len(operands) == 2:
        first, second = operands
        if stop:
            return lambda env: first(env) or second(env)
        return lambda env: first(env) and second(env)

    def run(env: Env) -> bool:
        for operand in operands:
            if operand(env) is stop:
                return stop
        return not stop

    return run


def _union(left: Value, right: Value) -> Nodes:
    both = Nodes(left if isinstance(left, Nodes) else [left])
    both.extend(right if isinstance(right, Nodes) else [right])
    return both


def _path(tree: Path, scope: Scope) -> Code:
    from survey.instrument.paths import compile_path

    return compile_path(tree, scope)


def _call(tree: Call, scope: Scope) -> Code:
    from survey.instrument.special import SPECIAL

    function = FUNCTIONS[tree.name]
    if function.call is None:
        return SPECIAL[tree.name](tree, scope)
    runs = tuple(compile_tree(argument, scope).run for argument in tree.arguments)
    return Code(_apply(function.call, runs, function.moment), function.gives)


def _apply(call: Callable[..., Any], runs: tuple[Run, ...], moment: bool) -> Run:
    if moment:
        return lambda env: call(env.now, *[run(env) for run in runs])
    if len(runs) == 1:
        (only,) = runs
        return lambda env: call(only(env))
    if len(runs) == 2:
        first, second = runs
        return lambda env: call(first(env), second(env))
    return lambda env: call(*[run(env) for run in runs])


COMPILERS: dict[type[Any], Callable[[Any, Scope], Code]] = {
    Literal: _literal,
    Number: _number,
    Variable: _variable,
    Negate: _negate,
    Binary: _binary,
    Path: _path,
    Call: _call,
}


def predicate_filter(
    scope: Scope, node: Node, predicates: Iterable[Tree]
) -> Callable[[list[Env], Env], list[Env]]:
    """Keeps the instances of a repeat for which every predicate holds."""
    inner = replace(scope, node=node, outer=scope.outer or scope)
    tests = [_keep(compile_tree(predicate, inner)) for predicate in predicates]
    if not tests:
        return lambda places, origin: places

    def keep(places: list[Env], origin: Env) -> list[Env]:
        for test in tests:
            for place, env in enumerate(places, start=1):
                env.place, env.size, env.origin = place, len(places), origin.origin or origin
            places = [env for env in places if test(env)]
        return places

    return keep


def _keep(code: Code) -> Callable[[Env], bool]:
    """A predicate that gives a number asks for a position (XPath 1.0, section 2.4)."""
    run = code.run

    def test(env: Env) -> bool:
        value = run(env)
        return env.place == value if isinstance(value, float) else boolean(value)

    return test
