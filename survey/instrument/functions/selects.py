"""Functions of select_multiple answers, which are names separated by spaces."""

from __future__ import annotations

import math

from survey.instrument.functions.registry import function
from survey.instrument.values import Value, number, string


@function("is-selected", 2, gives="boolean")
@function("selected", 2, gives="boolean")
def selected(answer: Value, name: Value) -> bool:
    """Whether the name is among the names; nothing is selected in an empty answer but the empty name."""
    return f" {string(name).strip()} " in f" {string(answer)} "


@function("count-selected", 1, gives="number")
def count_selected(answer: Value) -> float:
    return float(len(string(answer).split()))


@function("selected-at", 2, gives="string")
def selected_at(answer: Value, place: Value) -> str:
    """The name at a place counted from 0; empty beyond the end; NaN counts as 0."""
    names, at = string(answer).split(), number(place)
    if math.isinf(at):
        return ""
    at = 0.0 if at != at else at
    return names[int(at)] if 0 <= at < len(names) else ""
