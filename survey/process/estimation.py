"""Indicators as estimates: numerator over denominator, by breakdown, under the survey's design."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import Design
from survey.instrument import evaluate_column
from survey.process.recipe import BadRecipe, Indicator, Recipe

PERCENT = 100.0


@dataclass(frozen=True)
class Figure:
    """One estimate in percent; `dimension` and `level` are empty for the total."""

    indicator: str
    dimension: str | None
    level: str | None
    value: float
    std_error: float
    ci_low: float
    ci_high: float
    cv: float | None
    df: float
    deff: float | None
    n: int
    n_psu: int
    quality: str


def estimate_indicator(design: Design, indicator: Indicator, recipe: Recipe) -> Iterator[Figure]:
    """The indicator's total and each of its breakdowns.

    Units outside the population or the denominator stay in the design as a domain, or the error is too small.
    """
    numerator = _truth(indicator.numerator, design.data, indicator)
    counted = _domain(indicator, design.data)
    yield from _figures(design, numerator, counted, indicator, recipe, None)
    for dimension in indicator.breakdowns:
        if dimension not in design.data:
            raise BadRecipe(
                f"{indicator.code}: không có biến phân tổ {dimension!r}.",
                "Thêm vào `variables:` của indicators.yaml.",
            )
        yield from _figures(design, numerator, counted, indicator, recipe, dimension)


def _domain(indicator: Indicator, data: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Who counts in the denominator, by population, denominator and the rule for missing values."""
    counted = _truth(indicator.population, data, indicator) & _truth(indicator.denominator, data, indicator)
    if indicator.missing == "drop":
        for name in indicator.missing_in:
            value = data[name].astype("string").fillna("")
            counted &= ~value.isin(["", *indicator.missing_values]).to_numpy(dtype=bool)
    return counted


def _truth(expression: str, data: pd.DataFrame, indicator: Indicator) -> npt.NDArray[np.bool_]:
    try:
        return np.asarray(evaluate_column(expression, data), dtype=bool)
    except KeyError as missing:
        raise BadRecipe(
            f"{indicator.code}: {expression}: không có biến {missing}.", "Sửa indicators.yaml."
        ) from missing


def _figures(
    design: Design,
    numerator: npt.NDArray[np.bool_],
    counted: npt.NDArray[np.bool_],
    indicator: Indicator,
    recipe: Recipe,
    dimension: str | None,
) -> Iterator[Figure]:
    table = design.with_columns({"_share": numerator.astype(float)}).proportion(
        "_share", by=[dimension] if dimension else None, where=counted, ci="logit", deff=recipe.deff
    )
    for row in table.to_dict("records"):
        level = None if dimension is None else str(row[dimension])
        figure = Figure(
            indicator=indicator.code,
            dimension=dimension,
            level=level,
            value=PERCENT * row["estimate"],
            std_error=PERCENT * row["se"],
            ci_low=PERCENT * row["ci_low"],
            ci_high=PERCENT * row["ci_high"],
            cv=_finite(row["cv"]),
            df=row["df"],
            deff=_finite(row["deff"]),
            n=int(row["n"]),
            n_psu=int(row["n_psu"]),
            quality="good",
        )
        yield replace(figure, quality=_quality(figure, recipe.quality))


def _finite(value: Any) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None


def _quality(figure: Figure, limits: dict[str, float]) -> str:
    """`unpublishable` under the minimum sample or over the highest CV; `caution` over the lower CV limit."""
    cv = figure.cv if figure.cv is not None else np.inf
    if figure.n < limits.get("minimum_n", 30) or cv > limits.get("cv_publish", np.inf):
        return "unpublishable"
    return "caution" if cv > limits.get("cv_caution", np.inf) else "good"
