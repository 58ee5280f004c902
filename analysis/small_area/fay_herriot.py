"""The Fay-Herriot model: direct estimates of areas, smoothed by a regression (Fay and Herriot 1979)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from scipy import optimize

from analysis.arrays import Floats, Mask
from analysis.columns import column, complete_numeric
from analysis.errors import ModelNotFitted, SurveyError, TooFewAreas, UnknownOption
from analysis.models.formula import DesignMatrix, Formula, design_matrix, parse, plain_name

METHODS = ("reml", "ml", "fh", "pr")


@dataclass(frozen=True, eq=False)
class FayHerriot:
    """A fitted area-level model: y_i = x_i beta + v_i + e_i with known variances of e_i.

    `areas` has one row per area: direct, variance, synthetic, gamma, estimate, mse, se, cv; areas without a
    direct estimate come last, with gamma 0. `gamma` is the weight of the direct estimate, `sigma2_v` the
    variance of v; `coefficients` has term, estimate, se. `x` (areas, p) are the covariates and `covariance`
    (p, p) that of beta. All in the unit of y, `cv` as a share.
    """

    areas: pd.DataFrame = field(repr=False)
    coefficients: pd.DataFrame
    sigma2_v: float
    method: str
    x: Floats = field(repr=False)
    covariance: Floats = field(repr=False)

    @property
    def sampled(self) -> Mask:
        """The areas (rows of `areas`) that the model was fitted to."""
        return self.areas["direct"].notna().to_numpy(dtype=np.bool_)

    def predictor(self) -> Floats:
        """The matrix (areas, sampled areas) that takes the direct estimates to the EBLUP, sigma2_v given."""
        inside = self.sampled
        x, inverse = self.x[inside], 1 / (self.sigma2_v + self.areas["variance"].to_numpy()[inside])
        regression = self.x @ self.covariance @ (x * inverse[:, None]).T
        gamma = self.areas["gamma"].to_numpy()
        matrix = (1 - gamma)[:, None] * regression
        matrix[np.flatnonzero(inside), np.arange(len(x))] += gamma[inside]
        return np.asarray(matrix)


def fay_herriot(
    data: pd.DataFrame,
    formula: str,
    variance: str,
    method: Literal["reml", "ml", "fh", "pr"] = "reml",
    unsampled: pd.DataFrame | None = None,
) -> FayHerriot:
    """Fit "direct ~ x1 + x2" with known sampling variances and predict every area (EBLUP).

    `data` has a row per area with the direct estimate, its `variance` column (squared unit of the estimate)
    and the covariates; `unsampled` has the covariates of areas without a direct estimate, which get the
    synthetic x beta. sigma2_v maximises the (restricted) likelihood, solves Fay and Herriot's (1979) moment
    equation ("fh") or follows from the residuals of least squares ("pr", Prasad and Rao 1990). The MSE is Prasad
    and Rao's g1 + g2 + 2 g3, for ML (Datta and Lahiri 2000) and "fh" (Datta, Rao and Smith 2005) less the
    bias. Raises `SurveyError` where a direct variance is missing or not positive or a covariate is
    unknown, `ModelNotFitted` with too few areas or collinear covariates.
    """
    if method not in METHODS:
        raise UnknownOption("method", method, METHODS)
    parsed = parse(formula)
    y = complete_numeric(data, parsed.response)
    d = complete_numeric(data, variance)
    if (d <= 0).any():
        row = data.index[int((d <= 0).argmax())]
        raise SurveyError(
            f"the direct variance {variance!r} of area {row!r} is {d[d <= 0][0]:.10g}; leave the area "
            "out and use its synthetic estimate"
        )
    everywhere = _together(data, unsampled, parsed)
    matrix = design_matrix(everywhere, parsed)
    x = matrix.values[: len(y)]
    _refuse_unknown(matrix, everywhere.index, formula)
    if len(y) <= x.shape[1] + 1:
        raise TooFewAreas(formula, len(y), x.shape[1])
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise ModelNotFitted(formula, f"{len(y)} areas do not identify {x.shape[1]} coefficients")
    sigma2 = _between_areas(x, y, d, method)
    return _predict(everywhere.index, matrix, y, d, sigma2, method)


def refitted(fit: FayHerriot, direct: Floats) -> FayHerriot:
    """The same model of other direct estimates (sampled areas) with the same variances."""
    inside = fit.sampled
    d = fit.areas["variance"].to_numpy()[inside]
    names = tuple(fit.coefficients["term"])
    matrix = DesignMatrix(fit.x[inside], names, names)
    sigma2 = _between_areas(matrix.values, direct, d, fit.method)
    return _predict(fit.areas.index[inside], matrix, direct, d, sigma2, fit.method)


def _together(data: pd.DataFrame, unsampled: pd.DataFrame | None, formula: Formula) -> pd.DataFrame:
    """The covariates of all areas, so that categories are coded alike."""
    used = list(dict.fromkeys(plain_name(factor) for term in formula.terms for factor in term))
    parts = [data] if unsampled is None else [data, unsampled]
    shown = [pd.DataFrame({name: column(part, name) for name in used}, index=part.index) for part in parts]
    return shown[0] if len(shown) == 1 else pd.concat(shown)


def _refuse_unknown(matrix: DesignMatrix, index: pd.Index, formula: str) -> None:
    if not matrix.known.all():
        area = index.tolist()[int((~matrix.known).argmax())]
        raise SurveyError(f"a covariate of {formula!r} is unknown in area {area!r}; every area needs all")


def _between_areas(x: Floats, y: Floats, d: Floats, method: str) -> float:
    """The root of the method's estimating equation, or zero where that is negative from zero on."""
    if method == "pr":
        return _from_least_squares(x, y, d)

    def score(sigma2: float) -> float:
        inverse = 1 / (sigma2 + d)
        xv = x * inverse[:, None]
        information = np.linalg.inv(x.T @ xv)
        residual = inverse * (y - x @ (information @ (xv.T @ y)))
        if method == "fh":
            return float(residual @ (residual / inverse) - (len(y) - x.shape[1]))
        trace = inverse.sum()
        if method == "reml":
            trace -= np.trace(information @ (xv.T @ xv))
        return float(residual @ residual - trace)

    upper = float(np.var(y)) + float(d.max())
    if score(0.0) <= 0:
        return 0.0
    while score(upper) > 0:
        upper *= 2
    return float(optimize.brentq(score, 0.0, upper, xtol=1e-15, rtol=1e-14))


def _from_least_squares(x: Floats, y: Floats, d: Floats) -> float:
    """Prasad and Rao's (1990) moment estimate."""
    orthonormal = np.linalg.qr(x)[0]
    residual = y - orthonormal @ (orthonormal.T @ y)
    leverage = (orthonormal**2).sum(axis=1)
    excess = float(residual @ residual - d @ (1 - leverage))
    return max(excess / float(len(y) - x.shape[1]), 0.0)


def _predict(
    index: pd.Index, matrix: DesignMatrix, y: Floats, d: Floats, sigma2: float, method: str
) -> FayHerriot:
    x = matrix.values[: len(y)]
    inverse = 1 / (sigma2 + d)
    covariance = np.asarray(np.linalg.inv((x * inverse[:, None]).T @ x), dtype=np.float64)
    beta = covariance @ ((x * inverse[:, None]).T @ y)
    synthetic = matrix.values @ beta
    rest = np.full(len(synthetic) - len(y), np.nan)
    gamma = np.append(sigma2 * inverse, np.zeros(len(rest)))
    direct = np.append(y, rest)
    estimate = synthetic + gamma * np.nan_to_num(direct - synthetic)
    areas = pd.DataFrame(
        {"direct": direct, "variance": np.append(d, rest), "synthetic": synthetic, "gamma": gamma}
        | {"estimate": estimate, "mse": _mse(matrix.values, d, sigma2, covariance, method)},
        index=index,
    )
    areas["se"] = np.sqrt(areas["mse"])
    size = np.abs(estimate)
    areas["cv"] = np.divide(areas["se"], size, out=np.full(len(size), np.nan), where=size > 0)
    coefficients = pd.DataFrame(
        {"term": list(matrix.names), "estimate": beta, "se": np.sqrt(np.diagonal(covariance))}
    )
    return FayHerriot(areas, coefficients, sigma2, method, matrix.values, covariance)


def _mse(x: Floats, d: Floats, sigma2: float, covariance: Floats, method: str) -> Floats:
    """For areas beyond the sampled ones the limit of a direct variance without bound."""
    inverse = 1 / (sigma2 + d)
    beyond = np.zeros(len(x) - len(d))
    shrunk = np.append(d * inverse, beyond + 1)
    g1 = sigma2 * shrunk
    g2 = shrunk**2 * np.einsum("ij,jk,ik->i", x, covariance, x)
    g3 = np.append(d**2 * inverse**3 * _variance(inverse, method), beyond)
    return np.asarray(g1 + g2 + 2 * g3 - _bias(x[: len(d)], inverse, covariance, method) * shrunk**2)


def _variance(inverse: Floats, method: str) -> float:
    """Of the estimate of sigma2_v in many areas; `inverse` holds 1 / (sigma2_v + d)."""
    if method == "fh":
        return 2 * len(inverse) / float(inverse.sum()) ** 2
    if method == "pr":
        return float(2 * (inverse**-2.0).sum() / len(inverse) ** 2)
    return float(2 / (inverse**2).sum())


def _bias(x: Floats, inverse: Floats, covariance: Floats, method: str) -> float:
    """Of the estimate of sigma2_v to first order; none for "reml" and "pr"."""
    if method == "ml":
        return float(-np.trace(covariance @ ((x * (inverse**2)[:, None]).T @ x)) / (inverse**2).sum())
    if method == "fh":
        squares = len(inverse) * (inverse**2).sum() - inverse.sum() ** 2
        return 2 * float(squares) / float(inverse.sum()) ** 3
    return 0.0
