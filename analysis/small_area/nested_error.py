"""The nested error model: units within areas share a random effect (Battese, Harter and Fuller 1988)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from scipy import optimize

from analysis.arrays import Codes, Floats, counts_by, sums_by
from analysis.columns import coded, complete_numeric, names
from analysis.errors import ColumnNotFound, ModelNotFitted, SurveyError, UnknownOption
from analysis.models.formula import design_matrix, parse

METHODS = ("reml", "ml")


@dataclass(frozen=True, eq=False)
class NestedError:
    """`areas` has one row per area: n, random_effect, estimate (model mean), estimate_finite, mse, se, cv.

    `estimate_finite` predicts only the units outside the sample; it needs population sizes.
    """

    areas: pd.DataFrame = field(repr=False)
    coefficients: pd.DataFrame
    sigma2_u: float
    sigma2_e: float


@dataclass(frozen=True, eq=False)
class _Units:
    """Units in areas: y, X, area codes, and area sizes and means; whether the likelihood is restricted."""

    y: Floats
    x: Floats
    area: Codes
    n: Floats
    restricted: bool

    @property
    def degrees(self) -> int:
        """What the residual sum of squares is divided by."""
        return len(self.y) - self.x.shape[1] if self.restricted else len(self.y)

    @property
    def means(self) -> tuple[Floats, Floats]:
        size = len(self.n)
        y = sums_by(self.area, self.y, size) / self.n
        x = np.stack([sums_by(self.area, column, size) for column in self.x.T], axis=1) / self.n[:, None]
        return y, x


def nested_error(
    data: pd.DataFrame,
    formula: str,
    area: str,
    population_means: pd.DataFrame,
    population_sizes: pd.Series | None = None,
    method: Literal["reml", "ml"] = "reml",
) -> NestedError:
    """Fit "y ~ x1 + x2" with a random effect of `area` by REML or ML and predict the mean of y in every area.

    `data` has a row per sampled unit, `population_means` one per area (its index) with the means of the columns
    of X; areas outside the sample get the synthetic prediction. `population_sizes` (counts by area) add
    `estimate_finite`. All in the unit of y, the mse in its square. Battese, Harter and Fuller (1988); the MSE
    is Prasad and Rao's (1990) g1 + g2 + 2 g3, for the model mean, with ML less its bias (Datta and Lahiri
    2000). The sampling weights do not enter: the design must be ignorable given the columns of X. Raises
    `ModelNotFitted` with too few units, `ColumnNotFound` for a mean that is not given, `MissingValues`,
    `SurveyError` for unknown columns.
    """
    if method not in METHODS:
        raise UnknownOption("method", method, METHODS)
    parsed = parse(formula)
    matrix = design_matrix(data, parsed)
    codes, table = coded(data, [area])
    units = _Units(
        complete_numeric(data, parsed.response),
        matrix.values,
        codes,
        counts_by(codes, len(table)).astype(np.float64),
        method == "reml",
    )
    if np.isnan(matrix.values).any():
        raise SurveyError(f"the columns of {formula!r} must be known for every unit")
    if len(units.y) <= matrix.values.shape[1] + len(table):
        raise ModelNotFitted(formula, f"{len(units.y)} units do not identify the model in {len(table)} areas")
    ratio = _variance_ratio(units)
    beta, sigma2_e, covariance = _given_ratio(units, ratio)
    coefficients = pd.DataFrame(
        {"term": list(matrix.names), "estimate": beta, "se": np.sqrt(np.diagonal(covariance))}
    )
    fit = _Fit(units, beta, covariance, ratio * sigma2_e, sigma2_e)
    x_mean = _population(population_means, matrix.names)
    areas = _areas(fit, table[area].tolist(), x_mean, population_means.index, population_sizes)
    return NestedError(areas, coefficients, fit.sigma2_u, fit.sigma2_e)


@dataclass(frozen=True, eq=False)
class _Fit:
    units: _Units
    beta: Floats
    covariance: Floats
    sigma2_u: float
    sigma2_e: float

    @property
    def gamma(self) -> Floats:
        return self.sigma2_u / (self.sigma2_u + self.sigma2_e / self.units.n)


def _transformed(units: _Units, ratio: float) -> tuple[Floats, Floats]:
    """Rows less alpha times their area mean have independent errors (Fuller and Battese 1973)."""
    alpha = 1 - np.sqrt(1 / (1 + units.n * ratio))
    y_mean, x_mean = units.means
    shrink = alpha[units.area]
    return units.y - shrink * y_mean[units.area], units.x - shrink[:, None] * x_mean[units.area]


def _given_ratio(units: _Units, ratio: float) -> tuple[Floats, float, Floats]:
    y, x = _transformed(units, ratio)
    information = np.linalg.inv(x.T @ x)
    beta = information @ (x.T @ y)
    residual = y - x @ beta
    sigma2 = float(residual @ residual) / units.degrees
    return beta, sigma2, np.asarray(information * sigma2)


def _variance_ratio(units: _Units) -> float:
    """sigma2_u / sigma2_e that maximises the (restricted) likelihood."""

    def loss(log_ratio: float) -> float:
        return _deviance(units, float(np.exp(log_ratio)))

    found = optimize.minimize_scalar(loss, bounds=(-18.0, 12.0), method="bounded", options={"xatol": 1e-10})
    return float(np.exp(found.x)) if found.fun < _deviance(units, 0.0) else 0.0


def _deviance(units: _Units, ratio: float) -> float:
    """Minus twice the profiled (restricted) log likelihood, up to a constant."""
    _, x = _transformed(units, ratio)
    _, sigma2, _ = _given_ratio(units, ratio)
    determinant = np.linalg.slogdet(x.T @ x)[1] if units.restricted else 0.0
    return float(units.degrees * np.log(sigma2) + np.log1p(units.n * ratio).sum() + determinant)


def _population(means: pd.DataFrame, columns: Sequence[str]) -> Floats:
    parts = []
    for name in names(list(columns)):
        if name == "(Intercept)":
            parts.append(np.ones(len(means)))
        elif name in means.columns:
            parts.append(complete_numeric(means, name))
        else:
            raise ColumnNotFound(name, list(means.columns))
    return np.stack(parts, axis=1)


def _areas(
    fit: _Fit, sampled: list[object], x_mean: Floats, index: pd.Index, sizes: pd.Series | None
) -> pd.DataFrame:
    position = pd.Index(sampled).get_indexer(index)
    seen = position >= 0
    y_bar, x_bar = fit.units.means
    gamma = np.where(seen, fit.gamma[position], 0.0)
    ours = np.where(seen[:, None], x_bar[position], 0.0)
    effect = gamma * (np.where(seen, y_bar[position], 0.0) - ours @ fit.beta)
    estimate = x_mean @ fit.beta + effect
    n = np.where(seen, fit.units.n[position], 0.0)
    mse = _mse(fit, gamma, n, x_mean, ours)
    areas = pd.DataFrame(
        {"n": n.astype(int), "random_effect": effect, "estimate": estimate, "mse": mse}, index=index
    )
    areas["se"] = np.sqrt(mse)
    areas["cv"] = areas["se"] / areas["estimate"].abs()
    if sizes is not None:
        share = n / sizes.reindex(index).to_numpy(dtype=np.float64)
        rest = (x_mean - share[:, None] * ours) @ fit.beta + (1 - share) * effect
        areas["estimate_finite"] = share * np.where(seen, y_bar[position], 0.0) + rest
    return areas


def _mse(fit: _Fit, gamma: Floats, n: Floats, x_mean: Floats, x_bar: Floats) -> Floats:
    """g1 + g2 + 2 g3 of the model mean, less the bias of g1 where the variance components are those of ML."""
    u, e = fit.sigma2_u, fit.sigma2_e
    g1 = (1 - gamma) * u
    gap = x_mean - gamma[:, None] * x_bar
    g2 = np.einsum("ij,jk,ik->i", gap, fit.covariance, gap)
    information = _information(fit)
    (uu, ue), (_, ee) = information
    determinant = uu * ee - ue**2
    spread = e**2 * ee / determinant + u**2 * uu / determinant + 2 * e * u * ue / determinant
    divided = np.divide(1.0, n, out=np.zeros(len(n)), where=n > 0)
    g3 = np.where(n > 0, divided**2 * spread / (u + e * divided) ** 3, 0.0)
    bias = np.zeros(2) if fit.units.restricted else _bias(fit, information)
    return np.asarray(g1 + g2 + 2 * g3 - bias[0] * (1 - gamma) ** 2 - bias[1] * gamma**2 * divided)


def _information(fit: _Fit) -> Floats:
    """Of sigma2_u and sigma2_e (2, 2)."""
    e, alpha = fit.sigma2_e, fit.sigma2_e + fit.units.n * fit.sigma2_u
    uu = (fit.units.n**2 / alpha**2).sum() / 2
    ee = ((fit.units.n - 1) / e**2 + 1 / alpha**2).sum() / 2
    ue = (fit.units.n / alpha**2).sum() / 2
    return np.array([[uu, ue], [ue, ee]])


def _bias(fit: _Fit, information: Floats) -> Floats:
    """Of the ML estimates of sigma2_u and sigma2_e, to first order (Datta and Lahiri 2000)."""
    e, alpha = fit.sigma2_e, fit.sigma2_e + fit.units.n * fit.sigma2_u
    x, (_, means) = fit.units.x, fit.units.means
    between = means * (fit.units.n / alpha)[:, None]
    centred = x - means[fit.units.area]
    by_u = between.T @ between
    by_e = centred.T @ centred / e**2 + (means * (fit.units.n / alpha**2)[:, None]).T @ means
    traces = np.array([np.trace(fit.covariance @ by_u), np.trace(fit.covariance @ by_e)])
    return np.asarray(-np.linalg.solve(information, traces) / 2)
