"""The population's true values follow the indicators' own definitions."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from survey.demo.population import Population
from survey.demo.truth import truth

INDICATORS = Path(__file__).parents[2] / "questionnaires" / "ict-ho-gia-dinh" / "indicators.yaml"


@pytest.fixture(scope="module")
def definitions() -> dict[str, Any]:
    return yaml.safe_load(INDICATORS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def values(population: Population, definitions: dict[str, Any]) -> pd.DataFrame:
    return truth(population, definitions).set_index(["indicator", "breakdown", "level"])


def test_answers_go_together_and_fall_with_age(values: pd.DataFrame, population: Population) -> None:
    ages = ["15-29", "30-44", "45-59", "60+"]
    for code in ("smartphone-use", "epayment-account", "online-shopping-12m"):
        by_age = [values.at[(code, "age_group", age), "value"] for age in ages]
        assert by_age == sorted(by_age, reverse=True)
        assert (
            values.at[(code, "area_type", "urban"), "value"]
            > values.at[(code, "area_type", "rural"), "value"]
        )
    smartphone = population.adults["smartphone_use"] == "yes"
    assert smartphone.astype(int).corr((population.adults["bank_account"] == "yes").astype(int)) > 0.15


@pytest.mark.parametrize(
    ("code", "low", "high"),
    [
        ("smartphone-use", 77, 82),  # target 75 %
        ("epayment-account", 59, 65),  # target 30 %
        ("online-shopping-12m", 28, 33),  # target 20 %
        ("online-public-services", 46, 50),  # target 50 %
    ],
)
def test_levels_are_near_the_targets_on_both_sides(
    values: pd.DataFrame, code: str, low: float, high: float
) -> None:
    assert low < values.at[(code, "total", "total"), "value"] < high


def test_truth_agrees_with_a_direct_count(values: pd.DataFrame, population: Population) -> None:
    adults = population.adults
    payment = (adults[["bank_account", "ewallet", "mobile_money"]] == "yes").any(axis=1)
    women = adults["sex"] == "female"
    assert values.at[("epayment-account", "sex", "female"), "numerator"] == (payment & women).sum()
    assert values.at[("epayment-account", "sex", "female"), "denominator"] == women.sum()
    fibre = population.households["internet_connection"].astype(str).str.contains("fibre").mean()
    assert values.at[("household-fibre", "total", "total"), "value"] == pytest.approx(100 * fibre)


def test_truth_covers_every_indicator_and_breakdown(
    values: pd.DataFrame, definitions: dict[str, Any]
) -> None:
    expected = {
        (indicator["code"], breakdown)
        for indicator in definitions["indicators"]
        for breakdown in ["total", *indicator["breakdowns"]]
    }
    assert set(values.index.droplevel("level")) == expected
    assert values["value"].between(0, 100).all()


def test_breakdowns_add_up_to_the_total(values: pd.DataFrame) -> None:
    sums = values.groupby(["indicator", "breakdown"])[["numerator", "denominator"]].sum()
    totals = sums.xs("total", level="breakdown")
    for breakdown in ("sex", "age_group", "area_type", "district"):
        part = sums.xs(breakdown, level="breakdown")
        pd.testing.assert_frame_equal(part, totals.loc[part.index])
