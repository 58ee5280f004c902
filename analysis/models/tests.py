"""Comparisons of groups: t tests and rank tests under the design."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from analysis import intervals
from analysis.arrays import Codes, Floats, Mask, counts_by, sums_by
from analysis.columns import coded, numeric
from analysis.errors import EmptyDomain, UnknownOption, UnsuitableDesign
from analysis.estimates import Options, numeric_means
from analysis.models.regression import regression
from analysis.statistics import Ratios

if TYPE_CHECKING:
    from analysis.weighted_sample import WeightedSample


@dataclass(frozen=True)
class GroupTest:
    """A t (two groups or one sample) or F (more groups) test of a `difference` between `levels`.

    The difference is the second level less the first; NaN for more than two groups.
    """

    method: str
    levels: tuple[object, ...]
    difference: float
    statistic: float
    df: float
    df_denominator: float
    p_value: float
    ci_low: float = np.nan
    ci_high: float = np.nan


def t_test(
    design: WeightedSample, variable: str, group: str | None, mean: float, level: float, df: float | None
) -> GroupTest:
    """Whether two groups have the same mean, or one sample the given mean."""
    if group is None:
        return _one_sample(design, variable, mean, level, df)
    levels = coded(design.data.loc[design.domain_mask], [group], allow_missing=True)[1][group].tolist()
    if len(levels) != 2:
        raise UnsuitableDesign("ttest", f"{group!r} has {len(levels)} levels in the domain; two are needed")
    model = regression(design, f"`{variable}` ~ C({group})", "gaussian", None, level, "drop", 1e-12, df)
    row = model.coefficients.iloc[1]
    return GroupTest(
        "t",
        tuple(levels),
        float(row["estimate"]),
        float(row["t"]),
        1.0,
        model.df_residual,
        float(row["p_value"]),
        float(row["ci_low"]),
        float(row["ci_high"]),
    )


def _one_sample(
    design: WeightedSample, variable: str, mean: float, level: float, df: float | None
) -> GroupTest:
    row = numeric_means(design, variable, Options(level=level)).iloc[0]
    degrees = float(row["df"]) if df is None else float(df)
    if degrees <= 0:
        raise UnsuitableDesign("ttest", "the design leaves no degrees of freedom")
    gap, se = float(row["estimate"]) - mean, float(row["se"])
    t = float(intervals.t_ratio(np.array([gap]), np.array([se]))[0])
    low, high = intervals.symmetric(np.array([gap]), np.array([se]), "t", level, np.array([degrees]))
    p_value = float(2 * stats.t.sf(abs(t), degrees))
    return GroupTest("t", (), gap, float(t), 1.0, degrees, p_value, float(low[0]), float(high[0]))


RankScore = Callable[[Floats], Floats]
RANK_SCORES: dict[str, RankScore] = {
    "wilcoxon": lambda share: share,
    "van_der_waerden": lambda share: np.asarray(stats.norm.ppf(share)),
    "median": lambda share: (share > 0.5).astype(np.float64),
}


def rank_test(design: WeightedSample, variable: str, group: str, test: str) -> GroupTest:
    """Whether groups have the same distribution of ranks (Lumley and Scott 2013)."""
    if test not in RANK_SCORES:
        raise UnknownOption("test", test, tuple(RANK_SCORES))
    y = numeric(design.data, variable)
    codes, levels = coded(design.data, [group], allow_missing=True)
    inside = np.asarray(design.domain_mask & ~np.isnan(y) & (codes >= 0) & (design.weight != 0))
    if not inside.any():
        raise EmptyDomain((variable, group))
    used = np.unique(codes[inside])
    if len(used) < 2:
        raise UnsuitableDesign("ranktest", f"{group!r} has a single level in the domain")
    position = np.searchsorted(used, np.where(inside, codes, used[0])).astype(np.int64)
    weight = np.where(inside, design.weight, 0.0)
    scores = np.zeros(len(y))
    scores[inside] = RANK_SCORES[test](_rank_shares(y[inside], weight[inside]))
    labels = tuple(levels[group].iloc[used])
    return _compare_means(design, scores, position, len(used), inside, test, labels)


def _rank_shares(y: Floats, weight: Floats) -> Floats:
    """Estimated population mid-ranks over the population size; ties share their mean."""
    order = np.argsort(y, kind="stable")
    middle = np.cumsum(weight[order]) - weight[order] / 2
    _, tie = np.unique(y[order], return_inverse=True)
    n_ties = int(tie.max()) + 1
    mean = sums_by(tie, middle, n_ties) / counts_by(tie, n_ties)
    ranks = np.empty(len(y))
    ranks[order] = mean[tie]
    return np.asarray(ranks / weight.sum())


def _compare_means(
    design: WeightedSample,
    scores: Floats,
    group: Codes,
    n_groups: int,
    inside: Mask,
    test: str,
    labels: tuple[object, ...],
) -> GroupTest:
    weight = np.where(inside, design.weight, 0.0)
    size = sums_by(group, weight, n_groups)
    mean = sums_by(group, weight * scores, n_groups) / size
    # each group's mean score, linearised with the scores held fixed
    rows = np.where(inside[:, None] & (group[:, None] == np.arange(n_groups)), 1.0, 0.0)
    rows = rows * ((scores - mean[group]) / size[group])[:, None]
    total = Ratios.of_rows(rows, None, inside)
    v = np.asarray(design.variance.covariance(total, weight, inside))
    contrast = np.hstack([-np.ones((n_groups - 1, 1)), np.eye(n_groups - 1)])
    difference, variance = contrast @ mean, contrast @ v @ contrast.T
    if np.linalg.matrix_rank(variance, hermitian=True) < n_groups - 1:
        raise UnsuitableDesign("ranktest", "the estimated variance of the mean ranks is zero")
    q = n_groups - 1
    df = design.degrees_of_freedom_of(inside) - q
    if q == 1:
        t = float(difference[0] / np.sqrt(variance[0, 0]))
        p_value = float(2 * stats.t.sf(abs(t), df))
        return GroupTest(test, labels, float(difference[0]), t, 1.0, df, p_value)
    f = float(difference @ np.linalg.solve(variance, difference)) / q
    return GroupTest(test, labels, np.nan, f, float(q), df, float(stats.f.sf(f, q, df)))
