"""One adult of each household: at random, by Kish's grid, or whose birthday was last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import pandas as pd

from analysis.arrays import Codes, Floats
from analysis.columns import column, complete_numeric
from analysis.errors import SurveyError, UnknownOption

# Kish (1949): eight tables with their shares in twelfths; the adult taken of 1, 2, ... 6 or more.
GRID: tuple[tuple[int, tuple[int, ...]], ...] = (
    (2, (1, 1, 1, 1, 1, 1)),
    (1, (1, 1, 1, 1, 2, 2)),
    (1, (1, 1, 1, 2, 2, 2)),
    (2, (1, 1, 2, 2, 3, 3)),
    (2, (1, 2, 2, 3, 4, 4)),
    (1, (1, 2, 3, 3, 3, 5)),
    (1, (1, 2, 3, 4, 5, 5)),
    (2, (1, 2, 3, 4, 5, 6)),
)


def one_adult(
    persons: pd.DataFrame,
    household: str,
    age: str = "age",
    minimum_age: int = 15,
    seed: int = 1,
    method: Literal["random", "kish", "last_birthday"] = "random",
    order: str | None = None,
    days_since_birthday: str | None = None,
) -> pd.DataFrame:
    """One person of `minimum_age` or older from each household; a row a person, the index identifies them.

    "random" gives every eligible person the same chance. "kish" draws one of Kish's (1949) eight grids for
    each household and takes the adult it names from the list sorted by column `order` (as listed without):
    chances are equal but in households of 5 (1/4 for the third and fifth, else 1/6); from 7 adults on, whom
    the grid leaves out, it draws at random. "last_birthday" takes the fewest `days_since_birthday` (column,
    0 or more), ties at random; its chance is equal where birthdays are spread evenly (Salmon and Nichols
    1983). Returns the chosen rows with `n_eligible`, the probability `p3` and the seed in `.attrs["seed"]`.
    Raises `SurveyError` where nobody is eligible, a person is listed twice or a birthday is unknown.
    """
    if method not in METHODS:
        raise UnknownOption("method", method, tuple(METHODS))
    if not persons.index.is_unique:
        twice = persons.index[persons.index.duplicated()].tolist()[0]
        raise SurveyError(f"person {twice!r} is listed twice; the index must identify persons")
    eligible = persons[complete_numeric(persons, age) >= minimum_age]
    if not len(eligible):
        raise SurveyError(f"nobody in {age!r} is {minimum_age} or older")
    if column(eligible, household).isna().any():
        raise SurveyError(
            f"person {eligible.index[eligible[household].isna()].tolist()[0]!r} has no household"
        )
    rng = np.random.default_rng(seed)
    draw = pd.Series(rng.uniform(size=len(eligible)), index=eligible.index)
    size = eligible.groupby(household)[household].transform("size").to_numpy(dtype=np.int64)
    key = METHODS[method](eligible, draw, size, household, order, days_since_birthday)
    at = _largest_of_each(pd.factorize(eligible[household])[0], key.to_numpy())
    chosen = eligible.iloc[at].copy()
    chosen["n_eligible"] = size[at]
    chosen["p3"] = _kish_chances(eligible, size, household, order)[at] if method == "kish" else 1.0 / size[at]
    chosen.attrs["seed"] = seed
    return chosen


def _largest_of_each(group: Codes, key: Floats) -> Codes:
    """The place of the largest key of each group, in the order of the list."""
    order = np.lexsort((key, group))
    last = np.append(np.flatnonzero(np.diff(group[order])), len(order) - 1)
    return np.asarray(np.sort(order[last]), dtype=np.int64)


def _at_random(
    eligible: pd.DataFrame, draw: pd.Series, size: Codes, household: str, order: str | None, days: str | None
) -> pd.Series:
    return draw


def _last_birthday(
    eligible: pd.DataFrame, draw: pd.Series, size: Codes, household: str, order: str | None, days: str | None
) -> pd.Series:
    if days is None:
        raise UnknownOption("days_since_birthday", None, "the column of days since each person's birthday")
    passed = complete_numeric(eligible, days)
    if (passed < 0).any():
        raise SurveyError(f"{days!r} of person {eligible.index[passed < 0].tolist()[0]!r} is below 0")
    return pd.Series(draw.to_numpy() - passed, index=eligible.index)


def _by_grid(
    eligible: pd.DataFrame, draw: pd.Series, size: Codes, household: str, order: str | None, days: str | None
) -> pd.Series:
    """1 for the adult that the household's grid names; above 6 the plain draw."""
    place = _places(eligible, household, order)
    shared = draw.groupby(eligible[household]).transform("first").to_numpy()
    ends = np.cumsum([share for share, _ in GRID]) / 12
    grid = np.minimum(np.searchsorted(ends, shared, side="right"), len(GRID) - 1)
    table = np.array([taken for _, taken in GRID])
    named = table[grid, np.minimum(size, 6) - 1] == place
    return pd.Series(np.where(size > 6, draw, named.astype(np.float64)), index=eligible.index)


def _places(eligible: pd.DataFrame, household: str, order: str | None) -> Codes:
    """1, 2, ... in each household's list."""
    listed = eligible if order is None else eligible.sort_values(order, kind="stable")
    place = listed.groupby(household).cumcount() + 1
    return np.asarray(place.reindex(eligible.index), dtype=np.int64)


def _kish_chances(eligible: pd.DataFrame, size: Codes, household: str, order: str | None) -> Floats:
    place = _places(eligible, household, order)
    table = np.zeros((6, 6))
    for share, taken in GRID:
        for adults, named in enumerate(taken):
            table[adults, named - 1] += share / 12
    inside = table[np.minimum(size, 6) - 1, np.minimum(place, 6) - 1]
    return np.where(size > 6, 1.0 / size, inside)


METHODS: dict[str, Callable[..., pd.Series]] = {
    "random": _at_random,
    "kish": _by_grid,
    "last_birthday": _last_birthday,
}
