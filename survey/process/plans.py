"""The plans of a questionnaire's folder, judged before anything is collected with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey.assessment.reading import read_assessment
from survey.instrument import Instrument
from survey.process.completing import check_plan
from survey.process.edits import check_edits, check_reliability, read_edits
from survey.process.methods.area_plan import area_plan
from survey.process.methods.opt_in_plan import opt_in_plan
from survey.process.recipe import BadRecipe, read_recipe
from survey.process.tables import empty_tables
from survey.process.weighting import check_steps

# A list where a mapping belongs, a number where a text does: the readers name entries, not their shapes.
SHAPELESS = (AttributeError, TypeError, KeyError, IndexError)


@dataclass(frozen=True)
class Plans:
    """What the plans hold, for a line of words."""

    indicators: int
    levels: tuple[str, ...]
    edits: int
    pillars: int = 0

    def __str__(self) -> str:
        told = f"{self.indicators} indicators on {', '.join(self.levels)}; {self.edits} edit rules"
        return f"{told}; self-assessment by {self.pillars} pillars" if self.pillars else told


def check_plans(instrument: Instrument, plans: Mapping[str, Any]) -> Plans | None:
    """Read the plans and try every edit rule on empty tables; None where a folder has no plans.

    Raises `BadRecipe`, `BadEditRules` or `BadAssessment`, which name the file and the entry that is wrong.
    """
    try:
        return _tried(instrument, plans)
    except SHAPELESS as error:
        raise BadRecipe(
            f"Cấu trúc của indicators.yaml, design.yaml, edits.yaml hoặc assessment.yaml không đúng ({error}).",
            "Đối chiếu từng mục với mẫu trong questionnaires/README.md.",
        ) from error


def _tried(instrument: Instrument, plans: Mapping[str, Any]) -> Plans | None:
    pillars = _pillars(instrument, plans)
    if not any(plans.get(name) for name in ("indicators", "design", "edits")):
        return Plans(0, (), 0, pillars) if pillars else None
    recipe = read_recipe(plans.get("indicators", {}), plans.get("design", {}), plans.get("controls", []))
    for level in recipe.levels.values():
        check_steps(level)
    area_plan(recipe)
    opt_in_plan(recipe)
    rules = read_edits(plans["edits"], recipe.levels) if plans.get("edits") else ()
    tables = empty_tables(instrument)
    check_edits(rules, tables)
    check_reliability(plans.get("edits") or {}, tables)
    check_plan(recipe, tables)
    return Plans(len(recipe.indicators), tuple(recipe.levels), len(rules), pillars)


def _pillars(instrument: Instrument, plans: Mapping[str, Any]) -> int:
    """By how many pillars respondents can assess themselves; 0 where the folder has no assessment.yaml."""
    if not plans.get("assessment"):
        return 0
    variables = (plans.get("indicators") or {}).get("variables")
    return len(read_assessment(plans["assessment"], instrument, variables).pillars)
