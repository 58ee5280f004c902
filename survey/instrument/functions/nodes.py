"""Functions of node sets."""

from __future__ import annotations

import math

from survey.instrument.functions.registry import MANY, function
from survey.instrument.functions.shuffle import seed_number, shuffle
from survey.instrument.values import NAN, Nodes, Value, boolean, number, numbers, texts


@function("count", 1, gives="number")
def count(nodes: Value) -> float:
    return float(len(nodes)) if isinstance(nodes, Nodes) else 1.0


@function("count-non-empty", 1, gives="number")
def count_non_empty(nodes: Value) -> float:
    return float(sum(text != "" for text in texts(nodes)))


@function("sum", 1, gives="number")
def total(nodes: Value) -> float:
    """Unanswered questions add nothing, as JavaRosa has it; XPath 1.0 alone would give NaN."""
    return math.fsum(_answered(nodes))


@function("max", 1, MANY, gives="number")
def largest(*values: Value) -> float:
    return max(_answered(*values), default=NAN)


@function("min", 1, MANY, gives="number")
def smallest(*values: Value) -> float:
    return min(_answered(*values), default=NAN)


def _answered(*values: Value) -> list[float]:
    return [item for value in values for item in numbers(value) if item == item]


@function("checklist", 3, MANY, gives="boolean")
def checklist(least: Value, most: Value, *answers: Value) -> bool:
    """Whether the number of true answers lies between `least` and `most`; -1 means no bound."""
    return _within(least, most, float(sum(boolean(_truth(item)) for item in _each(answers))))


@function("weighted-checklist", 4, MANY, gives="boolean")
def weighted_checklist(least: Value, most: Value, *pairs: Value) -> bool:
    """As checklist, with a weight after each answer, or all answers of a repeat, then all weights."""
    if len(pairs) == 2:
        weighted = list(zip(_each(pairs[:1]), _each(pairs[1:]), strict=False))
    else:
        items = _each(pairs)
        weighted = list(zip(items[::2], items[1::2], strict=False))
    found = math.fsum(number(weight) for item, weight in weighted if boolean(_truth(item)))
    return _within(least, most, found)


def _truth(value: Value) -> Value:
    return number(value) if isinstance(value, str) and number(value) == number(value) else value


def _each(values: tuple[Value, ...]) -> list[Value]:
    return [item for value in values for item in (value if isinstance(value, Nodes) else (value,))]


def _within(least: Value, most: Value, found: float) -> bool:
    low, high = number(least), number(most)
    return (low < 0 or found >= low) and (high < 0 or found <= high)


@function("randomize", 1, 2, gives="nodes")
def randomize(nodes: Value, seed: Value | None = None) -> Nodes:
    """The nodes shuffled; the same seed gives the same order (ODK: Park-Miller and Fisher-Yates)."""
    items = nodes if isinstance(nodes, Nodes) else Nodes([nodes])
    return Nodes(shuffle(items, None if seed is None else seed_number(seed)))
