"""The plans of a questionnaire's folder, judged before anything is collected with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey.instrument import Instrument
from survey.process.edits import check_edits, read_edits
from survey.process.recipe import read_recipe
from survey.process.tables import empty_tables
from survey.process.weighting import check_steps


@dataclass(frozen=True)
class Plans:
    """What the plans hold, for a line of words."""

    indicators: int
    levels: tuple[str, ...]
    edits: int

    def __str__(self) -> str:
        return f"{self.indicators} indicators on {', '.join(self.levels)}; {self.edits} edit rules"


def check_plans(instrument: Instrument, plans: Mapping[str, Any]) -> Plans | None:
    """Read the plans and try every edit rule on empty tables; None where a folder has no plans.

    Raises `BadRecipe` or `BadEditRules`, which name the file and the entry that is wrong.
    """
    if not any(plans.get(name) for name in ("indicators", "design", "edits")):
        return None
    recipe = read_recipe(plans.get("indicators", {}), plans.get("design", {}), plans.get("controls", []))
    for level in recipe.levels.values():
        check_steps(level)
    rules = read_edits(plans["edits"], recipe.levels) if plans.get("edits") else ()
    check_edits(rules, empty_tables(instrument))
    return Plans(len(recipe.indicators), tuple(recipe.levels), len(rules))
