"""A run's estimates as they are read on a page: by indicator and breakdown, with names, unit and a common scale."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from survey.process.charts import Axis, axis
from survey.process.labels import Labels, in_language, labels_of
from survey.process.models import Estimate, Run
from survey.process.recipe import Indicator, Recipe
from survey.process.service import recipe_used
from survey.process.units import Unit


@dataclass(frozen=True)
class Line:
    """One estimate with the name of its domain."""

    label: str
    estimate: Estimate


@dataclass(frozen=True)
class Block:
    """The lines of one breakdown; `label` is empty for the total."""

    label: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class IndicatorTable:
    """All estimates of one indicator on one scale."""

    indicator: Indicator
    label: str
    definition: str
    blocks: tuple[Block, ...]
    axis: Axis
    target: float | None = None

    @property
    def unit(self) -> Unit:
        """What its figures are measured in."""
        return self.indicator.unit

    @property
    def total(self) -> Estimate:
        """The estimate for the whole population."""
        return self.blocks[0].lines[0].estimate


def indicator_tables(run: Run, targets: Mapping[str, float] | None = None) -> list[IndicatorTable]:
    """The run's estimates in the order of indicators.yaml; `targets` by indicator code, in its unit."""
    recipe, targets = recipe_used(run), targets or {}
    labels = labels_of(run.round.instrument_version, recipe)
    by_code = {code: list(rows) for code, rows in groupby(run.estimates, key=lambda row: row.indicator)}
    return [
        _table(indicator, by_code[indicator.code], labels, targets.get(indicator.code))
        for indicator in recipe.indicators
        if indicator.code in by_code
    ]


def _table(
    indicator: Indicator, rows: list[Estimate], labels: Labels, target: float | None
) -> IndicatorTable:
    ends = [end for row in rows for end in (row.ci_low, row.ci_high)]
    return IndicatorTable(
        indicator=indicator,
        label=in_language(indicator.label, "vi"),
        definition=in_language(indicator.definition.get("definition") or {}, "vi"),
        blocks=tuple(_blocks(rows, labels)),
        axis=axis([*ends, *([] if target is None else [target])], *_limits(indicator.unit)),
        target=target,
    )


def _limits(unit: Unit) -> tuple[float, float]:
    """The values that a unit can have."""
    return (0.0, 100.0) if unit.is_percent else (-math.inf, math.inf)


def _blocks(rows: list[Estimate], labels: Labels) -> Iterable[Block]:
    for dimension, group in groupby(rows, key=lambda row: row.dimension):
        if dimension is None:
            yield Block("", tuple(Line("Chung", row) for row in group))
        else:
            place = {level: number for number, level in enumerate(labels.levels.get(dimension, ()))}
            rows = sorted(group, key=lambda row: place.get(row.level or "", len(place)))
            lines = (Line(labels.level(dimension, row.level or ""), row) for row in rows)
            yield Block(labels.dimension(dimension), tuple(lines))


def step_labels(run: Run, recipe: Recipe | None = None) -> Labels:
    """Names for the classes and margins in a run's weighting log."""
    return labels_of(run.round.instrument_version, recipe or recipe_used(run))
