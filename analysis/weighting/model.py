"""The auxiliary variables of a calibration: numbers and margins side by side, on as few cells as possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from analysis.arrays import Codes, Floats, counts_by
from analysis.basis import Basis, DenseBasis, IndicatorBasis
from analysis.columns import names, numeric
from analysis.errors import BadControl, MissingValues
from analysis.weighting.cells import Cells, cells_of
from analysis.weighting.controls import Margin, check_agreement, margin_of

INTERCEPT = ("(Intercept)", "intercept", None)
Labels: TypeAlias = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, eq=False)
class NumericControl:
    """A column (n) with its known total; `values` None means ones."""

    title: str
    values: Floats | None
    total: float


@dataclass(frozen=True, eq=False)
class Controls:
    """Margins matched with cells, and numeric totals."""

    cells: Cells | None
    margins: tuple[Margin, ...]
    numbers: tuple[NumericControl, ...]

    @property
    def categorical(self) -> bool:
        """Whether rows of a cell share all auxiliary variables."""
        return bool(self.margins) and all(number.values is None for number in self.numbers)

    @property
    def labels(self) -> Labels:
        levels = [(margin.title, level) for margin in self.margins for level in margin.levels]
        return (*levels, *((number.title, "total") for number in self.numbers))

    @property
    def target(self) -> Floats:
        parts = [margin.target for margin in self.margins]
        return np.concatenate([*parts, np.array([number.total for number in self.numbers])])

    def indicators(self) -> IndicatorBasis:
        """Indicators of all levels, and a column of ones for each intercept."""
        assert self.cells is not None
        outside = [np.append(margin.codes, margin.size) for margin in self.margins]
        ones = [np.append(np.zeros(self.cells.count, dtype=np.int64), 1) for _ in self.numbers]
        sizes = (*(margin.size for margin in self.margins), *(1 for _ in self.numbers))
        return IndicatorBasis(self.cells.cell, np.stack([*outside, *ones], axis=1), sizes)

    def dense(self, n: int) -> DenseBasis:
        """The same written out row by row (n, p)."""
        blocks = []
        for margin in self.margins:
            assert self.cells is not None
            code = np.append(margin.codes, margin.size)[self.cells.cell]
            blocks.append(np.vstack([np.eye(margin.size), np.zeros(margin.size)])[code])
        for number in self.numbers:
            blocks.append((np.ones(n) if number.values is None else number.values)[:, None])
        return DenseBasis(np.hstack(blocks))


def controls_of(data: pd.DataFrame, weight: Floats, totals: Mapping[Any, Any]) -> Controls:
    """Read controls: numbers are totals of a column (or of ones, "(Intercept)"), tables are margins."""
    tables = {key: value for key, value in totals.items() if _is_table(value)}
    cells = cells_of(data, columns_of(tables), weight) if tables else None
    margins: tuple[Margin, ...] = ()
    if cells is not None:
        table = cells.sums(weight)
        margins = tuple(margin_of(cells, names(key), value, table) for key, value in tables.items())
        check_agreement(list(margins))
    numbers = tuple(_number(data, weight, key, value) for key, value in totals.items() if key not in tables)
    return Controls(cells, margins, numbers)


def columns_of(margins: Mapping[Any, Any]) -> list[str]:
    """All columns of some margins, each once."""
    return list(dict.fromkeys(name for by in margins for name in names(by)))


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping | pd.Series | pd.DataFrame)


def _number(data: pd.DataFrame, weight: Floats, key: Any, value: Any) -> NumericControl:
    if key in INTERCEPT:
        return NumericControl("(Intercept)", None, _known_total("(Intercept)", value))
    (name,) = names(key)
    values = numeric(data, name)
    unknown = np.isnan(values) & (weight > 0)
    if unknown.any():
        raise MissingValues(name, int(unknown.sum()), data.index[int(unknown.argmax())])
    total = _known_total(name, value)
    if total != 0 and not (values[weight > 0] != 0).any():
        raise BadControl(name, f"every sampled row has 0, so the total {total:.10g} cannot be met")
    return NumericControl(name, np.nan_to_num(values), total)


def _known_total(title: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise BadControl(title, f"the total is {value!r}, not a number") from None
    if not np.isfinite(number):
        raise BadControl(title, f"the total is {number!r}")
    return number


def unit_basis(basis: Basis, unit: Codes, weight: Floats) -> DenseBasis:
    """X averaged over the rows of each unit that carry weight."""
    n_units = int(unit.max()) + 1
    active = (weight > 0).astype(np.float64)
    counted = np.maximum(counts_by(unit[active > 0], n_units), 1)
    return DenseBasis(basis.sums(active, unit, n_units) / counted[:, None], unit)
