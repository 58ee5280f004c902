"""Does an area-level model hold? Residuals, influence, normality, and a test of bias against the direct figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.arrays import Floats
from analysis.errors import UnknownOption
from analysis.small_area.fay_herriot import FayHerriot, refitted
from analysis.small_area.from_design import SmallAreas


def area_diagnostics(model: FayHerriot | SmallAreas) -> pd.DataFrame:
    """A row per area that the model was fitted to, on the model's scale.

    direct, synthetic, estimate; `residual` = direct - synthetic and `std_residual`, over its standard error
    (beyond 2 deserves a look); `leverage`, adding up to the number of coefficients, and Cook's distance
    `cook` of the weighted regression (Cook 1977; above 4 / areas deserves a look); `gamma`, the weight of
    the direct estimate; `cv_direct` and `cv_model` in the unit of the variable, and their ratio `cv_gain`
    (below 1 where the model helps). Residuals after Rao and Molina (2015), section 6.4.
    """
    fit = _fit(model)
    rows = fit.areas.loc[fit.sampled]
    total = fit.sigma2_v + rows["variance"].to_numpy()
    x = fit.x[fit.sampled]
    explained = np.einsum("ij,jk,ik->i", x, fit.covariance, x)
    residual = (rows["direct"] - rows["synthetic"]).to_numpy()
    leverage = explained / total
    standard = residual / np.sqrt(total - explained)
    table = rows[["direct", "synthetic", "estimate", "gamma"]].copy()
    table["residual"], table["std_residual"] = residual, standard
    table["leverage"] = leverage
    table["cook"] = standard**2 * leverage / (1 - leverage) / x.shape[1]
    return table.assign(**_precision(model, table.index))


def _precision(model: FayHerriot | SmallAreas, index: pd.Index) -> dict[str, pd.Series]:
    """The coefficients of variation of direct and modelled figures."""
    areas = model.areas.loc[index]
    if isinstance(model, SmallAreas):
        direct = areas["direct_cv"]
    else:
        direct = np.sqrt(areas["variance"]) / areas["direct"].abs().where(areas["direct"] != 0)
    return {"cv_direct": direct, "cv_model": areas["cv"], "cv_gain": areas["cv"] / direct}


def normality(model: FayHerriot | SmallAreas) -> pd.DataFrame:
    """Tests that the standardised residuals are normal: one row each with statistic and p_value.

    Shapiro and Wilk (1965) and, for skewness and for kurtosis, D'Agostino and Anscombe's tests; the latter
    two need 20 areas and are left out below.
    """
    residuals = area_diagnostics(model)["std_residual"].to_numpy()
    tests: dict[str, Callable[[Floats], Any]] = {"shapiro_wilk": stats.shapiro}
    if len(residuals) >= 20:
        tests |= {"skewness": stats.skewtest, "kurtosis": stats.kurtosistest}
    rows = [(name, *map(float, test(residuals))) for name, test in tests.items()]
    return pd.DataFrame(rows, columns=["test", "statistic", "p_value"])


def bias_test(model: FayHerriot | SmallAreas, replicates: int = 199, seed: int = 1) -> pd.DataFrame:
    """Are modelled estimates biased against the direct ones? Brown, Chambers, Heady and Heasman (2001).

    "calibration": the weighted regression direct = a + b estimate over the sampled areas; `statistic` is F
    of (a, b) = (0, 1), with intercept and slope beside it. "goodness_of_fit": the sum of squared differences
    over the sum of both variances, near the number of areas or below. The p values come from `replicates`
    samples drawn from the fitted model and fitted anew (parametric bootstrap), since shrinkage by itself
    pulls the slope above 1 and F is then no F. On the model's scale; a row per test.
    """
    if replicates < 19:
        raise UnknownOption("replicates", replicates, "19 or more")
    fit = _fit(model)
    observed, rng = _statistics(fit), np.random.default_rng(seed)
    drawn = np.array([_statistics(refitted(fit, _sample(fit, rng)))[:2] for _ in range(replicates)])
    p = (1 + (drawn >= observed[:2]).sum(axis=0)) / (replicates + 1)
    return pd.DataFrame(
        {
            "test": ["calibration", "goodness_of_fit"],
            "statistic": observed[:2],
            "p_value": p,
            "intercept": [observed[2], np.nan],
            "slope": [observed[3], np.nan],
        }
    )


def _statistics(fit: FayHerriot) -> Floats:
    """F, goodness of fit, intercept, slope."""
    rows = fit.areas.loc[fit.sampled]
    y, estimate = rows["direct"].to_numpy(), rows["estimate"].to_numpy()
    weight = 1 / rows["variance"].to_numpy()
    x = np.column_stack([np.ones(len(y)), estimate])
    line = np.linalg.lstsq(x * np.sqrt(weight)[:, None], y * np.sqrt(weight), rcond=None)[0]
    rest = float(weight @ (y - x @ line) ** 2)
    gap = float(weight @ (y - estimate) ** 2) - rest
    f = gap / 2 / (rest / (len(y) - 2))
    fit_gap = float(((y - estimate) ** 2 / (rows["variance"] + rows["mse"])).sum())
    return np.array([f, fit_gap, line[0], line[1]])


def _sample(fit: FayHerriot, rng: np.random.Generator) -> Floats:
    rows = fit.areas.loc[fit.sampled]
    deviation = np.sqrt(fit.sigma2_v + rows["variance"].to_numpy())
    return np.asarray(rows["synthetic"].to_numpy() + rng.normal(size=len(rows)) * deviation)


def _fit(model: FayHerriot | SmallAreas) -> FayHerriot:
    return model.fit if isinstance(model, SmallAreas) else model
