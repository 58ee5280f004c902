"""The rules of one record as a system of edits, and the fewest of its variables that have to change.

Tests of one variable sort its values into classes; comparisons of several numbers become sums. What else the
classes cannot say, several sums in one case, is tied to them by a switch of next to no weight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import inf
from typing import Any, Protocol

from analysis.editing import (
    CategoricalEdit,
    Categories,
    Interval,
    LinearEdit,
    localise,
)
from analysis.editing.edits import Domain, Edit
from analysis.errors import InfeasibleEdits
from survey.editing.candidates import EMPTY, NUMBERS, Classes, classes_of
from survey.editing.cases import (
    Atom,
    Case,
    Untranslatable,
    failing_cases,
    literals_of,
    numbers_in,
    variables_of,
)
from survey.editing.linear import Comparison, comparison
from survey.instrument import Question
from survey.instrument.grammar import Tree

SWITCH = "switch "  # no variable has a space in its name
LIGHT = 1e-4
"""The weight of a switch: all of a system's together weigh less than any difference between variables."""
STEP = 1e-3
"""How far apart two decimal numbers are that are not equal."""
MOST_FILLED = 3


class Rule(Protocol):
    """An edit rule: where `when` holds, `must` has to."""

    @property
    def code(self) -> str: ...
    @property
    def when(self) -> str: ...
    @property
    def must(self) -> str: ...


@dataclass(frozen=True)
class Smallest:
    """The variables to change with a value for each (EMPTY: no answer), and their summed reliability."""

    values: Mapping[str, Any]
    cost: float

    @property
    def variables(self) -> tuple[str, ...]:
        """What has to change."""
        return tuple(self.values)


@dataclass
class _System:
    """Domains and edits as they are gathered; `record` holds the classes and numbers of the record."""

    domains: dict[str, Domain] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    record: dict[str, Any] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)
    switches: dict[tuple[Any, ...], str] = field(default_factory=dict)
    classes: dict[str, Classes] = field(default_factory=dict)
    is_possible: bool = True


def smallest_change(
    rules: Sequence[Rule],
    questions: Mapping[str, Question],
    values: Mapping[str, Any],
    reliability: Mapping[str, float] | None = None,
    seconds: float | None = None,
) -> Smallest | None:
    """The cheapest set of variables whose change lets all rules hold; None where there is none.

    `values` are the record's, EMPTY or missing where nothing was answered; `reliability` is each variable's
    weight (1 where not given, infinite: never changed). A number that is not there and stands in a sum is
    tried both as it is and filled. Raises `Untranslatable` for a rule that cannot be read as edits, and
    `analysis.errors.TimeExceeded`. Method: Fellegi and Holt 1976; see `analysis.editing.localise`.
    """
    cases = [(rule.code, case) for rule in rules for case in failing_cases(rule.when, rule.must)]
    held = {
        name: values.get(name, EMPTY) for _, case in cases for tree, _ in case for name in variables_of(tree)
    }
    unknown = sorted(held.keys() - questions.keys())
    sums = _in_sums(cases, questions)
    absent = [name for name in sorted(sums) if held[name] == EMPTY]
    weights = {name: (reliability or {}).get(name, 1.0) for name in held} | dict.fromkeys(unknown, inf)
    best: Smallest | None = None
    for count in range(min(len(absent), MOST_FILLED) + 1):
        for filled in combinations(absent, count):
            if any(weights[name] == inf for name in filled):
                continue
            kept = frozenset(absent) - set(filled)
            found = _solved(_system(cases, questions, held, sums, kept, weights), seconds)
            if found is not None and (best is None or found.cost < best.cost - LIGHT):
                best = found
    return best


def _in_sums(cases: Sequence[tuple[str, Case]], questions: Mapping[str, Question]) -> set[str]:
    """The variables that stand with others in one comparison; raise `Untranslatable` for other company."""
    found: set[str] = set()
    for code, case in cases:
        for tree, _ in case:
            names = variables_of(tree)
            if len(names) < 2:
                continue
            numeric = all(name in questions and questions[name].type in NUMBERS for name in names)
            if comparison(tree) is None or not numeric:
                raise Untranslatable(
                    f"{code}: phép so sánh giữa {', '.join(names)} không phải tổng của các số.",
                    "Tự chọn biến cần sửa.",
                )
            found |= set(names)
    return found


def _system(
    cases: Sequence[tuple[str, Case]],
    questions: Mapping[str, Question],
    held: Mapping[str, Any],
    sums: set[str],
    absent: frozenset[str],
    weights: Mapping[str, float],
) -> _System:
    """`absent` are the numbers in sums that stay without an answer."""
    system = _System()
    tests, classes = _tests(cases, sums), system.classes
    for name, its_tests in tests.items():
        if name in questions:
            classes[name] = classes_of(questions[name], its_tests, held[name])
            system.domains[name] = Categories(tuple(range(len(classes[name].members))))
            system.record[name], system.weights[name] = 0, weights[name]
    largest = _largest(cases, questions, held, sums)
    for name in sorted(sums - absent):
        system.domains[name] = _interval(questions[name], held[name], largest)
        system.record[name] = None if held[name] == EMPTY else float(held[name])
        system.weights[name] = weights[name]
    for number, (code, case) in enumerate(cases):
        _add_case(system, f"{code} {number}", case, tests, sums, absent)
    return system


def _tests(cases: Sequence[tuple[str, Case]], sums: set[str]) -> dict[str, list[Tree]]:
    """The tests of each variable that stands in no sum, each once."""
    found: dict[str, list[Tree]] = {}
    for _, case in cases:
        for tree, _ in case:
            names = variables_of(tree)
            if len(names) == 1 and names[0] not in sums and tree not in found.setdefault(names[0], []):
                found[names[0]].append(tree)
    return found


def _largest(
    cases: Sequence[tuple[str, Case]],
    questions: Mapping[str, Question],
    held: Mapping[str, Any],
    sums: set[str],
) -> float:
    """Ten times the largest number at hand: further than that no sensible answer lies."""
    written = [
        abs(v) for _, case in cases for tree, _ in case for v in literals_of(tree) if isinstance(v, float)
    ]
    answered = [abs(float(held[name])) for name in sums if held[name] != EMPTY]
    return 10.0 * max([10.0, *written, *answered])


def _interval(question: Question, value: Any, largest: float) -> Interval:
    """From 0, or as far below as its constraint or the answer says, to what the constraint names or far beyond."""
    named = numbers_in(question.constraint) if question.constraint else []
    below = min([0.0, *named, *([] if value == EMPTY else [float(value)])])
    low = -largest if below < 0 else 0.0
    return Interval(low, max([largest, *named]), integer=question.type == "integer")


def _add_case(
    system: _System,
    name: str,
    case: Case,
    tests: Mapping[str, list[Tree]],
    sums: set[str],
    absent: frozenset[str],
) -> None:
    """Edits that keep a case from coming about; none where it cannot."""
    combination: dict[str, set[int]] = {}
    ways: list[list[Comparison]] = [[]]
    for atom in case:
        names = variables_of(atom[0])
        if len(names) == 1 and names[0] not in sums:
            if names[0] not in system.classes:
                raise Untranslatable(
                    f"{name}: {names[0]} không phải câu hỏi ở mức này.", "Tự chọn biến cần sửa."
                )
            its = set(system.classes[names[0]].where(tests[names[0]].index(atom[0]), atom[1]))
            combination[names[0]] = combination.get(names[0], its) & its
        else:
            found = _compared(atom, names, absent)
            if isinstance(found, bool):
                if not found:
                    return
                continue
            ways = [[*way, *part] for way in ways for part in found]
    if all(combination.values()):
        for number, way in enumerate(ways):
            _forbid(system, f"{name}.{number}", combination, way)


def _compared(atom: Atom, names: tuple[str, ...], absent: frozenset[str]) -> bool | list[list[Comparison]]:
    """The comparisons that make an atom true, or its truth where that is settled."""
    tree, wanted = atom
    found = comparison(tree)
    missing = absent & set(names)
    if found is None:
        return _emptiness(tree, names, bool(missing), wanted)
    if missing:
        # As in the questionnaire: what is not there is no number, and compares as unequal only.
        if found.operator in ("=", "!=") and missing == set(names):
            raise Untranslatable("Phép so sánh giữa các câu đều trống.", "Tự chọn biến cần sửa.")
        return (found.operator == "!=") == wanted
    if not found.coefficients:
        raise Untranslatable("Phép so sánh không có biến.", "Tự chọn biến cần sửa.")
    return (found if wanted else found.opposite()).parts()


def _emptiness(tree: Tree, names: tuple[str, ...], is_empty: bool, wanted: bool) -> bool:
    """The truth of `${x} = ''` or `${x} != ''`; raise `Untranslatable` for any other test of a number in a sum."""
    operator = getattr(tree, "operator", "")
    if len(names) != 1 or operator not in ("=", "!=") or list(literals_of(tree)) != [EMPTY]:
        raise Untranslatable(
            f"Phép thử của {', '.join(names)} không phải so sánh số.", "Tự chọn biến cần sửa."
        )
    return (is_empty == (operator == "=")) == wanted


def _forbid(
    system: _System, name: str, combination: Mapping[str, set[int]], way: Sequence[Comparison]
) -> None:
    """No record lies in the combination and meets all comparisons: the last one gives way, switches say the rest."""
    inside: dict[str, Any] = {variable: frozenset(kinds) for variable, kinds in combination.items()}
    if not way:
        if inside:
            system.edits.append(CategoricalEdit(name, inside))
        else:
            system.is_possible = False
        return
    for condition in way[:-1]:
        inside[_switch(system, condition)] = frozenset({True})
    system.edits.append(_linear(system, name, way[-1].opposite(), inside))


def _switch(system: _System, condition: Comparison) -> str:
    """A field that is true wherever the condition holds."""
    key = (tuple(condition.coefficients.items()), condition.operator, condition.bound)
    if key not in system.switches:
        name = system.switches[key] = f"{SWITCH}{len(system.switches)}"
        system.domains[name] = Categories((False, True))
        system.weights[name] = LIGHT / 100
        system.edits.append(_linear(system, name, condition.opposite(), {name: frozenset({False})}))
        system.record[name] = False
    return system.switches[key]


def _linear(system: _System, name: str, held: Comparison, when: Mapping[str, Any]) -> LinearEdit:
    """The edit that `held` is true within `when`; what is strict is so by a whole number, or by a step."""
    whole = (
        all(
            isinstance(domain := system.domains[variable], Interval)
            and domain.integer
            and float(number).is_integer()
            for variable, number in held.coefficients.items()
        )
        and float(held.bound).is_integer()
    )
    step = 1.0 if whole else STEP
    shift = {"<": -step, ">": step}.get(held.operator, 0.0)
    op = "<=" if held.operator in ("<", "<=") else ">="
    return LinearEdit(name, dict(held.coefficients), op, held.bound + shift, when)  # type: ignore[arg-type]


def _solved(system: _System, seconds: float | None) -> Smallest | None:
    if not system.is_possible:
        return None
    if not system.edits:
        return Smallest({}, 0.0)
    used = {name for edit in system.edits for name in edit.fields}
    domains = {name: domain for name, domain in system.domains.items() if name in used}
    try:
        found = localise(
            system.edits, system.record, domains, {n: system.weights[n] for n in domains}, seconds
        )
    except InfeasibleEdits:
        return None
    values = {
        name: system.classes[name].members[value][0] if name in system.classes else value
        for name, value in ((name, found.values[name]) for name in found.fields)
        if not name.startswith(SWITCH)
    }
    return Smallest(values, sum(system.weights[name] for name in values))
