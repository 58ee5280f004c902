"""Conditions in words: who is asked a question, and which answers it takes, for people who read no expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from survey.instrument.evaluator import scope_at
from survey.instrument.expression import compile_expression
from survey.instrument.faults import ExpressionError
from survey.instrument.grammar import Binary, Call, Literal, Negate, Number, Path, Tree, Variable
from survey.instrument.lookups import choice_by_name
from survey.instrument.model import Instrument, Node, Question
from survey.instrument.phrases import joined, phrases
from survey.instrument.scope import Scope, resolve
from survey.instrument.values import text_of_number

Naming: TypeAlias = Callable[[Node], str]
Phrases: TypeAlias = Mapping[str, str]
OPPOSITE = {
    "=": "!=",
    "!=": "=",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "selected": "not selected",
    "not selected": "selected",
    "empty": "answered",
    "answered": "empty",
    "true": "false",
    "false": "true",
}
MIRROR = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
TRANSPARENT = frozenset({"normalize-space", "string", "number", "date", "decimal-date-time"})
MEASURES = frozenset({"count-selected", "string-length", "count", "sum", "max", "min", "int", "round", "abs"})
UNGROUPED = 10_000
MERGED = {"or": ("=", "selected"), "and": ("!=", "not selected")}


class Unworded(Exception):
    """A part of an expression that has no phrase."""


@dataclass(frozen=True)
class Wording:
    """A condition in words; `is_exact` is false where the words only name what the condition depends on."""

    text: str
    is_exact: bool = True


@dataclass(frozen=True)
class Condition:
    """An expression and the node whose names it is read by."""

    node: Node
    expression: str


@dataclass(frozen=True)
class Clause:
    """One simple statement, kept in parts so that several about one question can be said as one."""

    kind: str
    subject: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Junction:
    """Statements joined by "and" or by "or"."""

    word: str
    parts: tuple[Clause | Junction, ...]


Statement: TypeAlias = Clause | Junction


def conditions_of(instrument: Instrument, node: Node | None) -> list[Condition]:
    """Under which conditions a node is asked: those of the groups around it, outermost first, and its own."""
    found: list[Condition] = []
    while node is not None:
        if node.relevant:
            found.append(Condition(node, node.relevant))
        node = instrument.nodes.get(node.parent)
    return found[::-1]


def conjuncts(expression: str) -> list[Tree]:
    """The conditions of which all must hold; raises ExpressionError for an expression that does not read."""
    return _flat("and", compile_expression(expression).tree)


def in_words(
    instrument: Instrument, conditions: list[tuple[Node, Tree]], language: str, naming: Naming
) -> Wording:
    """Conditions of which all must hold, as one phrase; `naming` gives what to call a question or group.

    A condition that has no phrase is said by what it depends on.
    """
    words = phrases(language)
    parts: list[Statement] = []
    depends: dict[str, None] = {}
    is_exact = True
    for node, tree in conditions:
        speaker = _Speaker(scope_at(instrument, node), language, words, naming)
        try:
            parts.append(speaker.statement(tree))
        except Unworded:
            is_exact = False
            depends.update(dict.fromkeys(naming(found) for found in dependencies(instrument, node, tree)))
    said = [_say(Junction("and", tuple(parts)), words)] if parts else []
    if not is_exact:
        named = joined(list(depends), words["and"])
        said.append(words["depends"].format(a=named) if named else words["depends on nothing"])
    return Wording(words["and"].join(said), is_exact)


def value_in_words(instrument: Instrument, node: Node, tree: Tree, language: str, naming: Naming) -> str:
    """A value that is worked out, such as a number of items, as a phrase, or what it depends on."""
    words = phrases(language)
    try:
        return _Speaker(scope_at(instrument, node), language, words, naming).value(tree)
    except Unworded:
        named = [naming(found) for found in dependencies(instrument, node, tree)]
        return (
            words["depends"].format(a=joined(named, words["and"])) if named else words["depends on nothing"]
        )


def said_number(number: float, words: Phrases) -> str:
    """A number with its marks; grouped from 10,000 on, so that a year stays a year."""
    if number.is_integer() and abs(number) >= UNGROUPED:
        return f"{int(number):,}".replace(",", words["group mark"])
    return text_of_number(number).replace(".", words["decimal mark"])


def dependencies(instrument: Instrument, node: Node, tree: Tree) -> list[Node]:
    """What an expression at a node reads, in the order of the questionnaire."""
    used: set[str] = set()
    try:
        scope_at(instrument, node, used).compile(tree)
    except ExpressionError:
        return []
    return [found for key, found in instrument.nodes.items() if key in used]


def _flat(operator: str, tree: Tree) -> list[Tree]:
    if isinstance(tree, Binary) and tree.operator == operator:
        return [*_flat(operator, tree.left), *_flat(operator, tree.right)]
    return [tree]


@dataclass(frozen=True)
class _Speaker:
    scope: Scope
    language: str
    words: Phrases
    naming: Naming

    def statement(self, tree: Tree) -> Statement:
        match tree:
            case Binary("and" | "or" as word, _, _):
                return Junction(word, tuple(self.statement(part) for part in _flat(word, tree)))
            case Binary(operator, left, right) if operator in MIRROR:
                return self.comparison(operator, left, right)
            case Call("not", (inner,), _):
                return self.negated(self.statement(inner))
            case Call("selected", (asked, Literal() as value), _):
                return Clause("selected", self.value(asked), (self.value(value, asked),))
            case Call("regex", (asked, Literal(pattern)), _):
                return Clause("regex", self.value(asked), (self.quoted(pattern),))
            case Call("true" | "false" as name, (), _):
                return Clause(name)
            case Call("boolean" | "boolean-from-string", (inner,), _):
                return self.statement(inner)
            case Variable() | Path():
                return Clause("answered", self.value(tree))
        raise Unworded

    def comparison(self, operator: str, left: Tree, right: Tree) -> Clause:
        if isinstance(left, Literal | Number):
            operator, left, right = MIRROR[operator], right, left
        if isinstance(right, Literal) and not right.value and operator in ("=", "!="):
            return Clause("empty" if operator == "=" else "answered", self.value(left))
        return Clause(operator, self.value(left, right), (self.value(right, left),))

    def negated(self, said: Statement) -> Statement:
        """The opposite; of joined statements by De Morgan, which reads better than "not (…)"."""
        if isinstance(said, Junction):
            return Junction(
                {"and": "or", "or": "and"}[said.word], tuple(self.negated(part) for part in said.parts)
            )
        if said.kind in OPPOSITE:
            return replace(said, kind=OPPOSITE[said.kind])
        return Clause("not", _say(said, self.words))

    def value(self, tree: Tree, other: Tree | None = None) -> str:
        """A value in words; `other` is what it is compared with, whose labels say what a code means."""
        match tree:
            case Literal(text):
                return self.quoted(self.label(text, other))
            case Number(number):
                return said_number(number, self.words)
            case Negate(Number(number)):
                return said_number(-number, self.words)
            case Call("today" | "now" as name, (), _):
                return self.words[name]
            case Call(name, (inner,), _) if name in TRANSPARENT:
                return self.value(inner, other)
            case Call(name, (inner,), _) if name in MEASURES:
                return self.words[name].format(a=self.value(inner))
            case Binary(operator, left, right) if operator in ("+", "-", "*", "div", "mod"):
                return self.words[operator].format(a=self.term(left), b=self.term(right))
            case Variable() | Path():
                return self.name(tree)
        raise Unworded

    def term(self, tree: Tree) -> str:
        said = self.value(tree)
        return f"({said})" if isinstance(tree, Binary) else said

    def quoted(self, text: str) -> str:
        return self.words["quote"].format(a=text)

    def name(self, tree: Variable | Path) -> str:
        node = self.node(tree)
        if node is None:
            raise Unworded
        return self.words["this"] if node is self.scope.node else self.naming(node)

    def node(self, tree: Tree | None) -> Node | None:
        """The question or group that a reference means, predicates aside."""
        if not isinstance(tree, Variable | Path):
            return None
        if isinstance(tree, Path) and (tree.predicates or any(step.predicates for step in tree.steps)):
            return None
        try:
            return resolve(self.scope, tree)
        except ExpressionError:
            return None

    def label(self, code: str, other: Tree | None) -> str:
        node, instrument = self.node(other), self.scope.instrument
        if not isinstance(node, Question) or instrument is None:
            return code
        choice = choice_by_name(instrument, node).get(code)
        return (choice.label(self.language) or code) if choice else code


def _say(said: Statement, words: Phrases) -> str:
    if isinstance(said, Junction):
        parts = _merged(said)
        return words[said.word].join(_inner(part, words, alone=len(parts) == 1) for part in parts)
    if said.kind in ("true", "false"):
        return words[said.kind]
    if said.kind == "between":
        return words["between"].format(a=said.subject, b=said.values[0], c=said.values[1])
    link = "or" if said.kind in MERGED["or"] else "and"
    return words[said.kind].format(a=said.subject, b=joined(list(said.values), words[link]))


def _inner(part: Statement, words: Phrases, alone: bool) -> str:
    """A part of a longer sentence, in brackets where it joins several things itself."""
    said = _say(part, words)
    if isinstance(part, Junction):
        inner = _merged(part)
        part = inner[0] if len(inner) == 1 else part
    is_one = isinstance(part, Clause) and (len(part.values) < 2 or part.kind == "between")
    return said if alone or is_one else f"({said})"


def _merged(junction: Junction) -> list[Statement]:
    """The parts, with those joined by the same word drawn up and those about one question made one."""
    parts: list[Any] = []
    for part in junction.parts:
        drawn = part.parts if isinstance(part, Junction) and part.word == junction.word else (part,)
        for single in drawn:
            before = parts[-1] if parts else None
            one = _one(junction.word, before, single)
            parts = [*parts[:-1], one] if one else [*parts, single]
    return parts


def _one(word: str, before: Statement | None, now: Statement) -> Clause | None:
    """Two statements about one question as one: "A or B", "neither A nor B", "from A to B"."""
    if not isinstance(before, Clause) or not isinstance(now, Clause) or before.subject != now.subject:
        return None
    if before.kind == now.kind and now.kind in MERGED[word]:
        return replace(before, values=(*before.values, *now.values))
    if word == "and" and (before.kind, now.kind) == (">=", "<="):
        return Clause("between", now.subject, (*before.values, *now.values))
    return None
