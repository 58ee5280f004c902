"""Post-stratification and direct standardisation: one factor per cell of a partition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import Codes, Floats
from analysis.basis import Basis
from analysis.corrections import Residual
from analysis.weighting.controls import Margin
from analysis.weighting.steps import Adjusted


@dataclass(frozen=True, eq=False)
class Poststratify:
    """Make the weights of each cell add up to its total (Holt and Smith 1979)."""

    margin: Margin
    name: str = "poststratify"

    def adjust(self, weight: Floats, strict: bool = True) -> Adjusted:
        sample = self.margin.totals(weight)
        factor = np.divide(self.margin.target, sample, out=np.zeros(len(sample)), where=sample > 0)
        adjusted = weight * _of_rows(factor, self.margin.codes)
        return Adjusted(adjusted, cell_residual(self.margin.codes, len(factor), weight, adjusted))

    def margins(self, before: Floats, after: Floats) -> pd.DataFrame | None:
        return self.margin.as_frame(before, after)


@dataclass(frozen=True, eq=False)
class Standardise:
    """Within each population, give the cells the same shares (direct standardisation).

    `population` (n) and `cell` (n) are codes, -1 for rows left out; `shares` (cells) add up to one.
    """

    population: Codes
    cell: Codes
    shares: Floats
    name: str = "standardise"

    def adjust(self, weight: Floats, strict: bool = True) -> Adjusted:
        n_cells = len(self.shares)
        used = (self.population >= 0) & (self.cell >= 0) & (weight > 0)
        joint = np.where(used, self.population * n_cells + self.cell, -1)
        n_joint = (int(self.population.max()) + 1) * n_cells
        sample = np.bincount(joint[used], weight[used], minlength=n_joint)
        totals = sample.reshape(-1, n_cells).sum(axis=1, keepdims=True) * self.shares
        factor = np.divide(totals.ravel(), sample, out=np.zeros(n_joint), where=sample > 0)
        adjusted = np.where(used, weight * _of_rows(factor, joint), weight)
        return Adjusted(adjusted, cell_residual(joint, n_joint, weight, adjusted))

    def margins(self, before: Floats, after: Floats) -> pd.DataFrame | None:
        return None


def cell_residual(codes: Codes, n_cells: int, before: Floats, after: Floats) -> Residual:
    """Scores become residuals from the cell means; rows outside all cells keep theirs."""
    inside = codes >= 0
    basis = Basis.of_cells(np.where(inside, codes, 0), n_cells)
    return Residual(basis, after, np.where(inside, before, 0.0), np.where(inside, after, 0.0))


def _of_rows(per_cell: Floats, codes: Codes) -> Floats:
    return np.append(per_cell, 0.0)[codes]  # code -1 reads the last entry
