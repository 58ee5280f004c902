"""One call from a design to a table of areas: direct estimates, model, benchmark, errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from analysis.arrays import Floats
from analysis.columns import column, numeric
from analysis.errors import MixedSources, ShareOutOfRange, SurveyError, UnknownOption
from analysis.estimation import Estimation
from analysis.small_area.benchmark import (
    METHODS,
    BenchmarkMethod,
    Target,
    benchmark,
    benchmarking_error,
    population_shares,
)
from analysis.small_area.direct import (
    Rules,
    Transform,
    Unusable,
    Variances,
    direct_estimates,
    is_share,
    target_of,
    usable,
)
from analysis.small_area.fay_herriot import FayHerriot, fay_herriot
from analysis.small_area.transforms import RESTORED, Restored

COLUMNS = (
    "n", "n_psu", "direct", "direct_se", "direct_cv", "variance_source", "basis", "reason", "gamma",
    "synthetic", "eblup", "eblup_mse", "estimate", "mse", "se", "cv", "ci_low", "ci_high", "population",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class SmallAreas:
    """Estimates of every area, benchmarked to the direct figure of the whole; `source` says they are modelled.

    `areas` has a row per area: n, n_psu, direct, direct_se, direct_cv, `variance_source` ("direct", "gvf",
    "pooled_deff", "" if the area did not enter the model), `basis` ("eblup" or "synthetic"), `reason` of a
    synthetic estimate, gamma (weight of the direct estimate), synthetic, eblup, eblup_mse (before
    benchmarking), estimate, mse, se, cv, ci_low, ci_high (after), population. `target` and `target_se` are
    the direct figure and its error; `fit` is the model, on its own scale where `transform` has one.
    """

    areas: pd.DataFrame = field(repr=False)
    fit: FayHerriot = field(repr=False)
    variable: str
    target: float
    target_se: float
    benchmark: str | None
    transform: str
    source: Literal["small_area"] = field(default="small_area", init=False)


def from_design(
    design: Estimation,
    variable: str,
    area: str,
    covariates: pd.DataFrame,
    population: pd.Series,
    formula: str | None = None,
    method: Literal["reml", "ml"] = "reml",
    variances: Variances = "direct",
    unusable: Unusable = "refuse",
    transform: Transform = "none",
    minimum_n: int = 5,
    minimum_psu: int = 2,
    benchmark: BenchmarkMethod | None = "difference",
    level: float = 0.95,
) -> SmallAreas:
    """Fay-Herriot estimates of the mean of `variable` in every area that `covariates` lists.

    `covariates` (areas, p) and `population` (counts) are indexed by the values of column `area`; `formula`
    "~ x1 + x2" defaults to all covariates. A direct variance is unusable where it is zero or missing, or
    the area has fewer than `minimum_n` respondents or `minimum_psu` PSUs: `unusable` "refuse" stops with
    the areas, "synthetic" takes them as unsampled, "gvf" gives them a variance smoothed over all areas
    (variances="gvf" gives it to all). `transform` "arcsine" models arcsin(sqrt(share)) with variances
    that depend on n and one design effect only, for shares near 0 or 1 (sound where n
    times the rarer share is about 2 or more). With `benchmark` the population-weighted areas add up to the
    direct figure of the whole. Raises `UnsuitableDesign`, `MixedSources` for an opt-in sample,
    `ModelNotFitted`, and `SurveyError` where a share would leave 0 to 1.
    """
    if not isinstance(design, Estimation):
        raise MixedSources(f"design is a {type(design).__name__}, not a probability design")
    if benchmark is not None and benchmark not in METHODS:
        raise UnknownOption("benchmark", benchmark, (*METHODS, None))
    column(design.data, area)
    _refuse_twice(covariates.index)
    rules = Rules(variances, unusable, transform, minimum_n, minimum_psu)
    shares = population_shares(population, covariates.index)
    prepared = usable(direct_estimates(design, variable, area, covariates.index), rules)
    fit = _fitted(prepared, covariates, formula, method)
    restored = RESTORED[transform](fit)
    target = Target(*target_of(design, variable), prepared["share"].to_numpy(), np.ones(len(shares)))
    bounded = is_share(numeric(design.data, variable))
    whole = _Whole(target, shares, benchmark, bounded)
    order = fit.areas.index
    table = _table(prepared.loc[order], fit, restored, whole.reordered(covariates.index, order), level)
    table["population"] = population.reindex(order)
    areas = table.loc[covariates.index, list(COLUMNS)]
    se = float(np.sqrt(target.variance))
    return SmallAreas(areas, fit, variable, target.estimate, se, benchmark, transform)


@dataclass(frozen=True, eq=False)
class _Whole:
    """The direct figure of the whole, the population shares (areas), and whether figures are shares."""

    target: Target
    population: Floats
    method: BenchmarkMethod | None
    bounded: bool

    def reordered(self, index: pd.Index, order: pd.Index) -> _Whole:
        at = index.get_indexer(order)
        t = self.target
        moved = Target(t.estimate, t.variance, t.share[at], t.error_scale[at])
        return _Whole(moved, self.population[at], self.method, self.bounded)


def _refuse_twice(index: pd.Index) -> None:
    if not index.is_unique:
        raise SurveyError(f"covariates name area {index[index.duplicated()].tolist()[0]!r} twice")


def _fitted(prepared: pd.DataFrame, covariates: pd.DataFrame, formula: str | None, method: str) -> FayHerriot:
    """The model of the usable areas; the others follow with synthetic predictions."""
    right = formula or "~ " + (" + ".join(f"`{name}`" for name in covariates.columns) or "1")
    inside = prepared["y"].notna().to_numpy()
    data = covariates.assign(_y=prepared["y"], _variance=prepared["variance"])
    model = f"_y ~ {right.split('~', 1)[-1]}"
    kind: Literal["reml", "ml"] = "ml" if method == "ml" else "reml"
    if method not in ("reml", "ml"):
        raise UnknownOption("method", method, ("reml", "ml"))
    return fay_herriot(data.loc[inside], model, "_variance", kind, covariates.loc[~inside])


def _table(
    prepared: pd.DataFrame, fit: FayHerriot, restored: Restored, whole: _Whole, level: float
) -> pd.DataFrame:
    estimate, mse = _benchmarked(fit, restored, whole)
    table = prepared.assign(
        basis=np.where(fit.sampled, "eblup", "synthetic"),
        gamma=fit.areas["gamma"],
        synthetic=restored.synthetic,
        eblup=restored.estimate,
        eblup_mse=restored.mse,
        estimate=estimate,
        mse=mse,
        se=np.sqrt(mse),
    )
    table["direct_cv"] = table["direct_se"] / table["direct"].abs().where(table["direct"] != 0)
    table["cv"] = table["se"] / table["estimate"].abs().where(table["estimate"] != 0)
    limits = _share_limits if whole.bounded else _limits
    table["ci_low"], table["ci_high"] = limits(estimate, np.sqrt(mse), level)
    return table


def _benchmarked(fit: FayHerriot, restored: Restored, whole: _Whole) -> tuple[Floats, Floats]:
    if whole.method is None:
        return restored.estimate, restored.mse
    index = fit.areas.index
    moved = benchmark(
        pd.Series(restored.estimate, index=index),
        pd.Series(whole.population, index=index),
        whole.target.estimate,
        whole.method,
    ).to_numpy()
    if whole.bounded and ((moved < 0) | (moved > 1)).any():
        area = index.tolist()[int(((moved < 0) | (moved > 1)).argmax())]
        raise ShareOutOfRange(area, float(moved[(moved < 0) | (moved > 1)][0]))
    t = whole.target
    target = Target(t.estimate, t.variance, t.share, restored.slope)
    added = benchmarking_error(fit, moved, whole.population, target, whole.method)
    return moved, np.asarray(np.maximum(restored.mse + added, 0.0))


def _limits(estimate: Floats, se: Floats, level: float) -> tuple[Floats, Floats]:
    reach = float(stats.norm.ppf(0.5 + level / 2)) * se
    return estimate - reach, estimate + reach


def _share_limits(estimate: Floats, se: Floats, level: float) -> tuple[Floats, Floats]:
    """Symmetric on the scale of arcsin(sqrt(share)), so that they stay between 0 and 1."""
    angle = np.arcsin(np.sqrt(estimate))
    slope = np.maximum(np.sin(2 * angle), 1e-12)
    low, high = _limits(angle, se / slope, level)
    ends = (np.clip(low, 0, np.pi / 2), np.clip(high, 0, np.pi / 2))
    return np.sin(ends[0]) ** 2, np.sin(ends[1]) ** 2
