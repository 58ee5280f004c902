"""A synthetic population of the province: every household and adult, with answers whose truth is known.

Margins equal the calibration totals of `survey.demo.frame` exactly; answers follow the models in
`data/outcomes.yaml`. Nothing here is an estimate of the real province.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.demo.frame import adults, communes, enumeration_areas
from survey.demo.outcomes import add_outcomes

Codes = NDArray[np.int8]
SEXES = ("male", "female")
LARGEST_HOUSEHOLD = 15
OLDEST = 105
# How much sooner the second, third, … member of a household is an adult than a child.
ADULT_FIRST = np.array([0.0, 4.0, 2.0, 1.0, 1.0, 1.2])
# Mean and spread of the age score by a member's place: alone, head, second adult, others.
PLACES = {"alone": (62.0, 14.0), "head": (52.0, 13.0), "second": (49.0, 13.0), "other": (32.0, 16.0)}


@dataclass(frozen=True)
class Population:
    """Synthetic households and adults.

    `frame`: one row per enumeration area (columns of `enumeration_areas` and first_household). `households`:
    rows in frame order (area = row of frame, size, adults, first_adult, answers). `adults`: rows in household
    order (household, sex, age, answers). Answers are categoricals of choice names; missing means not asked.
    """

    seed: int
    frame: pd.DataFrame
    households: pd.DataFrame
    adults: pd.DataFrame

    def households_of(self, area: int) -> range:
        """Household rows of the enumeration area in row `area` of the frame."""
        first = int(self.frame["first_household"].iloc[area])
        return range(first, first + int(self.frame["households"].iloc[area]))

    def adults_of(self, household: int) -> range:
        first = int(self.households["first_adult"].iloc[household])
        return range(first, first + int(self.households["adults"].iloc[household]))


def synthesize(seed: int = 2026) -> Population:
    """All 985,926 households and 2,618,651 adults of the frame; the same seed gives the same population."""
    rng = np.random.default_rng(seed)
    frame = enumeration_areas()
    frame["first_household"] = starts(frame["households"].to_numpy())
    households = make_households(frame, rng)
    people = make_adults(frame, households, rng)
    add_outcomes(frame, households, people, rng)
    return Population(seed, frame, households, people)


def starts(counts: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)[:-1]])


def make_households(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Census household sizes shuffled within communes; adults fill the census total of each stratum."""
    area = np.repeat(np.arange(len(frame), dtype=np.int32), frame["households"])
    size = np.concatenate([sizes_of_commune(commune, rng) for _, commune in communes().iterrows()])
    stratum = frame["stratum"].to_numpy()[area]
    table = adults()
    wanted = table.groupby(table["district"] + "-" + table["area_type"])["population"].sum()
    number = np.ones(len(area), np.int8)
    for name, total in wanted.items():
        rows = np.flatnonzero(stratum == name)
        number[rows] += further_adults(size[rows], int(total) - len(rows), rng)
    return pd.DataFrame({"area": area, "size": size, "adults": number, "first_adult": starts(number)})


def sizes_of_commune(commune: pd.Series, rng: np.random.Generator) -> Codes:
    """Sizes 1 to 6 as counted; those of 7 and more share the persons left over."""
    counts = [int(commune[f"hh_size_{size}"]) for size in (1, 2, 3, 4, 5, 6, "7plus")]
    sizes = np.repeat(np.arange(1, 8), counts)
    left, large = int(commune["population"] - sizes.sum()), counts[-1]
    if left > 0 and large > 0:
        sizes[-large:] += np.minimum(rng.multinomial(left, np.full(large, 1 / large)), LARGEST_HOUSEHOLD - 7)
    return rng.permutation(sizes).astype(np.int8)


def further_adults(size: Codes, needed: int, rng: np.random.Generator) -> Codes:
    """Which members beyond the first are adults: `needed` of them, the second member first of all."""
    slots = np.repeat(np.arange(len(size)), size - 1)
    place = np.arange(len(slots)) - np.repeat(starts(size - 1), size - 1) + 1
    waiting = rng.exponential(size=len(slots)) / ADULT_FIRST[np.minimum(place, len(ADULT_FIRST) - 1)]
    chosen = np.argpartition(waiting, needed)[:needed]
    return np.bincount(slots[chosen], minlength=len(size)).astype(np.int8)


def make_adults(frame: pd.DataFrame, households: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Ages and sexes with the census count of every stratum and five-year group."""
    number = households["adults"].to_numpy()
    household = np.repeat(np.arange(len(households), dtype=np.int32), number)
    place = np.arange(len(household)) - np.repeat(households["first_adult"].to_numpy(), number)
    stratum = frame["stratum"].to_numpy()[households["area"].to_numpy()[household]]
    age, male = np.zeros(len(household), np.int8), np.zeros(len(household), np.int8)
    alone = number[household] == 1
    census = adults()
    for name, groups in census.groupby(census["district"] + "-" + census["area_type"]):
        rows = np.flatnonzero(stratum == name)
        age[rows], male[rows] = ages_and_sexes(groups, place[rows], alone[rows], rng)
    sex = pd.Categorical.from_codes(1 - male, categories=pd.Index(SEXES))
    return pd.DataFrame({"household": household, "sex": sex, "age": age})


def ages_and_sexes(
    groups: pd.DataFrame, place: NDArray[np.int64], alone: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[Codes, Codes]:
    """Give the oldest ages to the highest age scores, then the males of each age group to likely heads."""
    groups = groups.sort_values("lower")
    group = np.repeat(np.arange(len(groups)), groups["population"])
    kind = np.where(alone, 0, np.minimum(place, 2) + 1)
    mean, spread = np.array(list(PLACES.values())).T
    order = np.argsort(mean[kind] + spread[kind] * rng.standard_normal(len(place)))
    lower = groups["lower"].to_numpy()[group]
    years = np.where(lower < 85, rng.integers(0, 5, len(lower)), rng.geometric(0.25, len(lower)) - 1)
    age, male = np.empty(len(place), np.int8), np.zeros(len(place), np.int8)
    age[order] = np.minimum(lower + years, OLDEST)
    score = rng.random(len(place)) + np.array([-0.2, 0.5, -0.5, 0.0])[kind][order]
    ranked = np.lexsort((-score, group))
    rank = np.arange(len(group)) - np.repeat(starts(groups["population"].to_numpy()), groups["population"])
    male[order[ranked]] = rank < groups["male"].to_numpy()[group]
    return age, male
