"""The weighting steps of a level: what each may be told, in which order they come, and the whole chain."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from analysis import Design
from survey.process.recipe import BadRecipe, Level, Recipe
from survey.process.tables import CASES, Tables
from survey.process.weighting import calibration, response
from survey.process.weighting.keys import STEP, Keys, check_keys
from survey.process.weighting.levels import level_table
from survey.process.weighting.sample import design_of
from survey.process.weighting.state import WEIGHT, Weighting

Run = Callable[[Weighting, dict[str, Any]], None]


@dataclass(frozen=True)
class Kind:
    """A kind of step: what it does, its place in the order of steps, and what it may be told."""

    run: Run
    place: int
    keys: Keys = field(default_factory=Keys)


TOTALS = ("margins", "totals")
STEPS: dict[str, Kind] = {
    "design_weight": Kind(response.design_weight, 0),
    "nonresponse": Kind(
        response.nonresponse,
        1,
        Keys(methods={"classes": ("classes",), "propensity": ("formula",)}, may=("groups",)),
    ),
    "within_household": Kind(response.within_household, 2, Keys(needs=("size",))),
    "rake": Kind(calibration.rake, 3, Keys(needs=("margins",), may=("controls",))),
    "poststratify": Kind(calibration.poststratify, 3, Keys(needs=("by",), may=("controls",))),
    "calibrate": Kind(
        calibration.calibrate,
        3,
        Keys(one_of=TOTALS, may=("controls", "distance", "bounds", "by_unit")),
    ),
    "trim": Kind(calibration.trim, 3, Keys(one_of=("lower", "upper"), may=("strict",))),
}


def check_steps(level: Level) -> None:
    """Raise `BadRecipe`, naming step and key, for steps that are unknown, told something wrong or out of order."""
    place = 0
    for number, step in enumerate(level.steps, 1):
        name = step.get(STEP)
        if name not in STEPS:
            raise BadRecipe(f"design.yaml, {level.name}: không có bước {name!r}.", f"Có: {', '.join(STEPS)}.")
        where = f"design.yaml, {level.name}, bước {number} ({name})"
        check_keys(where, step, STEPS[name].keys)
        if STEPS[name].place < place or (name == "design_weight" and number > 1):
            raise BadRecipe(
                f"{where}: đứng sai thứ tự.",
                "Thứ tự: design_weight, nonresponse, within_household, rồi các bước hiệu chỉnh và cắt trọng số.",
            )
        place = STEPS[name].place


def weighted_design(tables: Tables, level: Level, recipe: Recipe) -> tuple[Design, list[dict[str, Any]]]:
    """The design of a level with its final weights, and the record of each step.

    Raises `BadRecipe` for an unknown step, key or column, and the errors of `analysis` (for instance
    `NoConvergence`, naming margin and level) when weights cannot be had.
    """
    check_steps(level)
    data = level_table(tables, level, recipe)
    work = Weighting(level, recipe, tables.get(CASES, pd.DataFrame()), data)
    for step in level.steps:
        STEPS[step[STEP]].run(work, step)
    if work.design is None:
        if work.log:
            work.weigh_rows()
        work.design = design_of(work, _given_weight(work))
    return work.design, work.log


def _given_weight(work: Weighting) -> str:
    if work.log:
        return WEIGHT
    weight = work.level.weight or WEIGHT
    if weight not in work.data:
        raise BadRecipe(
            f"design.yaml, {work.level.name}: bảng không có cột trọng số {weight!r}.",
            "Ghi `weight:` là một biến của phiếu, hoặc bắt đầu các bước bằng design_weight.",
        )
    work.record("given", work.data[weight].astype(float), weight=weight)
    return weight
