"""The table of a level: its rows, with what the case, the response above and the derived variables add."""

from typing import Any

import pandas as pd

from survey.instrument import compile_expression, evaluate_column
from survey.process.recipe import Level, Recipe
from survey.process.tables import CASES, KEY, ROOT, Tables

FRAME_ONLY = ("responded", "disposition", "unit")


def level_table(tables: Tables, level: Level, recipe: Recipe) -> pd.DataFrame:
    """The level's rows with the parent's and the case's columns joined and the derived variables added."""
    table = tables[ROOT]
    cases = tables.get(CASES, pd.DataFrame())
    if len(cases):
        taken = [name for name in cases if name == "case_id" or name not in (*table.columns, *FRAME_ONLY)]
        table = table.merge(
            cases[taken].astype({"case_id": "Int64"}), on="case_id", how="left", validate="m:1"
        )
    if level.repeat:
        table = tables[level.repeat].merge(
            table, on=KEY, how="left", validate="m:1", suffixes=("", "_parent")
        )
    return add_variables(table, recipe.variables)


def add_variables(table: pd.DataFrame, variables: dict[str, str]) -> pd.DataFrame:
    """The derived columns of indicators.yaml; those that name columns of another level are left out."""
    derived = dict[str, Any]()
    for name, expression in variables.items():
        if compile_expression(expression).variables <= {*table.columns, *derived}:
            derived[name] = evaluate_column(expression, table.assign(**derived))
    return table.assign(**derived)
