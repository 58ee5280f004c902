"""Figures of the sample, of volunteers and of both by a named method, as they are read on a page."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey.process.charts import Axis, axis
from survey.process.labels import in_language
from survey.process.methods.volunteers import SourceLine, opt_in_results, source_lines
from survey.process.models import MethodResult, Run
from survey.process.recipe import Indicator
from survey.process.service import recipe_used


@dataclass(frozen=True)
class SourceTable:
    """The estimates of one indicator by source on one scale; `reason` says why there are none."""

    indicator: Indicator
    label: str
    reason: str
    lines: tuple[SourceLine, ...]
    axis: Axis
    summary: Mapping[str, Any]


def source_tables(run: Run) -> list[SourceTable]:
    """A table an indicator that the run's recipe asks for."""
    indicators = {row.code: row for row in recipe_used(run).indicators}
    return [
        _table(indicators[result.indicator], result)
        for result in opt_in_results(run)
        if result.indicator in indicators
    ]


def _table(indicator: Indicator, result: MethodResult) -> SourceTable:
    lines = tuple(source_lines(result))
    ends = [end for line in lines for end in (line.value, line.ci_low, line.ci_high) if end is not None]
    limits = (0.0, 100.0) if indicator.unit.is_percent else (-math.inf, math.inf)
    return SourceTable(
        indicator=indicator,
        label=in_language(indicator.label, "vi"),
        reason=result.reason,
        lines=lines,
        axis=axis(ends, *limits),
        summary=result.summary,
    )
