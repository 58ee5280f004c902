"""Fit generalised linear models to weighted rows, and linearise their coefficients."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analysis.arrays import Floats
from analysis.errors import ModelNotFitted
from analysis.models.families import Family, Link
from analysis.scores import Scores

MAX_ITERATIONS = 100


@dataclass(frozen=True, eq=False)
class Glm:
    """Coefficients of a generalised linear model of y (n) on x (n, p), by weighted scoring.

    The linear predictor is `offset` (n) plus x beta. Stops when the deviance (weights divided by `mean_weight`,
    None for their sum) changes by less than `tolerance`, relatively.
    """

    x: Floats
    y: Floats
    family: Family
    link: Link
    title: str
    mean_weight: float | None = 1.0
    tolerance: float = 1e-12
    start: Floats | None = field(default=None)
    offset: Floats | None = None

    def linear(self, x: Floats, beta: Floats) -> Floats:
        """The linear predictor of every row (n) with explanatory columns x (n, p)."""
        return np.asarray(x @ beta if self.offset is None else self.offset + x @ beta)

    def value(self, weight: Floats) -> Floats:
        return self._fit(weight)[0]

    def _fit(self, weight: Floats) -> tuple[Floats, Floats]:
        """The coefficients, and those of the step before, at which the last working weights were taken."""
        kept = weight > 0
        unit = weight.sum() if self.mean_weight is None else self.mean_weight
        x, y, w = self.x[kept], self.y[kept], weight[kept] / unit
        shift = 0.0 if self.offset is None else self.offset[kept]
        eta = self.link.function(self.family.start(y, w)) if self.start is None else shift + x @ self.start
        before, previous = self.start, np.inf
        for _ in range(MAX_ITERATIONS):
            mu, slope = self.link.inverse(eta), self.link.slope(eta)
            working = w * slope**2 / self.family.variance(mu)
            beta = self._least_squares(x, eta - shift + (y - mu) / slope, working)
            eta = shift + x @ beta
            deviance = float(w @ self.family.deviance(y, self.link.inverse(eta)))
            if abs(deviance - previous) < self.tolerance * (abs(deviance) + 0.1):
                return beta, beta if before is None else before
            before, previous = beta, deviance
        raise ModelNotFitted(self.title, f"no convergence after {MAX_ITERATIONS} iterations (separation?)")

    def _least_squares(self, x: Floats, response: Floats, working: Floats) -> Floats:
        root = np.sqrt(working)
        if not np.isfinite(root).all():
            raise ModelNotFitted(self.title, "fitted values ran off to infinity (separation?)")
        beta, _, rank, _ = np.linalg.lstsq(x * root[:, None], response * root, rcond=1e-11)
        if rank < x.shape[1]:
            raise ModelNotFitted(self.title, "explanatory columns are collinear; drop one of them")
        return np.asarray(beta)

    def mean(self, beta: Floats) -> Floats:
        return self.link.inverse(self.linear(self.x, beta))

    def pearson(self, beta: Floats) -> Floats:
        """Residuals over the root of the variance function (n)."""
        mu = self.mean(beta)
        return (self.y - mu) / np.sqrt(self.family.variance(mu))

    def naive_covariance(self, weight: Floats, beta: Floats) -> Floats:
        """The inverse of the weighted information."""
        eta = self.linear(self.x, beta)
        information = weight * self.link.slope(eta) ** 2 / self.family.variance(self.link.inverse(eta))
        return np.asarray(np.linalg.inv((self.x * information[:, None]).T @ self.x))

    def scores(self, weight: Floats) -> Scores:
        """Scores use the working weights of the last step, as R does; the two agree once it has converged."""
        beta, before = self._fit(weight)
        eta, working_eta = self.linear(self.x, beta), self.linear(self.x, before)
        slope = self.link.slope(working_eta)
        working = slope**2 / self.family.variance(self.link.inverse(working_eta))
        residual = (self.y - self.link.inverse(eta)) / self.link.slope(eta)
        rows = self.x * (weight * working * residual)[:, None]
        return Scores.of_rows(rows @ self.naive_covariance(weight, before))
