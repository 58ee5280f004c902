"""Variance from replicate estimates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from analysis.arrays import Codes, Floats, Mask
from analysis.covariance import Covariance
from analysis.errors import UnsuitableDesign
from analysis.replicates.weights import ReplicateWeights
from analysis.variance import Statistic
from analysis.weighting.calibrate import Calibrate
from analysis.weighting.steps import Adjusted, WeightingStep


@runtime_checkable
class ReplicatedQuickly(Protocol):
    """A statistic that computes all its replicates at once."""

    def replicate_values(self, weights: ReplicateWeights) -> Floats: ...


@dataclass(frozen=True, eq=False)
class Replication:
    """V = scale * sum_r rscales[r] (theta_r - c)(theta_r - c)', c the estimate (mse) or the replicates' mean.

    `df` None takes the rank of the replicate weights less one, anew in every domain; `psu_known` tells
    whether the units of `weights` are the PSUs.
    """

    weights: ReplicateWeights
    scale: float
    rscales: Floats
    mse: bool = False
    df: float | None = None
    psu_known: bool = False

    def after(self, step: WeightingStep, adjusted: Adjusted) -> Replication:
        """Redo a weighting step on every replicate."""
        columns = [self.weights.column(r) for r in range(self.weights.count)]
        redone = [step.adjust(weight, strict=False).weight for weight in columns]
        recalibrated = ReplicateWeights.of_matrix(np.stack(redone, axis=1))
        kept = self.df if self.df is not None else self._kept_df(step)
        return replace(self, weights=recalibrated, df=kept, psu_known=False)

    def _kept_df(self, step: WeightingStep) -> float | None:
        """Nonlinear calibration does not change the degrees of freedom, as in R's calibrate()."""
        iterative = isinstance(step, Calibrate) and not step.is_regression
        return float(self.weights.rank() - 1) if iterative else None

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
        return Covariance(deviations * np.sqrt(self.scale * self.rscales)[:, None])

    def replicates(self, statistic: Statistic, inside: Floats) -> Floats:
        """The statistic under every replicate: (R, p)."""
        weights = self.weights.within(inside)
        if isinstance(statistic, ReplicatedQuickly):
            return statistic.replicate_values(weights)
        return np.stack([statistic.value(weights.column(r)) for r in range(weights.count)])

    def degrees_of_freedom(self, weight: Floats, group: Codes, n_groups: int) -> Floats:
        if self.df is not None and n_groups == 1 and (group >= 0).all():
            return np.array([self.df])
        inside = [((group == g) & (weight != 0)).astype(np.float64) for g in range(n_groups)]
        return np.array([float(self.weights.within(mask).rank() - 1) for mask in inside])

    def kept_rows(self, domain: Mask) -> Mask:
        return domain

    def psu_counts(self, weight: Floats, group: Codes, n_groups: int) -> Floats:
        """PSUs with positive weight per group, NaN where replicate weights came without PSUs."""
        if not self.psu_known:
            return np.full(n_groups, np.nan)
        kept = (weight != 0) & (group >= 0)
        present = np.zeros((n_groups, self.weights.n_units), dtype=bool)
        present[group[kept], self.weights.unit[kept]] = True
        return np.asarray(present.sum(axis=1), dtype=np.float64)
