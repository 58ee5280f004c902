"""How a design measures the error of an estimate: by linearisation, or by replicates in another module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from analysis.arrays import Codes, Floats, Mask
from analysis.corrections import Correction
from analysis.covariance import Covariance
from analysis.domain_variance import SMALL, Blocks
from analysis.errors import UnknownOption
from analysis.scores import Scores
from analysis.structure import Structure, domain_sizes
from analysis.taylor import LonelyRule, variance_factor
from analysis.weighting.steps import Adjusted, WeightingStep

RESIDUALS = ("nested", "r")


class Statistic(Protocol):
    """Something estimated from weighted rows."""

    def value(self, weight: Floats) -> Floats:
        """The estimates (p) under weights (n)."""
        ...

    def scores(self, weight: Floats) -> Scores:
        """Weight times the influence of each row on each estimate."""
        ...


class VarianceMethod(Protocol):
    """Measures the covariance of a statistic and counts its degrees of freedom."""

    def after(self, step: WeightingStep, adjusted: Adjusted) -> VarianceMethod:
        """The method once a weighting step has changed the weights."""
        ...

    def covariance(self, statistic: Statistic, weight: Floats, domain: Mask | None) -> Covariance: ...

    def degrees_of_freedom(self, weight: Floats, group: Codes, n_groups: int) -> Floats: ...

    def domain_sizes(self, weight: Floats, group: Codes, n_groups: int) -> tuple[Floats, Floats]:
        """Degrees of freedom and sampled PSUs (NaN where unknown) per group."""
        ...

    @property
    def leaves(self) -> tuple[Codes, int] | None:
        """The unit (n) of each row down to which scores are added up, and their number."""
        ...

    def kept_rows(self, domain: Mask) -> Mask:
        """The rows still in the file when R takes a domain: averages over rows depend on it."""
        ...


@dataclass(frozen=True, eq=False)
class Linearisation:
    """Taylor variance over a sampling structure, after the corrections that weighting steps ask for.

    `pairs` (PSUs, PSUs), where given, replaces the stage-wise formula by pairwise weights (see `pps`).
    `residuals` "r" takes the corrections in R's order.
    """

    structure: Structure
    lonely: LonelyRule
    corrections: tuple[Correction, ...] = ()
    pairs: Floats | None = None
    residuals: str = "nested"

    def __post_init__(self) -> None:
        if self.residuals not in RESIDUALS:
            raise UnknownOption("residuals", self.residuals, RESIDUALS)

    def after(self, step: WeightingStep, adjusted: Adjusted) -> Linearisation:
        if adjusted.correction is None:
            return self
        return replace(self, corrections=(*self.corrections, adjusted.correction))

    def covariance(self, statistic: Statistic, weight: Floats, domain: Mask | None) -> Covariance:
        scores = self._corrected(statistic, weight)
        if self.pairs is not None:
            first = self.structure.stages[0]
            of_psus = scores.sums(first.unit, first.n_units)
            return Covariance.of_matrix(of_psus.T @ self.pairs @ of_psus)
        # R drops rows outside a domain unless the design is calibrated; only lonely units notice.
        present = None if domain is None else self.kept_rows(domain)
        leaf = self.structure.measured[-1]
        by_domain = self._depends_on_domain and scores.group is not None and not scores.removed
        if not by_domain and leaf.n_units * scores.n_estimates > SMALL:
            blocks = Blocks.of(self.structure, scores, self.lonely, present)
            return Covariance(blocks.variances(), blocks.matrix)
        sums = scores.sums(leaf.unit, leaf.n_units)
        if by_domain:
            return Covariance.of_factor(self._domain_by_domain(scores, sums))
        return Covariance.of_factor(variance_factor(self.structure, sums, self.lonely, present))

    def _corrected(self, statistic: Statistic, weight: Floats) -> Scores:
        scores = statistic.scores(weight)
        for correction in self._applied:
            scores = correction.apply(scores)
        return scores

    def deviations(self, statistic: Statistic, weight: Floats, domain: Mask | None) -> Floats:
        """Scaled deviations (first-stage units, p) whose squares add up to that stage's part of the variances."""
        leaf, present = self.structure.measured[-1], None if domain is None else self.kept_rows(domain)
        sums = self._corrected(statistic, weight).sums(leaf.unit, leaf.n_units)
        return variance_factor(self.structure, sums, self.lonely, present)[: self.structure.stages[0].n_units]

    @property
    def _applied(self) -> Sequence[Correction]:
        """The last step first, since an earlier step acts on what the later ones leave over; or as R does."""
        if self.residuals == "r":
            return self.corrections if self.pairs is None else ()
        return self.corrections[::-1]

    @property
    def leaves(self) -> tuple[Codes, int] | None:
        if self.pairs is not None:
            return None
        leaf = self.structure.measured[-1]
        return leaf.unit, leaf.n_units

    def kept_rows(self, domain: Mask) -> Mask:
        calibrated = bool(self.corrections) or self.pairs is not None
        return np.ones_like(domain) if calibrated else domain

    @property
    def _depends_on_domain(self) -> bool:
        return self.lonely.averages or self.lonely.in_domains

    def _domain_by_domain(self, scores: Scores, sums: Floats) -> Floats:
        assert scores.group is not None
        parts = []
        for d in range(scores.n_groups):
            columns = slice(d * scores.n_columns, (d + 1) * scores.n_columns)
            present = None if self.corrections else scores.group == d
            parts.append(variance_factor(self.structure, sums[:, columns], self.lonely, present))
        return np.hstack(parts)

    def degrees_of_freedom(self, weight: Floats, group: Codes, n_groups: int) -> Floats:
        """Sampled PSUs minus strata among rows of positive weight, per group."""
        return self.domain_sizes(weight, group, n_groups)[0]

    def domain_sizes(self, weight: Floats, group: Codes, n_groups: int) -> tuple[Floats, Floats]:
        return domain_sizes(self.structure.stages[0], weight, group, n_groups)
