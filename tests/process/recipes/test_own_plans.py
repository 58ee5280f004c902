"""The plans of our own questionnaires are recipes that this room takes."""

import pytest
import yaml
from flask import Flask

from survey.config import PROJECT
from survey.extensions import db
from survey.process.recipes import service
from survey.process.recipes.models import PopulationBase
from survey.process.recipes.population import definitions_of
from survey.process.recipes.reading import read_text
from survey.process.recipes.shape import PARTS, shape_faults
from survey.process.recipes.totals import Total, disagreements, margins_of
from survey.process.recipes.writing import as_yaml
from survey.rounds.models import Round
from survey.rounds.plans import read_plans
from tests.factories import HOUSEHOLD, field_survey

FOLDERS = sorted(path.parent for path in (PROJECT / "questionnaires").glob("*/design.yaml"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_plan_is_written_and_read_as_the_same(folder: object) -> None:
    design = yaml.safe_load((folder / "design.yaml").read_text("utf-8"))  # type: ignore[operator]
    own = {name: design[name] for name in PARTS if name in design}
    read = read_text(as_yaml(own))
    assert read.document == own
    assert shape_faults(read) == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_totals_beside_a_questionnaire_say_whom_they_count_and_agree(folder: object) -> None:
    plans = read_plans(folder)  # type: ignore[arg-type]
    files: dict[str, list[dict[str, str]]] = {}
    for row in plans["controls"]:
        files.setdefault(row["file"], []).append(row)
    said = plans["design"].get("controls") or {}
    assert set(files) == set(said)
    if files:
        assert plans["design"]["population_base"] in list(PopulationBase)
    for name, rows in files.items():
        assert {row["population"] for row in rows} <= set(definitions_of(said[name]))
        totals = [Total(row["margin"], row["level"], float(row["total"]), 0) for row in rows]
        assert list(disagreements(margins_of(totals))) == []


def test_the_household_surveys_plan_fits_its_questionnaire(app: Flask) -> None:
    fielded = field_survey(app, HOUSEHOLD)
    with app.app_context():
        round_ = db.session.get_one(Round, fielded.round_id)
        assert (
            service.judged(round_, service.text_of(round_, 0)).levels == service.recipe_for(round_, 0).levels
        )
