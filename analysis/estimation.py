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
        empty: Literal["fail", "keep"] = "fail",
    ) -> pd.DataFrame:
        """Means, or the share of each level for categories, in each domain of `by` within `where`.

        Returns a tidy frame with a row per domain, variable and level: the `by` columns, then
        `analysis.estimates.COLUMNS`; `.attrs["vcov"]` is the `Covariance` of its rows. Figures are in the unit
        of the variable, shares from 0 to 1; text, categories and true/false give one row per level. A row
        where any variable is missing leaves as a domain (missing="drop"); a domain without any known value raises
        `EmptyDomain`, or with empty="keep" stays in the table without an estimate (n 0). Variance of the
        linearised ratio (Särndal, Swensson and Wretman 1992, 5.7), or of the replicates. Raises `LonelyPsu`,
        `NotNumeric`; `MissingValues` with missing="fail".
        """
        options = estimates.options_of(by, ci, level, deff, missing, df, empty)
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
        empty: Literal["fail", "keep"] = "fail",
    ) -> pd.DataFrame:
        """Population totals, or the count of each level for categories; the table is that of `mean`.

        Totals are in the unit of the variable, counts in units of the population. A row with a missing value
        counts as outside its domain, not as zero. Horvitz and Thompson's estimator (Särndal, Swensson and
        Wretman 1992, 2.8 and 4.3). Raises as `mean` does.
        """
        options = estimates.options_of(by, ci, level, deff, missing, df, empty)
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
        empty: Literal["fail", "keep"] = "fail",
    ) -> pd.DataFrame:
        """Proportions with intervals that stay between 0 and 1.

        A 0/1 or true/false column gives the share of 1, other categories the share of each level (numeric
        codes when named in `categorical`); the table is that of `mean`. `ci` is "logit" (R's default), "beta"
        (Korn and Graubard 1998), "likelihood" (Rao and Scott 1984), "asin", "xlogit" or "wald"; at exactly 0
        or 1 the limits are Clopper and Pearson's (1934). Raises `NotAProportion` for other numbers, and as
        `mean` does.
        """
        options = estimates.options_of(by, ci, level, deff, missing, df, empty)
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

        Returns the table of `mean` with a column `quantile` (the probability, 0 to 1), without `.attrs["vcov"]`;
        figures are in the unit of the variable. Intervals are Woodruff's (1952) on the share of values up to
        the quantile ("mean", "beta", "xlogit", "asin"), inverted score tests (Francisco and Fuller 1991), or
        the spread of the replicates; `se` is the interval's length over twice the multiplier. A limit that the
        sample does not reach is NaN, and so is then its `se`. Raises `UnknownOption` for a rule, interval or
        probability that does not exist, `UnsuitableDesign` for "replicates" without any.
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
        count: Literal["known", "r"] = "known",
    ) -> pd.DataFrame:
        """The variance of a variable in the population, n / (n - 1) sum w (x - mean)^2 / sum w.

        Returns the table of `mean` in the squared unit of the variable; n counts the rows of the domain with
        known values and in every replicate those with weight. With count="r" it is R's: the other rows count too,
        or with replicates the rows of known value in each. Raises `UnsuitableDesign` for a domain with a
        single row of known value.
        """
        options = estimates.options_of(by, ci, level, False, missing, df)
        return estimates.population_variances(self.domain(where), names(variables), options, count)

    def glm(
        self,
        formula: str,
        family: FamilyName = "gaussian",
        link: LinkName | None = None,
        where: Where = None,
        level: float = 0.95,
        missing: Literal["drop", "fail"] = "drop",
        tolerance: float = 1e-12,
        df: float | None = None,
        offset: str | None = None,
    ) -> Regression:
        """A generalised linear model with design-based errors (Binder 1983), such as "online ~ age + sex".

        Tests and limits use `df` + 1 - p degrees of freedom for p coefficients, by default the design's among the
        rows with known values. `offset` names a column that is added to the linear predictor, such as the log of an
        exposure. Raises `ModelNotFitted` for collinear columns, separation or too few degrees of freedom.
        """
        sample = self.domain(where)
        return regression(sample, formula, family, link, level, missing, tolerance, df, offset)

    def crosstab(
        self,
        row: str,
        column: str,
        statistic: Literal["F", "chisq", "wald", "adj_wald", "lincom", "saddlepoint", "saddlepoint_r"] = "F",
        where: Where = None,
        df_denominator: float | None = None,
        df: float | None = None,
    ) -> Crosstab:
        """A two-way table of estimated counts with a test of independence.

        `counts` of the result has a row per level of `row` and a column per level of `column`, in units of the
        population. "F" and "chisq" are Rao and Scott's (1984) corrections of Pearson's statistic, "lincom" and
        "saddlepoint" its exact or approximate distribution; "wald" and "adj_wald" use the full covariance
        (Koch, Freeman and Freeman 1975; Thomas and Rao 1987). Raises `EmptyDomain`, and `UnsuitableDesign` for
        a single level or a covariance that is zero or, for the Wald tests, singular. `df` replaces the design's
        degrees of freedom, `df_denominator` the whole denominator of "lincom" and "saddlepoint".
        """
        return crosstab(self.domain(where), row, column, statistic, df_denominator, df)

    def ttest(
        self,
        variable: str,
        group: str | None = None,
        mean: float = 0.0,
        where: Where = None,
        level: float = 0.95,
        df: float | None = None,
    ) -> GroupTest:
        """A t test of two groups' means, or of one mean against `mean`; `df` overrides the design's.

        The difference (second level of `group` less the first, or estimate less `mean`) and its limits are in
        the unit of the variable; the test of two groups is that of a regression on the group, with `df` - 1
        degrees of freedom (R's svyttest).
        Without any error t is infinite and p zero. Raises `UnsuitableDesign` unless there are two levels and
        degrees of freedom, `ModelNotFitted` for a variable that is the same in every row, `NotNumeric`.
        """
        return t_test(self.domain(where), variable, group, mean, level, df)

    def ranktest(
        self,
        variable: str,
        group: str,
        test: Literal["wilcoxon", "van_der_waerden", "median"] = "wilcoxon",
        where: Where = None,
    ) -> GroupTest:
        """A rank test for two or more groups; "wilcoxon" is Kruskal-Wallis for more than two.

        Compares the mean scores of estimated population ranks, from 0 to 1 (Lumley and Scott 2013; R's
        svyranktest). Raises `EmptyDomain`, `UnsuitableDesign` for a single level or ranks without error.
        """
        return rank_test(self.domain(where), variable, group, test)

    def compare(
        self, estimates: pd.DataFrame, contrast: Contrast, level: float = 0.95, joint: bool = True
    ) -> pd.DataFrame:
        """A linear combination of rows of a table of estimates, such as {"urban": 1, "rural": -1}.

        `estimates` is a whole table (p rows) of this design with its `.attrs["vcov"]`; keys of the contrast
        are what tells its rows apart, or it is a sequence of p coefficients. Returns one row: estimate, se,
        ci_low, ci_high, df (the design's), t, p_value. `joint` False takes rows as uncorrelated. Raises
        `SurveyError` for a table without its covariance, `UnknownOption` for a row that is not there.
        """
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
        empty: Literal["fail", "keep"] = "fail",
    ) -> pd.DataFrame:
        """Ratios of two totals, each numerator over each denominator; the table is that of `mean`.

        `variable` is "numerator/denominator", the figures in the unit of one over that of the other. Variance
        by linearisation (Särndal, Swensson and Wretman 1992, 5.6). Raises `ZeroDenominator`, and as `mean`.
        """
        options = estimates.options_of(by, ci, level, deff, missing, df, empty)
        return estimates.ratios(self.domain(where), names(numerator), names(denominator), options)
