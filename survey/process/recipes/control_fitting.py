"""Whether totals go with the steps that use them, with the questionnaire's levels and with the sample's answers."""

from collections.abc import Iterator

import pandas as pd
from sqlalchemy import select

from survey.extensions import db
from survey.formats import number
from survey.process import service as processing
from survey.process.folders import present
from survey.process.models import Run, Snapshot
from survey.process.recipe import BadRecipe, Level, Recipe
from survey.process.recipes.fitting import level_mismatches
from survey.process.recipes.ground import Ground
from survey.process.recipes.totals import is_number
from survey.process.tables import read_tables
from survey.process.weighting import level_table
from survey.process.weighting.controls import CONTROLS, CROSS, crossed
from survey.rounds.models import Round


def misfits(round_: Round, file: str, margins: dict[str, dict[str, float]]) -> Iterator[tuple[str, str]]:
    """What does not go with the steps that use this file, with the questionnaire's levels, or with the sample."""
    ground, recipe = Ground(round_), processing.recipe_of(round_)
    uses = {level.name: _used(level, file) for level in recipe.levels.values()}
    for name in dict.fromkeys(name for used in uses.values() for name in used):
        if name not in margins:
            yield f"tệp không có biên {name!r} mà phương án cần.", f"Thêm các dòng của biên {name!r}."
    for name, levels in margins.items():
        if not is_number(levels):
            yield from level_mismatches(ground, recipe, name, levels)
    for level in recipe.levels.values():
        if uses[level.name] or not any(uses.values()):  # a recipe that is yet to come may use it
            yield from _against_sample(round_, level, recipe, margins)


def _used(level: Level, file: str) -> list[str]:
    """The margins that a level's steps take from a file."""
    steps = [step for step in level.steps if step.get("controls", CONTROLS) == file]
    crossings = [CROSS.join(step["by"]) for step in steps if "by" in step]
    return [name for step in steps for key in ("margins", "totals") for name in step.get(key, ())] + crossings


def _against_sample(
    round_: Round, level: Level, recipe: Recipe, margins: dict[str, dict[str, float]]
) -> Iterator[tuple[str, str]]:
    """Levels with a total that no respondent has; nothing is told before there are answers to look at."""
    data = _answers(round_, level, recipe)
    if data is None or data.empty:
        return
    for name, levels in margins.items():
        if is_number(levels) or any(part not in data for part in name.split(CROSS)):
            continue
        there = set(crossed(data, name))
        empty = [each for each, total in levels.items() if total > 0 and each not in there]
        for each in empty:
            yield (
                f"biên {name!r}: mức {each!r} có tổng {number(levels[each])} nhưng mẫu không có ai.",
                "Gộp mức này với mức gần nhất, cả trong tệp và trong `variables:` của phiếu.",
            )


def _answers(round_: Round, level: Level, recipe: Recipe) -> pd.DataFrame | None:
    """The level's table in the newest snapshot of the round that is still there."""
    query = select(Snapshot).join(Run, Run.snapshot_id == Snapshot.id).where(Run.round_id == round_.id)
    for snapshot in db.session.scalars(query.order_by(Snapshot.id.desc())):
        if present(snapshot.folder).exists():
            try:
                return level_table(read_tables(snapshot), level, recipe)
            except (BadRecipe, KeyError):  # a snapshot of another version of the questionnaire
                return None
    return None
