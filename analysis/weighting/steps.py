"""What a weighting step is, what it returns, and the record that the design keeps of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd

from analysis.arrays import Floats
from analysis.corrections import Correction
from analysis.weighting.cells import Cells
from analysis.weighting.collapsing import FEWEST, small_cells
from analysis.weighting.representativity import Representativity, of_propensities


@dataclass(frozen=True, eq=False)
class Adjusted:
    """Weights after a step, and how the step changes the variance."""

    weight: Floats
    correction: Correction | None = None
    iterations: int = 0


class WeightingStep(Protocol):
    """One step of the weighting recipe, ready to run on any set of weights of the same rows."""

    @property
    def name(self) -> str: ...

    def adjust(self, weight: Floats, strict: bool = True) -> Adjusted:
        """New weights; `strict` False tolerates cells that a replicate left empty."""
        ...

    def margins(self, before: Floats, after: Floats) -> pd.DataFrame | None:
        """Controls before and after beside their targets."""
        ...


@runtime_checkable
class ModelsResponse(Protocol):
    """A step that estimates response propensities."""

    def propensity(self, weight: Floats) -> Floats:
        """The estimated chance to respond of each row (n) under the weights before the step."""
        ...


@dataclass(frozen=True)
class WeightSpread:
    """How uneven weights are: Kish's design effect 1 + cv^2 and effective size n / deff (Kish 1965, 11.7)."""

    n: int
    total: float
    smallest: float
    median: float
    largest: float
    kish_deff: float
    effective_n: float


def weight_spread(weight: Floats) -> WeightSpread:
    """Describe the positive weights."""
    positive = weight[weight > 0]
    if not len(positive):
        return WeightSpread(0, 0.0, 0.0, 0.0, 0.0, float("nan"), 0.0)
    n, total = len(positive), float(positive.sum())
    deff = n * float(positive @ positive) / total**2
    return WeightSpread(
        n, total, float(positive.min()), float(np.median(positive)), float(positive.max()), deff, n / deff
    )


@dataclass(frozen=True, eq=False)
class Record:
    """One line of a design's history: the step, the weights before and after it, and its diagnostics."""

    name: str
    weight: Floats = field(repr=False)
    before: Floats | None = field(default=None, repr=False)
    step: WeightingStep | None = field(default=None, repr=False)
    iterations: int = 0

    @cached_property
    def spread(self) -> WeightSpread:
        """How uneven the weights after the step are."""
        return weight_spread(self.weight)

    @cached_property
    def factors(self) -> dict[str, float]:
        """New over old weight at quantiles (p0 to p100) of the rows that keep weight."""
        return {} if self.before is None else _factors(self.before, self.weight)

    @cached_property
    def margins(self) -> pd.DataFrame | None:
        """The step's controls before and after beside their targets, with rows `n` and `factor` = after / before.

        A control that is the total of a number has no n.
        """
        if self.step is None or self.before is None:
            return None
        found = self.step.margins(self.before, self.weight)
        if found is None:
            return None
        before, after = found["before"].to_numpy(), found["after"].to_numpy()
        factor = np.divide(after, before, out=np.full(len(before), np.nan), where=before > 0)
        return found.assign(factor=factor)

    @cached_property
    def representativity(self) -> Representativity | None:
        """R-indicator and response rate, where the step models response; else None."""
        if not isinstance(self.step, ModelsResponse) or self.before is None:
            return None
        return of_propensities(self.step.propensity(self.before), self.before)

    def small_cells(self, fewest: int = FEWEST, largest_factor: float = 3.0) -> pd.DataFrame:
        """Levels of the step's controls with few rows or extreme factors, and the levels to collapse with.

        One row per level: margin, level, n, factor, reason, collapse_with (neighbours in order, the smaller
        first). Empty where all is well or the step has no controls.
        """
        none = pd.DataFrame(columns=["margin", "level", "n", "factor", "before", "after"])
        return small_cells(none if self.margins is None else self.margins, fewest, largest_factor)


def _factors(before: Floats, after: Floats) -> dict[str, float]:
    kept = (before > 0) & (after > 0)
    if not kept.any():
        return {}
    quantiles = (0, 5, 25, 50, 75, 95, 100)
    values = np.percentile(after[kept] / before[kept], quantiles)
    return {f"p{q}": float(v) for q, v in zip(quantiles, values, strict=True)}


@runtime_checkable
class CellStep(Protocol):
    """A step whose factor is the same for all rows of a cell."""

    @property
    def cells(self) -> Cells: ...

    @property
    def outside(self) -> float:
        """The factor of rows outside all cells."""
        ...

    def cell_factors(self, table: Floats, strict: bool) -> tuple[Floats, int]:
        """Factors of the cells from their total weights, and the iterations used."""
        ...
