"""What an expression may refer to where it stands, and how names and paths find it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from survey.instrument.faults import ExpressionError
from survey.instrument.grammar import Path, Step, Tree, Variable
from survey.instrument.model import Instrument, Node, Repeat
from survey.instrument.places import Code, Truth
from survey.instrument.values import boolean

Compiler: TypeAlias = Callable[[Tree, "Scope"], Code]


@dataclass(frozen=True)
class Scope:
    """How to compile references at one node of an instrument (or with no instrument at all).

    The evaluator's `scope_at` makes one; the compiler goes along, so that paths and functions can
    have their inner expressions compiled without knowing the evaluator, which knows them.
    """

    compiler: Compiler
    instrument: Instrument | None = None
    node: Node | None = None
    used: set[str] | None = None
    in_item: bool = False
    outer: Scope | None = None

    def compile(self, tree: Tree) -> Code:
        """Compile a syntax tree here; raises ExpressionError for names that lead nowhere."""
        return self.compiler(tree, self)

    def compile_boolean(self, tree: Tree) -> Truth:
        """Compile for its truth."""
        code = self.compile(tree)
        if code.kind == "boolean":
            return code.run  # type: ignore[return-value]
        run = code.run
        return lambda env: boolean(run(env))

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
