"""Modelled and direct figures of areas as they are read on a page: named, sorted, on one scale."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from survey.cases.areas import area_names
from survey.cases.models import AreaKind
from survey.process.charts import Axis, axis
from survey.process.labels import in_language
from survey.process.methods.small_area import AreaLine, area_lines, area_results
from survey.process.models import Run
from survey.process.recipe import Indicator
from survey.process.service import recipe_used
from survey.text import plain

NAME = "name"


@dataclass(frozen=True)
class AreaRow:
    """One area by its name."""

    label: str
    line: AreaLine


@dataclass(frozen=True)
class AreaTable:
    """The areas of one indicator; `reason` says why there are none."""

    indicator: Indicator
    label: str
    method: str
    reason: str
    rows: tuple[AreaRow, ...]
    axis: Axis
    summary: Mapping[str, Any]


SORTS: dict[str, Callable[[AreaRow], Any]] = {
    "estimate": lambda row: -row.line.estimate,
    NAME: lambda row: plain(row.label),
    "n": lambda row: -row.line.n,
    "cv": lambda row: row.line.cv if row.line.cv is not None else math.inf,
    "gamma": lambda row: -row.line.gamma,
}
DEFAULT = "estimate"


def area_tables(run: Run, sort: str) -> list[AreaTable]:
    """A table an indicator that the run's recipe asks for; an order that does not exist is the usual one."""
    results = area_results(run)
    indicators = {row.code: row for row in recipe_used(run).indicators}
    return [
        _table(indicators[result.indicator], result, SORTS.get(sort, SORTS[DEFAULT]))
        for result in results
        if result.indicator in indicators
    ]


def _table(indicator: Indicator, result: Any, order: Callable[[AreaRow], Any]) -> AreaTable:
    lines, kind = area_lines(result), result.summary.get("kind")
    names = area_names(AreaKind(kind)) if kind else {}
    ends = [
        value for line in lines for value in (line.ci_low, line.ci_high, line.direct) if value is not None
    ]
    limits = (0.0, 100.0) if indicator.unit.is_percent else (-math.inf, math.inf)
    rows = (AreaRow(names.get(line.area, line.area), line) for line in lines)
    return AreaTable(
        indicator=indicator,
        label=in_language(indicator.label, "vi"),
        method=result.method,
        reason=result.reason,
        rows=tuple(sorted(rows, key=order)),
        axis=axis(ends, *limits),
        summary=result.summary,
    )
