"""Synthetic respondents give answers that the questionnaire accepts, and do not always answer."""

from pathlib import Path

import numpy as np
import pytest

from survey.demo.population import Population
from survey.demo.respondents import Visit, response_propensity, visit
from survey.instrument import Instrument, check, read_xlsform

FORM = Path(__file__).parents[2] / "questionnaires" / "ict-ho-gia-dinh"


@pytest.fixture(scope="module")
def instrument() -> Instrument:
    return read_xlsform(FORM)


@pytest.fixture(scope="module")
def visits(population: Population) -> list[Visit]:
    rows = np.random.default_rng(7).choice(len(population.households), 1200, replace=False)
    return [visit(population, int(row), "AB12CD34" if row % 2 else "") for row in rows]


def test_every_answer_document_is_valid_and_holds_only_what_is_asked(
    instrument: Instrument, visits: list[Visit]
) -> None:
    answered = [seen.answers for seen in visits if seen.answers is not None]
    assert len(answered) > 800
    for answers in answered:
        result = check(instrument, answers)
        assert result.faults == ()
        assert {name: result.answers[name] for name in answers} == answers


def test_together_they_answer_every_question(instrument: Instrument, visits: list[Visit]) -> None:
    asked = {name for seen in visits for name in seen.answers or {}}
    notes = {"introduction", "selection_rule", "instanceName", "instanceID"}
    questions = {question.name for question in instrument.questions.values()} - notes
    assert asked == questions


def test_answers_are_those_of_the_population(population: Population, visits: list[Visit]) -> None:
    for seen in visits:
        if seen.answers is None:
            continue
        person = population.adults.iloc[seen.adult]
        home = population.households.iloc[seen.household]
        assert person["household"] == seen.household
        for name in ("sex", "age", "smartphone_use", "bank_account", "internet_last_use"):
            assert seen.answers[name] == person[name]
        assert (seen.answers["household_size"], seen.answers["adults_15plus"]) == (
            home["size"],
            home["adults"],
        )


def test_a_visit_depends_on_seed_and_household_only(population: Population) -> None:
    assert visit(population, 4321, "AB12CD34") == visit(population, 4321, "AB12CD34")
    outcomes = {visit(population, 4321, "AB12CD34", seed=seed).disposition for seed in range(60)}
    assert outcomes == {"complete", "refusal", "noncontact"}


def test_about_three_in_four_answer_and_the_rest_refuse_or_are_away(visits: list[Visit]) -> None:
    share = {
        kind: np.mean([seen.disposition == kind for seen in visits])
        for kind in ("complete", "refusal", "noncontact")
    }
    assert 0.74 < share["complete"] < 0.82
    assert share["refusal"] > 0.05
    assert share["noncontact"] > 0.05


def test_town_and_youth_answer_less_often() -> None:
    assert response_propensity(40, urban=True) < response_propensity(40, urban=False)
    assert response_propensity(20, urban=False) < response_propensity(70, urban=False)


def test_every_adult_of_a_household_can_be_selected(population: Population) -> None:
    household = int(np.flatnonzero(population.households["adults"] == 3)[0])
    selected = {visit(population, household, seed=seed).adult for seed in range(60)}
    assert selected == set(population.adults_of(household))
