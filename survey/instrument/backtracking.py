"""Which regular expressions may take more than quadratic time with a backtracking engine."""

from __future__ import annotations

import re
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT}
FEW = 8


def explosive(pattern: str) -> str:
    """Why the pattern may explode, or an empty text; broken patterns are left to the compiler."""
    try:
        tree = parser.parse(pattern)
    except (re.error, RecursionError, OverflowError):
        return ""
    if _nesting(tree) > 1:
        return "a repetition inside a repetition"
    return "more than three open repetitions" if _open(tree) > 3 else ""


def _parts(argument: Any) -> list[Any]:
    """The sub-patterns inside an operation's argument."""
    if isinstance(argument, parser.SubPattern):
        return [argument]
    if isinstance(argument, list | tuple):
        return [part for item in argument for part in _parts(item)]
    return []


def _varies(code: Any, argument: Any) -> bool:
    return code in REPEATS and argument[1] - argument[0] > FEW


def _nesting(tree: Any) -> int:
    deepest = 0
    for code, argument in tree:
        inner = max((_nesting(part) for part in _parts(argument)), default=0)
        deepest = max(deepest, inner + _varies(code, argument))
    return deepest


def _open(tree: Any) -> int:
    return sum(_varies(code, argument) + sum(map(_open, _parts(argument))) for code, argument in tree)
