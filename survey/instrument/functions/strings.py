"""Functions of texts."""

from __future__ import annotations

import uuid

from survey.instrument.functions.registry import MANY, function
from survey.instrument.patterns import matches
from survey.instrument.values import Nodes, Value, number, string, texts


@function("string", 1, gives="string")
def to_string(value: Value) -> str:
    return string(value)


@function("concat", 1, MANY, gives="string")
def concat(*values: Value) -> str:
    return "".join(text for value in values for text in texts(value))


@function("join", 1, MANY, gives="string")
def join(separator: Value, *values: Value) -> str:
    return string(separator).join(text for value in values for text in texts(value))


@function("string-length", 1, gives="number")
def string_length(value: Value) -> float:
    return float(len(string(value)))


@function("substr", 2, 3, gives="string")
def substr(value: Value, start: Value, end: Value | None = None) -> str:
    """Characters from `start` (0-based) up to, not including, `end`; negative counts from the end.

    A bound that is not a number counts as 0, as JavaRosa has it.
    """
    text = string(value)
    first = number(start)
    last = float(len(text)) if end is None else number(end)
    return text[_clip(first) : _clip(last)]


def _clip(bound: float) -> int:
    return int(max(-(10**9), min(10**9, bound))) if bound == bound else 0


@function("substring-before", 2, gives="string")
def substring_before(value: Value, mark: Value) -> str:
    before, found, _ = string(value).partition(string(mark)) if string(mark) else ("", "", "")
    return before if found else ""


@function("substring-after", 2, gives="string")
def substring_after(value: Value, mark: Value) -> str:
    if not string(mark):
        return string(value)
    return string(value).partition(string(mark))[2]


@function("contains", 2, gives="boolean")
def contains(value: Value, part: Value) -> bool:
    return string(part) in string(value)


@function("starts-with", 2, gives="boolean")
def starts_with(value: Value, part: Value) -> bool:
    return string(value).startswith(string(part))


@function("ends-with", 2, gives="boolean")
def ends_with(value: Value, part: Value) -> bool:
    return string(value).endswith(string(part))


@function("translate", 3, gives="string")
def translate(value: Value, old: Value, new: Value) -> str:
    targets = string(new)
    table: dict[int, str | None] = {}
    for place, char in enumerate(string(old)):
        table.setdefault(ord(char), targets[place] if place < len(targets) else None)
    return string(value).translate(table)


@function("normalize-space", 1, gives="string")
def normalize_space(value: Value) -> str:
    return " ".join(string(value).split())


@function("regex", 2, gives="boolean")
def regex(value: Value, pattern: Value) -> bool:
    """Whether the whole text matches (the ODK XForms specification anchors both ends)."""
    return matches(string(value), string(pattern))


@function("uuid", 0, 1, gives="string", volatile=True)
def new_uuid(length: Value | None = None) -> str:
    if length is None:
        return str(uuid.uuid4())
    wanted = int(number(length)) if number(length) == number(length) else 0
    alphabet = "".join(uuid.uuid4().hex for _ in range(min(wanted, 1024) // 32 + 1))
    return alphabet[:wanted]


@function("boolean-from-string", 1, gives="boolean")
def boolean_from_string(value: Value) -> bool:
    return string(value) in ("1", "true")


def flat(values: tuple[Value, ...]) -> Nodes:
    """All values of all arguments as one node set."""
    return Nodes(item for value in values for item in (value if isinstance(value, Nodes) else (value,)))
