"""Sample sizes of all domains of a survey in one call, for one or several indicators."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.arrays import Names
from analysis.columns import column, names
from analysis.errors import MissingValues, SurveyError
from analysis.sampling.sizes import SampleSize, size_for_cv, size_for_margin

DEFAULTS = {"deff": 1.0, "response_rate": 1.0, "population": math.inf}
NUMBERS = ("cv", "margin", "proportion", "mean", "sd", *DEFAULTS)


@dataclass(frozen=True, eq=False)
class SizePlan:
    """`domains` has a row per domain: respondents, selected, the `deciding` indicator, population, rate.

    `needs` has a row per domain and indicator: what it asks for, and the `expected_cv` and
    `expected_margin` (half-width of the interval) that the domain's respondents will give it. `respondents`
    and `selected` are the totals.
    """

    domains: pd.DataFrame = field(repr=False)
    needs: pd.DataFrame = field(repr=False)
    respondents: int
    selected: int


def size_plan(
    table: pd.DataFrame, domain: Names, indicator: str | None = None, level: float = 0.95
) -> SizePlan:
    """The sample that each domain needs; with several indicators the one that needs most decides.

    `table` has a row per domain (and indicator) with a target `cv` (0.1 is 10 %) or `margin` (half-width at
    confidence `level`, unit of the estimate), a `proportion` or a `mean` with its `sd`, and where known
    `deff`, `response_rate` (share) and `population` (count; one per domain). Sizes as `size_for_cv` and
    `size_for_margin` (Cochran 1977, chapter 4). Raises `SurveyError` with the row at fault, also where a
    domain is named twice, has two populations or needs more than its population.
    """
    keys = names(domain)
    table = _checked(table, keys, indicator)
    sizes = [_size(row, label, level) for label, row in zip(table.index, _rows(table), strict=True)]
    needs = table.assign(respondents=[s.respondents for s in sizes], selected=[s.selected for s in sizes])
    groups = needs.groupby(keys, sort=False)
    most = needs.loc[groups["selected"].idxmax()]
    domains = most[[*keys, "selected", "population", "response_rate"]].reset_index(drop=True)
    domains.insert(len(keys), "respondents", groups["respondents"].max().to_numpy())
    domains.insert(len(keys) + 2, "deciding", most[indicator].to_numpy() if indicator else "")
    reached = needs[keys].merge(domains[[*keys, "selected"]], on=keys, how="left")["selected"].to_numpy()
    needs = _expected(needs, reached, level)
    total = int(domains["respondents"].sum()), int(domains["selected"].sum())
    return SizePlan(domains, needs.reset_index(drop=True), *total)


def _checked(table: pd.DataFrame, keys: list[str], indicator: str | None) -> pd.DataFrame:
    for name in [*keys, *names(indicator)]:
        if column(table, name).isna().any():
            raise MissingValues(name, int(table[name].isna().sum()), table.index[table[name].isna()][0])
    if not len(table) or not keys:
        raise SurveyError("a plan needs one or more rows, and the column that names the domain")
    twice = table.duplicated([*keys, *names(indicator)])
    if twice.any():
        shown = tuple(table.loc[twice, keys].iloc[0].tolist())
        raise SurveyError(f"domain {shown} is named twice; give `indicator`, or one row per domain")
    filled = table.reset_index(drop=True)
    for name in NUMBERS:
        given = column(filled, name) if name in filled else pd.Series(np.nan, index=filled.index)
        filled[name] = pd.to_numeric(given).astype(float).fillna(DEFAULTS.get(name, np.nan))
    spread = filled.groupby(keys)["population"].nunique()
    if (spread > 1).any():
        raise SurveyError(f"domain {spread.idxmax()!r} has more than one population")
    return filled


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = table[list(NUMBERS)].to_dict("records")
    return [{str(name): None if math.isnan(v) else v for name, v in row.items()} for row in rows]


def _size(row: dict[str, Any], label: object, level: float) -> SampleSize:
    shared = {name: row[name] for name in ("proportion", "mean", "sd", *DEFAULTS)}
    if (row["cv"] is None) == (row["margin"] is None):
        raise SurveyError(f"row {label!r} of the plan needs either a cv or a margin")
    try:
        if row["cv"] is not None:
            return size_for_cv(row["cv"], **shared)
        return size_for_margin(row["margin"], level=level, **shared)
    except SurveyError as fault:
        raise SurveyError(f"row {label!r} of the plan: {fault}") from fault


def _expected(needs: pd.DataFrame, selected: np.ndarray, level: float) -> pd.DataFrame:
    """The precision when `selected` units are drawn and answer as expected."""
    n = selected * needs["response_rate"]
    share = needs["proportion"]
    variance = (share * (1 - share)).fillna(needs["sd"] ** 2)
    left = np.where(np.isfinite(needs["population"]), 1 - n / needs["population"], 1.0)
    se = np.sqrt(needs["deff"] * variance / n * np.clip(left, 0, None))
    centre = share.fillna(needs["mean"]).abs()
    multiplier = float(stats.norm.ppf(0.5 + level / 2))
    return needs.assign(expected_cv=se / centre, expected_margin=multiplier * se)
