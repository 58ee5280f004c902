"""The state between two weighting steps: the cases with their weights, then the respondents' design."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from analysis import Design
from survey.process.recipe import BadRecipe, Level, Recipe
from survey.process.weighting.diagnostics import spread

WEIGHT = "weight"


@dataclass
class Weighting:
    """Cases with their weights so far, the level's rows and, once calibrated, their design.

    `sample` holds the eligible cases as they were drawn, `log` a record for each step.
    """

    level: Level
    recipe: Recipe
    cases: pd.DataFrame
    data: pd.DataFrame
    sample: pd.DataFrame = field(default_factory=pd.DataFrame)
    design: Design | None = None
    log: list[dict[str, Any]] = field(default_factory=list)

    def record(
        self, step: str, weights: "pd.Series[float]", before: "pd.Series[float] | None" = None, **detail: Any
    ) -> None:
        """Add a step's diagnostics to the log; `before` are the weights that the step multiplied."""
        self.log.append({"level": self.level.name, "step": step, **spread(weights, before), **detail})

    def case_weights(self) -> "pd.Series[float]":
        """The weights of the cases; raise `BadRecipe` before there are any."""
        if WEIGHT not in self.cases:
            raise BadRecipe(
                f"design.yaml, {self.level.name}: chưa có trọng số để điều chỉnh.",
                "Bắt đầu `weighting:` bằng bước design_weight.",
            )
        return self.cases[WEIGHT]

    def weigh_rows(self) -> None:
        """Give the level's rows the weight of their case, once."""
        if WEIGHT not in self.data:
            weights = self.case_weights().set_axis(self.cases["case_id"])
            self.data = self.data.assign(**{WEIGHT: self.data["case_id"].map(weights).astype(float)})

    def present_weights(self) -> "pd.Series[float]":
        """The weights of the level's rows: of their design where there is one."""
        if self.design is None:
            return self.data[WEIGHT]
        return pd.Series(self.design.weights().to_numpy()[: len(self.data)], index=self.data.index)
