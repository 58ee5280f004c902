"""Raking (iterative proportional fitting) to several margins, on the cells that the margins make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import Floats
from analysis.basis import IndicatorBasis
from analysis.corrections import Correction, MarginSweeps, Residual
from analysis.errors import NoConvergence, UnknownOption
from analysis.weighting.cells import Cells
from analysis.weighting.collapsing import partners
from analysis.weighting.controls import Margin
from analysis.weighting.steps import Adjusted

VARIANCES = ("greg", "r")


@dataclass(frozen=True, eq=False)
class Rake:
    """Multiply weights margin by margin until all totals hold (Deming and Stephan 1940).

    Stops when every |sample - target| / (1 + target) is at most `tolerance`. `variance` "greg" takes
    regression residuals, the sound linearisation; "r" repeats R survey's own sweeps for rake().
    """

    cells: Cells
    margin_list: tuple[Margin, ...]
    tolerance: float = 1e-10
    max_iterations: int = 1000
    variance: str = "greg"
    name: str = "rake"
    outside = 0.0

    def __post_init__(self) -> None:
        if self.variance not in VARIANCES:
            raise UnknownOption("variance", self.variance, VARIANCES)

    def adjust(self, weight: Floats, strict: bool = True) -> Adjusted:
        factor, iterations = self.cell_factors(self.cells.sums(weight), strict)
        adjusted = self.cells.to_rows(factor)
        adjusted *= weight
        return Adjusted(adjusted, self._correction(weight, adjusted), iterations)

    def cell_factors(self, table: Floats, strict: bool) -> tuple[Floats, int]:
        fitted, iterations = self._fit(table, strict)
        return np.divide(fitted, table, out=np.zeros(len(table)), where=table > 0), iterations

    def _fit(self, table: Floats, strict: bool) -> tuple[Floats, int]:
        fitted = table.copy()
        targets = [self._reachable(margin, table) for margin in self.margin_list]
        samples = [margin.totals(fitted) for margin in self.margin_list]
        for iteration in range(1, self.max_iterations + 1):
            for margin, target in zip(self.margin_list, targets, strict=True):
                sample = margin.totals(fitted)
                factor = np.divide(target, sample, out=np.zeros(len(target)), where=sample > 0)
                fitted *= np.append(factor, 0.0)[margin.codes]
            samples = [margin.totals(fitted) for margin in self.margin_list]
            if _worst(samples, targets)[0] <= self.tolerance:
                return fitted, iteration
        if strict:
            self._refuse(samples, targets)
        return fitted, self.max_iterations

    @staticmethod
    def _reachable(margin: Margin, table: Floats) -> Floats:
        """Targets of the levels that have weight (a replicate may have lost a level)."""
        return np.where(margin.totals(table) > 0, margin.target, 0.0)

    def _refuse(self, samples: list[Floats], targets: list[Floats]) -> None:
        _, k, level = _worst(samples, targets)
        margin = self.margin_list[k]
        raise NoConvergence(
            "raking",
            self.max_iterations,
            margin.title,
            margin.levels[level],
            float(samples[k][level]),
            float(targets[k][level]),
            partners(margin.levels, margin.totals(self.cells.occupied), level),
        )

    def _correction(self, before: Floats, after: Floats) -> Correction:
        if self.variance == "r":
            return MarginSweeps(
                tuple(np.append(m.codes, m.size)[self.cells.cell] for m in self.margin_list), after
            )
        return Residual(margins_basis(self.cells, self.margin_list), after, before, after)

    def margins(self, before: Floats, after: Floats) -> pd.DataFrame | None:
        old, new = self.cells.sums(before), self.cells.sums(after)
        return pd.concat(
            [m.as_frame(old, new, self.cells.occupied) for m in self.margin_list], ignore_index=True
        )


def margins_basis(cells: Cells, margins: tuple[Margin, ...]) -> IndicatorBasis:
    """Indicators of all levels of all margins; rows outside the cells have none."""
    levels = np.stack([np.append(margin.codes, margin.size) for margin in margins], axis=1)
    return IndicatorBasis(cells.cell, levels, tuple(margin.size for margin in margins))


def _worst(samples: list[Floats], targets: list[Floats]) -> tuple[float, int, int]:
    """The largest relative misfit, its margin and its level."""
    worst = (0.0, 0, 0)
    for k, (sample, target) in enumerate(zip(samples, targets, strict=True)):
        error = np.abs(sample - target) / (1.0 + target)
        level = int(error.argmax())
        worst = max(worst, (float(error[level]), k, level))
    return worst
