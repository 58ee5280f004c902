"""Functions of select_multiple answers, which are names separated by spaces."""

from __future__ import annotations

import math

from survey.instrument.functions.registry import function
from survey.instrument.values import Value, number, string


@function("selected", 2, gives="boolean")
def selected(answer: Value, name: Value) -> bool:
    return string(name).strip() in string(answer).split()


@function("count-selected", 1, gives="number")
def count_selected(answer: Value) -> float:
    return float(len(string(answer).split()))


@function("selected-at", 2, gives="string")
def selected_at(answer: Value, place: Value) -> str:
    """The name at a place counted from 0; empty beyond the end."""
    names, at = string(answer).split(), number(place)
    return names[int(at)] if math.isfinite(at) and 0 <= at < len(names) else ""
