"""The table of expression functions: name, how many arguments, what kind of value they give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MANY = 10_000
FUNCTIONS: dict[str, Function] = {}


@dataclass(frozen=True, slots=True)
class Function:
    """One function; `form` functions are compiled by the evaluator because they need the form or
    must not evaluate all their arguments, `volatile` ones differ from call to call."""

    name: str
    least: int
    most: int
    gives: str
    call: Callable[..., Any] | None = None
    moment: bool = False
    volatile: bool = False


def function(
    name: str,
    least: int,
    most: int | None = None,
    *,
    gives: str,
    moment: bool = False,
    volatile: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function of values; with `moment` it takes the time of evaluation first."""

    def register(call: Callable[..., Any]) -> Callable[..., Any]:
        FUNCTIONS[name] = Function(
            name, least, least if most is None else most, gives, call, moment, volatile
        )
        return call

    return register


def form(name: str, least: int, most: int | None = None, *, gives: str = "any") -> None:
    """Register a function that the evaluator itself compiles."""
    FUNCTIONS[name] = Function(name, least, least if most is None else most, gives)
