"""A run's tables with missing values filled as design.yaml says, and what was filled from whom."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from analysis.errors import MissingValues, NoRespondents
from survey.editing.imputing import FILE, BadImputation, Plan, Step, Tally, impute, levels_table, read_plan
from survey.instrument.values import string
from survey.process.edits import INSTANCE
from survey.process.recipe import Recipe
from survey.process.tables import KEY, Tables
from survey.process.weighting.levels import level_table

COLUMNS = ["repeat", KEY, INSTANCE, "level", "variable", "value", "donor_key", "donor_instance", "method"]


@dataclass(frozen=True, eq=False)
class Completed:
    """The tables of each repeat, with one row of `imputed` a value: whose, what, from whom, how.

    `tallies` are those of the first repeat.
    """

    tables: tuple[Tables, ...]
    imputed: pd.DataFrame
    tallies: tuple[Tally, ...]

    @property
    def summary(self) -> dict[str, Any]:
        """What a run's page tells."""
        return {
            "repeats": len(self.tables),
            "variables": [asdict(tally) | {"share": tally.share} for tally in self.tallies],
        }


def plan_of(recipe: Recipe) -> Plan:
    """The imputation plan that belongs to a recipe; raise `BadImputation`."""
    return read_plan(recipe.document["design"].get("imputation"), recipe.levels)


def check_plan(recipe: Recipe, tables: Tables) -> None:
    """Raise `BadImputation` for a variable that no table has; what comes of the frame is known once it is drawn."""
    for number, step in enumerate(plan_of(recipe).steps, 1):
        level = levels_table(recipe.levels, step.level)
        if level not in tables:
            raise BadImputation(
                f"{FILE}, bước {number}: phiếu không có bảng {level!r}.", f"Có: {', '.join(tables)}."
            )
        for name in step.variables:
            if name not in tables[level]:
                raise BadImputation(
                    f"{FILE}, bước {number}: bảng {level!r} không có biến {name!r}.", "Sửa mục variables."
                )


def completed(tables: Tables, recipe: Recipe) -> Completed:
    """Fill what is missing, step by step; the same tables and plan give the same values.

    What was collected stays in the snapshot. Raises `BadImputation` where donors cannot be found.
    """
    plan = plan_of(recipe)
    results, records, tallies = list[Tables](), list[pd.DataFrame](), list[Tally]()
    for repeat in range(plan.repeats):
        current = dict(tables)
        for number, (step, variable) in enumerate(_variables(plan)):
            seed = plan.seed + 1000 * repeat + number
            tally, filled = _fill(current, step, variable, recipe, (seed, plan.repeats > 1))
            records.append(filled.assign(repeat=repeat + 1))
            if repeat == 0:
                tallies.append(tally)
        results.append(current)
    found = [each for each in records if len(each)]
    listed = pd.concat(found, ignore_index=True)[COLUMNS] if found else pd.DataFrame(columns=COLUMNS)
    return Completed(tuple(results), listed, tuple(tallies))


def _variables(plan: Plan) -> list[tuple[Step, str]]:
    return [(step, variable) for step in plan.steps for variable in step.variables]


def _fill(
    tables: Tables, step: Step, variable: str, recipe: Recipe, draw: tuple[int, bool]
) -> tuple[Tally, pd.DataFrame]:
    """Put the filled column into the tables; the record of each value."""
    name = levels_table(recipe.levels, step.level)
    data = level_table(tables, recipe.levels[step.level], recipe).reset_index(drop=True)
    if lacking := sorted(step.needs - set(data.columns)):
        raise BadImputation(
            f"{FILE}, {variable}: bảng không có cột {', '.join(lacking)}.",
            "Sửa classes, distance hoặc where.",
        )
    try:
        column, donors, tally = impute(data, step, variable, *draw)
    except NoRespondents as error:
        raise BadImputation(
            f"{FILE}, {variable}: nhóm {error.cell} không có ai cho giá trị.", "Gộp nhóm (bớt `classes`)."
        ) from error
    except MissingValues as error:
        raise BadImputation(
            f"{FILE}, {variable}: cột {error.column} có {error.count} giá trị trống nên không chia nhóm được.",
            "Bù cột đó ở một bước trước, hoặc dùng cột khác.",
        ) from error
    tables[name] = tables[name].assign(**{variable: column.set_axis(tables[name].index)})
    return tally, _record(data, column, donors, step, variable, name)


def _record(
    data: pd.DataFrame,
    column: "pd.Series[Any]",
    donors: "pd.Series[Any]",
    step: Step,
    variable: str,
    level: str,
) -> pd.DataFrame:
    takers, givers = donors.index, donors.astype("int64").to_numpy()
    instances: Mapping[str, Any] = {
        INSTANCE: _numbers(data, takers),
        "donor_instance": _numbers(data, givers),
    }
    return pd.DataFrame(
        {
            KEY: data.loc[takers, KEY].astype("string").to_numpy(),
            "level": level,
            "variable": variable,
            "value": [_text(value) for value in column.loc[takers]],
            "donor_key": data.loc[givers, KEY].astype("string").to_numpy(),
            "method": step.method,
            **instances,
        }
    )


def _numbers(data: pd.DataFrame, rows: Any) -> Any:
    return data.loc[rows, INSTANCE].to_numpy() if INSTANCE in data else [0] * len(rows)


def _text(value: Any) -> str:
    return string(float(value)) if isinstance(value, int | float) else str(value)
