"""Design-based regression: coefficients with sandwich errors, Wald tests, fit statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from analysis import intervals
from analysis.arrays import Floats, Mask
from analysis.columns import numeric
from analysis.contrasts import comparison
from analysis.covariance import Covariance
from analysis.errors import EmptyDomain, MissingValues, ModelNotFitted, NotNumeric, UnknownOption
from analysis.models.families import family_of, link_of
from analysis.models.fitting import Glm
from analysis.models.formula import DesignMatrix, Formula, design_matrix, parse
from analysis.models.margins import Fitted
from analysis.replicates.replication import Replication

if TYPE_CHECKING:
    from analysis.weighted_sample import WeightedSample

FamilyName = Literal[
    "gaussian", "binomial", "quasibinomial", "poisson", "quasipoisson", "gamma", "inverse_gaussian"
]
LinkName = Literal[
    "identity", "log", "logit", "probit", "cloglog", "inverse", "inverse_square", "sqrt", "cauchit"
]


@dataclass(frozen=True)
class WaldTest:
    """F test that the coefficients of a term are all zero."""

    term: str
    statistic: float
    df: int
    df_denominator: float
    p_value: float


@dataclass(frozen=True, eq=False)
class Regression:
    """A fitted model; `coefficients` has a row per column of X: term, estimate, se, t, p_value and limits.

    `df_residual` is the design's degrees of freedom + 1 - p; deviances use weights with mean one.
    """

    formula: str
    coefficients: pd.DataFrame
    covariance: Covariance = field(repr=False)
    terms: tuple[str, ...]
    df_residual: float
    dispersion: float
    deviance: float
    null_deviance: float
    n: int
    _fitted: Fitted = field(repr=False)

    def test(self, term: str) -> WaldTest:
        """Wald test of all coefficients of a term (R's regTermTest)."""
        chosen = [k for k, owner in enumerate(self.terms) if owner == term]
        if not chosen:
            raise UnknownOption("term", term, tuple(dict.fromkeys(self.terms)))
        beta = self.coefficients["estimate"].to_numpy()[chosen]
        v = np.asarray(self.covariance)[np.ix_(chosen, chosen)]
        try:
            f = float(beta @ np.linalg.solve(v, beta)) / len(chosen)
        except np.linalg.LinAlgError:
            problem = f"the covariance of {term!r} is singular, so there is no Wald test"
            raise ModelNotFitted(self.formula, problem) from None
        p_value = float(stats.f.sf(f, len(chosen), self.df_residual))
        return WaldTest(term, f, len(chosen), self.df_residual, p_value)

    def margins(
        self,
        factor: str | None = None,
        at: Mapping[str, Any] | None = None,
        level: float = 0.95,
        variance: Literal["joint", "r"] = "joint",
    ) -> pd.DataFrame:
        """Predictive margins: the mean prediction, on the scale of the response, if all had one level of `factor`.

        Averages over the weighted rows of the fit (Graubard and Korn 1999; Stata's margins, R's svypredmeans);
        `at` fixes other columns at a value, `factor` None gives a single mean. Returns a table as that of
        `Design.mean`, one row per level, with `.attrs["vcov"]`; limits use the design's degrees of freedom. The
        error linearises coefficients and averaging together; variance="r" adds their variances as svypredmeans
        does. Raises `UnknownOption` for a column that is not in the model or a level that the data lack.
        """
        return self._fitted.margins(factor, at or {}, level, variance, self.covariance)

    def differences(
        self,
        factor: str,
        reference: Any = None,
        at: Mapping[str, Any] | None = None,
        level: float = 0.95,
        variance: Literal["joint", "r"] = "joint",
    ) -> pd.DataFrame:
        """Each predictive margin of `factor` less that of the `reference` level (the first by default).

        One row per other level: level, reference, estimate, se, ci_low, ci_high, df, t, p_value.
        """
        table = self.margins(factor, at, level, variance)
        levels = table["level"].tolist()
        if reference is not None and reference not in levels:
            raise UnknownOption("reference", reference, levels)
        start = 0 if reference is None else levels.index(reference)
        estimate, v = table["estimate"].to_numpy(), np.asarray(table.attrs["vcov"])
        rows = []
        for k in (k for k in range(len(levels)) if k != start):
            se = float(np.sqrt(max(v[k, k] + v[start, start] - 2 * v[k, start], 0.0)))
            row = comparison(float(estimate[k] - estimate[start]), se, float(table["df"].iloc[0]), level)
            rows.append(row.assign(level=[levels[k]], reference=[levels[start]]))
        shown = ["level", "reference", "estimate", "se", "ci_low", "ci_high", "df", "t", "p_value"]
        return pd.concat(rows, ignore_index=True)[shown] if rows else pd.DataFrame(columns=shown)


def regression(
    design: WeightedSample,
    formula: str,
    family: str,
    link: str | None,
    level: float,
    missing: str,
    tolerance: float,
    df: float | None = None,
    offset: str | None = None,
) -> Regression:
    """Fit the model in the design's domain."""
    parsed = parse(formula)
    chosen = family_of(family)
    x = design_matrix(design.data, parsed)
    y = numeric(design.data, parsed.response)
    shift = None if offset is None else numeric(design.data, offset)
    inside = _complete(design, x, y if shift is None else y + shift, formula, missing)
    if len(y[inside]) > 1 and (y[inside] == y[inside][0]).all():
        problem = f"{parsed.response!r} is {y[inside][0]:.10g} in every row; there is nothing to explain"
        raise ModelNotFitted(formula, problem)
    if not chosen.valid(y[inside]):
        wrong = [value for value in y[inside] if not chosen.valid(np.array([value]))]
        raise NotNumeric(parsed.response, f"{wrong[0]:.10g} where {family} needs {chosen.range}")
    model = Glm(
        np.where(inside[:, None], x.values, 0.0),
        np.where(inside, y, y[inside][0]),
        chosen,
        link_of(link or chosen.link),
        formula,
        _mean_weight(design),
        tolerance,
        offset=None if shift is None else np.where(inside, shift, 0.0),
    )
    degrees = design.degrees_of_freedom_of(inside) if df is None else float(df)
    return _summary(design, model, x, inside, parsed, formula, level, degrees)


def _complete(design: WeightedSample, x: DesignMatrix, y: Floats, formula: str, missing: str) -> Mask:
    domain = design.domain_mask & (design.weight > 0)
    known = x.known & ~np.isnan(y)
    if missing == "fail" and (domain & ~known).any():
        row = design.data.index[int((domain & ~known).argmax())]
        raise MissingValues(formula, int((domain & ~known).sum()), row)
    inside = np.asarray(domain & known)
    if not inside.any():
        raise EmptyDomain(formula)
    return inside


def _summary(
    design: WeightedSample,
    model: Glm,
    x: DesignMatrix,
    inside: Mask,
    parsed: Formula,
    formula: str,
    level: float,
    degrees: float,
) -> Regression:
    weight = np.where(inside, design.weight, 0.0)
    beta = model.value(weight)
    covariance = design.variance.covariance(_repeated(design, model, beta), weight, inside)
    df = degrees + 1 - len(beta)
    if df <= 0:
        raise ModelNotFitted(formula, f"{len(beta)} coefficients leave no degrees of freedom")
    scaled = weight / _mean_weight(design)
    deviance = scaled @ model.family.deviance(model.y, model.mean(beta))
    return Regression(
        formula,
        _coefficients(x, beta, covariance, df, level),
        covariance,
        x.terms,
        df,
        _dispersion(design, scaled, model.pearson(beta)),
        float(deviance),
        _null_deviance(model, scaled, parsed.intercept),
        int(inside.sum()),
        Fitted(design, parsed, model, inside),
    )


def _repeated(design: WeightedSample, model: Glm, beta: Floats) -> Glm:
    """Replicates start from the coefficients of the whole sample, with weights that add up to one (as in R)."""
    if not isinstance(design.variance, Replication):
        return model
    return replace(model, start=beta, mean_weight=None)


def _coefficients(
    x: DesignMatrix, beta: Floats, covariance: Covariance, df: float, level: float
) -> pd.DataFrame:
    se = covariance.standard_errors
    low, high = intervals.symmetric(beta, se, "t", level, np.full(len(beta), df))
    t = intervals.t_ratio(beta, se)
    return pd.DataFrame(
        {
            "term": list(x.names),
            "estimate": beta,
            "se": se,
            "t": t,
            "p_value": 2 * stats.t.sf(np.abs(t), df),
            "ci_low": low,
            "ci_high": high,
        }
    )


def _mean_weight(design: WeightedSample) -> float:
    """The mean weight of the rows that R would keep: those of the domain, or all once calibrated."""
    rows = design.domain_mask
    kept = design.variance.kept_rows(rows)
    return float(np.where(rows, design.weight, 0.0).sum() / kept.sum())


def _dispersion(design: WeightedSample, scaled: Floats, pearson: Floats) -> float:
    """The variance of Pearson residuals; with replicates, as in R, their weighted sum of squares."""
    if isinstance(design.variance, Replication):
        return float(scaled @ pearson**2)
    total = scaled.sum()
    mean = scaled @ pearson / total
    n = int((scaled > 0).sum())
    return float(scaled @ (pearson - mean) ** 2 / total * n / (n - 1))


def _null_deviance(model: Glm, scaled: Floats, intercept: bool) -> float:
    """Of the intercept alone; without one, of no coefficient at all (as in R)."""
    if not intercept:
        nothing = replace(model, x=model.x[:, :0]).mean(np.zeros(0))
        return float(scaled @ model.family.deviance(model.y, nothing))
    ones = np.ones((len(model.y), 1))
    null = replace(model, x=ones, start=None, mean_weight=1.0)
    mean = null.mean(null.value(scaled))
    return float(scaled @ model.family.deviance(model.y, mean))
