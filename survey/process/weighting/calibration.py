"""The steps that fit weights to population totals, and the cutting of extreme weights.

They follow one another on one design, so that its errors count every one of them.
"""

from typing import Any

import numpy as np
import pandas as pd

from analysis import Design
from survey.process.recipe import BadRecipe
from survey.process.weighting.controls import (
    CROSS,
    controls_of,
    crossed,
    level_totals,
    levels_of_silent_rows,
    number_total,
)
from survey.process.weighting.diagnostics import margin, numeric_margin
from survey.process.weighting.sample import design_of
from survey.process.weighting.state import Weighting

Margins = dict[str, "pd.Series[float]"]


def rake(work: Weighting, step: dict[str, Any]) -> None:
    """Weights meet the population totals of each margin in controls.csv."""
    margins = _margins(work, step, step["margins"])
    design = _ready(work, margins)
    _calibrated(work, "rake", design.rake(margins), margins)


def poststratify(work: Weighting, step: dict[str, Any]) -> None:
    """Weights meet the population total of every cell of the crossed variables."""
    cells = CROSS.join(step["by"])
    margins = _margins(work, step, [cells], key="by")
    design = _ready(work, margins)
    _calibrated(work, "poststratify", design.poststratify(cells, margins[cells]), margins)


def calibrate(work: Weighting, step: dict[str, Any]) -> None:
    """Weights meet the totals of margins and of numbers, by a distance, within bounds, alike in a unit."""
    margins = _margins(work, step, step.get("margins", ()))
    numbers = _numbers(work, step)
    design = _ready(work, margins, [*numbers, *_names(step.get("by_unit"))])
    calibrated = design.calibrate(
        {**margins, **numbers},
        distance=step.get("distance", "linear"),
        bounds=tuple(step["bounds"]) if "bounds" in step else None,
        by_unit=_names(step.get("by_unit")) or None,
    )
    method = {name: step[name] for name in ("distance", "bounds", "by_unit") if name in step}
    _calibrated(work, "calibrate", calibrated, margins, numbers, method=method)


def trim(work: Weighting, step: dict[str, Any]) -> None:
    """Weights outside the limits are cut to them; the others take over what was cut, so the sum stays."""
    design = _ready(work, {})
    before = work.present_weights()
    lower, upper = float(step.get("lower", 0.0)), float(step.get("upper", np.inf))
    work.design = design.trim(lower, upper, strict=step.get("strict", False))
    outside = int(((before < lower) | (before > upper)).sum())
    limits = {name: float(step[name]) for name in ("lower", "upper") if name in step}
    work.record("trim", work.present_weights(), before, limits=limits, outside=outside)


def _names(given: Any) -> list[str]:
    return [given] if isinstance(given, str) else list(given or ())


def _margins(work: Weighting, step: dict[str, Any], names: Any, key: str = "margins") -> Margins:
    """Totals by margin; a crossed margin becomes a column of the level's rows."""
    work.weigh_rows()
    if not names:
        return {}
    controls = controls_of(work, step)
    margins = {name: level_totals(controls, name) for name in names}
    for name in margins:
        if name not in work.data:
            _add_column(work, name, crossed(work.data, name, key))
    return margins


def _add_column(work: Weighting, name: str, column: "pd.Series[str]") -> None:
    work.data = work.data.assign(**{name: column})
    if work.design is not None:  # its further rows are silent and get a level where the step looks
        silent = np.full(len(work.design.data) - len(column), None)
        work.design = work.design.with_columns({name: np.concatenate([column.to_numpy(object), silent])})


def _numbers(work: Weighting, step: dict[str, Any]) -> dict[str, float]:
    names = _names(step.get("totals"))
    missing = [name for name in names if name not in work.data]
    if missing:
        raise BadRecipe(
            f"design.yaml, {work.level.name}: bảng không có cột {', '.join(missing)}.",
            "Sửa `totals:` của bước calibrate.",
        )
    return {name: number_total(controls_of(work, step), name) for name in names}


def _ready(work: Weighting, margins: Margins, others: list[str] | None = None) -> Design:
    """The design so far, whose rows of weight 0 have a value wherever the step looks."""
    work.weigh_rows()
    design = design_of(work) if work.design is None else work.design
    filled: dict[str, Any] = dict(levels_of_silent_rows(design.data, margins))
    silent = np.arange(len(design.data)) >= len(work.data)
    for name in others or ():
        if name not in design.data:
            raise BadRecipe(
                f"design.yaml, {work.level.name}: bảng không có cột {name}.",
                "Sửa `by_unit:` của bước calibrate.",
            )
        filled[name] = _filled(design.data[name], silent)
    return design.with_columns(filled)


def _filled(values: "pd.Series[Any]", silent: Any) -> Any:
    """Numbers are 0 in the rows that are silent; ids are their own there."""
    if pd.api.types.is_numeric_dtype(values):
        return values.astype(float).mask(silent, 0.0)
    own = pd.Series([f"silent {row}" for row in range(len(values))], index=values.index)
    return values.astype(object).mask(silent, own)


def _calibrated(
    work: Weighting,
    name: str,
    design: Design,
    margins: Margins,
    numbers: dict[str, float] | None = None,
    **detail: Any,
) -> None:
    """Keep the calibrated design and record what it did to its margins."""
    before = work.present_weights()
    work.design = design
    after, data = work.present_weights(), work.data
    met = [margin(key, data[key], before, after, target) for key, target in margins.items()]
    for key, total in (numbers or {}).items():
        met.append(numeric_margin(key, data[key].astype(float), before, after, total))
    work.record(name, after, before, margins=met, **detail)
