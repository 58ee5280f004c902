"""Comparisons of numbers as sums: coefficients of the variables, an operator, a bound."""

from collections.abc import Mapping
from dataclasses import dataclass

from survey.editing.cases import COMPARISONS
from survey.instrument.grammar import Binary, Call, Negate, Number, Tree, Variable

OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}
CONSTANT = ""


@dataclass(frozen=True)
class Comparison:
    """`sum(coefficient x variable) operator bound`."""

    coefficients: Mapping[str, float]
    operator: str
    bound: float

    def opposite(self) -> "Comparison":
        """True where this is false, for numbers that are there."""
        return Comparison(self.coefficients, OPPOSITE[self.operator], self.bound)

    def parts(self) -> list[list["Comparison"]]:
        """The same with <, <=, > and >= only: one of the lists has to hold, all of it."""
        if self.operator == "=":
            return [[self._with("<="), self._with(">=")]]
        if self.operator == "!=":
            return [[self._with("<")], [self._with(">")]]
        return [[self]]

    def _with(self, operator: str) -> "Comparison":
        return Comparison(self.coefficients, operator, self.bound)


def comparison(tree: Tree) -> Comparison | None:
    """The comparison that a tree is, or None where it is none of sums."""
    if not (isinstance(tree, Binary) and tree.operator in COMPARISONS):
        return None
    left, right = _sum(tree.left), _sum(tree.right)
    if left is None or right is None:
        return None
    terms = {name: left.get(name, 0.0) - right.get(name, 0.0) for name in left.keys() | right.keys()}
    bound = -terms.pop(CONSTANT, 0.0)
    return Comparison({name: terms[name] for name in sorted(terms) if terms[name]}, tree.operator, bound)


def _sum(tree: Tree) -> dict[str, float] | None:
    """Coefficients by variable, the constant under the empty name; None where the tree is no such sum."""
    if isinstance(tree, Number):
        return {CONSTANT: tree.value}
    if isinstance(tree, Variable):
        return {tree.name: 1.0}
    if isinstance(tree, Negate):
        return _scaled(_sum(tree.operand), -1.0)
    if isinstance(tree, Call) and tree.name == "number" and len(tree.arguments) == 1:
        return _sum(tree.arguments[0])
    return _joined(tree) if isinstance(tree, Binary) else None


def _joined(tree: Binary) -> dict[str, float] | None:
    left, right = _sum(tree.left), _sum(tree.right)
    if left is None or right is None:
        return None
    if tree.operator in ("+", "-"):
        scaled = _scaled(right, 1.0 if tree.operator == "+" else -1.0) or {}
        return {name: left.get(name, 0.0) + scaled.get(name, 0.0) for name in left.keys() | scaled.keys()}
    if tree.operator == "*":
        for one, other in ((left, right), (right, left)):
            if set(one) <= {CONSTANT}:
                return _scaled(other, one.get(CONSTANT, 0.0))
    if tree.operator == "div" and set(right) <= {CONSTANT} and right.get(CONSTANT):
        return _scaled(left, 1.0 / right[CONSTANT])
    return None


def _scaled(terms: dict[str, float] | None, by: float) -> dict[str, float] | None:
    return None if terms is None else {name: by * number for name, number in terms.items()}
