"""The fewest fields of a record that must change so that all edits can hold (Fellegi and Holt 1976)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import Floats
from analysis.columns import column
from analysis.editing.checking import outside_domain, violations
from analysis.editing.edits import Domain, Edit, Interval
from analysis.editing.program import Program, as_number, can_hold, conflicting, program, solve
from analysis.errors import (
    BadDomain,
    BadWeight,
    ColumnNotFound,
    InfeasibleEdits,
    NotLocalised,
    TimeExceeded,
)


@dataclass(frozen=True)
class Localisation:
    """The fields to change in the order of the domains, a feasible value for each, and their summed weight."""

    fields: tuple[str, ...]
    values: Mapping[str, Any]
    cost: float


@dataclass(frozen=True, eq=False)
class Localised:
    """Proposals for the records that fail, on their row labels: which fields `changed` (bool), the records'
    `values` after the change, and the `cost` of each."""

    changed: pd.DataFrame
    values: pd.DataFrame
    cost: pd.Series

    def into(self, data: pd.DataFrame) -> pd.DataFrame:
        """The data with the proposed values, and a flag <field>_edited beside every field that changed."""
        done = data.copy()
        for name in self.changed.columns[self.changed.any()]:
            rows = self.changed.index[self.changed[name]]
            replaced = data[name].astype(object)
            replaced.loc[rows] = self.values.loc[rows, name]
            done[name] = replaced.infer_objects()
            done[f"{name}_edited"] = data.index.isin(rows)
        return done


def localise(
    edits: Sequence[Edit],
    record: Mapping[str, Any],
    domains: Mapping[str, Domain],
    weights: Mapping[str, float] | None = None,
    seconds: float | None = None,
) -> Localisation:
    """The set of fields of least total weight whose change lets all edits hold, by mixed-integer programming.

    `weights` says how much a field is trusted (1 where not given; infinite: it never changes). A value that
    is missing or outside its domain always changes. The values proposed lie as near to the record as the
    edits allow, in units of each interval's width; categories are any that fit, so impute them where donors
    are at hand. With `seconds` it gives up after them (`TimeExceeded`). Raises `InfeasibleEdits` with a
    smallest set of edits in conflict. Formulation: de Waal, Pannekoek and Scholtus 2011, chapter 3.
    """
    found = _Search(program(edits, domains), _weights(domains, weights), seconds).localise(record)
    _prove(edits, pd.DataFrame([{**record, **found.values}]))
    return found


def localise_all(
    edits: Sequence[Edit],
    data: pd.DataFrame,
    domains: Mapping[str, Domain],
    weights: Mapping[str, float] | None = None,
) -> Localised:
    """`localise` for every record that breaks an edit, lacks a value or holds one outside its domain."""
    search = _Search(program(edits, domains), _weights(domains, weights))
    failed = violations(edits, data).any(axis=1) | outside_domain(domains, data).any(axis=1)
    table = pd.DataFrame({name: column(data, name) for name in domains}, index=data.index)
    records = table[failed.to_numpy(np.bool_)].astype(object)
    found: dict[tuple[Any, ...], Localisation] = {}
    rows = [tuple(None if pd.isna(cell) else cell for cell in row) for row in records.itertuples(index=False)]
    for row in rows:
        if row not in found:
            found[row] = search.localise(dict(zip(domains, row, strict=True)))
    results = [found[row] for row in rows]
    changed = [[name in result.fields for name in domains] for result in results]
    values = [
        [result.values.get(name, cell) for name, cell in zip(domains, row, strict=True)]
        for row, result in zip(rows, results, strict=True)
    ]
    names = list(domains)
    mended = pd.DataFrame(values, records.index, names).infer_objects()
    _prove(edits, mended)
    return Localised(
        pd.DataFrame(changed, records.index, names, dtype=bool),
        mended,
        pd.Series([result.cost for result in results], records.index, float, name="cost"),
    )


@dataclass(frozen=True, eq=False)
class _Search:
    program: Program
    weights: Mapping[str, float]
    seconds: float | None = None

    def localise(self, record: Mapping[str, Any]) -> Localisation:
        """Choose fields, try whether they suffice with the others held exactly, else learn which others clash.

        A change is never tied to its field by a big constant: within wide domains a solver would pass a
        small change off as none.
        """
        begun = monotonic()
        positions = self._positions(record)
        clashes = self._broken(positions)
        while True:
            left = self._left(begun)
            chosen = self._choose(positions, clashes, left)
            kept = {name: at for name, at in positions.items() if name not in chosen}
            solution = self._complete(record, kept, left)
            if solution is not None:
                values = {name: self.program.value(name, solution) for name in chosen}
                return Localisation(chosen, values, sum(self.weights[name] for name in chosen))
            clashes.append(self._clash(kept, begun))

    def _left(self, begun: float) -> float | None:
        """The seconds that remain; raise `TimeExceeded` when there are none."""
        if self.seconds is None:
            return None
        if (left := self.seconds - (monotonic() - begun)) <= 0:
            raise TimeExceeded(self.seconds)
        return left

    def _positions(self, record: Mapping[str, Any]) -> dict[str, float]:
        """The usable values; raise for a field that must change and may not."""
        positions: dict[str, float] = {}
        for name in self.program.domains:
            if name not in record:
                raise ColumnNotFound(name, list(record))
            position = self.program.position(name, record[name])
            if position is not None:
                positions[name] = position
            elif np.isinf(self.weights[name]):
                raise BadDomain(
                    name, f"does not hold {record[name]!r}, yet its infinite weight forbids a change"
                )
        return positions

    def _broken(self, positions: Mapping[str, float]) -> list[set[str]]:
        """The fields of every edit that the record breaks plainly: one of them must change."""
        found = self.program
        known = [edit for edit in found.edits if set(edit.fields) <= set(positions)]
        lower, _ = found.fixed(positions)
        terms = found.matrix * lower
        gaps = np.maximum(terms.sum(axis=1) - found.high, found.low - terms.sum(axis=1))
        plain = gaps > 1e-6 + 1e-9 * np.abs(terms).max(axis=1, initial=0.0)
        broken = {int(number) for number in found.edit_of_row[plain]}
        return [
            set(edit.fields) for number, edit in enumerate(found.edits) if number in broken and edit in known
        ]

    def _choose(
        self, positions: Mapping[str, float], clashes: list[set[str]], left: float | None
    ) -> tuple[str, ...]:
        """The cheapest fields that include one of every clash and all that lack a usable value."""
        names = list(self.program.domains)
        held = {name: at for name, at in positions.items() if np.isinf(self.weights[name])}
        cost = np.array([0.0 if name in held else self.weights[name] for name in names])
        must = np.array([float(name not in positions) for name in names])
        may = np.array([float(name not in held) for name in names])
        rows = np.array([[float(name in clash) for name in names] for clash in clashes])
        cover = (rows.reshape(len(clashes), len(names)), np.ones(len(clashes)), np.full(len(clashes), np.inf))
        solution = solve(cost, np.ones(len(names), dtype=np.int64), (must, may), cover, left)
        if solution is not None:
            return tuple(name for name, z in zip(names, solution, strict=True) if z > 0.5)
        if conflict := conflicting(self.program, held):
            raise InfeasibleEdits(conflict, list(held))
        raise NotLocalised("the edits can hold, but the solver finds no exact values")

    def _clash(self, kept: Mapping[str, float], begun: float) -> set[str]:
        """Fields whose values cannot stand together, none of which can be spared."""
        needed = dict(kept)
        for name in kept:
            fewer = {other: at for other, at in needed.items() if other != name}
            if not can_hold(self.program, fewer, seconds=self._left(begun)):
                needed = fewer
        return set(needed)

    def _complete(
        self, record: Mapping[str, Any], kept: Mapping[str, float], left: float | None
    ) -> Floats | None:
        """The consistent record nearest to this one that keeps these fields; None if there is none."""
        found = self.program
        free = [
            (found.places[name].start, number, 1.0 / ((domain.high - domain.low) or 1.0))
            for name, domain in found.domains.items()
            if isinstance(domain, Interval) and name not in kept
            if (number := as_number(record[name])) is not None
        ]
        distance = np.zeros((2 * len(free), found.size + len(free)))
        bounds = np.zeros(2 * len(free))
        for k, (at, number, _) in enumerate(free):
            for row, sign in ((2 * k, 1.0), (2 * k + 1, -1.0)):
                distance[row, at], distance[row, found.size + k], bounds[row] = sign, -1.0, sign * number
        lower, upper = found.fixed(kept)
        extra = np.zeros(len(free))
        solution = solve(
            np.concatenate([np.zeros(found.size), [scale for *_, scale in free]]),
            np.concatenate([found.integrality, extra.astype(np.int64)]),
            (np.concatenate([lower, extra]), np.concatenate([upper, extra + np.inf])),
            (
                np.vstack([_wide(found.matrix, len(free)), distance]),
                np.concatenate([found.low, np.full(len(bounds), -np.inf)]),
                np.concatenate([found.high, bounds]),
            ),
            left,
        )
        return None if solution is None else solution[: found.size]


def _prove(edits: Sequence[Edit], mended: pd.DataFrame) -> None:
    """Refuse to propose a record that breaks an edit after all, whatever the solver says."""
    broken = violations(edits, mended)
    if broken.any(axis=None):
        name = broken.columns[broken.any()][0]
        raise NotLocalised(
            f"the values found for record {mended.index[broken[name]][0]!r} break edit {name!r}"
        )


def _wide(matrix: Floats, columns: int) -> Floats:
    return np.hstack([matrix, np.zeros((len(matrix), columns))])


def _weights(domains: Mapping[str, Domain], given: Mapping[str, float] | None) -> dict[str, float]:
    """A weight above zero for every field."""
    for name, weight in (given or {}).items():
        if name not in domains:
            raise ColumnNotFound(name, list(domains))
        if not weight > 0:
            raise BadWeight(name, f"the weight of a field must be above 0, not {weight}")
    return {name: float((given or {}).get(name, 1.0)) for name in domains}
