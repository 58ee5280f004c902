"""Replicate weights of a release, and the published figures computed again with them from the released values."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import Design
from analysis.replicates.replication import Replication
from survey.instrument import compile_expression
from survey.microdata.columns import Column, Names
from survey.process.estimation import COLUMNS, DENOMINATOR, VALUE, domain_of, estimate_indicator
from survey.process.models import Run
from survey.process.recipe import EVERYBODY, RATIO, SHARE, Indicator, Recipe
from survey.process.weighting.levels import add_variables
from survey.text import in_language

MOST_UNITS = 300
"""With more first-stage units, bootstrap replicates take fewer columns than leaving out one unit after the other."""
BOOTSTRAP = 200
UNPUBLISHABLE = "unpublishable"
METHOD_NAMES = {
    "jkn": "jackknife (JKn): mỗi lần bỏ một cụm, các cụm khác cùng tầng tăng trọng số",
    "rao_wu": "bootstrap Rao–Wu: mỗi tầng chọn lại n − 1 cụm có hoàn lại",
    "preston": "bootstrap Preston: chọn lại cụm ở mọi giai đoạn, có tính tỷ lệ chọn mẫu",
}


@dataclass(frozen=True)
class Reproduced:
    """A published total beside the one from the released file; errors by linearisation and by replicates.

    `column` holds its values (empty outside its population), `over` those of a ratio's denominator.
    """

    indicator: str
    label: str
    estimand: str
    unit: str
    column: str
    over: str
    published: float
    published_se: float
    value: float
    std_error: float

    @property
    def difference(self) -> float:
        """What anonymising changed, in the indicator's unit."""
        return self.value - self.published

    @property
    def is_same(self) -> bool:
        """Whether the file gives the published value to nine digits."""
        return abs(self.difference) <= 1e-9 * max(abs(self.published), 1e-300)

    def as_mapping(self) -> dict[str, Any]:
        """For the database."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Figures:
    """Columns that hold the indicators, the published totals computed from them, and indicators that need what is
    not in the release."""

    table: pd.DataFrame
    columns: list[Column]
    reproduced: list[Reproduced]
    lost: dict[str, str]


def replicated(design: Design) -> Design:
    """The level's design with replicate weights, every weighting step of the design redone on each.

    The method follows the design: a jackknife while it needs few columns, else a bootstrap, which counts
    sampling fractions where the design has them.
    """
    stage = design.variance.structure.stages[0]  # type: ignore[attr-defined]
    if stage.n_units <= MOST_UNITS:
        return design.to_replicates("jkn")
    method = "rao_wu" if stage.fraction is None else "preston"
    return design.to_replicates(method, replicates=BOOTSTRAP)  # type: ignore[arg-type]


def variance_of(design: Design) -> Replication:
    """The replicate weights of a design that has them."""
    variance = design.variance
    assert isinstance(variance, Replication)
    return variance


def figures(
    run: Run,
    design: Design,
    released: pd.DataFrame,
    recipe: Recipe,
    level: str,
    names: Names,
) -> Figures:
    """The level's indicators from the released values alone, under the replicate weights.

    `released` has rows and index of the design's respondents; the design's other rows answered nothing.
    """
    table = add_variables(released, {n: e for n, e in recipe.variables.items() if n not in released})
    everyone = table.reindex(design.data.index)
    shadow = design.with_columns({name: everyone[name] for name in everyone})
    published = {e.indicator: e for e in run.estimates if e.dimension is None and e.quality != UNPUBLISHABLE}
    parts: list[tuple[Column, pd.Series]] = []
    found, lost = [], {}
    answered = design.data.loc[released.index]
    for indicator in (_of_everybody(one, answered) for one in recipe.indicators if one.level == level):
        absent = sorted(_needed(indicator) - set(table.columns))
        if absent:
            lost[indicator.code] = ", ".join(absent)
            continue
        made = _columns(indicator, shadow.data, names)
        parts += made
        if (estimate := published.get(indicator.code)) is not None:
            (figure,) = estimate_indicator(shadow, replace(indicator, breakdowns=()), recipe)
            columns = [column.name for column, _ in made]
            found.append(
                Reproduced(
                    indicator.code,
                    in_language(indicator.label, "vi"),
                    indicator.estimand,
                    indicator.unit.words(),
                    columns[0],
                    columns[1] if len(columns) > 1 else "",
                    estimate.value,
                    estimate.std_error,
                    figure.value,
                    figure.std_error,
                )
            )
    held = pd.DataFrame({column.name: values for column, values in parts}, index=design.data.index)
    return Figures(held.loc[released.index], [column for column, _ in parts], found, lost)


def _of_everybody(indicator: Indicator, answered: pd.DataFrame) -> Indicator:
    """The indicator without its conditions where every row meets them: a blanked age is still one of 15 or more."""
    if not domain_of(indicator, answered).all():
        return indicator
    denominator = EVERYBODY if indicator.estimand == SHARE else indicator.denominator
    return replace(indicator, population=EVERYBODY, denominator=denominator, missing="keep")


def _needed(indicator: Indicator) -> set[str]:
    expressions = (indicator.population, indicator.numerator, indicator.denominator, indicator.value)
    used = {name for text in expressions if text for name in compile_expression(text).variables}
    return used | (set(indicator.missing_in) if indicator.missing == "drop" else set())


def _columns(indicator: Indicator, data: pd.DataFrame, names: Names) -> Sequence[tuple[Column, "pd.Series"]]:
    """The indicator's value in each row of its population; two columns for a ratio."""
    counted = domain_of(indicator, data)
    made = COLUMNS[indicator.estimand](indicator, data)
    label = in_language(indicator.label, "vi")
    if indicator.estimand == RATIO:
        counted = counted & np.isfinite(made[VALUE]) & np.isfinite(made[DENOMINATOR])
    kinds = {VALUE: ("ind", label), DENOMINATOR: ("den", f"Mẫu số: {label}")}
    return [
        (
            Column(
                names.give(f"{kinds[kind][0]}_{indicator.code}"), kinds[kind][1], True, note=indicator.code
            ),
            _inside(values, counted, data.index),
        )
        for kind, values in made.items()
    ]


def _inside(values: Any, counted: npt.NDArray[np.bool_], index: pd.Index) -> "pd.Series":
    return pd.Series(np.where(counted, np.asarray(values, dtype=float), np.nan), index=index)


def example(reproduced: Sequence[Reproduced], held: Sequence[str]) -> Reproduced | None:
    """The figure for the snippets: one held against a target, else the first that a mean, total or ratio gives."""
    fit = [one for one in reproduced if one.estimand != "median"]
    return next((one for one in fit if one.indicator in held), fit[0] if fit else None)
