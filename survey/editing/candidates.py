"""The values that a variable may take, as far as its rules can tell them apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from survey.editing.cases import literals_of, written
from survey.instrument import Question, holds
from survey.instrument.grammar import Tree

EMPTY = ""
NUMBERS = ("integer", "decimal", "range")
CHOICES = ("select_multiple", "rank")
MOST_NAMED = 6
MOST_CHOICES = 2000


@dataclass(frozen=True)
class Classes:
    """Candidate values by what the tests say of them: `members[k]` are alike, `now` is the record's class."""

    members: tuple[tuple[Any, ...], ...]
    truths: tuple[tuple[bool, ...], ...]
    now: int

    def where(self, test: int, wanted: bool) -> list[int]:
        """The classes in which a test comes out as wanted."""
        return [k for k, truth in enumerate(self.truths) if truth[test] == wanted]


def classes_of(question: Question, tests: Sequence[Tree], now: Any) -> Classes:
    """Sort the candidates of a variable by its tests; `now` is the record's own value, EMPTY for none."""
    values = list(dict.fromkeys((now, *candidates(question, tests, now))))
    table = pd.DataFrame({question.variable: _column(question, values)})
    columns = [holds(written(test), table) for test in tests]
    signatures = [tuple(bool(column[row]) for column in columns) for row in range(len(values))]
    kinds = list(dict.fromkeys(signatures))
    members = tuple(
        tuple(value for value, signature in zip(values, signatures, strict=True) if signature == kind)
        for kind in kinds
    )
    return Classes(members, tuple(kinds), 0)


def candidates(question: Question, tests: Iterable[Tree], now: Any) -> list[Any]:
    """Values worth trying: the choices, or what lies around the values that tests name, and no answer."""
    named = [value for test in tests for value in literals_of(test)]
    if question.type == "select_one":
        return [*(choice.name for choice in question.choices[:MOST_CHOICES]), *_texts(named, question), EMPTY]
    if question.type in CHOICES:
        return [*_sets(question, named, now), EMPTY]
    if question.type in NUMBERS:
        return [*_numbers(question, named), EMPTY]
    return [*_texts(named, question), EMPTY]


def _texts(named: Sequence[str | float], question: Question) -> list[str]:
    """Texts that tests name, where the list is not at hand."""
    return [] if question.choices else [value for value in named if isinstance(value, str) and value]


def _sets(question: Question, named: Sequence[str | float], now: Any) -> list[str]:
    """The answer with every choice of those that tests name taken in or out, nearest first."""
    order = [choice.name for choice in question.choices]
    chosen = str(now).split()
    switched = [name for name in order if name in named][:MOST_NAMED]
    kept = [name for name in chosen if name not in switched]
    others = [kept] if kept else [[], *([name] for name in order if name not in switched)][:2]
    found = [
        [name for name in order if name in {*part, *base}]
        for size in range(len(switched) + 1)
        for part in combinations(switched, size)
        for base in (*others, [])
    ]
    found.sort(key=lambda names: len({*names} ^ {*chosen}))
    return [" ".join(names) for names in found if names]


def _numbers(question: Question, named: Sequence[str | float]) -> list[float]:
    """The numbers that tests name with their neighbours, not below 0 unless one of them is."""
    numbers = sorted({value for value in named if isinstance(value, float)} | {0.0})
    near = sorted({number + step for number in numbers for step in (-1.0, 0.0, 1.0)})
    least = min(numbers)
    return [number for number in near if number >= least]


def _column(question: Question, values: Sequence[Any]) -> "pd.Series[Any]":
    """Candidates as the column that rules see; EMPTY is missing."""
    cells = [None if value == EMPTY else value for value in values]
    if question.type in NUMBERS:
        return pd.Series(
            pd.array([np.nan if c is None else float(c) for c in cells], dtype="float64")
        ).astype("Float64")
    return pd.Series(cells, dtype="string")
