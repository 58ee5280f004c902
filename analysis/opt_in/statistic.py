"""Pseudo-weighted and doubly robust means as statistics of the reference weights, and their influence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Floats
from analysis.models.families import family_of, link_of
from analysis.models.fitting import Glm
from analysis.opt_in.participation import Method, Participation
from analysis.opt_in.samples import Samples
from analysis.scores import Scores


@dataclass(frozen=True, eq=False)
class Outcome:
    """An outcome model: predictions for both samples, their derivatives (rows, q), coefficient influence."""

    opt_in: Floats
    reference: Floats
    opt_in_slope: Floats
    reference_slope: Floats
    influence: Floats


def no_outcome(samples: Samples) -> Outcome:
    """No model: predictions of zero, so that the doubly robust mean becomes the pseudo-weighted one."""
    n, m = len(samples.opt_in), len(samples.reference)
    return Outcome(np.zeros(n), np.zeros(m), np.zeros((n, 0)), np.zeros((m, 0)), np.zeros((n, 0)))


def fitted_outcome(samples: Samples, y: Floats, family: str) -> Outcome:
    """Fit E(y | x) on the opt-in rows, unweighted, with the family's usual link."""
    chosen = family_of(family)
    link = link_of(chosen.link)
    model = Glm(samples.opt_in, y, chosen, link, samples.formula)
    ones = np.ones(len(y))
    beta = model.value(ones)
    eta, eta_reference = samples.opt_in @ beta, samples.reference @ beta
    return Outcome(
        link.inverse(eta),
        link.inverse(eta_reference),
        samples.opt_in * link.slope(eta)[:, None],
        samples.reference * link.slope(eta_reference)[:, None],
        model.scores(ones).dense(),
    )


@dataclass(frozen=True, eq=False)
class Influence:
    """What each opt-in row and each reference row adds to the error of the estimate."""

    opt_in: Floats
    reference: Floats


@dataclass(frozen=True, eq=False)
class OptInMean:
    """sum_A w (y - m) / sum_A w + sum_B d m / sum_B d (Chen, Li and Wu 2020, eq. 15, mu_DR2).

    Unbiased in large samples if either the participation model (w) or the outcome model (m) is right. The
    linearisation counts that both models' coefficients are estimated, so that it holds in either case.
    """

    samples: Samples
    method: Method
    y: Floats
    outcome: Outcome

    def value(self, weight: Floats) -> Floats:
        fitted = self.method(self.samples, weight)
        residual = self.y - self.outcome.opt_in
        correction = fitted.weight @ residual / fitted.weight.sum()
        return np.array([correction + weight @ self.outcome.reference / weight.sum()])

    def scores(self, weight: Floats) -> Scores:
        return Scores.of_rows(self.influence(weight).reference[:, None])

    def influence(self, weight: Floats) -> Influence:
        """First-order errors by row; the derivative by each model's coefficients times their influence."""
        fitted = self.method(self.samples, weight)
        share, level = fitted.weight / fitted.weight.sum(), weight / weight.sum()
        residual = self.y - self.outcome.opt_in
        centred = residual - share @ residual
        by_chance = self._by_participation(fitted, centred)
        by_outcome = level @ self.outcome.reference_slope - share @ self.outcome.opt_in_slope
        predicted = self.outcome.reference - level @ self.outcome.reference
        return Influence(
            share * centred + self.outcome.influence @ by_outcome + fitted.opt_in_influence @ by_chance,
            level * predicted + fitted.reference_influence @ by_chance,
        )

    def _by_participation(self, fitted: Participation, centred: Floats) -> Floats:
        return np.asarray((fitted.slope * centred) @ self.samples.opt_in / fitted.weight.sum())

    def opt_in_variance(self, weight: Floats) -> float:
        """sum_A (1 - pi) influence^2: people take part independently (Poisson sampling) with pi = 1 / w."""
        fitted = self.method(self.samples, weight)
        left = np.maximum(1 - 1 / fitted.weight, 0.0)
        return float(left @ self.influence(weight).opt_in ** 2)
