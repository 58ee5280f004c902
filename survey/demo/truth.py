"""The true value of every indicator in the synthetic population, by the definitions that the service uses."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from survey.demo.population import Population
from survey.instrument import evaluate_column


def truth(population: Population, definitions: Mapping[str, Any]) -> pd.DataFrame:
    """The exact population value of every indicator of an `indicators.yaml` document.

    Columns indicator, breakdown (`total` or a breakdown's name), level, value, numerator, denominator;
    values are percentages, counts are persons or households. "Don't know" and refusals count as they are
    answered, so the value is what a census with this questionnaire would give.
    """
    tables = {"adult": adult_rows(population), "household": household_rows(population)}
    parts = [
        value_of(tables[indicator["level"]], indicator, definitions["variables"])
        for indicator in definitions["indicators"]
    ]
    return pd.concat(parts, ignore_index=True)


def household_rows(population: Population) -> pd.DataFrame:
    """Households as microdata rows: answers, household_size, adults_15plus, district, area_type."""
    area = population.households["area"].to_numpy()
    places = population.frame[["district", "area_type"]].astype("category").iloc[area].reset_index(drop=True)
    answers = population.households.drop(columns=["area", "first_adult"])
    return pd.concat(
        [answers.rename(columns={"size": "household_size", "adults": "adults_15plus"}), places], axis=1
    )


def adult_rows(population: Population) -> pd.DataFrame:
    """Adults as microdata rows: answers, sex, age, district, area_type."""
    area = population.households["area"].to_numpy()[population.adults["household"].to_numpy()]
    places = population.frame[["district", "area_type"]].astype("category").iloc[area].reset_index(drop=True)
    rows: pd.DataFrame = pd.concat([population.adults.drop(columns="household"), places], axis=1)
    return rows


def value_of(table: pd.DataFrame, indicator: Mapping[str, Any], variables: Mapping[str, str]) -> pd.DataFrame:
    """One indicator by its breakdowns."""
    rows = domain_of(table, indicator, variables)
    breakdowns = {"total": pd.Series("total", rows.index)}
    breakdowns |= {name: rows[name] for name in indicator["breakdowns"]}
    sums = [
        rows[["numerator", "denominator"]].groupby(levels.rename("level")).sum().assign(breakdown=name)
        for name, levels in breakdowns.items()
    ]
    result = pd.concat(sums).reset_index().assign(indicator=indicator["code"])
    result["value"] = 100 * result["numerator"] / result["denominator"]
    columns = ["indicator", "breakdown", "level", "value", "numerator", "denominator"]
    return result.reindex(columns=columns)


def domain_of(
    table: pd.DataFrame, indicator: Mapping[str, Any], variables: Mapping[str, str]
) -> pd.DataFrame:
    """The distinct rows that matter to an indicator, with how many units count above and below the line."""
    parts = [indicator[part] for part in ("population", "numerator", "denominator")]
    derived = [name for name in variables if name in indicator["breakdowns"] or name in references(*parts)]
    used = references(*parts, *(variables[name] for name in derived)) | set(indicator["breakdowns"])
    keys = [name for name in table if name in used]
    rows = table.groupby(keys, observed=True, dropna=False).size().rename("units").reset_index()
    rows = rows.astype(dict.fromkeys(keys, object))
    for name in derived:
        rows[name] = evaluate_column(variables[name], rows)
    inside, numerator, denominator = (evaluate_column(part, rows) for part in parts)
    rows["denominator"] = rows["units"].where(inside & denominator, 0)
    rows["numerator"] = rows["denominator"].where(numerator, 0)
    return rows


def references(*expressions: str) -> set[str]:
    return {name for expression in expressions for name in re.findall(r"\$\{(\w+)\}", expression)}
