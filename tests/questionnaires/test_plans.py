"""Indicators, edit rules and weighting of every questionnaire run on random answers that its form accepts."""

import random
from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey.instrument import check, compile_expression, evaluate_column
from survey.process.edits import check_edits, load_edits
from survey.process.estimation import Figure, estimate_indicator
from survey.process.recipe import SHARE, Level, Recipe, read_recipe
from survey.process.tables import CASES, ROOT, Tables, tables_of
from survey.process.weighting import level_table, weighted_design
from survey.rounds.service import read_plans
from tests.questionnaires.library import FOLDER, OWN, instrument, random_walk, sheet

RESPONSES = 60
STRATA = 3
PER_PSU = 5


@pytest.fixture(scope="module", params=OWN)
def name(request: pytest.FixtureRequest) -> str:
    """Each questionnaire of the library."""
    return str(request.param)


@pytest.fixture(scope="module")
def recipe(name: str) -> Recipe:
    """Its plans."""
    plans = read_plans(FOLDER / name)
    return read_recipe(plans["indicators"], plans["design"], plans["controls"])


@pytest.fixture(scope="module")
def tables(name: str) -> Tables:
    """A sample in which one case in ten did not answer."""
    form, rng = instrument(name), random.Random(3)
    rows: dict[str, dict[str, Any]] = {}
    while len(rows) < RESPONSES:
        answers, _ = random_walk(form, rng)
        if answers["consent"] == "yes":
            rows[f"uuid:{len(rows)}"] = check(form, answers).answers
    table = tables_of(form, rows)[ROOT]
    return {ROOT: table.assign(case_id=pd.array(range(RESPONSES), "Int64")), CASES: cases()}


def cases() -> pd.DataFrame:
    """Sampled units as a snapshot has them, with what the frames of these surveys know."""
    number = np.arange(RESPONSES + RESPONSES // 10)
    answered = number < RESPONSES
    return pd.DataFrame(
        {
            "case_id": number,
            "unit": [f"u{n}" for n in number],
            "stratum": [str(n % STRATA) for n in number],
            "psu": [f"{n % STRATA}-{n // (STRATA * PER_PSU)}" for n in number],
            "probability": 0.1 + 0.05 * (number % STRATA),
            "disposition": np.where(answered, "1.1", "2.2"),
            "responded": answered,
            "district": [str(855 + 2 * (n % 2)) for n in number],
            "area_type": np.where(number % 2 == 0, "urban", "rural"),
        }
    )


def test_every_expression_gives_a_truth_for_every_row(recipe: Recipe, tables: Tables) -> None:
    for indicator in recipe.indicators:
        table = level_table(tables, recipe.levels[indicator.level], recipe)
        truths = (indicator.numerator, indicator.denominator) if indicator.estimand == SHARE else ()
        for text in (indicator.population, *truths):
            assert set(np.unique(evaluate_column(text, table))) <= {True, False}, (indicator.code, text)


def test_every_number_that_is_estimated_is_known_for_somebody(recipe: Recipe, tables: Tables) -> None:
    for indicator in (one for one in recipe.indicators if one.estimand != SHARE):
        table = level_table(tables, recipe.levels[indicator.level], recipe)
        for text in (indicator.numerator, indicator.denominator, indicator.value):
            if text:
                assert np.isfinite(evaluate_column(f"number({text})", table)).any(), (indicator.code, text)


def test_derived_variables_and_breakdowns_are_columns_with_known_levels(
    recipe: Recipe, tables: Tables
) -> None:
    for level in recipe.levels.values():
        table = level_table(tables, level, recipe)
        assert set(recipe.variables) | set(recipe.breakdowns) <= set(table.columns)
        for breakdown, entry in recipe.breakdowns.items():
            told = set(table[breakdown].dropna().astype(str)) - {""}
            assert told <= set(entry.get("levels", told)), breakdown


def test_weights_and_estimates_come_out_of_the_design(recipe: Recipe, tables: Tables) -> None:
    """Without raking: random people do not have the province's ages. Totals of the steps before hold exactly."""
    for level in recipe.levels.values():
        steps = tuple(step for step in level.steps if step["step"] != "rake")
        design, log = weighted_design(tables, Level(**{**vars(level), "steps": steps}), recipe)
        if steps and steps[-1]["step"] == "nonresponse":
            assert log[-1]["sum"] == pytest.approx((1 / tables[CASES]["probability"]).sum())
        for indicator in recipe.indicators:
            if indicator.level == level.name and some_counted(design.data, indicator):
                total = next(iter(estimate_indicator(design, indicator, recipe)))
                reached = np.isfinite([total.ci_low, total.ci_high]).all()
                assert total.ci_low <= total.value <= total.ci_high if reached else not_published(total)
                assert indicator.estimand != SHARE or (total.ci_low >= 0 and total.ci_high <= 100)


def not_published(median: Figure) -> bool:
    """A median of few may have no limits; it is then kept from publication."""
    return median.quality == "unpublishable" and median.std_error != median.std_error


def some_counted(table: pd.DataFrame, indicator: Any) -> bool:
    """Whether the indicator's population and numerator both occur, so that there is an estimate with an error."""
    if indicator.estimand != SHARE:
        known = np.asarray(evaluate_column(indicator.population, table), dtype=bool)
        for text in filter(None, (indicator.numerator, indicator.denominator, indicator.value)):
            known = known & np.isfinite(np.asarray(evaluate_column(f"number({text})", table), dtype=float))
        return bool(known.sum() > 1)
    counted = evaluate_column(indicator.population, table) & evaluate_column(indicator.denominator, table)
    inside = np.asarray(counted, dtype=bool)
    reached = np.asarray(evaluate_column(indicator.numerator, table), dtype=bool)[inside]
    return bool(reached.any() and not reached.all())


def test_raking_margins_have_a_total_for_every_level_that_answers_can_have(
    name: str, recipe: Recipe, tables: Tables
) -> None:
    for level in recipe.levels.values():
        for step in (step for step in level.steps if step["step"] == "rake"):
            totals = {(row["margin"], row["level"]) for row in sheet(FOLDER / name / step["controls"])}
            table = level_table(tables, level, recipe)
            for margin in step["margins"]:
                parts = [table[part].astype(str) for part in margin.split(":")]
                levels = {":".join(row) for row in zip(*parts, strict=True)}
                assert {(margin, one) for one in levels} <= totals


def test_edit_rules_run_on_every_level(name: str, recipe: Recipe, tables: Tables) -> None:
    rules = load_edits(FOLDER / name, recipe.levels)
    assert len(rules) >= 3
    report = check_edits(rules, tables)
    assert set(report.counts["code"]) == {rule.code for rule in rules}
    variables = {question.name for question in instrument(name).questions.values()}
    for rule in rules:
        assert set(rule.message) == {"vi", "en"}
        assert compile_expression(rule.when).variables | compile_expression(rule.must).variables <= variables


def test_the_digital_skills_survey_uses_the_household_surveys_totals() -> None:
    files = [(FOLDER / name / "controls.csv").read_bytes() for name in ("ict-ho-gia-dinh", "ky-nang-so")]
    assert files[0] == files[1]
