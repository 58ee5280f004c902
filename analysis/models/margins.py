"""Predictive margins of a regression: mean predictions as if everybody belonged to one group.

Graubard and Korn (1999): the prediction is averaged over the observed values of all other variables, and the
error counts both that the coefficients are estimated and that the averaging population is a sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis import intervals
from analysis.arrays import Floats, Mask
from analysis.columns import coded
from analysis.covariance import Covariance
from analysis.errors import SurveyError, UnknownOption
from analysis.models.fitting import Glm
from analysis.models.formula import Formula, design_matrix
from analysis.scores import Scores
from analysis.statistics import Ratios

if TYPE_CHECKING:
    from analysis.weighted_sample import WeightedSample

VARIANCES = ("joint", "r")
OVERALL = "(all)"


@dataclass(frozen=True, eq=False)
class PredictedMeans:
    """Weighted means of predictions for some settings; `settings` holds one X (n, p) per setting."""

    model: Glm
    settings: tuple[Floats, ...]
    inside: Mask

    def value(self, weight: Floats) -> Floats:
        return self._means(weight, self.model.value(weight))

    def _means(self, weight: Floats, beta: Floats) -> Floats:
        return np.asarray(weight @ self.predictions(beta) / weight.sum())

    def predictions(self, beta: Floats) -> Floats:
        """The mean of every row (n) in every setting (k)."""
        return np.stack([self.model.link.inverse(self.model.linear(x, beta)) for x in self.settings], axis=1)

    def slopes(self, weight: Floats, beta: Floats) -> Floats:
        """Derivatives of the means (k) by the coefficients (p)."""
        rows = [(weight * self.model.link.slope(self.model.linear(x, beta))) @ x for x in self.settings]
        return np.asarray(np.stack(rows) / weight.sum())

    def scores(self, weight: Floats) -> Scores:
        beta = self.model.value(weight)
        predicted = self.predictions(beta)
        spread = (predicted - self._means(weight, beta)) * (weight / weight.sum())[:, None]
        return Scores.of_rows(spread + self.model.scores(weight).dense() @ self.slopes(weight, beta).T)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model with the sample that it was fitted to, from which it can predict."""

    design: WeightedSample
    formula: Formula
    model: Glm
    inside: Mask

    @property
    def weight(self) -> Floats:
        return np.where(self.inside, self.design.weight, 0.0)

    def margins(
        self, factor: str | None, at: Mapping[str, Any], level: float, variance: str, coefficients: Covariance
    ) -> pd.DataFrame:
        """One row per level of the factor, as a table of estimates."""
        if variance not in VARIANCES:
            raise UnknownOption("variance", variance, VARIANCES)
        self._refuse_unknown(factor, at)
        levels = self._levels(factor, at)
        settings = [at if factor is None else {**at, factor: value} for value in levels]
        means = PredictedMeans(self.model, tuple(self._matrix(fixed) for fixed in settings), self.inside)
        covariance = self._covariance(means, variance, coefficients)
        return self._table(factor, levels, means.value(self.weight), covariance, level)

    def _refuse_unknown(self, factor: str | None, at: Mapping[str, Any]) -> None:
        known = self.formula.columns
        for name in [*([] if factor is None else [factor]), *at]:
            if name not in known:
                raise UnknownOption("factor", name, known)
        if factor in at:
            raise SurveyError(f"{factor!r} varies over its levels; it cannot be fixed by at= as well")

    def _levels(self, factor: str | None, at: Mapping[str, Any]) -> list[Any]:
        if factor is None:
            return [None]
        observed = coded(self.design.data.loc[self.inside], [factor])[1][factor]
        return list(observed)

    def _matrix(self, fixed: Mapping[str, Any]) -> Floats:
        values = design_matrix(self.design.data, self.formula, fixed).values
        return np.where(self.inside[:, None], values, 0.0)

    def _covariance(self, means: PredictedMeans, variance: str, coefficients: Covariance) -> Covariance:
        if variance == "joint":
            return self.design.variance.covariance(means, self.weight, self.inside)
        beta = self.model.value(self.weight)
        fixed = Ratios.of_rows(means.predictions(beta), np.ones(len(self.inside)), self.inside)
        averaging = np.asarray(self.design.variance.covariance(fixed, self.weight, self.inside))
        slopes = means.slopes(self.weight, beta)
        return Covariance.of_matrix(averaging + slopes @ np.asarray(coefficients) @ slopes.T)

    def _table(
        self, factor: str | None, levels: list[Any], estimate: Floats, covariance: Covariance, level: float
    ) -> pd.DataFrame:
        se = covariance.standard_errors
        group = np.where(self.inside, 0, -1).astype(np.int64)
        df, n_psu = self.design.variance.domain_sizes(self.design.weight, group, 1)
        low, high = intervals.symmetric(estimate, se, "t", level, np.full(len(se), df[0]))
        table = pd.DataFrame({"variable": factor or OVERALL, "level": pd.Series(levels, dtype=object)})
        table = table.assign(estimate=estimate, se=se, ci_low=low, ci_high=high)
        magnitude = np.abs(estimate)
        cv = np.divide(se, magnitude, out=np.full(len(se), np.nan), where=magnitude > 0)
        table = table.assign(cv=cv, df=df[0], deff=np.nan, n=int(self.inside.sum()), n_psu=n_psu[0])
        table.attrs["vcov"] = covariance.labelled(tuple(range(len(table))))
        return table
