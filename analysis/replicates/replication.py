"""Variance from replicate estimates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from analysis.arrays import Codes, Floats, Mask
from analysis.covariance import Covariance
from analysis.errors import UnsuitableDesign
from analysis.replicates.weights import ReplicateWeights
from analysis.structure import Stage, domain_sizes
from analysis.variance import Statistic
from analysis.weighting.calibrate import Calibrate
from analysis.weighting.steps import Adjusted, CellStep, WeightingStep


@runtime_checkable
class ReplicatedQuickly(Protocol):
    """A statistic that computes all its replicates at once."""

    def replicate_values(self, weights: ReplicateWeights) -> Floats: ...


@dataclass(frozen=True, eq=False)
class Replication:
    """V = scale * sum_r rscales[r] (theta_r - c)(theta_r - c)', c the estimate (mse) or the replicates' mean.

    `df` overrides the degrees of freedom. Else they are PSUs less strata in each domain where `stage` knows
    them and `df_rule` is "design"; for imported weights, or by "rank", they are R's: the rank of the
    replicate weights less one. `method` and `fay_rho` tell how the weights were made.
    """

    weights: ReplicateWeights
    scale: float
    rscales: Floats
    mse: bool = False
    df: float | None = None
    stage: Stage | None = None
    df_rule: str = "design"
    method: str = "bootstrap"
    fay_rho: float | None = None

    def after(self, step: WeightingStep, adjusted: Adjusted) -> Replication:
        """Redo a weighting step on every replicate."""
        kept = self.df if self.df is not None else self._kept_df(step)
        if isinstance(step, CellStep):
            weights = self._by_cell(step)
        else:
            columns = (self.weights.column(r) for r in range(self.weights.count))
            redone = [step.adjust(weight, strict=False).weight for weight in columns]
            weights = ReplicateWeights.of_matrix(np.stack(redone, axis=1))
        return replace(self, weights=weights, df=kept)

    def _by_cell(self, step: CellStep) -> ReplicateWeights:
        """The factor of every cell in every replicate, from the cells' total weights."""
        cells = step.cells
        ones = (np.ones(len(cells.cell)),)
        tables = self.weights.sums(ones, cells.cell, cells.count + 1)[:, : cells.count, 0]
        factors = np.full((cells.count + 1, self.weights.count), step.outside)
        for r, table in enumerate(tables):
            factors[: cells.count, r] = step.cell_factors(table, strict=False)[0]
        return self.weights.with_layer(cells.cell, factors)

    def _kept_df(self, step: WeightingStep) -> float | None:
        """Nonlinear calibration does not change the degrees of freedom, as in R's calibrate()."""
        if self.stage is not None and self.df_rule == "design":
            return None
        iterative = isinstance(step, Calibrate) and not step.is_regression
        return self._rank_df() if iterative else None

    def _rank_df(self) -> float:
        everyone = np.zeros(len(self.weights.base), dtype=np.int64)
        return float(self.weights.ranks(everyone, 1)[0] - 1)

    def covariance(self, statistic: Statistic, weight: Floats, domain: Mask | None) -> Covariance:
        inside = np.ones(len(weight)) if domain is None else domain.astype(np.float64)
        thetas = self.replicates(statistic, inside)
        return self.covariance_of(thetas, statistic.value(weight))

    def covariance_of(self, thetas: Floats, estimate: Floats) -> Covariance:
        """The covariance from replicate estimates (R, p); replicates without a value are left out."""
        used = np.isfinite(thetas) & (self.rscales > 0)[:, None]
        if not used.any(axis=0).all():
            raise UnsuitableDesign("replicates", "no replicate gives a value for one of the estimates")
        centre = estimate if self.mse else np.where(used, thetas, 0.0).sum(axis=0) / used.sum(axis=0)
        deviations = np.where(used, thetas - centre, 0.0)
        return Covariance.of_factor(deviations * np.sqrt(self.scale * self.rscales)[:, None])

    def replicates(self, statistic: Statistic, inside: Floats) -> Floats:
        """The statistic under every replicate: (R, p)."""
        weights = self.weights.within(inside)
        if isinstance(statistic, ReplicatedQuickly):
            return statistic.replicate_values(weights)
        return np.stack([statistic.value(weights.column(r)) for r in range(weights.count)])

    def degrees_of_freedom(self, weight: Floats, group: Codes, n_groups: int) -> Floats:
        return self.domain_sizes(weight, group, n_groups)[0]

    def domain_sizes(self, weight: Floats, group: Codes, n_groups: int) -> tuple[Floats, Floats]:
        if self.stage is None:
            return self._ranks(weight, group, n_groups), np.full(n_groups, np.nan)
        by_design, n_psu = domain_sizes(self.stage, weight, group, n_groups)
        if self.df_rule == "design":
            return by_design if self.df is None else np.full(n_groups, self.df), n_psu
        return self._ranks(weight, group, n_groups), n_psu

    def _ranks(self, weight: Floats, group: Codes, n_groups: int) -> Floats:
        if self.df is not None and n_groups == 1 and (group >= 0).all():
            return np.array([self.df])
        kept = (weight != 0) & (group >= 0)
        return self.weights.ranks(np.where(kept, group, -1), n_groups).astype(np.float64) - 1

    @property
    def leaves(self) -> tuple[Codes, int] | None:
        return None

    def kept_rows(self, domain: Mask) -> Mask:
        return domain
