"""Readers: functions that give the value of a question, or its values in the instances of a repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from survey.instrument.faults import EvaluationError
from survey.instrument.grammar import Tree
from survey.instrument.model import Node, Question
from survey.instrument.places import Code, Env, Run, Truth, instances
from survey.instrument.scope import Scope, levels_of
from survey.instrument.values import Nodes, Value, boolean

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


def kind_of(node: Node | None) -> str:
    """The kind of value that is read from a node."""
    return KINDS.get(node.type, "string") if isinstance(node, Question) else "any"


def reader(
    scope: Scope, node: Node, predicates: dict[str, list[Tree]] | None = None, turn: int | None = None
) -> Run:
    """A function that reads the node's value (or values, from outside its repeat).

    `turn` is how far up a relative path goes: one that leaves a repeat and comes back means all of
    its instances, where a name or an absolute path means the instance around the question (JavaRosa).
    """
    assert scope.instrument is not None
    scope.note(node.variable)
    here, there = scope.levels(), levels_of(scope.instrument, node)
    shared = _shared(here, there)
    if turn is not None:
        kept = [repeat for repeat in there if scope.instrument.nodes[repeat].path.count("/") <= turn]
        shared = min(shared, len(kept))
    if predicates:
        shared = min(shared, *(there.index(repeat) for repeat in predicates))
    if shared == len(there):
        return _direct(node, len(there))
    return _across(scope, node, there[shared:], shared, predicates or {})


def _shared(here: tuple[str, ...], there: tuple[str, ...]) -> int:
    count = 0
    for a, b in zip(here, there, strict=False):
        if a != b:
            break
        count += 1
    return count


def _direct(node: Node, depth: int) -> Run:
    key = node.variable
    if not isinstance(node, Question):
        return lambda env: ""

    def read(env: Env) -> Value:
        value: Value = env.rows[depth].get(key, "")
        return value

    return read


def _across(
    scope: Scope, node: Node, repeats: tuple[str, ...], depth: int, predicates: dict[str, list[Tree]]
) -> Run:
    """Reads every instance below the shared level, in document order, irrelevant ones left out."""
    assert scope.instrument is not None
    filters = [
        _predicate_filter(scope, scope.instrument.nodes[repeat], predicates.get(repeat, ()))
        for repeat in repeats
    ]
    key = node.variable if isinstance(node, Question) else ""
    off = node.variable

    def read(env: Env) -> Value:
        places = [_at(env, depth)]
        for repeat, keep in zip(repeats, filters, strict=True):
            places = [inner for place in places for inner in keep(list(instances(place, repeat)), env)]
        rows = [place.rows[-1] for place in places]
        if not key:
            return Nodes("" for row in rows if off not in row.off)
        return Nodes(row.get(key, "") for row in rows if off not in row.off)

    return read


def _at(env: Env, depth: int) -> Env:
    return env if len(env.rows) == depth + 1 else Env(env.rows[: depth + 1], env.positions[:depth], env.now)


def flat_reader(name: str) -> Run:
    """A reader for expressions without an instrument: ${name} is a key of the one row."""

    def read(env: Env) -> Value:
        value: Value = env.rows[0].get(name, "")
        return value

    return read


def no_context(env: Env) -> Value:
    """The reader of paths where there is no form."""
    raise EvaluationError("a path needs a form; use ${name}")


def _predicate_filter(
    scope: Scope, node: Node, predicates: Iterable[Tree]
) -> Callable[[list[Env], Env], list[Env]]:
    """Keeps the instances of a repeat for which every predicate holds."""
    inner = replace(scope, node=node, outer=scope.outer or scope)
    tests = [_keep(inner.compile(predicate)) for predicate in predicates]
    if not tests:
        return lambda places, origin: places

    def keep(places: list[Env], origin: Env) -> list[Env]:
        for test in tests:
            for place, env in enumerate(places, start=1):
                env.place, env.size, env.origin = place, len(places), origin.origin or origin
            places = [env for env in places if test(env)]
        return places

    return keep


def _keep(code: Code) -> Truth:
    """A predicate that gives a number asks for a position (XPath 1.0, section 2.4)."""
    run = code.run

    def test(env: Env) -> bool:
        value = run(env)
        return env.place == value if isinstance(value, float) else boolean(value)

    return test
