"""Post-stratification and direct standardisation: one factor per cell of a partition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import Codes, Floats, sums_by
from analysis.basis import IndicatorBasis
from analysis.corrections import Residual
from analysis.weighting.cells import Cells
from analysis.weighting.controls import Margin
from analysis.weighting.steps import Adjusted


@dataclass(frozen=True, eq=False)
class Poststratify:
    """Make the weights of each cell add up to its total (Holt and Smith 1979)."""

    cells: Cells
    margin: Margin
    name: str = "poststratify"
    outside = 0.0

    def adjust(self, weight: Floats, strict: bool = True) -> Adjusted:
        factor, _ = self.cell_factors(self.cells.sums(weight), strict)
        adjusted = weight * self.cells.to_rows(factor)
        levels = np.append(self.margin.codes, self.margin.size)[:, None]
        basis = IndicatorBasis(self.cells.cell, levels, (self.margin.size,))
        return Adjusted(adjusted, Residual(basis, adjusted, weight, adjusted))

    def cell_factors(self, table: Floats, strict: bool) -> tuple[Floats, int]:
        sample = self.margin.totals(table)
        factor = np.divide(self.margin.target, sample, out=np.zeros(len(sample)), where=sample > 0)
        return np.append(factor, 0.0)[self.margin.codes], 0

    def margins(self, before: Floats, after: Floats) -> pd.DataFrame | None:
        return self.margin.as_frame(self.cells.sums(before), self.cells.sums(after), self.cells.occupied)


@dataclass(frozen=True, eq=False)
class Standardise:
    """Within each population, give the groups the same shares (direct standardisation).

    The cells are population by group: `population` and `group` (cells) are codes, `shares` (groups) add up to
    one; a group without a share (code K) and rows outside the cells keep their weights.
    """

    cells: Cells
    population: Codes
    group: Codes
    shares: Floats
    name: str = "standardise"
    outside = 1.0

    def adjust(self, weight: Floats, strict: bool = True) -> Adjusted:
        factor, _ = self.cell_factors(self.cells.sums(weight), strict)
        adjusted = weight * self.cells.to_rows(factor, self.outside)
        basis = IndicatorBasis.of_partition(self.cells.cell, self.cells.count)
        return Adjusted(adjusted, Residual(basis, adjusted, weight, adjusted))

    def cell_factors(self, table: Floats, strict: bool) -> tuple[Floats, int]:
        used = self.group < len(self.shares)
        n_populations = int(self.population.max()) + 1
        totals = sums_by(self.population, np.where(used, table, 0.0), n_populations)
        wanted = totals[self.population] * np.append(self.shares, 0.0)[self.group]
        factor = np.divide(wanted, table, out=np.zeros(len(table)), where=table > 0)
        return np.where(used, factor, 1.0), 0

    def margins(self, before: Floats, after: Floats) -> pd.DataFrame | None:
        """Shares of the groups in each population before and after beside the wanted ones."""
        used = self.group < len(self.shares)
        n_populations = int(self.population.max()) + 1
        old, new = (self._within(self.cells.sums(weight), n_populations) for weight in (before, after))
        levels = list(self.cells.table.itertuples(index=False, name=None))
        table = pd.DataFrame(
            {
                "margin": " x ".join(map(str, self.cells.table.columns)),
                "level": [level if len(level) > 1 else level[0] for level in levels],
                "n": self.cells.occupied,
                "before": old,
                "after": new,
                "target": np.append(self.shares, np.nan)[self.group],
            }
        )
        return table[used].reset_index(drop=True)

    def _within(self, table: Floats, n_populations: int) -> Floats:
        used = np.where(self.group < len(self.shares), table, 0.0)
        total = sums_by(self.population, used, n_populations)[self.population]
        return np.divide(used, total, out=np.zeros(len(table)), where=total > 0)
