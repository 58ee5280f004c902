"""Raking (iterative proportional fitting) to several margins, on the cells that the margins make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import Codes, Floats, sums_by
from analysis.basis import Basis
from analysis.corrections import Correction, MarginSweeps, Residual
from analysis.errors import NoConvergence, UnknownOption
from analysis.weighting.controls import Margin, joint_cells
from analysis.weighting.steps import Adjusted

VARIANCES = ("greg", "r")


@dataclass(frozen=True, eq=False)
class Rake:
    """Multiply weights margin by margin until all totals hold (Deming and Stephan 1940).

    Rows with the same levels share a factor, so the fitting runs on cells: `cell` (n) is -1 for rows
    without weight, `cell_levels` (cells, margins). `variance` "greg" takes regression residuals, the sound
    linearisation; "r" repeats R survey's own sweeps for rake().
    """

    margin_list: tuple[Margin, ...]
    cell: Codes
    cell_levels: Codes
    tolerance: float = 1e-10
    max_iterations: int = 1000
    variance: str = "greg"
    name: str = "rake"

    def adjust(self, weight: Floats, strict: bool = True) -> Adjusted:
        inside = self.cell >= 0
        n_cells = len(self.cell_levels)
        table = sums_by(np.where(inside, self.cell, 0), np.where(inside, weight, 0.0), n_cells)
        fitted, iterations = self._fit(table, strict)
        factor = np.divide(fitted, table, out=np.zeros(n_cells), where=table > 0)
        adjusted = weight * np.append(factor, 0.0)[self.cell]
        return Adjusted(adjusted, self._correction(weight, adjusted), iterations)

    def _fit(self, table: Floats, strict: bool) -> tuple[Floats, int]:
        fitted = table.copy()
        targets = [self._reachable(k, table) for k in range(len(self.margin_list))]
        for iteration in range(1, self.max_iterations + 1):
            for k, target in enumerate(targets):
                sample = self._sample(k, fitted)
                factor = np.divide(target, sample, out=np.zeros(len(target)), where=sample > 0)
                fitted *= factor[self.cell_levels[:, k]]
            if self._worst(fitted, targets)[0] <= self.tolerance:
                return fitted, iteration
        if strict:
            self._refuse(fitted, targets)
        return fitted, self.max_iterations

    def _sample(self, k: int, fitted: Floats) -> Floats:
        return sums_by(self.cell_levels[:, k], fitted, len(self.margin_list[k].target))

    def _reachable(self, k: int, table: Floats) -> Floats:
        """Targets of the levels that have weight (a replicate may have lost a level)."""
        return np.where(self._sample(k, table) > 0, self.margin_list[k].target, 0.0)

    def _worst(self, fitted: Floats, targets: list[Floats]) -> tuple[float, int, int]:
        worst = (0.0, 0, 0)
        for k, target in enumerate(targets):
            error = np.abs(self._sample(k, fitted) - target) / (1.0 + target)
            level = int(error.argmax())
            worst = max(worst, (float(error[level]), k, level))
        return worst

    def _refuse(self, fitted: Floats, targets: list[Floats]) -> None:
        _, k, level = self._worst(fitted, targets)
        margin = self.margin_list[k]
        raise NoConvergence(
            "raking",
            self.max_iterations,
            margin.title,
            margin.levels[level],
            float(self._sample(k, fitted)[level]),
            float(targets[k][level]),
        )

    def _correction(self, before: Floats, after: Floats) -> Correction:
        if self.variance == "r":
            return MarginSweeps(tuple(np.maximum(m.codes, 0) for m in self.margin_list), after)
        inside = self.cell >= 0
        basis = Basis(self._indicators(), np.where(inside, self.cell, 0))
        return Residual(basis, after, np.where(inside, before, 0.0), np.where(inside, after, 0.0))

    def _indicators(self) -> Floats:
        blocks = [
            np.eye(len(margin.target))[self.cell_levels[:, k]] for k, margin in enumerate(self.margin_list)
        ]
        return np.hstack(blocks)

    def margins(self, before: Floats, after: Floats) -> pd.DataFrame | None:
        return pd.concat([m.as_frame(before, after) for m in self.margin_list], ignore_index=True)


def rake_of(margins: list[Margin], tolerance: float, max_iterations: int, variance: str) -> Rake:
    """Prepare raking: find the cells that the margins make together."""
    if variance not in VARIANCES:
        raise UnknownOption("variance", variance, VARIANCES)
    cell, levels = joint_cells(margins)
    return Rake(tuple(margins), cell, levels, tolerance, max_iterations, variance)
