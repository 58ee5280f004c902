"""What a quantile's interval is made from: the values of one domain and the variance of shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis import intervals
from analysis.arrays import Floats, Mask
from analysis.statistics import Ratios
from analysis.weighted_sample import WeightedSample


@dataclass(frozen=True, eq=False)
class Setting:
    """One domain and variable: values, weights (zero outside), degrees of freedom, confidence level."""

    design: WeightedSample
    values: Floats
    inside: Mask
    df: float
    level: float

    @property
    def weight(self) -> Floats:
        return np.where(self.inside, self.design.weight, 0.0)

    @property
    def multiplier(self) -> float:
        return float(intervals.quantile_of("t", self.level, np.array([self.df]))[0])

    def share_at(self, limit: float) -> tuple[float, float]:
        """The estimated share of values up to `limit` and its variance."""
        below = (self.values <= limit).astype(np.float64)[:, None]
        statistic = Ratios.of_rows(below, np.ones(len(below)), self.inside)
        estimate = float(statistic.value(self.weight)[0])
        covariance = self.design.variance.covariance(statistic, self.weight, self.inside)
        return estimate, float(covariance.variances[0])
