"""The Fay-Herriot model: direct estimates of areas, smoothed by a regression (Fay and Herriot 1979)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import optimize

from analysis.arrays import Floats
from analysis.columns import complete_numeric
from analysis.errors import ModelNotFitted, SurveyError, UnknownOption
from analysis.models.formula import design_matrix, parse

METHODS = ("reml", "ml")


@dataclass(frozen=True, eq=False)
class FayHerriot:
    """`areas` has one row per area: direct, variance, synthetic, gamma, estimate, mse, se, cv.

    `gamma` is the weight of the direct estimate; `sigma2_v` the variance between areas.
    """

    areas: pd.DataFrame = field(repr=False)
    coefficients: pd.DataFrame
    sigma2_v: float
    method: str


def fay_herriot(data: pd.DataFrame, formula: str, variance: str, method: str = "reml") -> FayHerriot:
    """Fit "direct ~ x1 + x2" with known sampling variances and predict every area (EBLUP).

    The MSE is Prasad and Rao's (1990) g1 + g2 + 2 g3, for ML less its bias (Datta and Lahiri 2000). Raises
    `SurveyError` where a direct variance is missing or not positive, `ModelNotFitted` with too few areas.
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
    matrix = design_matrix(data, parsed)
    x = matrix.values
    if len(y) <= x.shape[1] + 1 or np.linalg.matrix_rank(x) < x.shape[1]:
        raise ModelNotFitted(formula, f"{len(y)} areas do not identify {x.shape[1]} coefficients")
    sigma2 = _between_areas(x, y, d, method)
    return _predict(data, matrix.names, x, y, d, sigma2, method)


def _between_areas(x: Floats, y: Floats, d: Floats, method: str) -> float:
    """The root of the (restricted) likelihood's score, or zero where the likelihood falls from zero on."""

    def score(sigma2: float) -> float:
        inverse = 1 / (sigma2 + d)
        xv = x * inverse[:, None]
        information = np.linalg.inv(x.T @ xv)
        residual = inverse * (y - x @ (information @ (xv.T @ y)))
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


def _predict(
    data: pd.DataFrame, names: tuple[str, ...], x: Floats, y: Floats, d: Floats, sigma2: float, method: str
) -> FayHerriot:
    inverse = 1 / (sigma2 + d)
    covariance = np.linalg.inv((x * inverse[:, None]).T @ x)
    beta = covariance @ ((x * inverse[:, None]).T @ y)
    synthetic = x @ beta
    gamma = sigma2 * inverse
    estimate = synthetic + gamma * (y - synthetic)
    mse = _mse(x, d, sigma2, np.asarray(covariance, dtype=np.float64), method)
    se = np.sqrt(mse)
    areas = pd.DataFrame(
        {
            "direct": y,
            "variance": d,
            "synthetic": synthetic,
            "gamma": gamma,
            "estimate": estimate,
            "mse": mse,
            "se": se,
            "cv": np.divide(se, np.abs(estimate), out=np.full(len(y), np.nan), where=estimate != 0),
        },
        index=data.index,
    )
    coefficients = pd.DataFrame(
        {"term": list(names), "estimate": beta, "se": np.sqrt(np.diagonal(covariance))}
    )
    return FayHerriot(areas, coefficients, sigma2, method)


def _mse(x: Floats, d: Floats, sigma2: float, covariance: Floats, method: str) -> Floats:
    inverse = 1 / (sigma2 + d)
    shrunk = d * inverse
    g1 = sigma2 * shrunk
    g2 = shrunk**2 * np.einsum("ij,jk,ik->i", x, covariance, x)
    information = (inverse**2).sum() / 2
    g3 = d**2 * inverse**3 / information
    if method == "reml":
        return np.asarray(g1 + g2 + 2 * g3)
    bias = -np.trace(covariance @ ((x * (inverse**2)[:, None]).T @ x)) / (2 * information)
    return np.asarray(g1 + g2 + 2 * g3 - bias * shrunk**2)
