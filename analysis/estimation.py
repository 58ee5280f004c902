"""The estimating methods of a design; each returns a tidy table or a small result object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from analysis import estimates
from analysis.arrays import Names, Where
from analysis.columns import names
from analysis.contrasts import Contrast, compare
from analysis.deff import DesignEffect
from analysis.models.crosstab import Crosstab, crosstab
from analysis.models.regression import FamilyName, LinkName, Regression, regression
from analysis.models.tests import GroupTest, rank_test, t_test
from analysis.quantiles.estimation import quantiles
from analysis.weighted_sample import WeightedSample

ProportionInterval = Literal[
    "logit", "beta", "likelihood", "likelihood_r", "asin", "asin_r", "xlogit", "wald", "mean"
]
QuantileInterval = Literal["mean", "beta", "xlogit", "asin", "asin_r", "score", "score_r", "replicates"]


class Estimation(WeightedSample):
    """Estimates of the population and of domains, which never lose the rest of the sample."""

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
        ci: ProportionInterval = "logit",
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

    def quantile(
        self,
        variables: Names,
        probabilities: float | Sequence[float] = 0.5,
        by: Names | None = None,
        where: Where = None,
        rule: str = "hf1",
        interval: QuantileInterval = "mean",
        level: float = 0.95,
        missing: Literal["drop", "fail"] = "drop",
        df: float | None = None,
    ) -> pd.DataFrame:
        """Quantiles by one of the rules of `analysis.quantiles.rules`, one row per probability.

        Intervals are Woodruff's on the share of values up to the quantile ("mean", "beta", "xlogit", "asin"),
        inverted score tests, or the spread of the replicates. A limit that the sample does not reach is NaN.
        """
        options = estimates.options_of(by, "t", level, False, missing, df)
        wanted = [probabilities] if isinstance(probabilities, int | float) else list(probabilities)
        return quantiles(self.domain(where), names(variables), wanted, rule, interval, options)

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

    def glm(
        self,
        formula: str,
        family: FamilyName = "gaussian",
        link: LinkName | None = None,
        where: Where = None,
        level: float = 0.95,
        missing: Literal["drop", "fail"] = "drop",
        tolerance: float = 1e-12,
    ) -> Regression:
        """A generalised linear model with design-based errors (Binder 1983), such as "online ~ age + sex".

        Raises `ModelNotFitted` for collinear columns, separation or too few degrees of freedom.
        """
        return regression(self.domain(where), formula, family, link, level, missing, tolerance)

    def crosstab(
        self,
        row: str,
        column: str,
        statistic: Literal["F", "chisq", "wald", "adj_wald", "lincom", "saddlepoint", "saddlepoint_r"] = "F",
        where: Where = None,
        df_denominator: float | None = None,
    ) -> Crosstab:
        """A two-way table of estimated counts with a test of independence.

        "F" and "chisq" are Rao and Scott's (1984) corrections of Pearson's statistic, "lincom" and
        "saddlepoint" its exact or approximate distribution; "wald" and "adj_wald" use the full covariance.
        """
        return crosstab(self.domain(where), row, column, statistic, df_denominator)

    def ttest(
        self,
        variable: str,
        group: str | None = None,
        mean: float = 0.0,
        where: Where = None,
        level: float = 0.95,
        df: float | None = None,
    ) -> GroupTest:
        """A t test of two groups' means, or of one mean against `mean` (`df` then overrides the design's)."""
        return t_test(self.domain(where), variable, group, mean, level, df)

    def ranktest(
        self,
        variable: str,
        group: str,
        test: Literal["wilcoxon", "van_der_waerden", "median"] = "wilcoxon",
        where: Where = None,
    ) -> GroupTest:
        """A rank test for two or more groups; "wilcoxon" is Kruskal-Wallis for more than two."""
        return rank_test(self.domain(where), variable, group, test)

    def compare(
        self, estimates: pd.DataFrame, contrast: Contrast, level: float = 0.95, joint: bool = True
    ) -> pd.DataFrame:
        """A linear combination of rows of a table of estimates, such as {"urban": 1, "rural": -1}."""
        return compare(estimates, contrast, self.degrees_of_freedom, level, joint)

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
