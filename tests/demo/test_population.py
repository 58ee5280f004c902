"""The synthetic population meets the calibration totals exactly and behaves like a population."""

import numpy as np
import pytest

from survey.demo.frame import broad_age_group, controls, household_controls
from survey.demo.population import Population, synthesize


def area_of_adults(population: Population) -> np.ndarray:
    return population.households["area"].to_numpy()[population.adults["household"].to_numpy()]


def test_adults_equal_every_calibration_total(population: Population) -> None:
    places = (
        population.frame[["district", "area_type"]].iloc[area_of_adults(population)].reset_index(drop=True)
    )
    rows = places.assign(
        sex=population.adults["sex"].astype(str), age_group=broad_age_group(population.adults["age"])
    )
    for margin, totals in controls().groupby("margin"):
        keys = [rows[name].astype(str) for name in str(margin).split(":")]
        counted = rows.groupby(keys).size()
        counted.index = [":".join(key) if isinstance(key, tuple) else key for key in counted.index]
        assert counted.to_dict() == totals.set_index("level")["total"].to_dict(), margin


def test_households_equal_every_calibration_total(population: Population) -> None:
    rows = population.frame.iloc[population.households["area"].to_numpy()]
    for margin, totals in household_controls().groupby("margin"):
        assert rows.groupby(str(margin)).size().to_dict() == totals.set_index("level")["total"].to_dict()


def test_every_household_has_an_adult_and_no_more_than_members(population: Population) -> None:
    households = population.households
    assert (households["adults"] >= 1).all()
    assert (households["adults"] <= households["size"]).all()
    assert households["size"].max() <= 30  # the questionnaire's limit
    assert population.adults["age"].between(15, 110).all()


def test_members_and_areas_are_found_by_position(population: Population) -> None:
    last = len(population.frame) - 1
    for area in (0, 5000, last):
        rows = population.households_of(area)
        assert (population.households["area"].iloc[rows.start : rows.stop] == area).all()
        for household in (rows.start, rows.stop - 1):
            members = population.adults_of(household)
            assert (population.adults["household"].iloc[members.start : members.stop] == household).all()
            assert len(members) == population.households["adults"].iloc[household]


def test_the_same_seed_gives_the_same_population(population: Population) -> None:
    again = synthesize(population.seed)
    assert again.adults.equals(population.adults)
    assert again.households.equals(population.households)


def intraclass_correlation(values: np.ndarray, cluster: np.ndarray) -> float:
    """Analysis-of-variance estimate over clusters of unequal size."""
    size, total = np.bincount(cluster), np.bincount(cluster, weights=values)
    between = (size * (total / size - values.mean()) ** 2).sum() / (len(size) - 1)
    within = (values**2).sum() - (total**2 / size).sum()
    within /= len(values) - len(size)
    typical = (len(values) - (size**2).sum() / len(values)) / (len(size) - 1)
    return float((between - within) / (between + (typical - 1) * within))


@pytest.mark.parametrize(
    ("question", "yes"),
    [
        ("smartphone_use", ["yes"]),
        ("bank_account", ["yes"]),
        ("online_purchase", ["m3", "m3_12"]),
        ("online_public_service", ["self", "assisted"]),
    ],
)
def test_neighbours_are_alike_as_in_real_surveys(
    population: Population, question: str, yes: list[str]
) -> None:
    has = population.adults[question].isin(yes).to_numpy(float)
    assert 0.03 < intraclass_correlation(has, area_of_adults(population)) < 0.08
