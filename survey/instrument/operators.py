"""Comparison and arithmetic (XPath 1.0, sections 3.4 and 3.5), with short cuts for known kinds."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any, Protocol

from survey.instrument.values import NAN, Nodes, Scalar, Value, boolean, number, string

ALLOWANCE = 1e-12
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


class Compiled(Protocol):
    """What this module needs to know of a compiled operand."""

    @property
    def run(self) -> Callable[[Any], Value]: ...
    @property
    def kind(self) -> str: ...
    @property
    def constant(self) -> Any: ...


def comparison(symbol: str, left: Compiled, right: Compiled) -> Callable[[Any], bool]:
    """A closure that compares two compiled operands."""
    if left.constant is not None and right.constant is None:
        return comparison(MIRROR[symbol], right, left)
    if symbol in ("=", "!="):
        return _equality(symbol == "=", left, right)
    if right.kind == "number" and right.constant is not None and left.kind == "number":
        return _order_number(ORDER[symbol], left.run, right.constant)
    first, second, rule = left.run, right.run, ORDER[symbol]
    return lambda env: ordered(rule, first(env), second(env))


def _equality(wanted: bool, left: Compiled, right: Compiled) -> Callable[[Any], bool]:
    first, second, constant = left.run, right.run, right.constant
    plain = left.kind == right.kind and left.kind in ("string", "number")
    if plain and constant is not None:
        same = _same_text if left.kind == "string" else _same_number
        if wanted:
            return lambda env: same(first(env), constant)
        return lambda env: not same(first(env), constant)
    if left.kind == right.kind == "string":
        if wanted:
            return lambda env: first(env) == second(env)
        return lambda env: first(env) != second(env)
    if wanted:
        return lambda env: equal(first(env), second(env))
    return lambda env: unequal(first(env), second(env))


def _same_text(value: Value, constant: Any) -> bool:
    return bool(value == constant)


def _same_number(value: Value, constant: float) -> bool:
    """An empty number is the empty text, which equals no number: as NaN does."""
    return value.__class__ is float and bool(is_close(value, constant))


def is_close(a: Any, b: Any) -> Any:
    """Equality of numbers, or of arrays of them, with JavaRosa's allowance: 0.1 + 0.2 = 0.3 holds."""
    return (a == b) | (abs(a - b) < ALLOWANCE)


def _order_number(
    rule: Callable[[Any, Any], bool], first: Callable[[Any], Value], bound: float
) -> Callable[[Any], bool]:
    def compare(env: Any) -> bool:
        value = first(env)
        return rule(value, bound) if value.__class__ is float else rule(number(value), bound)

    return compare


def equal(a: Value, b: Value) -> bool:
    """Equality: some node of a set suffices; else as truths, numbers or texts, in that order."""
    if a.__class__ is str and b.__class__ is str:
        return a == b
    if isinstance(a, Nodes):
        return any(equal(item, b) for item in a)
    if isinstance(b, Nodes):
        return any(equal(a, item) for item in b)
    return _same(a, b)


def unequal(a: Value, b: Value) -> bool:
    """Inequality: some node of a set suffices, so it is not always the contrary of equality."""
    if isinstance(a, Nodes):
        return any(unequal(item, b) for item in a)
    if isinstance(b, Nodes):
        return any(unequal(a, item) for item in b)
    return not _same(a, b)


def _same(a: Scalar, b: Scalar) -> bool:
    if isinstance(a, bool) or isinstance(b, bool):
        return boolean(a) == boolean(b)
    if isinstance(a, float) or isinstance(b, float):
        return bool(is_close(number(a), number(b)))
    if isinstance(a, date | time) or isinstance(b, date | time):
        return _same_moment(a, b)
    return a == b


def _same_moment(a: Scalar, b: Scalar) -> bool:
    if isinstance(a, datetime) or isinstance(b, datetime):
        return number(a) == number(b)
    return string(a) == string(b)


def ordered(rule: Callable[[Any, Any], bool], a: Value, b: Value) -> bool:
    """Order, always by number; ISO dates count as days, some node of a set suffices."""
    if isinstance(a, Nodes):
        return any(ordered(rule, item, b) for item in a)
    if isinstance(b, Nodes):
        return any(ordered(rule, a, item) for item in b)
    return rule(number(a), number(b))


def divide(a: float, b: float) -> float:
    """IEEE 754 division."""
    if b == 0:
        return NAN if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)
    return a / b


def remainder(a: float, b: float) -> float:
    """The remainder with the sign of the dividend, as XPath and Java have it."""
    return NAN if b == 0 or not math.isfinite(a) or b != b else math.fmod(a, b)


RULES: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "div": divide,
    "mod": remainder,
}


def arithmetic(symbol: str, left: Compiled, right: Compiled) -> Callable[[Any], float]:
    """A closure for + - * div mod."""
    first, second, rule = left.run, right.run, RULES[symbol]
    return lambda env: rule(number(first(env)), number(second(env)))
