"""The grammar of XLSForm expressions: text to syntax tree, by precedence climbing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from survey.instrument.faults import ExpressionError
from survey.instrument.tokens import Token, tokenize

MAX_LENGTH = 20_000
MAX_DEPTH = 60
MAX_LINKS = 300
SPLIT = "Split it into calculate questions."
PRECEDENCE = {
    "or": 1,
    "and": 2,
    "=": 3,
    "!=": 3,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "div": 6,
    "mod": 6,
}


@dataclass(frozen=True, slots=True)
class Literal:
    """A quoted text."""

    value: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number written out."""

    value: float


@dataclass(frozen=True, slots=True)
class Variable:
    """A reference ${name}."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function call."""

    name: str
    arguments: tuple[Tree, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and their operator."""

    operator: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Negate:
    """Unary minus."""

    operand: Tree


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: axis child, parent, self, descendant or attribute."""

    axis: str
    name: str
    predicates: tuple[Tree, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """A path from the root ("/"), from the context node (".") or from another expression."""

    start: str | Tree
    steps: tuple[Step, ...]
    position: int
    predicates: tuple[Tree, ...] = ()


Tree: TypeAlias = Literal | Number | Variable | Call | Binary | Negate | Path


def parse(text: str) -> Tree:
    """The syntax tree of an expression.

    Raises ExpressionError with position, cause and remedy.  Length and nesting are bounded, so a
    hostile questionnaire cannot exhaust the stack.
    """
    if len(text) > MAX_LENGTH:
        cause = f"the expression has {len(text)} characters, more than {MAX_LENGTH}"
        raise ExpressionError(text, MAX_LENGTH, cause, SPLIT, "biểu thức quá dài")
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.at, self.depth = text, tokenize(text), 0, 0

    def parse(self) -> Tree:
        if self.token.kind == "end":
            raise self.error(
                "the expression is empty", "Write an expression or leave the cell empty.", "biểu thức trống"
            )
        tree = self.binary(0)
        if self.token.kind != "end":
            raise self.unexpected(self.hint())
        return tree

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def error(self, cause: str, remedy: str, cause_vi: str) -> ExpressionError:
        return ExpressionError(self.text, self.token.position, cause, remedy, cause_vi)

    def unexpected(self, remedy: str) -> ExpressionError:
        found = repr(self.token.text)
        return self.error(f"{found} is not expected here", remedy, f"{found} không đúng chỗ")

    def hint(self) -> str:
        hints = {")": "Remove it, or open a parenthesis before.", "]": "Remove it.", ",": "Remove the comma."}
        return hints.get(self.token.text, "Put an operator (and, or, =, +, …) before it.")

    def take(self, text: str) -> bool:
        if self.token.kind in ("symbol", "operator") and self.token.text == text:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.take(text):
            found = f"before {self.token.text!r}" if self.token.text else "at the end"
            raise self.error(f"{text!r} is missing {found}", f"Add {text!r}.", f"thiếu {text!r}")

    def binary(self, floor: int) -> Tree:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"more than {MAX_DEPTH} levels of nesting", SPLIT, "biểu thức lồng quá sâu")
        left = self.unary()
        links = 0
        while (strength := self.strength()) > floor:
            operator, links = self.token.text, links + 1
            if links > MAX_LINKS:
                raise self.error(f"more than {MAX_LINKS} operators in a row", SPLIT, "biểu thức quá dài")
            self.at += 1
            left = Binary(operator, left, self.binary(strength))
        self.depth -= 1
        return left

    def strength(self) -> int:
        return PRECEDENCE.get(self.token.text, 0) if self.token.kind in ("symbol", "operator") else 0

    def unary(self) -> Tree:
        negative = False
        count = 0
        while self.take("-"):
            negative, count = not negative, count + 1
        operand = self.union()
        if count and not negative:
            return Negate(Negate(operand))
        return Negate(operand) if negative else operand

    def union(self) -> Tree:
        left = self.path()
        while self.take("|"):
            left = Binary("|", left, self.path())
        return left

    def path(self) -> Tree:
        position = self.token.position
        if self.take("//"):
            return Path("/", (Step("descendant", "*"), *self.steps()), position)
        if self.take("/"):
            return Path("/", self.steps() if self.begins_step() else (), position)
        if self.begins_primary():
            return self.filtered(position)
        if self.begins_step():
            return Path(".", self.steps(), position)
        if self.token.kind == "end":
            raise self.error("the expression ends too early", "Complete it.", "biểu thức chưa hết")
        raise self.unexpected("Put a value before it, or remove it.")

    def begins_primary(self) -> bool:
        token, after = self.token, self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        called = token.kind == "name" and after.kind == "symbol" and after.text == "("
        return called or token.kind in ("number", "literal", "variable") or token.text == "("

    def begins_step(self) -> bool:
        token = self.token
        return token.kind == "name" or (token.kind == "symbol" and token.text in (".", "..", "@", "*"))

    def filtered(self, position: int) -> Tree:
        start = self.primary()
        predicates = self.predicates()
        steps: tuple[Step, ...] = ()
        if self.take("//"):
            steps = (Step("descendant", "*"), *self.steps())
        elif self.take("/"):
            steps = self.steps()
        return Path(start, steps, position, predicates) if steps or predicates else start

    def primary(self) -> Tree:
        token = self.token
        self.at += 1
        if token.kind == "number":
            return Number(float(token.text))
        if token.kind == "literal":
            return Literal(token.text)
        if token.kind == "variable":
            return Variable(token.text, token.position)
        if token.kind == "name":
            self.at += 1
            return Call(token.text, self.arguments(), token.position)
        inner = self.binary(0)
        self.expect(")")
        return inner

    def arguments(self) -> tuple[Tree, ...]:
        if self.take(")"):
            return ()
        arguments = [self.binary(0)]
        while self.take(","):
            arguments.append(self.binary(0))
        self.expect(")")
        return tuple(arguments)

    def steps(self) -> tuple[Step, ...]:
        steps = [self.step()]
        while True:
            if self.take("//"):
                steps += [Step("descendant", "*"), self.step()]
            elif self.take("/"):
                steps.append(self.step())
            else:
                return tuple(steps)

    def step(self) -> Step:
        if self.take(".."):
            return Step("parent", "*", self.predicates())
        if self.take("."):
            return Step("self", "*", self.predicates())
        axis = "attribute" if self.take("@") else "child"
        if self.token.kind != "name" and self.token.text != "*":
            raise self.error(
                "a name is missing in the path",
                "Write the name of a question or group.",
                "đường dẫn thiếu tên",
            )
        name = self.token.text
        self.at += 1
        if self.take("::"):
            axis, name = name, self.token.text
            self.at += 1
        if self.take("("):
            self.expect(")")
            name = "*"
        return Step(axis, name, self.predicates())

    def predicates(self) -> tuple[Tree, ...]:
        predicates = []
        while self.take("["):
            predicates.append(self.binary(0))
            self.expect("]")
        return tuple(predicates)
