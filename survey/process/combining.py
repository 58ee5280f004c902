"""Figures of several imputations as one, whose errors count the imputing (Rubin 1987)."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from math import isfinite

import pandas as pd

from analysis import Design
from analysis.imputation import combine
from survey.process.estimation import PERCENT, Figure, estimate_indicator, quality_of
from survey.process.recipe import Indicator, Recipe

FIGURES = {
    "value": "estimate", "std_error": "se", "ci_low": "ci_low", "ci_high": "ci_high", "cv": "cv", "df": "df",
    "deff": "deff", "n": "n", "n_psu": "n_psu",
}  # fmt: skip
PLACE = ("indicator", "dimension", "level")


def estimate_repeats(designs: Sequence[Design], indicator: Indicator, recipe: Recipe) -> Iterator[Figure]:
    """The indicator's figures over the designs of all repeats; those of one design as they are.

    Where repeats differ, the estimate is their mean and the error adds how they differ; the interval is then
    symmetric, within what the unit can have. A figure that no imputed value touches stays as it was.
    """
    made = [list(estimate_indicator(design, indicator, recipe)) for design in designs]
    if len(made) == 1:
        yield from made[0]
        return
    by_place = [{tuple(getattr(figure, name) for name in PLACE): figure for figure in one} for one in made]
    for place, first in by_place[0].items():
        repeats = [one[place] for one in by_place if place in one]
        alike = all((each.value, each.std_error) == (first.value, first.std_error) for each in repeats)
        yield first if alike or len(repeats) < len(made) else _combined(repeats, indicator, recipe)


def _combined(repeats: Sequence[Figure], indicator: Indicator, recipe: Recipe) -> Figure:
    rows = combine([_frame(figure) for figure in repeats]).iloc[0]
    low, high = (0.0, PERCENT) if indicator.unit.is_percent else (-float("inf"), float("inf"))
    figure = replace(
        repeats[0],
        value=float(rows["estimate"]),
        std_error=float(rows["se"]),
        ci_low=max(low, float(rows["ci_low"])),
        ci_high=min(high, float(rows["ci_high"])),
        cv=float(rows["cv"]) if isfinite(rows["cv"]) else None,
        df=float(rows["df"]),
    )
    return replace(figure, quality=quality_of(figure, recipe.quality))


def _frame(figure: Figure) -> pd.DataFrame:
    values = {FIGURES[f.name]: [getattr(figure, f.name)] for f in fields(figure) if f.name in FIGURES}
    return pd.DataFrame(values).astype(float)
