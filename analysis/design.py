"""`Design`: survey data together with how they were sampled and weighted."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis import estimates
from analysis.arrays import Floats, Mask, Names, Where
from analysis.columns import complete_numeric, mask_of, names
from analysis.deff import DesignEffect
from analysis.errors import BadWeight, SurveyError, UnknownOption
from analysis.pps import pair_weights
from analysis.replicates.importing import imported, replicated
from analysis.replicates.making import Recipe
from analysis.structure import Structure, structure_of
from analysis.taylor import LonelyRule
from analysis.variance import Linearisation, VarianceMethod
from analysis.weighting import recipes
from analysis.weighting.controls import Totals
from analysis.weighting.steps import Record, WeightingStep, WeightSpread, record_of, weight_spread

Lonely = Literal["fail", "certainty", "adjust", "average", "remove"]


class Design:
    """A sample with its weights, strata, clusters and population sizes; nothing in it ever changes.

    `weight` or `probability` name a column (without either, weights come from `fpc`); `strata`,
    `clusters` and `fpc` name one column per stage, first stage first; no clusters means that every row
    is its own unit. `fpc` holds population counts of units (above 1) or sampling fractions; later stages
    enter the variance only while every stage above has its fpc. With `nest` cluster ids may start again
    in every stratum. `lonely_psu` says what a stratum with a single unit does, as R's survey.lonely.psu;
    `lonely_in_domains` extends adjust and average to strata with one unit left in a domain. `pps` treats
    `fpc` as unequal inclusion probabilities (see `analysis.pps`). Weighting methods return a new design.
    """

    data: pd.DataFrame
    weight: Floats
    variance: VarianceMethod
    history: tuple[Record, ...]
    strata: tuple[str, ...]
    clusters: tuple[str, ...]

    def __init__(
        self,
        data: pd.DataFrame,
        weight: str | None = None,
        probability: str | None = None,
        strata: Names | None = None,
        clusters: Names | None = None,
        fpc: Names | None = None,
        nest: bool = True,
        lonely_psu: Lonely = "fail",
        lonely_in_domains: bool = False,
        pps: Literal["brewer", "overton", "hartley_rao"] | Floats | None = None,
        pps_variance: Literal["ht", "yg"] = "ht",
    ) -> None:
        if not len(data):
            raise SurveyError("the data have no rows")
        lonely = LonelyRule(lonely_psu, lonely_in_domains)
        unequal = pps is not None
        structure = structure_of(data, names(strata), names(clusters), names(fpc), nest, unequal)
        first_weight = _first_weight(data, weight, probability, structure)
        pairs = None if pps is None else pair_weights(structure.stages[0], pps, pps_variance)
        self._fill(data, first_weight, Linearisation(structure, lonely, pairs=pairs))
        self.__dict__.update(strata=tuple(names(strata)), clusters=tuple(names(clusters)))

    def _fill(self, data: pd.DataFrame, weight: Floats, variance: VarianceMethod) -> None:
        record = Record("design", weight, weight_spread(weight))
        state = {"data": data, "weight": weight, "variance": variance, "history": (record,), "_domain": None}
        self.__dict__.update(state)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a Design does not change; {name!r} cannot be set")

    def _with(self, **changes: Any) -> Design:
        changed = copy.copy(self)
        changed.__dict__.update(changes)
        return changed

    def __repr__(self) -> str:
        steps = " > ".join(record.name for record in self.history)
        return f"<Design of {len(self.data)} rows, {steps}, effective n {self.spread.effective_n:.1f}>"

    # --- what the design holds -------------------------------------------------------------------

    @property
    def domain_mask(self) -> Mask:
        """The rows that estimates are about (n)."""
        domain: Mask | None = self.__dict__["_domain"]
        return np.ones(len(self.data), dtype=np.bool_) if domain is None else domain

    @property
    def spread(self) -> WeightSpread:
        """How uneven the current weights are (Kish)."""
        return weight_spread(np.where(self.domain_mask, self.weight, 0.0))

    @property
    def degrees_of_freedom(self) -> float:
        """PSUs minus strata (or the rank of the replicate weights, less one) in the domain."""
        group = np.where(self.domain_mask, 0, -1).astype(np.int64)
        return float(self.variance.degrees_of_freedom(self.weight, group, 1)[0])

    def weights(self, stage: str | int | None = None) -> pd.Series:
        """The weights after a stage, by the name in `history` (the latest of that name) or its number."""
        if stage is None:
            return pd.Series(self.weight, index=self.data.index, name=f"{self.history[-1].name}_weight")
        found = [
            record
            for k, record in enumerate(self.history)
            if stage in (record.name, k, k - len(self.history))
        ]
        if not found:
            raise UnknownOption("stage", stage, [record.name for record in self.history])
        return pd.Series(found[-1].weight, index=self.data.index, name=f"{found[-1].name}_weight")

    def with_columns(self, columns: Mapping[str, Any]) -> Design:
        """The same design with columns (n values each) added to its data; weights and variance stay."""
        return self._with(data=self.data.assign(**columns))

    def domain(self, where: Where) -> Design:
        """The same design with estimates confined to a domain; other rows still count for the variance."""
        mask = mask_of(self.data, where)
        return self if mask is None else self._with(_domain=self.domain_mask & mask)

    # --- weighting ----------------------------------------------------------------------------------

    def apply(self, step: WeightingStep) -> Design:
        """Run one prepared weighting step and write it into the history."""
        adjusted = step.adjust(self.weight)
        record = record_of(step, self.weight, adjusted)
        return self._with(
            weight=adjusted.weight,
            variance=self.variance.after(step, adjusted),
            history=(*self.history, record),
        )

    def adjust_nonresponse(
        self,
        responded: str = "responded",
        classes: Names | None = None,
        method: Literal["classes"] = "classes",
        variance: Literal["linearised", "fixed"] = "linearised",
    ) -> Design:
        """Give the weight of nonrespondents to the respondents of their class; `responded` holds 0/1.

        Raises `NoRespondents` for a class without any, naming it.
        """
        return self.apply(
            recipes.response_classes(self.data, self.weight, responded, names(classes), variance)
        )

    def poststratify(self, by: Names, totals: Totals) -> Design:
        """Make the weights add up to `totals` (mapping, Series or frame) in each cell of `by`."""
        return self.apply(recipes.poststratify(self.data, self.weight, names(by), totals))

    def standardise(self, by: Names, shares: Totals, over: Names | None = None) -> Design:
        """Give each population in `over` the same composition `shares` of the cells of `by`."""
        return self.apply(recipes.standardise(self.data, self.weight, names(by), shares, names(over)))

    def rake(
        self,
        margins: Mapping[Any, Totals],
        tolerance: float = 1e-10,
        max_iterations: int = 1000,
        variance: Literal["greg", "r"] = "greg",
    ) -> Design:
        """Fit the weights to several margins by raking; keys are a column or a tuple of columns.

        Stops when every |sample - target| / (1 + target) is at most `tolerance`, or raises `NoConvergence`.
        Standard errors come from the regression residuals; variance="r" gives those of R's rake().
        """
        return self.apply(recipes.rake(self.data, self.weight, margins, tolerance, max_iterations, variance))

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
    ) -> Design:
        """Calibrate the weights to known totals (generalised regression, raking ratio or logit).

        `totals` maps a numeric column to its total, a column or tuple of columns to the totals of its levels,
        and "(Intercept)" to the population. `bounds` limit new / old weight (or the new weights themselves);
        `by_unit` keeps the ratio constant within, say, a household; `model_variance` names a column to which
        the variance of the regression is proportional. Raises `NoConvergence` or, when the controls
        contradict each other within the bounds, `InfeasibleControls`.
        """
        step = recipes.calibrate(
            self.data,
            self.weight,
            totals,
            names(by_unit),
            model_variance,
            distance=distance,
            bounds=(-np.inf, np.inf) if bounds is None else bounds,
            bounds_are_weights=bounds_are_weights,
            tolerance=tolerance,
            max_iterations=max_iterations,
        )
        return self.apply(step)

    def trim(
        self,
        lower: float = 0.0,
        upper: float = float("inf"),
        strict: bool = False,
        redistribute: Literal["equal", "proportional"] = "equal",
    ) -> Design:
        """Cut weights to [lower, upper] and give the excess to the others; `strict` until none is outside."""
        return self.apply(recipes.trim(lower, upper, strict, redistribute))

    # --- replicates ---------------------------------------------------------------------------------

    @classmethod
    def from_replicates(
        cls,
        data: pd.DataFrame,
        weight: str,
        replicates: pd.DataFrame | Floats | Sequence[str],
        scale: float = 1.0,
        rscales: float | Sequence[float] | Floats = 1.0,
        mse: bool = False,
        df: float | None = None,
    ) -> Design:
        """A design from ready-made replicate weights: column names, or a frame or matrix (n, R) of weights.

        The variance is scale * sum of rscales * squared deviations, about the estimate (mse) or the
        replicates' mean. `df` None takes the rank of the replicate weights less one.
        """
        method = imported(data, replicates, scale, rscales, mse, df)
        design = cls.__new__(cls)
        design._fill(data, checked_weight(weight, complete_numeric(data, weight)), method)
        design.__dict__.update(strata=(), clusters=())
        return design

    def to_replicates(
        self,
        method: Literal["jk1", "jkn", "brr", "fay", "bootstrap", "rao_wu", "sdr"] = "jkn",
        replicates: int = 200,
        seed: int = 1,
        fay_rho: float = 0.5,
        mse: bool = False,
    ) -> Design:
        """Replicate weights in place of linearisation; every weighting step so far is redone on each of them.

        Later stages' population sizes are left out. `replicates` and `seed` are for the bootstraps. Raises
        `LonelyPsu` unless the design was made with lonely_psu="certainty" or "remove".
        """
        recipe = Recipe(replicates, seed, fay_rho)
        return self._with(variance=replicated(self.variance, self.history, method, recipe, mse))

    # --- estimates ----------------------------------------------------------------------------------

    def mean(
        self,
        variables: Names,
        by: Names | None = None,
        where: Where = None,
        deff: DesignEffect = False,
        ci: Literal["t", "z"] = "t",
        level: float = 0.95,
        categorical: Names | None = None,
        missing: Literal["drop", "fail"] = "drop",
        df: float | None = None,
    ) -> pd.DataFrame:
        """Means, or the share of each level for categories, in each domain of `by` within `where`.

        Returns a tidy frame (the `by` columns, then `analysis.estimates.COLUMNS`); `.attrs["vcov"]` is the
        covariance of its rows. A row where any variable is missing leaves as a domain (missing="drop").
        """
        options = estimates.options_of(by, ci, level, deff, missing, df)
        return estimates.means(self.domain(where), names(variables), names(categorical), options)

    def total(
        self,
        variables: Names,
        by: Names | None = None,
        where: Where = None,
        deff: DesignEffect = False,
        ci: Literal["t", "z"] = "t",
        level: float = 0.95,
        categorical: Names | None = None,
        missing: Literal["drop", "fail"] = "drop",
        df: float | None = None,
    ) -> pd.DataFrame:
        """Population totals, or the count of each level for categories; the table is that of `mean`."""
        options = estimates.options_of(by, ci, level, deff, missing, df)
        return estimates.totals(self.domain(where), names(variables), names(categorical), options)

    def proportion(
        self,
        variables: Names,
        by: Names | None = None,
        where: Where = None,
        deff: DesignEffect = False,
        ci: Literal["logit", "beta", "likelihood", "asin", "xlogit", "wald", "mean"] = "logit",
        level: float = 0.95,
        categorical: Names | None = None,
        missing: Literal["drop", "fail"] = "drop",
        df: float | None = None,
    ) -> pd.DataFrame:
        """Proportions with intervals that stay between 0 and 1.

        A 0/1 or true/false column gives the share of 1, other categories the share of each level (numeric
        codes when named in `categorical`). At exactly 0 or 1 the limits are Clopper and Pearson's.
        """
        options = estimates.options_of(by, ci, level, deff, missing, df)
        return estimates.proportions(self.domain(where), names(variables), names(categorical), options)

    def population_variance(
        self,
        variables: Names,
        by: Names | None = None,
        where: Where = None,
        ci: Literal["t", "z"] = "t",
        level: float = 0.95,
        missing: Literal["drop", "fail"] = "drop",
        df: float | None = None,
    ) -> pd.DataFrame:
        """The variance of a variable in the population, n / (n - 1) sum w (x - mean)^2 / sum w."""
        options = estimates.options_of(by, ci, level, False, missing, df)
        return estimates.population_variances(self.domain(where), names(variables), options)

    def ratio(
        self,
        numerator: Names,
        denominator: Names,
        by: Names | None = None,
        where: Where = None,
        deff: DesignEffect = False,
        ci: Literal["t", "z"] = "t",
        level: float = 0.95,
        missing: Literal["drop", "fail"] = "drop",
        df: float | None = None,
    ) -> pd.DataFrame:
        """Ratios of two totals, each numerator over each denominator; the table is that of `mean`."""
        options = estimates.options_of(by, ci, level, deff, missing, df)
        return estimates.ratios(self.domain(where), names(numerator), names(denominator), options)


def _first_weight(
    data: pd.DataFrame, weight: str | None, probability: str | None, structure: Structure
) -> Floats:
    if weight is not None and probability is not None:
        raise SurveyError("give weight or probability, not both")
    if weight is not None:
        return checked_weight(weight, complete_numeric(data, weight))
    if probability is not None:
        chance = complete_numeric(data, probability)
        if (chance <= 0).any() or (chance > 1).any():
            wrong = chance[(chance <= 0) | (chance > 1)][0]
            raise BadWeight(probability, f"{wrong:.10g} is not a probability above 0 and up to 1")
        return 1.0 / chance
    return structure.inverse_fractions()


def checked_weight(name: str, weight: Floats) -> Floats:
    """Refuse negative weights and weights that add up to nothing."""
    if (weight < 0).any():
        raise BadWeight(name, f"{weight[weight < 0][0]:.10g} is negative (row {int((weight < 0).argmax())})")
    if not weight.sum() > 0:
        raise BadWeight(name, "they add up to zero")
    return weight
