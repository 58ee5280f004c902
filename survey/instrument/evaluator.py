"""Expressions compiled to closures that give one value for one place in one answer document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from survey.instrument.functions import FUNCTIONS
from survey.instrument.grammar import Binary, Call, Literal, Negate, Number, Path, Tree, Variable
from survey.instrument.model import Instrument, Node, Question
from survey.instrument.operators import arithmetic, comparison
from survey.instrument.paths import compile_path
from survey.instrument.places import Code, Env, Run, Truth
from survey.instrument.readers import flat_reader, kind_of, reader
from survey.instrument.scope import Scope, resolve
from survey.instrument.special import SPECIAL
from survey.instrument.values import Nodes, Value, number


def scope_at(
    instrument: Instrument | None = None, node: Node | None = None, used: set[str] | None = None
) -> Scope:
    """The scope of expressions at a node, or with no instrument at all.

    The names of the variables that an expression depends on are added to `used`.
    """
    return Scope(_compile, instrument, node, used)


def _compile(tree: Tree, scope: Scope) -> Code:
    return COMPILERS[type(tree)](tree, scope)


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
    kind = kind_of(node)
    direct = isinstance(node, Question) and scope.node is not None
    if (direct and node.level and node.level not in scope.levels()) or (not direct and node.level):
        kind = "any"
    return Code(reader(scope, node), kind)


def _negate(tree: Negate, scope: Scope) -> Code:
    run = scope.compile(tree.operand).run
    if isinstance(tree.operand, Number):
        value = -tree.operand.value
        return Code(lambda env: value, "number", value)
    return Code(lambda env: -number(run(env)), "number")


def _binary(tree: Binary, scope: Scope) -> Code:
    if tree.operator in ("and", "or"):
        return _logical(tree, scope)
    left, right = scope.compile(tree.left), scope.compile(tree.right)
    if tree.operator == "|":
        return Code(lambda env: _union(left.run(env), right.run(env)))
    if tree.operator in ("=", "!=", "<", "<=", ">", ">="):
        return Code(comparison(tree.operator, left, right), "boolean")
    return Code(arithmetic(tree.operator, left, right), "number")


def _logical(tree: Binary, scope: Scope) -> Code:
    operands: list[Truth] = []
    node: Tree = tree
    while isinstance(node, Binary) and node.operator == tree.operator:
        operands.append(scope.compile_boolean(node.right))
        node = node.left
    operands.append(scope.compile_boolean(node))
    operands.reverse()
    return Code(_chain(tuple(operands), tree.operator == "or"), "boolean")


def _chain(operands: tuple[Truth, ...], stop: bool) -> Run:
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


def _call(tree: Call, scope: Scope) -> Code:
    function = FUNCTIONS[tree.name]
    if function.call is None:
        return SPECIAL[tree.name](tree, scope)
    runs = tuple(scope.compile(argument).run for argument in tree.arguments)
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
    Path: compile_path,
    Call: _call,
}
