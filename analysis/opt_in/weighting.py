"""`OptIn`: an opt-in sample with pseudo-weights, made beside a probability reference sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.arrays import Floats
from analysis.columns import column, complete_numeric, is_categorical
from analysis.errors import MissingValues, MixedSources, NotNumeric, SurveyError, UnknownOption
from analysis.models.families import family_of
from analysis.models.formula import parse
from analysis.opt_in.overlap import Overlap, overlap_of, shared_support
from analysis.opt_in.participation import METHODS, Participation
from analysis.opt_in.results import OptInEstimate, limits, satterthwaite
from analysis.opt_in.samples import Samples, samples_of
from analysis.opt_in.statistic import OptInMean, Outcome, fitted_outcome, no_outcome
from analysis.scores import Scores
from analysis.weighted_sample import WeightedSample
from analysis.weighting.steps import weight_spread

MethodName = Literal["chen_li_wu", "elliott_valliant"]
FamilyName = Literal["gaussian", "binomial", "poisson", "gamma"]
Interval = Literal["wald", "logit"]


@dataclass(frozen=True, eq=False)
class OptIn:
    """Opt-in rows with their pseudo-weights; every estimate it gives has `source` "opt_in"."""

    data: pd.DataFrame = field(repr=False)
    reference: WeightedSample = field(repr=False)
    formula: str
    method: MethodName
    samples: Samples = field(repr=False)
    participation: Participation = field(repr=False)
    overlap: Overlap = field(repr=False)
    source: Literal["opt_in"] = field(default="opt_in", init=False)

    @property
    def weights(self) -> pd.Series:
        """The pseudo-weights (n_opt_in)."""
        return pd.Series(self.participation.weight, index=self.data.index, name="pseudo_weight")

    def mean(
        self,
        variable: str,
        category: Any = None,
        level: float = 0.95,
        interval: Interval = "wald",
    ) -> OptInEstimate:
        """The pseudo-weighted mean of a numeric column, or share of one `category` of it.

        Right in large samples only if the participation model is. Raises `MissingValues`.
        """
        statistic = self._statistic(variable, category, no_outcome(self.samples))
        return self._estimate(statistic, variable, category, self.method, level, interval)

    def doubly_robust(
        self,
        formula: str,
        family: FamilyName = "gaussian",
        category: Any = None,
        level: float = 0.95,
        interval: Interval = "wald",
    ) -> OptInEstimate:
        """Chen, Li and Wu's (2020) doubly robust mean with the outcome model "y ~ x1 + x2".

        Right in large samples if either the participation or the outcome model is; so is its error.
        """
        statistic = self._robust(formula, family, category)
        name = f"doubly_robust({self.method})"
        return self._estimate(statistic, parse(formula).response, category, name, level, interval)

    def covariance_with(
        self, variable: str, category: Any = None, outcome: str | None = None, family: FamilyName = "gaussian"
    ) -> float:
        """The covariance of an opt-in mean's error with that of the reference sample's own mean of `variable`.

        With `outcome` (a formula) the doubly robust mean is meant. For `combine`, where the reference sample
        also gives the probability estimate. The reference must know the variable for every row that counts.
        """
        if outcome is not None and parse(outcome).response != variable:
            raise SurveyError(f"the outcome formula {outcome!r} does not explain {variable!r}")
        mean = (
            self._statistic(variable, category, no_outcome(self.samples))
            if outcome is None
            else self._robust(outcome, family, category)
        )
        known = self.samples.sampled
        y = np.zeros(len(known))
        y[known] = _values(self.reference.data.loc[known], variable, category)
        joint = _Beside(mean, y)
        covariance = self.reference.variance.covariance(
            joint, self.samples.weight, self.reference.domain_mask
        )
        return float(covariance[0, 1])

    def _robust(self, formula: str, family: str, category: Any) -> OptInMean:
        response = parse(formula).response
        y = _values(self.data, response, category)
        if not family_of(family).valid(y):
            raise NotNumeric(response, f"values that {family} does not allow")
        outcome = fitted_outcome(samples_of(self.data, self.reference, formula), y, family)
        return self._statistic(response, category, outcome)

    def _statistic(self, variable: str, category: Any, outcome: Outcome) -> OptInMean:
        y = _values(self.data, variable, category)
        return OptInMean(self.samples, METHODS[self.method], y, outcome)

    def _estimate(
        self, statistic: OptInMean, variable: str, category: Any, method: str, level: float, interval: str
    ) -> OptInEstimate:
        weight = self.samples.weight
        estimate = float(statistic.value(weight)[0])
        domain = self.reference.domain_mask
        of_reference = float(self.reference.variance.covariance(statistic, weight, domain).variances[0])
        of_opt_in = statistic.opt_in_variance(weight)
        n = len(self.data)
        df = satterthwaite((of_reference, of_opt_in), (self.reference.degrees_of_freedom, n - 1))
        se = float(np.sqrt(of_reference + of_opt_in))
        return OptInEstimate(
            variable,
            category,
            estimate,
            se,
            *limits(estimate, se, df, level, interval),
            df,
            method,
            of_reference,
            of_opt_in,
            float(statistic.y.mean()),
            weight_spread(self.participation.weight).effective_n,
            n,
            int(self.samples.sampled.sum()),
        )


@dataclass(frozen=True, eq=False)
class _Beside:
    """An opt-in mean and the reference's own mean of y (n_reference), for their covariance."""

    mean: OptInMean
    y: Floats

    def value(self, weight: Floats) -> Floats:
        return np.append(self.mean.value(weight), weight @ self.y / weight.sum())

    def scores(self, weight: Floats) -> Scores:
        share = weight / weight.sum()
        own = share * (self.y - share @ self.y)
        return Scores.of_rows(np.column_stack([self.mean.influence(weight).reference, own]))


def pseudo_weight(
    opt_in: pd.DataFrame,
    reference: WeightedSample,
    formula: str,
    method: MethodName = "chen_li_wu",
    least_support: float = 0.05,
) -> OptIn:
    """Weight an opt-in sample by "~ age + urban", columns that both samples know.

    "chen_li_wu" estimates participation by pseudo-likelihood; "elliott_valliant" multiplies propensity odds
    by expected reference weights (see `analysis.opt_in.participation`). Reference weights must add up to
    the population. Raises `NoOverlap` where the opt-in sample reaches less than the share `least_support`
    of the population, `MixedSources` for a reference that is no probability design, `MissingValues` and
    `ModelNotFitted`.
    """
    if method not in METHODS:
        raise UnknownOption("method", method, tuple(METHODS))
    if not isinstance(reference, WeightedSample):
        raise MixedSources(f"reference is a {type(reference).__name__}, not a probability design")
    if len(opt_in) < 2:
        raise SurveyError(f"the opt-in sample has {len(opt_in)} row(s); at least 2 are needed")
    samples = samples_of(opt_in, reference, formula)
    propensities = shared_support(samples, least_support)
    found = METHODS[method](samples, samples.weight)
    overlap = overlap_of(samples, propensities, found.weight)
    return OptIn(opt_in, reference, formula, method, samples, found, overlap)


def _values(data: pd.DataFrame, variable: str, category: Any) -> Floats:
    if category is None:
        series = column(data, variable)
        if is_categorical(series) and not pd.api.types.is_bool_dtype(series):
            raise NotNumeric(variable, f"{series.iloc[0]} (name the category whose share is meant)")
        return complete_numeric(data, variable)
    series = column(data, variable)
    if series.isna().any():
        row = data.index[int(series.isna().to_numpy().argmax())]
        raise MissingValues(variable, int(series.isna().sum()), row)
    return np.asarray(series == category, dtype=np.float64)
