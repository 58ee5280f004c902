"""Tables of any number of dimensions, with margins and hierarchies, and the sums that tie their cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise, product

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.arrays import Floats
from analysis.columns import column
from analysis.disclosure.primary import primary_suppression
from analysis.errors import SurveyError

ALL = "(all)"
Dimension = str | Sequence[str]


@dataclass(frozen=True, eq=False)
class MarginTable:
    """Every cell of a table, margins too, and the sums between them.

    `cells` has the columns of the dimensions ("(all)" where added up), n, value, reason, `sensitive`,
    `protection` (how far off a reader's estimate must stay, in the unit of value). `sums` (relations,
    cells) has 1 for a total and -1 for its parts: sums @ value = 0.
    """

    cells: pd.DataFrame = field(repr=False)
    sums: sparse.csr_array = field(repr=False)
    dimensions: tuple[tuple[str, ...], ...]

    @property
    def columns(self) -> list[str]:
        """The columns of all dimensions, from fine to coarse."""
        return [name for dimension in self.dimensions for name in dimension]


def margin_table(
    data: pd.DataFrame,
    by: Sequence[Dimension],
    value: str | None = None,
    weight: str | None = None,
    minimum: int = 5,
    dominance: tuple[int, float] | None = None,
    p_percent: float | None = None,
    protection: float = 0.1,
) -> MarginTable:
    """All cells of a table by the dimensions `by`, judged by the rules of `primary_suppression`.

    A dimension is a column, or a hierarchy of columns from fine to coarse, ("commune", "district"); all
    margins and subtotals are made. Cells count rows, or add up `value`. `protection` is the least share of a
    sensitive value by which a reader's bounds must miss it, and at least 1 in a count; dominance and p %
    rules ask for what they need beyond that (Hundepool et al. 2012, section 4.3). Raises `SurveyError` for
    an unknown or doubled column and where a fine level has two parents.
    """
    dimensions = tuple((d,) if isinstance(d, str) else tuple(d) for d in by)
    _refuse(data, dimensions)
    judge = partial(
        primary_suppression,
        value=value,
        weight=weight,
        minimum=minimum,
        dominance=dominance,
        p_percent=p_percent,
    )
    parts = [
        _block(data, dimensions, depths, judge)
        for depths in product(*(range(len(d) + 1) for d in dimensions))
    ]
    cells = pd.concat(parts, ignore_index=True)
    least = np.maximum(protection * cells["value"], 1.0 if value is None else 0.0)
    cells["protection"] = np.where(cells["sensitive"], np.maximum(least, cells["needed"]), 0.0)
    return MarginTable(cells.drop(columns="needed"), _sums(cells, dimensions), dimensions)


def _refuse(data: pd.DataFrame, dimensions: tuple[tuple[str, ...], ...]) -> None:
    named = [name for d in dimensions for name in d]
    if not named or len(set(named)) < len(named):
        raise SurveyError(f"the table needs one or more different columns, not {named}")
    for dimension in dimensions:
        for fine, coarse in pairwise(dimension):
            parents = column(data, coarse).groupby(column(data, fine)).nunique()
            if (parents > 1).any():
                raise SurveyError(f"{fine!r} {parents.idxmax()!r} lies in more than one {coarse!r}")
        if (data[list(dimension)].astype(object) == ALL).any(axis=None):
            raise SurveyError(f"a level of {dimension} is called {ALL!r}, the name of the total; rename it")


def _block(
    data: pd.DataFrame,
    dimensions: tuple[tuple[str, ...], ...],
    depths: tuple[int, ...],
    judge: Callable[..., pd.DataFrame],
) -> pd.DataFrame:
    """The cells of one level of every dimension; depth 0 is the finest, the last the total."""
    kept = [name for d, depth in zip(dimensions, depths, strict=True) for name in d[depth:]]
    everyone = data.assign(**{ALL: ALL})
    table = judge(everyone, kept or [ALL])
    result = pd.DataFrame(index=table.index)
    for dimension in dimensions:
        for name in dimension:
            result[name] = table[name].astype(object) if name in kept else ALL
    result["n"], result["reason"], result["sensitive"] = table["n"], table["reason"], table["suppressed"]
    result["value"] = table.get("total", table["n"]).astype(np.float64)
    result["needed"] = table.get("needed", 0.0)
    return result


def _sums(cells: pd.DataFrame, dimensions: tuple[tuple[str, ...], ...]) -> sparse.csr_array:
    """A relation for every subtotal and every dimension that it adds up over."""
    columns = [name for d in dimensions for name in d]
    keys = list(cells[columns].itertuples(index=False, name=None))
    place = {key: k for k, key in enumerate(keys)}
    rows: dict[tuple[int, int], list[int]] = {}
    for k, key in enumerate(keys):
        start = 0
        for d, dimension in enumerate(dimensions):
            parent = _parent(key, start, len(dimension))
            if parent is not None:
                rows.setdefault((d, place[parent]), []).append(k)
            start += len(dimension)
    found = sparse.lil_array((len(rows), len(keys)))
    for r, ((_, total), parts) in enumerate(rows.items()):
        found[r, total] = 1.0
        found[r, parts] = -1.0
    return sparse.csr_array(found)


def _parent(key: tuple[object, ...], start: int, size: int) -> tuple[object, ...] | None:
    """The cell one level up in the dimension whose columns start there; None at its top."""
    for at in range(start, start + size):
        if key[at] != ALL:
            return (*key[:at], ALL, *key[at + 1 :])
    return None


def values_of(table: MarginTable) -> Floats:
    """The values (cells)."""
    return table.cells["value"].to_numpy(dtype=np.float64)
