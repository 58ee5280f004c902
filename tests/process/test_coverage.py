"""The whole chain against a population whose truth is known: 95 % intervals cover it about 95 times in 100."""

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis.sampling import allocate, two_stage
from survey.config import PROJECT
from survey.demo.fieldwork import sampling_frame
from survey.demo.population import Population, synthesize
from survey.demo.respondents import response_propensity
from survey.demo.truth import adult_rows, household_rows, truth
from survey.process.estimation import estimate_indicator
from survey.process.recipe import Recipe, read_recipe
from survey.process.tables import CASES, ROOT, Tables
from survey.process.weighting import weighted_design
from survey.rounds.service import read_plans

FOLDER = PROJECT / "questionnaires" / "ict-ho-gia-dinh"
SAMPLES = 40
UNITS = 1500
PER_PSU = 10
DIMENSIONS = (None, "sex", "age_group", "area_type")
TARGETED = ("smartphone-use", "epayment-account", "online-shopping-12m", "online-public-services")


@pytest.fixture(scope="module")
def population() -> Population:
    return synthesize(2026)


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    plans = read_plans(FOLDER)
    return read_recipe(plans["indicators"], plans["design"], plans["controls"])


@pytest.mark.slow
def test_intervals_cover_the_truth(population: Population, recipe: Recipe) -> None:
    """Over 40 samples the share of intervals that cover lies within simulation error of 95 %.

    Figures of one sample are correlated, so the standard error is taken over samples, not over figures.
    """
    known = true_values(population)
    frame = sampling_frame(population)
    covered = np.array(
        [coverage_of_one_sample(population, frame, recipe, known, seed) for seed in range(SAMPLES)]
    )
    share, error = covered.mean(), covered.std(ddof=1) / np.sqrt(SAMPLES)
    assert abs(share - 0.95) < 3 * error + 0.01, f"{share:.3f} covered, simulation error {error:.3f}"


def true_values(population: Population) -> dict[tuple[str, str | None, str | None], float]:
    """Truth by indicator, dimension and level, in percent."""
    definitions = yaml.safe_load((FOLDER / "indicators.yaml").read_text(encoding="utf-8"))
    table = truth(population, definitions)
    return {
        (
            row.indicator,
            *((None, None) if row.breakdown == "total" else (row.breakdown, str(row.level))),
        ): row.value
        for row in table.itertuples()
    }


def coverage_of_one_sample(
    population: Population,
    frame: pd.DataFrame,
    recipe: Recipe,
    known: dict[tuple[str, str | None, str | None], float],
    seed: int,
) -> float:
    tables = fieldwork(population, frame, seed)
    design, _ = weighted_design(tables, recipe.levels["adult"], recipe)
    figures = [
        figure
        for indicator in recipe.indicators
        if indicator.code in TARGETED
        for figure in estimate_indicator(design, indicator, recipe)
        if figure.dimension in DIMENSIONS
    ]
    assert len({figure.indicator for figure in figures}) == len(TARGETED)
    return float(
        np.mean([f.ci_low <= known[f.indicator, f.dimension, f.level] <= f.ci_high for f in figures])
    )


def fieldwork(population: Population, frame: pd.DataFrame, seed: int) -> Tables:
    """A drawn sample with its nonresponse, as the tables of a snapshot."""
    rng = np.random.default_rng(seed)
    sizes = frame.groupby("stratum")["unit"].size()
    shares = allocate(UNITS // PER_PSU, sizes, "square_root", minimum=2)
    cases = two_stage(frame, "psu", shares.to_dict(), PER_PSU, strata="stratum", seed=seed).reset_index(
        drop=True
    )
    household = cases["unit"].astype(int).to_numpy()
    homes = population.households.iloc[household]
    chosen = homes["first_adult"].to_numpy() + rng.integers(0, homes["adults"].to_numpy())
    people = adult_rows(population).iloc[chosen].reset_index(drop=True)
    people["adults_15plus"] = homes["adults"].to_numpy()
    chance = [
        response_propensity(age, place == "urban")
        for age, place in zip(people["age"], cases["area_type"], strict=True)
    ]
    cases["case_id"] = np.arange(len(cases))
    cases["responded"] = rng.random(len(cases)) < chance
    cases["disposition"] = np.where(cases["responded"], "1.1", "2.2")
    answered = people[cases["responded"].to_numpy()].drop(columns=["district", "area_type"])
    answered = answered.assign(
        case_id=cases["case_id"][cases["responded"]].to_numpy(),
        response_key=lambda t: t["case_id"].astype(str),
    )
    answered["case_id"] = answered["case_id"].astype("Int64")
    return {
        ROOT: answered.astype(dict.fromkeys(answered.select_dtypes("category"), "string")),
        CASES: cases,
    }


def test_household_rows_and_truth_agree(population: Population) -> None:
    """The truth table counts every household once."""
    assert len(household_rows(population)) == len(population.households)
