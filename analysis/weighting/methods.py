"""The weighting methods of a design; each returns a new design with one more line of history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Names
from analysis.columns import names
from analysis.errors import UnknownOption
from analysis.weighted_sample import WeightedSample
from analysis.weighting import recipes
from analysis.weighting.controls import Totals
from analysis.weighting.model import INTERCEPT, columns_of
from analysis.weighting.propensity import propensity_classes
from analysis.weighting.steps import WeightingStep


class Weighting(WeightedSample):
    """Nonresponse, calibration, trimming.

    In a domain a step weights the domain's rows to the domain's totals; the others leave for good, at weight 0.
    """

    def adjust_nonresponse(
        self,
        responded: str = "responded",
        classes: Names | None = None,
        method: Literal["classes", "propensity"] = "classes",
        formula: str | None = None,
        n_classes: int = 5,
        variance: Literal["linearised", "fixed"] = "linearised",
    ) -> Self:
        """Give the weight of nonrespondents to the respondents of their class; `responded` holds 0/1.

        Classes are the combinations of columns, or with method="propensity" `n_classes` groups of about
        equal size by the response propensity that `formula` ("~ age + district") explains. Raises
        `NoRespondents` for a class without any, naming it.
        """
        if method == "classes":
            by = names(classes)
            return self.weighted(
                [responded, *by],
                lambda data, weight: recipes.response_classes(data, weight, responded, by, variance),
            )
        if method != "propensity":
            raise UnknownOption("method", method, ("classes", "propensity"))
        if formula is None:
            raise UnknownOption("formula", formula, "the variables that explain response, as '~ age + sex'")
        return self.weighted(
            [responded],
            lambda data, weight: propensity_classes(data, weight, responded, formula, n_classes, variance),
            row_by_row="method='propensity'",
        )

    def poststratify(self, by: Names, totals: Totals) -> Self:
        """Make the weights add up to `totals` (mapping, Series or frame) in each cell of `by`.

        Totals are in units of the population, one for every cell that the sample has (Holt and Smith 1979).
        Raises `LevelNotInControls`, `LevelNotInSample` (naming cells to collapse with), `DuplicateControl`,
        `BadControl`, and `MissingValues` for a weighted row whose cell is unknown.
        """
        return self.weighted(
            names(by), lambda data, weight: recipes.poststratify(data, weight, names(by), totals)
        )

    def standardise(self, by: Names, shares: Totals, over: Names | None = None) -> Self:
        """Give each population in `over` the same composition `shares` of the cells of `by`.

        Shares add up to 1 (direct standardisation; R's svystandardize); the total weight of every population
        stays. Rows whose population is unknown keep their weights. Raises `BadControl` for other sums, and as
        `poststratify` does.
        """
        return self.weighted(
            [*names(by), *names(over)],
            lambda data, weight: recipes.standardise(data, weight, names(by), shares, names(over)),
        )

    def rake(
        self,
        margins: Mapping[Any, Totals],
        tolerance: float = 1e-10,
        max_iterations: int = 1000,
        variance: Literal["greg", "r"] = "greg",
    ) -> Self:
        """Fit the weights to several margins by raking; keys are a column or a tuple of columns.

        Stops when every |sample - target| / (1 + target) is at most `tolerance`, or raises `NoConvergence`.
        Totals are in units of the population, and all margins must add up to the same (Deming and Stephan
        1940). Standard errors come from the regression residuals (Deville and Särndal 1992); variance="r" gives
        those of R's rake(). Raises `ControlsDisagree`, and as `poststratify` does for each margin.
        """
        return self.weighted(
            columns_of(margins),
            lambda data, weight: recipes.rake(data, weight, margins, tolerance, max_iterations, variance),
            row_by_row="variance='r'" if variance == "r" else None,
        )

    def calibrate(
        self,
        totals: Mapping[Any, Any],
        distance: Literal["linear", "raking", "logit"] = "linear",
        bounds: tuple[float, float] | None = None,
        by_unit: Names | None = None,
        bounds_are_weights: bool = False,
        model_variance: str | None = None,
        tolerance: float = 1e-10,
        max_iterations: int = 200,
    ) -> Self:
        """Calibrate the weights to known totals (generalised regression, raking ratio or logit).

        `totals` maps a numeric column to its total, a column or tuple of columns to the totals of its levels,
        and "(Intercept)" to the population. `bounds` limit new / old weight (or the new weights themselves);
        `by_unit` keeps the ratio constant within, say, a household; `model_variance` names a column to which
        the variance of the regression is proportional. Raises `NoConvergence` or, when the controls
        contradict each other within the bounds, `InfeasibleControls`.
        """

        def recipe(data: pd.DataFrame, weight: Floats) -> WeightingStep:
            return recipes.calibrate(
                data,
                weight,
                totals,
                names(by_unit),
                model_variance,
                distance=distance,
                bounds=(-np.inf, np.inf) if bounds is None else bounds,
                bounds_are_weights=bounds_are_weights,
                tolerance=tolerance,
                max_iterations=max_iterations,
            )

        auxiliary = [key for key in totals if key not in INTERCEPT]
        columns = [*columns_of(dict.fromkeys(auxiliary)), *names(model_variance)]
        options = {"by_unit": bool(by_unit), "bounds_are_weights": bounds_are_weights}
        unsuited = next((option for option, given in options.items() if given), None)
        return self.weighted(columns, recipe, row_by_row=unsuited)

    def trim(
        self,
        lower: float = 0.0,
        upper: float = float("inf"),
        strict: bool = False,
        redistribute: Literal["equal", "proportional"] = "equal",
    ) -> Self:
        """Cut weights to [lower, upper] and give the excess to the others; `strict` until none is outside.

        Limits are weights; the total of the weights stays. What is cut goes to the other rows in equal amounts
        (R's trimWeights) or in proportion to their weights (Potter 1990). Linearised errors take the new
        weights as given; replicates trim anew. Raises `BadWeight` when the mean weight lies outside the limits.
        """
        return self.weighted(
            [], lambda data, weight: recipes.trim(lower, upper, strict, redistribute), row_by_row="trim"
        )
