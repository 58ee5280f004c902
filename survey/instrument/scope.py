"""What an expression may see: the values around it, and how names and paths find them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from survey.instrument.faults import EvaluationError, ExpressionError
from survey.instrument.grammar import Path, Step, Tree, Variable
from survey.instrument.model import Instrument, Node, Question, Repeat
from survey.instrument.values import Nodes, Value


class Row(dict[str, Any]):
    """The values of one level of the document as expressions see them; absent means empty.

    `off` holds what is irrelevant, `kept` the values as they are stored, `left` what the person left
    empty; `fresh` says that nobody has answered here yet.
    """

    __slots__ = ("fresh", "kept", "left", "off")

    def __init__(self) -> None:
        super().__init__()
        self.off: set[str] = set()
        self.kept: dict[str, Any] = {}
        self.left: set[str] = set()
        self.fresh = False


class Env:
    """One place of evaluation: the rows from the root down to it, its 1-based positions, the time."""

    __slots__ = ("current", "item", "now", "origin", "place", "positions", "rows", "size")

    def __init__(self, rows: tuple[Row, ...], positions: tuple[int, ...], now: datetime) -> None:
        self.rows, self.positions, self.now = rows, positions, now
        self.current: Value = ""
        self.item: Any = None
        self.place = 0
        self.size = 0
        self.origin: Env | None = None

    def inside(self, row: Row, position: int) -> Env:
        """The place inside one instance of a repeat."""
        return Env((*self.rows, row), (*self.positions, position), self.now)


Reader: TypeAlias = Callable[[Env], Value]


@dataclass(frozen=True)
class Scope:
    """How to compile references at one node of an instrument (or with no instrument at all)."""

    instrument: Instrument | None = None
    node: Node | None = None
    used: set[str] | None = None
    in_item: bool = False
    outer: Scope | None = None

    def note(self, variable: str) -> None:
        """Remember that the expression depends on this variable."""
        if self.used is not None:
            self.used.add(variable)

    def levels(self) -> tuple[str, ...]:
        """The repeats around the node, outermost first; a repeat counts as inside itself."""
        return levels_of(self.instrument, self.node) if self.instrument and self.node else ()


def levels_of(instrument: Instrument, node: Node) -> tuple[str, ...]:
    """The repeats around a node, outermost first, the node itself included when it is a repeat."""
    chain = []
    level = node.variable if isinstance(node, Repeat) else node.level
    while level:
        chain.append(level)
        level = instrument.nodes[level].level
    return tuple(reversed(chain))


def node_of(instrument: Instrument, name: str) -> Node | None:
    """The node that ${name} means: by variable, else by a name that only one node has."""
    names: dict[str, Node | None] = instrument.cache.setdefault("names", {})
    if not names:
        for node in instrument.nodes.values():
            names[node.name] = None if node.name in names else node
        names.update(instrument.nodes)
    return names.get(name)


def paths_of(instrument: Instrument) -> dict[str, Node]:
    """Every node by its XPath."""
    found: dict[str, Node] = instrument.cache.setdefault("paths", {})
    if not found:
        found.update({node.path: node for node in instrument.nodes.values()})
    return found


def resolve(scope: Scope, tree: Variable | Path) -> Node | None:
    """The node that a reference means; None for the root.  Raises ExpressionError if there is none."""
    assert scope.instrument is not None
    if isinstance(tree, Variable):
        node = node_of(scope.instrument, tree.name)
        if node is None:
            cause, remedy = f"${{{tree.name}}} names no question", "Correct the name inside the braces."
            raise ExpressionError(
                f"${{{tree.name}}}", 0, cause, remedy, f"${{{tree.name}}} không phải tên câu hỏi"
            )
        return node
    path = follow(scope, tree)
    if path == f"/{scope.instrument.root}" or path == "/":
        return None
    node = paths_of(scope.instrument).get(path)
    if node is None:
        raise ExpressionError(path, 0, f"the path {path} leads to no question", "Correct the path.")
    return node


def follow(scope: Scope, tree: Path) -> str:
    """The absolute path that a path means, its predicates aside."""
    assert scope.instrument is not None
    parts = _start(scope, tree)
    for step in tree.steps:
        parts = _walked(parts, step)
    return "/" + "/".join(parts)


def _start(scope: Scope, tree: Path) -> list[str]:
    if tree.start == "/":
        return []
    if isinstance(tree.start, Variable):
        node = resolve(scope, tree.start)
        return node.path.split("/")[1:] if node else []
    here = scope.node.path if scope.node else f"/{scope.instrument.root if scope.instrument else ''}"
    return here.split("/")[1:]


def _walked(parts: list[str], step: Step) -> list[str]:
    if step.axis == "self":
        return parts
    if step.axis == "parent":
        return parts[:-1]
    if step.axis == "child" and step.name != "*":
        return [*parts, step.name.rpartition(":")[2]]
    raise ExpressionError(
        step.name, 0, f"the axis {step.axis} is not supported in a form", "Name the question."
    )


def lowest(scope: Scope, tree: Path) -> int:
    """How many names are left of the path where it turns from going up to going down."""
    parts = _start(scope, tree)
    fewest = len(parts)
    for step in tree.steps:
        parts = _walked(parts, step)
        fewest = min(fewest, len(parts))
    return fewest


def reader(
    scope: Scope, node: Node, predicates: dict[str, list[Tree]] | None = None, turn: int | None = None
) -> Reader:
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


def _direct(node: Node, depth: int) -> Reader:
    key = node.variable
    if not isinstance(node, Question):
        return lambda env: ""

    def read(env: Env) -> Value:
        value: Value = env.rows[depth].get(key, "")
        return value

    return read


def _across(
    scope: Scope, node: Node, repeats: tuple[str, ...], depth: int, predicates: dict[str, list[Tree]]
) -> Reader:
    """Reads every instance below the shared level, in document order, irrelevant ones left out."""
    from survey.instrument.evaluator import predicate_filter

    assert scope.instrument is not None
    filters = [
        predicate_filter(scope, scope.instrument.nodes[repeat], predicates.get(repeat, ()))
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


def instances(env: Env, repeat: str) -> Iterator[Env]:
    """The places inside the relevant instances of a repeat."""
    for position, row in enumerate(env.rows[-1].get(repeat, ()), start=1):
        if repeat not in row.off:
            yield env.inside(row, position)


def flat_reader(name: str) -> Reader:
    """A reader for expressions without an instrument: ${name} is a key of the one row."""

    def read(env: Env) -> Value:
        value: Value = env.rows[0].get(name, "")
        return value

    return read


def no_context(env: Env) -> Value:
    """The reader of paths where there is no form."""
    raise EvaluationError("a path needs a form; use ${name}")
