"""Indicators as estimates, in total and by breakdown, under the survey's design."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import Design
from survey.instrument import compile_expression, evaluate_column
from survey.process.recipe import RATIO, SHARE, BadRecipe, Indicator, Recipe

PERCENT = 100.0
VALUE, DENOMINATOR = "_value", "_denominator"
Truths = npt.NDArray[np.bool_]


class Measured(Protocol):
    """What quality is judged by, of a figure or a stored estimate."""

    @property
    def ci_low(self) -> float: ...
    @property
    def ci_high(self) -> float: ...
    @property
    def cv(self) -> float | None: ...
    @property
    def n(self) -> int: ...


@dataclass(frozen=True)
class Figure:
    """One estimate in the unit of its indicator; `dimension` and `level` are empty for the total."""

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
    counted = domain_of(indicator, design.data)
    measured = design.with_columns(COLUMNS[indicator.estimand](indicator, design.data))
    yield from _figures(measured, counted, indicator, recipe, None)
    for dimension in indicator.breakdowns:
        if dimension not in design.data:
            raise BadRecipe(
                f"{indicator.code}: không có biến phân tổ {dimension!r}.",
                "Thêm vào `variables:` của indicators.yaml.",
            )
        yield from _figures(measured, counted, indicator, recipe, dimension)


def domain_of(indicator: Indicator, data: pd.DataFrame) -> Truths:
    """Who counts, by population, a share's denominator and the rule for missing values."""
    counted = _truth(indicator.population, data, indicator)
    if indicator.estimand == SHARE:
        counted = counted & _truth(indicator.denominator, data, indicator)
    if indicator.missing == "drop":
        for name in indicator.missing_in:
            value = data[name].astype("string").fillna("")
            counted = counted & ~value.isin(["", *indicator.missing_values]).to_numpy(dtype=bool)
    return counted


def _truth(expression: str, data: pd.DataFrame, indicator: Indicator) -> Truths:
    return np.asarray(_evaluated(expression, data, indicator), dtype=bool)


def _numbers(expression: str, data: pd.DataFrame, indicator: Indicator) -> npt.NDArray[np.float64]:
    """The expression as numbers; NaN where an answer is empty or no number."""
    return np.asarray(_evaluated(f"number({expression})", data, indicator), dtype=float)


def _evaluated(expression: str, data: pd.DataFrame, indicator: Indicator) -> "pd.Series[Any]":
    missing = sorted(compile_expression(expression).variables - set(data.columns))
    if missing:
        raise BadRecipe(
            f"{indicator.code}: {expression}: không có biến {', '.join(missing)}.", "Sửa indicators.yaml."
        )
    return evaluate_column(expression, data)


def _share_columns(indicator: Indicator, data: pd.DataFrame) -> dict[str, Any]:
    return {VALUE: _truth(indicator.numerator, data, indicator).astype(float)}


def _ratio_columns(indicator: Indicator, data: pd.DataFrame) -> dict[str, Any]:
    return {
        VALUE: _numbers(indicator.numerator, data, indicator),
        DENOMINATOR: _numbers(indicator.denominator, data, indicator),
    }


def _value_columns(indicator: Indicator, data: pd.DataFrame) -> dict[str, Any]:
    return {VALUE: _numbers(indicator.value, data, indicator)}


COLUMNS: dict[str, Callable[[Indicator, pd.DataFrame], dict[str, Any]]] = {
    SHARE: _share_columns,
    RATIO: _ratio_columns,
    "mean": _value_columns,
    "total": _value_columns,
    "median": _value_columns,
}
# A level in which nobody is known is no reason to refuse the others.
KEEP: dict[str, Any] = {"empty": "keep"}
# A figure counts the units whose numbers are known; the others are no part of it.
ESTIMATORS: dict[str, Callable[..., pd.DataFrame]] = {
    SHARE: lambda design, deff, **domain: design.proportion(VALUE, ci="logit", deff=deff, **KEEP, **domain),
    RATIO: lambda design, deff, **domain: design.ratio(VALUE, DENOMINATOR, deff=deff, **KEEP, **domain),
    "mean": lambda design, deff, **domain: design.mean(VALUE, deff=deff, **KEEP, **domain),
    "total": lambda design, deff, **domain: design.total(VALUE, deff=deff, **KEEP, **domain),
    "median": lambda design, deff, **domain: design.quantile(VALUE, 0.5, **domain),
}


def scale_of(indicator: Indicator) -> float:
    """What estimates are multiplied by to be in the unit of the indicator."""
    return PERCENT if indicator.unit.is_percent and indicator.estimand in (SHARE, RATIO) else 1.0


def _figures(
    design: Design, counted: Truths, indicator: Indicator, recipe: Recipe, dimension: str | None
) -> Iterator[Figure]:
    by = [dimension] if dimension else None
    table = ESTIMATORS[indicator.estimand](design, recipe.deff, by=by, where=counted)
    scale = scale_of(indicator)
    for row in table[table["n"] > 0].to_dict("records"):
        level = None if dimension is None else str(row[dimension])
        figure = Figure(
            indicator=indicator.code,
            dimension=dimension,
            level=level,
            value=scale * row["estimate"],
            std_error=scale * row["se"],
            ci_low=scale * row["ci_low"],
            ci_high=scale * row["ci_high"],
            cv=_finite(row["cv"]),
            df=row["df"],
            deff=_finite(row["deff"]),
            n=int(row["n"]),
            n_psu=int(row["n_psu"]),
            quality="good",
        )
        yield replace(figure, quality=quality_of(figure, recipe.quality))


def _finite(value: Any) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None


def quality_of(figure: Figure, limits: dict[str, float]) -> str:
    """`unpublishable` where the figure falls short of a limit, `caution` above the lower CV limit."""
    if shortfalls(figure, limits):
        return "unpublishable"
    return "caution" if _cv(figure) > limits.get("cv_caution", np.inf) else "good"


def _cv(figure: Measured) -> float:
    return figure.cv if figure.cv is not None else np.inf


def shortfalls(figure: Measured, limits: Mapping[str, float]) -> tuple[str, ...]:
    """Which limits keep a figure back: `limits` of its interval, `minimum_n` (30 unless given), `cv_publish`."""
    bounded = bool(np.isfinite([figure.ci_low, figure.ci_high]).all())
    failed = {
        "limits": not bounded,
        "minimum_n": figure.n < limits.get("minimum_n", 30),
        "cv_publish": _cv(figure) > limits.get("cv_publish", np.inf),
    }
    return tuple(name for name, short in failed.items() if short)
