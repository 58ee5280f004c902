"""The auxiliary variables of a calibration: numbers and margins side by side, on as few cells as possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from analysis.arrays import Codes, Floats, counts_by
from analysis.basis import Basis
from analysis.errors import BadControl
from analysis.weighting.controls import Margin, joint_cells

INTERCEPT = ("(Intercept)", "intercept", None)


@dataclass(frozen=True, eq=False)
class NumericControl:
    """A column (n) with its known total."""

    title: str
    values: Floats
    total: float


Term: TypeAlias = NumericControl | Margin
Labels: TypeAlias = tuple[tuple[str, Any], ...]


def control_number(title: str, value: Any) -> float:
    """A known total as a number. Raises `BadControl`."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise BadControl(title, f"the total is {value!r}, not a number") from None
    if not np.isfinite(number):
        raise BadControl(title, f"the total is {number!r}")
    return number


def controls_basis(terms: Sequence[Term], weight: Floats) -> tuple[Basis, Labels, Floats]:
    """X, the margin and level of its columns, and their targets; every level of a margin has a column."""
    margins = [term for term in terms if isinstance(term, Margin)]
    numbers = [term for term in terms if isinstance(term, NumericControl)]
    varying = [term for term in numbers if not (term.values == 1.0).all()]
    rows_matter = bool(varying) or not margins
    cell, levels = (None, None) if rows_matter else joint_cells(margins)
    blocks, labels, targets = [], [], []
    for term in terms:
        if isinstance(term, NumericControl):
            column = term.values if levels is None else np.ones(len(levels))
            blocks.append(column[:, None])
            labels.append((term.title, "total"))
            targets.append(np.array([term.total]))
            continue
        code = term.codes if levels is None else levels[:, margins.index(term)]
        blocks.append(_indicators(code, len(term.target)))
        labels.extend((term.title, level) for level in term.levels)
        targets.append(term.target)
    profiles = np.hstack(blocks)
    if cell is not None and (cell < 0).any():  # rows without weight get an empty profile of their own
        profiles = np.vstack([profiles, np.zeros(profiles.shape[1])])
        cell = np.where(cell < 0, len(profiles) - 1, cell)
    return Basis(profiles, cell), tuple(labels), np.concatenate(targets)


def _indicators(code: Codes, n_levels: int) -> Floats:
    return np.asarray(np.vstack([np.eye(n_levels), np.zeros(n_levels)])[code])


def unit_basis(basis: Basis, unit: Codes, weight: Floats) -> Basis:
    """X averaged over the rows of each unit that carry weight."""
    n_units = int(unit.max()) + 1
    active = (weight > 0).astype(np.float64)
    counted = np.maximum(counts_by(unit[active > 0], n_units), 1)
    return Basis(basis.sums(active, unit, n_units) / counted[:, None], unit)
