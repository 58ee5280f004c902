"""Smallest changes of a record: against enumeration on random rules, and on rules of our own questionnaires."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from math import inf
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.errors import TimeExceeded
from survey.editing.cases import Untranslatable
from survey.editing.systems import smallest_change
from survey.instrument import Choice, Question, Texts, holds


@dataclass(frozen=True)
class Rule:
    code: str
    must: str
    when: str = "true()"


def choice(name: str) -> Choice:
    return Choice(name, Texts({"vi": name}))


def question(name: str, kind: str, *choices: str) -> Question:
    return Question(
        name, name, f"/{name}", Texts({"vi": name}), type=kind, choices=tuple(map(choice, choices))
    )


QUESTIONS = {
    "a": question("a", "select_one", "p", "q", "r"),
    "b": question("b", "select_one", "p", "q"),
    "m": question("m", "select_multiple", "u", "v"),
    "k": question("k", "integer"),
    "x": question("x", "integer"),
    "y": question("y", "integer"),
}
DOMAINS: dict[str, list[Any]] = {
    "a": ["p", "q", "r", ""],
    "b": ["p", "q", ""],
    "m": ["u", "v", "u v", ""],
    "k": [0, 1, 2, 3, 4, 5, 6, ""],
    "x": [*range(15), 15, 16, 18, 20, 22, 24, 26, 28, 30],
    "y": [*range(15), 15, 16, 20, 24, 28, 30],
}


def column(name: str, values: list[Any]) -> Any:
    if QUESTIONS[name].type == "integer":
        return pd.array([None if value == "" else value for value in values], dtype="Int64")
    return pd.array([None if value == "" else value for value in values], dtype="string")


def fails(rules: list[Rule], records: list[dict[str, Any]]) -> np.ndarray[Any, Any]:
    """Which records break a rule, by the evaluator that runs use."""
    table = pd.DataFrame({name: column(name, [record[name] for record in records]) for name in QUESTIONS})
    found = np.zeros(len(records), dtype=bool)
    for rule in rules:
        found |= holds(rule.when, table) & ~holds(rule.must, table)
    return found


def enumerated(rules: list[Rule], record: dict[str, Any], weights: dict[str, float]) -> float:
    """The cost of the cheapest change, by trying all sets of variables and all values."""
    best = inf
    for size in range(len(QUESTIONS) + 1):
        for names in combinations(QUESTIONS, size):
            cost = sum(weights[name] for name in names)
            if cost >= best:
                continue
            trials = [
                {**record, **dict(zip(names, values, strict=True))}
                for values in product(*(DOMAINS[name] for name in names))
            ]
            if not fails(rules, trials).all():
                best = cost
    return best


ATOMS = (
    "${a} = 'p'", "${a} != 'q'", "${a} = ''", "${b} = 'p'", "${b} != ''", "selected(${m}, 'u')",
    "not(selected(${m}, 'v'))", "${m} = ''", "${k} > 2", "${k} <= 4", "${k} = ''", "${x} <= ${y}",
    "${x} + ${y} <= 8", "${x} = 2 * ${y}", "${x} >= 3", "${y} < 5", "${x} - ${y} > 1", "${y} != ''",
)  # fmt: skip


def random_test(rng: np.random.Generator, depth: int = 2) -> str:
    if depth == 0 or rng.random() < 0.3:
        return str(rng.choice(ATOMS))
    left, right = random_test(rng, depth - 1), random_test(rng, depth - 1)
    return str(rng.choice([f"({left} and {right})", f"({left} or {right})", f"not({left})"]))


@pytest.mark.parametrize("seed", range(25))
def test_no_cheaper_change_exists_and_the_proposed_one_mends_the_record(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rules = [Rule(f"r{n}", random_test(rng), random_test(rng, 1)) for n in range(3)]
    weights = {name: float(rng.integers(1, 4)) for name in QUESTIONS}
    for _ in range(3):
        record = {name: values[rng.integers(len(values))] for name, values in DOMAINS.items()}
        found = smallest_change(rules, QUESTIONS, record, weights)
        cheapest = 0.0 if not fails(rules, [record])[0] else enumerated(rules, record, weights)
        if found is None:
            assert cheapest == inf, (rules, record)
        else:
            assert found.cost == cheapest, (rules, record, found)
            assert found.cost == sum(weights[name] for name in found.variables)
            assert not fails(rules, [{**record, **found.values}])[0], (rules, record, found)


STAFF = [Rule("ict-within-staff", "${x} <= ${y}", "${y} > 0 and ${x} != ''")]
EMPTY = dict.fromkeys(QUESTIONS, "")


def test_a_number_that_was_not_asked_stays_empty() -> None:
    assert smallest_change(STAFF, QUESTIONS, {**EMPTY, "y": 5}) is not None
    found = smallest_change(STAFF, QUESTIONS, {**EMPTY, "y": 5})
    assert found is not None
    assert found.variables == ()


def test_a_missing_number_is_filled_where_the_rule_asks_for_it() -> None:
    """As `adults-within-household`: an empty number of adults breaks the rule."""
    rules = [Rule("adults", "${x} >= 1 and ${x} <= ${y}")]
    found = smallest_change(rules, QUESTIONS, {**EMPTY, "y": 4})
    assert found is not None
    assert found.variables == ("x",)
    assert 1 <= found.values["x"] <= 4


def test_who_is_more_reliable_stays() -> None:
    record = {**EMPTY, "x": 9, "y": 4}
    light = smallest_change(STAFF, QUESTIONS, record, {"x": 1.0, "y": 2.0})
    heavy = smallest_change(STAFF, QUESTIONS, record, {"x": 2.0, "y": 1.0})
    assert light is not None and dict(light.values) == {"x": 4}
    assert heavy is not None and dict(heavy.values) == {
        "y": 0
    }  # nearer than 9: the rule is about firms with staff
    assert smallest_change(STAFF, QUESTIONS, record, {"x": inf, "y": inf}) is None


def test_a_choice_nearest_to_the_answer_is_proposed() -> None:
    rules = [Rule("no-u", "not(selected(${m}, 'u'))", "${a} = 'p'")]
    found = smallest_change(rules, QUESTIONS, {**EMPTY, "a": "p", "m": "u v"}, {"a": 5.0})
    assert found is not None
    assert dict(found.values) == {"m": "v"}


@pytest.mark.parametrize("must", ["${a} = ${b}", "${x} * ${y} > 3", "string-length(${x}) < ${y}"])
def test_a_rule_that_is_no_sum_is_told_and_not_guessed(must: str) -> None:
    with pytest.raises(Untranslatable, match="r1"):
        smallest_change([Rule("r1", must)], QUESTIONS, {**EMPTY, "x": 1, "y": 1})


def test_a_search_without_time_ends() -> None:
    with pytest.raises(TimeExceeded):
        smallest_change(STAFF, QUESTIONS, {**EMPTY, "x": 9, "y": 4}, seconds=0.0)
