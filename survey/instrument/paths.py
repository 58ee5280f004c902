"""Paths: through the form, through choice lists and attached tables, and the current node."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from survey.instrument.faults import ExpressionError
from survey.instrument.grammar import Call, Literal, Path, Step, Tree, Variable
from survey.instrument.lookups import finder, item_value, items_of, matching
from survey.instrument.model import Repeat
from survey.instrument.places import Code, Env
from survey.instrument.readers import kind_of, no_context, reader
from survey.instrument.scope import Scope, follow, lowest, resolve
from survey.instrument.values import Nodes, Value


def compile_path(tree: Path, scope: Scope) -> Code:
    """Compile a path by where it starts."""
    if isinstance(tree.start, Call) and tree.start.name == "instance":
        return _instance_path(tree, scope)
    if isinstance(tree.start, Call) and tree.start.name == "current":
        return _current_path(tree, scope)
    if scope.in_item and tree.start == ".":
        return _item_path(tree)
    if all(step.axis == "self" for step in tree.steps) and tree.start == ".":
        return _here(scope)
    if scope.instrument is None:
        return Code(no_context)
    if not isinstance(tree.start, str | Variable):
        return _filtered(tree, scope)
    return _form_path(tree, scope)


def _here(scope: Scope) -> Code:
    node = scope.node
    if node is not None:
        scope.note(node.variable)
    return Code(lambda env: env.current, kind_of(node))


def _form_path(tree: Path, scope: Scope) -> Code:
    node = resolve(scope, tree)
    if node is None:
        return Code(lambda env: "", "string")
    turn = lowest(scope, tree) if tree.start == "." else None
    return Code(reader(scope, node, _predicates(tree, scope), turn))


def _predicates(tree: Path, scope: Scope) -> dict[str, list[Tree]]:
    """The predicates of each repeat that the path passes."""
    found: dict[str, list[Tree]] = {}
    steps: tuple[Step, ...] = ()
    if tree.predicates:
        _add(found, scope, Path(tree.start, (), tree.position), tree.predicates)
    for step in tree.steps:
        steps = (*steps, step)
        if step.predicates:
            _add(found, scope, Path(tree.start, steps, tree.position), step.predicates)
    return found


def _add(found: dict[str, list[Tree]], scope: Scope, path: Path, predicates: Iterable[Tree]) -> None:
    node = resolve(scope, path)
    if not isinstance(node, Repeat):
        where = follow(scope, path)
        raise ExpressionError(
            where, 0, f"{where} is not a repeat, so it takes no [condition]", "Remove the brackets."
        )
    found.setdefault(node.variable, []).extend(predicates)


def _current_path(tree: Path, scope: Scope) -> Code:
    outer = scope.outer or scope
    code = compile_path(Path(".", tree.steps, tree.position), replace(outer, in_item=False))
    run = code.run
    return Code(lambda env: run(env.origin or env), code.kind)


def _filtered(tree: Path, scope: Scope) -> Code:
    """A parenthesised node set with a position, such as (${a} | ${b})[1]."""
    code = scope.compile(tree.start)  # type: ignore[arg-type]
    tests = [scope.compile(predicate).run for predicate in tree.predicates]

    def run(env: Env) -> Value:
        value = code.run(env)
        nodes = value if isinstance(value, Nodes) else Nodes([value])
        for test in tests:
            chosen = test(env)
            nodes = Nodes(
                item
                for place, item in enumerate(nodes, 1)
                if (place == chosen if isinstance(chosen, float) else chosen)
            )
        return nodes

    return Code(run)


def _item_path(tree: Path) -> Code:
    names = [step.name for step in tree.steps if step.axis == "child"]
    if not names:
        return Code(lambda env: item_value(env.item, "name"), "string")
    name = names[-1]
    return Code(lambda env: item_value(env.item, name), "string")


def _instance_path(tree: Path, scope: Scope) -> Code:
    name = tree.start.arguments[0]  # type: ignore[union-attr]
    if not isinstance(name, Literal):
        raise ExpressionError(
            "instance()", 0, "instance() needs a list's name in quotes", "Write instance('LIST')."
        )
    inner = replace(scope, in_item=True, outer=scope.outer or scope)
    columns = [step.name for step in tree.steps if step.name not in ("root", "item")]
    predicates = [predicate for step in tree.steps for predicate in step.predicates]
    items = items_of(scope.instrument, name.value) or ()
    column = columns[-1] if columns else "name"
    first = finder(items, predicates[0], inner) if predicates else lambda env: items
    tests = [inner.compile(predicate).run for predicate in predicates[1:]]

    def run(env: Env) -> Value:
        found = first(env)
        for test in tests:
            found = matching(found, test, env)
        return Nodes(item_value(item, column) for item in found)

    return Code(run)
