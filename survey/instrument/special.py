"""Functions compiled with knowledge of the form: lazy ones, positions, repeats, labels, tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from survey.instrument.expression import compile_expression
from survey.instrument.faults import ExpressionError
from survey.instrument.grammar import Call, Literal, Path, Tree, Variable
from survey.instrument.lookups import choice_by_name, item_value, items_of
from survey.instrument.model import Question, Repeat
from survey.instrument.places import Code, Env, Row
from survey.instrument.scope import Scope, levels_of, resolve
from survey.instrument.values import Nodes, Value, is_present, number, string


def _if(tree: Call, scope: Scope) -> Code:
    test = scope.compile_boolean(tree.arguments[0])
    yes, no = (scope.compile(argument) for argument in tree.arguments[1:])
    kind = yes.kind if yes.kind == no.kind else "any"
    first, second = yes.run, no.run
    return Code(lambda env: first(env) if test(env) else second(env), kind)


def _coalesce(tree: Call, scope: Scope) -> Code:
    runs = [scope.compile(argument).run for argument in tree.arguments]

    def run(env: Env) -> Value:
        value: Value = ""
        for candidate in runs:
            value = candidate(env)
            if is_present(value):
                return value
        return value

    return Code(run)


def _once(tree: Call, scope: Scope) -> Code:
    run = scope.compile(tree.arguments[0]).run
    return Code(lambda env: env.current if string(env.current) != "" else run(env))


def _position(tree: Call, scope: Scope) -> Code:
    if not tree.arguments:
        if scope.in_item or scope.outer is not None:
            return Code(lambda env: float(env.place), "number")
        return Code(lambda env: float(env.positions[-1]) if env.positions else 1.0, "number")
    depth = _depth(tree.arguments[0], scope)
    return Code(lambda env: float(env.positions[depth - 1]) if depth else 1.0, "number")


def _depth(tree: Tree, scope: Scope) -> int:
    """How many repeats lie around the node that a path means."""
    if scope.instrument is None or not isinstance(tree, Path | Variable):
        raise ExpressionError("position()", 0, "position() takes a path such as ..", "Write position(..).")
    if isinstance(tree, Path) and isinstance(tree.start, Call) and tree.start.name == "current":
        tree = Path(".", tree.steps, tree.position)
    node = resolve(scope, tree)
    around = levels_of(scope.instrument, node) if node else ()
    if around != scope.levels()[: len(around)]:
        cause = "position() is asked of a repeat that is not around this question"
        raise ExpressionError(
            "position()", 0, cause, "Write position(..).", "position() trỏ ra ngoài khối lặp"
        )
    return len(around)


def _version(tree: Call, scope: Scope) -> Code:
    version = scope.instrument.version if scope.instrument else ""
    return Code(lambda env: version, "string")


def _kept(tree: Call, scope: Scope) -> Code:
    """What the device found out stays: its keys are not here."""
    return Code(lambda env: env.current, "string")


def _first(tree: Call, scope: Scope) -> Code:
    """depend(value, …): the others are named only so that a change of theirs calculates it again."""
    codes = tuple(scope.compile(argument) for argument in tree.arguments)
    return codes[0]


def _current(tree: Call, scope: Scope) -> Code:
    return Code(lambda env: (env.origin or env).current)


def _constant(value: bool) -> Callable[[Call, Scope], Code]:
    return lambda tree, scope: Code(lambda env: value, "boolean")


def _not(tree: Call, scope: Scope) -> Code:
    test = scope.compile_boolean(tree.arguments[0])
    return Code(lambda env: not test(env), "boolean")


def _indexed_repeat(tree: Call, scope: Scope) -> Code:
    """indexed-repeat(field, repeat, index, …): the field in the index-th instance, counted from 1."""
    nodes = [_named(argument, scope) for argument in (tree.arguments[0], *tree.arguments[1::2])]
    field, repeats = nodes[0], nodes[1:]
    if not isinstance(field, Question) or not all(isinstance(node, Repeat) for node in repeats):
        raise ExpressionError(
            "indexed-repeat()", tree.position, "indexed-repeat() takes a question, then repeats", ""
        )
    scope.note(field.variable)
    indexes = [scope.compile(argument).run for argument in tree.arguments[2::2]]
    chain = levels_of(scope.instrument, field)  # type: ignore[arg-type]
    wanted = {node.variable: index for node, index in zip(repeats, indexes, strict=False) if node}
    key = field.variable

    def run(env: Env) -> Value:
        row = env.rows[0]
        for depth, level in enumerate(chain):
            chosen = wanted[level](env) if level in wanted else float((*env.positions, 1)[depth])
            rows: list[Row] = row.get(level, [])
            at = number(chosen)
            if not 1 <= at <= len(rows):
                return ""
            row = rows[int(at) - 1]
        value: Value = row.get(key, "")
        return value

    return Code(run)


def _named(tree: Tree, scope: Scope) -> Any:
    if scope.instrument is None or not isinstance(tree, Path | Variable):
        raise ExpressionError("indexed-repeat()", 0, "indexed-repeat() takes names in ${}", "Write ${name}.")
    return resolve(scope, tree)


def _instance(tree: Call, scope: Scope) -> Code:
    return Code(lambda env: Nodes())


def _choice_name(tree: Call, scope: Scope) -> Code:
    """The label of a choice; the second argument is the question's path in quotes."""
    value = scope.compile(tree.arguments[0]).run
    node = _quoted(tree.arguments[1], scope)

    def run(env: Env) -> Value:
        name = string(value(env))
        if not isinstance(node, Question) or scope.instrument is None:
            return name
        choice = choice_by_name(scope.instrument, node).get(name)
        return choice.label() if choice else ""

    return Code(run, "string")


def _quoted(tree: Tree, scope: Scope) -> Any:
    if not isinstance(tree, Literal) or scope.instrument is None:
        return None
    inner = compile_expression(tree.value).tree
    return resolve(scope, inner) if isinstance(inner, Path | Variable) else None


def _itext(tree: Call, scope: Scope) -> Code:
    return Code(scope.compile(tree.arguments[0]).run, "string")


def _pulldata(tree: Call, scope: Scope) -> Code:
    """pulldata(table, column wanted, column searched, value): the first row's cell, or empty."""
    runs = [scope.compile(argument).run for argument in tree.arguments]
    indexes: dict[tuple[str, str], dict[str, Any]] = {}

    def run(env: Env) -> Value:
        table, *rest = (string(argument(env)) for argument in runs)
        items = items_of(scope.instrument, table) or items_of(scope.instrument, f"{table}.csv")
        if items is None or len(rest) < 3:
            # Without the table here, what the device looked up is the best there is.
            return env.current
        column, key, wanted = rest
        index = indexes.get((table, key))
        if index is None:
            index = indexes[table, key] = {item_value(item, key): item for item in reversed(items)}
        return item_value(index.get(wanted), column)

    return Code(run, "string")


SPECIAL: dict[str, Callable[[Call, Scope], Code]] = {
    "if": _if,
    "coalesce": _coalesce,
    "once": _once,
    "position": _position,
    "version": _version,
    "extract-signed": _kept,
    "property": _kept,
    "depend": _first,
    "current": _current,
    "instance": _instance,
    "indexed-repeat": _indexed_repeat,
    "jr:choice-name": _choice_name,
    "jr:itext": _itext,
    "pulldata": _pulldata,
    "true": _constant(True),
    "false": _constant(False),
    "not": _not,
}
