"""Edits over domains as the rows of a mixed-integer program, built once and solved for every record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.arrays import Codes, Floats, Mask
from analysis.editing.checking import check_names
from analysis.editing.edits import (
    CategoricalEdit,
    Categories,
    Combination,
    Domain,
    Edit,
    Interval,
    LinearEdit,
    check_domain,
)
from analysis.errors import BadDomain, BadEdit, NotLocalised, TimeExceeded

OUT_OF_TIME, INFEASIBLE = 1, 2
Row = tuple[Floats, float, float]


@dataclass(frozen=True, eq=False)
class Program:
    """`low <= matrix @ x <= high` for a consistent record x.

    A field with an interval has one column, its value; a field with categories has one 0/1 column for each.
    `places` gives a field's columns, `edit_of_row` the edit that a row comes from (-1: one category each).
    """

    edits: tuple[Edit, ...]
    domains: Mapping[str, Domain]
    places: Mapping[str, slice]
    matrix: Floats
    low: Floats
    high: Floats
    edit_of_row: Codes
    lower: Floats
    upper: Floats
    integrality: Codes

    @property
    def size(self) -> int:
        """How many columns there are."""
        return len(self.lower)

    def position(self, name: str, value: Any) -> float | None:
        """A number itself, or the place of a category; None for a value that is missing or not allowed."""
        domain = self.domains[name]
        if isinstance(domain, Categories):
            values = list(domain.values)
            return float(values.index(value)) if value in values else None
        number = as_number(value)
        inside = number is not None and domain.low <= number <= domain.high
        return number if inside and not (domain.integer and number != round(number or 0)) else None

    def value(self, name: str, solution: Floats) -> Any:
        """A field's value in a solution."""
        domain, found = self.domains[name], solution[self.places[name]]
        if isinstance(domain, Categories):
            return domain.values[int(np.argmax(found))]
        return round(float(found[0])) if domain.integer else float(np.clip(found[0], domain.low, domain.high))

    def fixed(self, positions: Mapping[str, float]) -> tuple[Floats, Floats]:
        """The columns' bounds when these fields keep their values."""
        lower, upper = self.lower.copy(), self.upper.copy()
        for name, position in positions.items():
            if isinstance(self.domains[name], Categories):
                upper[self.places[name]] = 0.0
                at = self.places[name].start + int(position)
                lower[at] = upper[at] = 1.0
            else:
                lower[self.places[name]] = upper[self.places[name]] = position
        return lower, upper


def program(edits: Sequence[Edit], domains: Mapping[str, Domain]) -> Program:
    """The program of these edits; raises `BadEdit` and `BadDomain` for what does not fit together."""
    check_names(edits)
    for name, domain in domains.items():
        check_domain(name, domain)
    for edit in edits:
        for name in edit.fields:
            if name not in domains:
                raise BadDomain(name, f"is not given, but edit {edit.name!r} needs it; add it to `domains`")
    places, lower, upper, integrality = _columns(domains)
    frame = Program(tuple(edits), domains, places, *_no_rows(len(lower)), lower, upper, integrality)
    rows = [(-1, row) for row in _one_category_each(frame)]
    rows += [(number, row) for number, edit in enumerate(edits) for row in _rows(frame, edit)]
    matrix = np.array([row[0] for _, row in rows]).reshape(len(rows), frame.size)
    low, high = (np.array([row[k] for _, row in rows], dtype=np.float64) for k in (1, 2))
    source = np.array([number for number, _ in rows], dtype=np.int64)
    return Program(tuple(edits), domains, places, matrix, low, high, source, lower, upper, integrality)


def solve(
    cost: Floats,
    integrality: Codes,
    bounds: tuple[Floats, Floats],
    rows: tuple[Floats, Floats, Floats],
    seconds: float | None = None,
) -> Floats | None:
    """The cheapest solution, or None if there is none; raises `NotLocalised` if the solver gives up.

    With `seconds`, `TimeExceeded` when they do not suffice.
    """
    options: Any = {"mip_rel_gap": 0.0} | ({} if seconds is None else {"time_limit": max(seconds, 0.0)})
    constraints = [LinearConstraint(*rows)] if len(rows[0]) else []
    result = milp(
        cost,
        integrality=integrality,
        bounds=Bounds(*bounds),
        constraints=constraints,
        options=options,
    )
    if result.status == INFEASIBLE:
        return None
    if result.status == OUT_OF_TIME and seconds is not None:
        raise TimeExceeded(seconds)
    if result.x is None or result.status != 0:
        raise NotLocalised(str(result.message))
    return np.asarray(result.x, dtype=np.float64)


def conflicting(found: Program, kept: Mapping[str, float]) -> list[str]:
    """Edits that cannot hold together, none of which can be spared; empty if all edits can hold.

    The deletion filter of Chinneck and Dravnieks 1991: leave out what leaves the rest infeasible.
    """
    chosen = list(range(len(found.edits)))
    if can_hold(found, kept):
        return []
    for number in tuple(chosen):
        rest = [other for other in chosen if other != number]
        if not can_hold(found, kept, rest):
            chosen = rest
    return [found.edits[number].name for number in chosen]


def can_hold(
    found: Program,
    kept: Mapping[str, float],
    chosen: Sequence[int] | None = None,
    seconds: float | None = None,
) -> bool:
    """Whether the edits (all, or those numbered) can hold while these fields keep their values."""
    rows: Mask = np.ones(len(found.matrix), np.bool_)
    if chosen is not None:
        rows = np.isin(found.edit_of_row, [-1, *chosen])
    some = (found.matrix[rows], found.low[rows], found.high[rows])
    return solve(np.zeros(found.size), found.integrality, found.fixed(kept), some, seconds) is not None


def as_number(value: Any) -> float | None:
    """A finite number, or None for what is none."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def _columns(domains: Mapping[str, Domain]) -> tuple[dict[str, slice], Floats, Floats, Codes]:
    places: dict[str, slice] = {}
    lower: list[float] = []
    upper: list[float] = []
    whole: list[int] = []
    for name, domain in domains.items():
        start = len(lower)
        if isinstance(domain, Interval):
            lower, upper, whole = [*lower, domain.low], [*upper, domain.high], [*whole, int(domain.integer)]
        else:
            width = len(domain.values)
            lower, upper, whole = lower + [0.0] * width, upper + [1.0] * width, whole + [1] * width
        places[name] = slice(start, len(lower))
    return places, np.array(lower, float), np.array(upper, float), np.array(whole, dtype=np.int64)


def _no_rows(size: int) -> tuple[Floats, Floats, Floats, Codes]:
    return np.zeros((0, size)), np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64)


def _one_category_each(found: Program) -> Iterator[Row]:
    for name, domain in found.domains.items():
        if isinstance(domain, Categories):
            row = np.zeros(found.size)
            row[found.places[name]] = 1.0
            yield row, 1.0, 1.0


def _rows(found: Program, edit: Edit) -> Iterator[Row]:
    if isinstance(edit, CategoricalEdit):
        yield _members(found, edit.name, edit.excluded), -np.inf, len(edit.excluded) - 1.0
        return
    terms = np.zeros(found.size)
    for name, number in edit.coefficients.items():
        terms[found.places[name]] = number * _worth(found, edit, name)
    inside = _members(found, edit.name, edit.when)
    for sign in {"<=": (1.0,), ">=": (-1.0,), "==": (1.0, -1.0)}[edit.op]:
        row, bound = sign * terms, sign * edit.bound
        # As far as the edit can be broken within the domains: outside `when` the row must not bind.
        reach = max(float(np.maximum(row * found.lower, row * found.upper).sum()) - bound, 0.0)
        yield row + reach * inside, -np.inf, bound + reach * len(edit.when)


def _members(found: Program, edit: str, combination: Combination) -> Floats:
    """1 in the columns of the listed categories."""
    row = np.zeros(found.size)
    for name, values in combination.items():
        domain = found.domains[name]
        if not isinstance(domain, Categories):
            raise BadEdit(edit, f"field {name!r} is compared with values but its domain is an interval")
        for value in values:
            if value not in domain.values:
                raise BadEdit(
                    edit, f"value {value!r} is not in the domain of field {name!r}; correct one of them"
                )
            row[found.places[name].start + list(domain.values).index(value)] = 1.0
    return row


def _worth(found: Program, edit: LinearEdit, name: str) -> Any:
    """What one unit in each of a field's columns adds to a sum."""
    domain = found.domains[name]
    if isinstance(domain, Interval):
        return 1.0
    numbers = [as_number(value) for value in domain.values]
    if None in numbers:
        raise BadEdit(edit.name, f"field {name!r} has categories that are not numbers; give it an Interval")
    return np.array(numbers, dtype=np.float64)
