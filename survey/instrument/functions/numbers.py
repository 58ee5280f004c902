"""Functions of numbers."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from survey.instrument.functions.registry import function
from survey.instrument.values import NAN, Value, boolean, number

# Beyond this the power of ten overflows or vanishes.
MOST_PLACES = 290


@function("number", 1, gives="number")
def to_number(value: Value) -> float:
    return number(value)


@function("boolean", 1, gives="boolean")
def to_boolean(value: Value) -> bool:
    return boolean(value)


@function("int", 1, gives="number")
def truncate(value: Value) -> float:
    """Towards zero, as ODK has it."""
    return _whole(math.trunc, number(value))


@function("floor", 1, gives="number")
def floor(value: Value) -> float:
    return _whole(math.floor, number(value))


@function("ceiling", 1, gives="number")
def ceiling(value: Value) -> float:
    return _whole(math.ceil, number(value))


def _whole(rule: Callable[[float], int], value: float) -> float:
    return float(rule(value)) if math.isfinite(value) else value


@function("round", 1, 2, gives="number")
def rounded(value: Value, places: Value | None = None) -> float:
    """To the nearest, halves upwards; `places` may be negative."""
    x, scale = number(value), 0.0 if places is None else number(places)
    if not math.isfinite(x):
        return x
    scale = scale if math.isfinite(scale) else 0.0
    if abs(scale) > MOST_PLACES:
        return NAN
    factor: float = 10.0 ** math.trunc(scale)
    # Halves are judged on the shortest decimal, or 1.005 would round down.
    scaled = float(f"{x * factor:.10f}") if abs(x * factor) < 1e5 else x * factor
    return float(math.floor(scaled + 0.5) / factor) if math.isfinite(scaled) else x


@function("abs", 1, gives="number")
def absolute(value: Value) -> float:
    return abs(number(value))


@function("pow", 2, gives="number")
def power(base: Value, exponent: Value) -> float:
    """A negative power of zero is infinite, a power that is no number gives none, as in Java."""
    x, y = number(base), number(exponent)
    if y != y:
        return NAN
    return math.inf if x == 0 and y < 0 else safely(math.pow, x, y)


def safely(rule: Callable[..., float], *values: float) -> float:
    """The result, NaN outside the domain, infinity on overflow (IEEE 754 as Java has it)."""
    try:
        return float(rule(*values))
    except ValueError:
        return NAN
    except OverflowError:
        return math.inf


def _log(value: float) -> float:
    return -math.inf if value == 0 else math.log(value)


def _log10(value: float) -> float:
    return -math.inf if value == 0 else math.log10(value)


def _unary(name: str, rule: Callable[[float], float]) -> None:
    @function(name, 1, gives="number")
    def call(value: Value) -> float:
        return safely(rule, number(value))


for _name, _rule in {
    "log": _log,
    "log10": _log10,
    "exp": math.exp,
    "exp10": lambda value: math.pow(10.0, value),
    "sqrt": math.sqrt,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
}.items():
    _unary(_name, _rule)


@function("atan2", 2, gives="number")
def arctangent2(y: Value, x: Value) -> float:
    return math.atan2(number(y), number(x))


@function("pi", 0, gives="number")
def pi() -> float:
    return math.pi


@function("random", 0, gives="number", volatile=True)
def random_number() -> float:
    return random.random()
