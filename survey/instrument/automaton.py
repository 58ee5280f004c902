"""Regular expressions without backtracking: time grows with the text, whatever the pattern.

The method is Thompson's: all ways through the pattern are followed at once, character by character,
and the sets of states met are remembered (Thompson 1968; Cox, "Regular Expression Matching Can Be
Simple And Fast", 2007).  Patterns are read by Python's own parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, TypeAlias

Test: TypeAlias = Callable[[str], bool]
MAX_STATES = 5_000
MAX_REMEMBERED = 20_000
REPEATS = frozenset({codes.MAX_REPEAT, codes.MIN_REPEAT})
NEGATED = {codes.CATEGORY_NOT_DIGIT: codes.CATEGORY_DIGIT, codes.CATEGORY_NOT_SPACE: codes.CATEGORY_SPACE}
NEGATED[codes.CATEGORY_NOT_WORD] = codes.CATEGORY_WORD
CATEGORIES: dict[Any, Test] = {
    codes.CATEGORY_DIGIT: str.isdigit,
    codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
}


class Unsupported(Exception):
    """A pattern that only a backtracking engine could match."""


def is_tame(pattern: str) -> bool:
    """Whether backtracking takes at most quadratic time: few open repetitions, no choice inside."""
    tree = parser.parse(pattern)
    return _nesting(tree) < 2 and _open(tree) < 3


def _parts(argument: Any) -> list[Any]:
    if isinstance(argument, parser.SubPattern):
        return [argument]
    if isinstance(argument, list | tuple):
        return [part for item in argument for part in _parts(item)]
    return []


def _nesting(tree: Any) -> int:
    deepest = 0
    for code, argument in tree:
        inner = max((_nesting(part) for part in _parts(argument)), default=0)
        # Ways that overlap inside a repetition multiply as repetitions inside repetitions do.
        deepest = max(deepest, inner + (code is codes.BRANCH or code in REPEATS))
    return deepest


def _open(tree: Any) -> int:
    """How many repetitions have no fixed number."""
    return sum(
        (code in REPEATS and argument[0] != argument[1]) + sum(map(_open, _parts(argument)))
        for code, argument in tree
    )


@dataclass(eq=False)
class Automaton:
    """A compiled pattern; `fullmatch` follows all ways at once."""

    tests: list[Test | None] = field(default_factory=list)
    following: list[list[int]] = field(default_factory=list)
    guards: dict[int, Any] = field(default_factory=dict)
    start: int = 0
    final: int = 0
    remembered: dict[tuple[frozenset[int], str], frozenset[int]] = field(default_factory=dict)

    def fullmatch(self, text: str) -> bool:
        """Whether the whole text matches."""
        states = self._closure({self.start}, at_start=True, at_end=not text)
        for place, char in enumerate(text):
            states = self._step(states, char, at_end=place == len(text) - 1)
            if not states:
                return False
        return self.final in states

    def _step(self, states: frozenset[int], char: str, at_end: bool) -> frozenset[int]:
        key = (states, char)
        if not at_end and key in self.remembered:
            return self.remembered[key]
        moved = {after for state in states for after in self._moves(state, char)}
        found = self._closure(moved, at_start=False, at_end=at_end)
        if not at_end and len(self.remembered) < MAX_REMEMBERED:
            self.remembered[key] = found
        return found

    def _moves(self, state: int, char: str) -> Sequence[int]:
        test = self.tests[state]
        return self.following[state] if test is not None and test(char) else ()

    def _closure(self, states: set[int], at_start: bool, at_end: bool) -> frozenset[int]:
        """The states that can be reached without reading a character."""
        found, pending = set(states), list(states)
        while pending:
            state = pending.pop()
            guard = self.guards.get(state)
            if self.tests[state] is not None or (
                guard is not None and not (at_start if guard == "start" else at_end)
            ):
                continue
            fresh = [after for after in self.following[state] if after not in found]
            found.update(fresh)
            pending += fresh
        return frozenset(found)

    def add(self, test: Test | None = None) -> int:
        """A new state."""
        if len(self.tests) >= MAX_STATES:
            raise Unsupported("the pattern repeats too much")
        self.tests.append(test)
        self.following.append([])
        return len(self.tests) - 1

    def join(self, before: int, after: int) -> None:
        """Let one state follow another."""
        self.following[before].append(after)


def automaton(pattern: str) -> Automaton:
    """Compile a pattern; raises Unsupported for look-around and back-references."""
    tree = parser.parse(pattern)
    if tree.state.flags & ~re.UNICODE:
        raise Unsupported("flags such as (?i)")
    built = Automaton()
    built.start = built.add()
    built.final = built.add()
    built.join(_sequence(built, tree, built.start), built.final)
    return built


def _sequence(built: Automaton, tree: Any, state: int) -> int:
    """Append the parts one after the other; gives the state at the end."""
    for code, argument in tree:
        piece = PIECES.get(code)
        if piece is None:
            raise Unsupported(f"{str(code).lower().replace('_', ' ')} with open repetitions")
        state = piece(built, argument, state)
    return state


def _reading(built: Automaton, test: Test, state: int) -> int:
    reader, after = built.add(test), built.add()
    built.join(state, reader)
    built.join(reader, after)
    return after


def _branch(built: Automaton, argument: Any, state: int) -> int:
    after = built.add()
    for way in argument[1]:
        first = built.add()
        built.join(state, first)
        built.join(_sequence(built, way, first), after)
    return after


def _subpattern(built: Automaton, argument: Any, state: int) -> int:
    _, added, removed, inner = argument
    if added or removed:
        raise Unsupported("flags inside the pattern")
    return _sequence(built, inner, state)


def _repeat(built: Automaton, argument: Any, state: int) -> int:
    least, most, inner = argument
    for _ in range(least):
        state = _sequence(built, inner, state)
    after = built.add()
    if most == codes.MAXREPEAT:
        loop = built.add()
        built.join(state, loop)
        built.join(_sequence(built, inner, loop), loop)
        built.join(loop, after)
        return after
    for _ in range(most - least):
        built.join(state, after)
        fresh = built.add()
        built.join(state, fresh)
        state = _sequence(built, inner, fresh)
    built.join(state, after)
    return after


def _at(built: Automaton, argument: Any, state: int) -> int:
    sides = {codes.AT_BEGINNING: "start", codes.AT_BEGINNING_STRING: "start", codes.AT_END: "end"}
    sides[codes.AT_END_STRING] = "end"
    if argument not in sides:
        raise Unsupported("word boundaries with open repetitions")
    guard, after = built.add(), built.add()
    built.guards[guard] = sides[argument]
    built.join(state, guard)
    built.join(guard, after)
    return after


def _one_of(argument: Any) -> Test:
    negative = bool(argument) and argument[0][0] is codes.NEGATE
    tests = [CLASSES[code](value) for code, value in argument[negative:]]
    return lambda char: any(test(char) for test in tests) is not negative


def _category(value: Any) -> Test:
    if value in NEGATED:
        positive = CATEGORIES[NEGATED[value]]
        return lambda char: not positive(char)
    return CATEGORIES[value]


CLASSES: dict[Any, Callable[[Any], Test]] = {
    codes.LITERAL: lambda value: chr(value).__eq__,
    codes.RANGE: lambda value: lambda char: value[0] <= ord(char) <= value[1],
    codes.CATEGORY: _category,
}
PIECES: dict[Any, Callable[[Automaton, Any, int], int]] = {
    codes.LITERAL: lambda built, value, state: _reading(built, chr(value).__eq__, state),
    codes.NOT_LITERAL: lambda built, value, state: _reading(built, chr(value).__ne__, state),
    codes.ANY: lambda built, value, state: _reading(built, "\n".__ne__, state),
    codes.IN: lambda built, value, state: _reading(built, _one_of(value), state),
    codes.BRANCH: _branch,
    codes.SUBPATTERN: _subpattern,
    codes.MAX_REPEAT: _repeat,
    codes.MIN_REPEAT: _repeat,
    codes.AT: _at,
}
