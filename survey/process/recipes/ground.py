"""What a recipe stands on: the variables of a questionnaire and of a round's sample, with the levels they can take."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from survey.cases.models import Case
from survey.extensions import db
from survey.instrument import Instrument
from survey.instrument.lookups import all_choices
from survey.process.recipe import Level, Recipe
from survey.process.tables import CASES, Tables, empty_tables
from survey.process.weighting import level_table
from survey.rounds.models import Round
from survey.rounds.service import instrument_of

FIXED = ("stratum", "psu")
SAMPLE_COLUMNS = ("case_id", "unit", *FIXED, "probability", "disposition", "responded")
LOOKED_AT = 1000  # cases whose columns stand for those of the whole sample
MOST_LEVELS = 5000
CHOICE = "select_one"


@dataclass(frozen=True)
class Ground:
    """The questionnaire version of a round and its sample, which may not be drawn yet."""

    round: Round

    @cached_property
    def instrument(self) -> Instrument:
        return instrument_of(self.round.instrument_version)

    @cached_property
    def tables(self) -> Tables:
        """The tables of answers with one case beside them: the columns that weighting will meet."""
        answers = empty_tables(self.instrument)
        if not self.sample_columns:
            return answers
        case = pd.DataFrame([dict.fromkeys(self.sample_columns, "")]).assign(case_id=0)
        return {**answers, CASES: case}

    @cached_property
    def sample_columns(self) -> tuple[str, ...]:
        """The columns of the drawn cases; none before there are any."""
        some = select(Case.frame_data).where(Case.round_id == self.round.id).limit(LOOKED_AT).subquery()
        if not db.session.scalar(select(func.count()).select_from(some)):
            return ()
        keys = db.session.scalars(select(func.json_object_keys(some.c.frame_data).label("name")).distinct())
        return (*SAMPLE_COLUMNS, *sorted(keys))

    def columns(self, level: Level, recipe: Recipe) -> set[str]:
        """The variables of a level's table: answers, the sample's, and those that indicators.yaml derives."""
        return set(level_table(self.tables, level, recipe).columns)

    def levels(self, name: str, recipe: Recipe) -> set[str] | None:
        """The levels that a variable can have; None where nothing says."""
        sources = (self._choices(name), self._declared(name, recipe.breakdowns), self._sampled(name))
        return next((levels for levels in sources if levels), None)

    def _choices(self, name: str) -> set[str]:
        asked = [each for each in self.instrument.questions.values() if each.name == name]
        return {
            choice.name
            for each in asked
            if each.type.startswith(CHOICE)
            for choice in all_choices(self.instrument, each)
        }

    def _declared(self, name: str, breakdowns: Mapping[str, Any]) -> set[str]:
        return {str(level) for level in (breakdowns.get(name) or {}).get("levels") or ()}

    def _sampled(self, name: str) -> set[str]:
        if name not in self.sample_columns:
            return set()
        column = getattr(Case, name) if name in FIXED else Case.frame_data[name].astext
        found = db.session.scalars(
            select(column).where(Case.round_id == self.round.id).distinct().limit(MOST_LEVELS)
        )
        return {str(level) for level in found if level is not None}
