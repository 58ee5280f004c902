"""Secondary suppression in tables of any shape, against a reader who solves for every hidden cell.

Fischetti and Salazar (2001, Management Science 47, 1008-1027): choose the cheapest cells to hide such that
the bounds that the published cells leave for a sensitive one miss its value by the protection on both
sides. Each bound is a linear program; where one is too tight its dual gives a cut for the master program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import optimize, sparse

from analysis.arrays import Floats, Mask
from analysis.disclosure.tables import MarginTable, values_of
from analysis.errors import SurveyError

TIGHT = 1e-6
ROUNDS = 500


@dataclass(frozen=True, eq=False)
class ProtectedTable:
    """`cells` of the table with `status` ("published", "sensitive", "secondary") and the bounds `low` and
    `high` that a reader of all published cells can work out for each.

    `hidden` counts the cells withheld, `lost` adds up their values (the cost that was made least).
    """

    cells: pd.DataFrame = field(repr=False)
    hidden: int
    lost: float


def suppress(
    table: MarginTable, cost: pd.Series | None = None, gap: float = 0.0, time_limit: float = 60.0
) -> ProtectedTable:
    """Hide the sensitive cells and the cheapest others that protect them; every bound is audited after.

    `cost` (cells, 0 or more) is what hiding a cell loses, by default its value; the grand total can be
    hidden like any other cell. `gap` is how far above the least cost (a share) the answer may be,
    `time_limit` the seconds for each step of the search. Raises `SurveyError` for a cost that does not fit
    and where the search finds nothing in its time.
    """
    price = (values_of(table) if cost is None else cost.to_numpy(dtype=np.float64)) + 1e-3
    if len(price) != len(table.cells) or not np.isfinite(price).all() or (price < 0).any():
        raise SurveyError(f"cost must be one number of 0 or more for each of the {len(table.cells)} cells")
    attack = _Attack.on(table)
    hidden = _search(attack, price, gap, time_limit)
    low, high = attack.audit(hidden)
    sensitive = table.cells["sensitive"].to_numpy(dtype=np.bool_)
    status = np.where(sensitive, "sensitive", np.where(hidden, "secondary", "published"))
    cells = table.cells.assign(status=status, low=low, high=high)
    return ProtectedTable(cells, int(hidden.sum()), float(values_of(table)[hidden].sum()))


@dataclass(frozen=True, eq=False)
class _Attack:
    """What a reader knows: the sums, and that no value is below 0 or above the largest."""

    sums: sparse.csr_array
    value: Floats
    protection: Floats
    sensitive: Mask

    @classmethod
    def on(cls, table: MarginTable) -> _Attack:
        cells = table.cells
        value, sensitive = values_of(table), cells["sensitive"].to_numpy(dtype=np.bool_)
        return cls(table.sums, value, cells["protection"].to_numpy(dtype=np.float64), sensitive)

    @property
    def room(self) -> tuple[Floats, Floats]:
        """How far each value could lie below and above the true one, were everything hidden."""
        most = 2 * float(self.value.max()) + float(self.protection.max()) + 1
        return self.value, most - self.value

    def needs(self) -> Iterator[tuple[int, float, float]]:
        """Each sensitive cell, a direction (+1 up, -1 down) and how far its bound must lie away."""
        for cell in np.flatnonzero(self.sensitive):
            yield int(cell), 1.0, float(self.protection[cell])
            yield int(cell), -1.0, float(min(self.protection[cell], self.value[cell]))

    def reach(self, hidden: Floats, cell: int, direction: float) -> tuple[float, Floats]:
        """How far the bound lies from the value, and its cut: reach(z) <= cut @ z for every choice z."""
        below, above = self.room
        aim = np.zeros(len(self.value))
        aim[cell] = -direction
        bounds = np.column_stack([-below * hidden, above * hidden])
        solution = optimize.linprog(
            aim,
            A_eq=self.sums,  # type: ignore[call-overload]  # the stubs know no sparse arrays, scipy does
            b_eq=np.zeros(self.sums.shape[0]),
            bounds=bounds,
            method="highs",
        )
        if solution.status != 0:
            raise SurveyError(f"the bounds of cell {cell} could not be computed: {solution.message}")
        slack = aim - self.sums.T @ np.asarray(solution.eqlin.marginals)
        cut = np.maximum(-slack, 0) * above + np.maximum(slack, 0) * below
        return float(-solution.fun), np.where(cut > 1e-9, cut, 0.0)

    def audit(self, hidden: Mask) -> tuple[Floats, Floats]:
        """The least and the most that each cell can be, given what is published."""
        low, high = self.value.copy(), self.value.copy()
        for cell in np.flatnonzero(hidden):
            low[cell] -= self.reach(hidden.astype(np.float64), int(cell), -1.0)[0]
            high[cell] += self.reach(hidden.astype(np.float64), int(cell), 1.0)[0]
        return low, high


def _search(attack: _Attack, price: Floats, gap: float, time_limit: float) -> Mask:
    """Cuts first for fractional choices, which are cheap to find, then for whole ones."""
    cuts: list[Floats] = []
    chosen = attack.sensitive.astype(np.float64)
    whole = False
    for _ in range(ROUNDS):
        found = list(_violated(attack, chosen))
        if not found and (whole or not cuts):
            return np.asarray(chosen > 0.5)
        whole = whole or not found
        cuts.extend(found)
        chosen = _cheapest(price, attack.sensitive, cuts, whole, gap, time_limit)
    raise SurveyError(f"no protection was found in {ROUNDS} rounds; allow a gap, or merge levels")


def _violated(attack: _Attack, chosen: Floats) -> Iterator[Floats]:
    """A cut, scaled to a need of 1, for every bound that this choice leaves too tight."""
    for cell, direction, need in attack.needs():
        if need <= TIGHT:
            continue
        distance, cut = attack.reach(chosen, cell, direction)
        if distance < need * (1 - 1e-4) - TIGHT:
            yield np.minimum(cut / need, 1.0)


def _cheapest(
    price: Floats, sensitive: Mask, cuts: list[Floats], whole: bool, gap: float, time_limit: float
) -> Floats:
    solution = optimize.milp(
        price / price.max(),
        integrality=np.full(len(price), int(whole), dtype=np.int64),
        bounds=optimize.Bounds(sensitive.astype(np.float64), np.ones(len(price))),
        constraints=optimize.LinearConstraint(sparse.csr_array(np.array(cuts)), 1 - 1e-6, np.inf),
        options={"mip_rel_gap": gap, "time_limit": time_limit},
    )
    if solution.x is None:
        raise SurveyError(f"the search for cells to hide stopped: {solution.message}; allow a gap")
    found = np.asarray(solution.x, dtype=np.float64)
    return np.round(found) if whole else np.clip(found, 0.0, 1.0)
