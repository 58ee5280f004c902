"""Means of imputed columns whose errors count the imputing, from replicates (Rao and Shao 1992)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import intervals
from analysis.arrays import Codes, Floats, Names, Where, sums_by
from analysis.columns import coded, complete_numeric, names
from analysis.domains import Domains, domains_of
from analysis.errors import EmptyDomain, NoRespondents, SurveyError, UnsuitableDesign
from analysis.estimation import Estimation
from analysis.imputation.donors import Imputed
from analysis.replicates.replication import Replication
from analysis.scores import Scores

COLUMNS = ("estimate", "se", "ci_low", "ci_high", "cv", "df", "n", "n_imputed")


@dataclass(frozen=True, eq=False)
class _AdjustedMean:
    """Means by domain (p); under other weights imputed values move with the mean of their class's donors.

    `filled` (n) the completed column, `imputed` (n) 1 where imputed, `cell` (n) the class, `group` (n) the
    domain or -1, `start` (classes) the donors' means under the full weights.
    """

    filled: Floats
    imputed: Floats
    cell: Codes
    group: Codes
    sizes: tuple[int, int]
    start: Floats

    def value(self, weight: Floats) -> Floats:
        moved = donor_means(self.filled, self.imputed, self.cell, weight, self.sizes[0]) - self.start
        values = self.filled + self.imputed * np.nan_to_num(moved)[self.cell]
        inside = self.group >= 0
        given, at = weight[inside], self.group[inside]
        total = sums_by(at, given * values[inside], self.sizes[1])
        size = sums_by(at, given, self.sizes[1])
        return np.asarray(np.divide(total, size, out=np.full(self.sizes[1], np.nan), where=size > 0))

    def scores(self, weight: Floats) -> Scores:
        raise UnsuitableDesign("imputed means", "their errors come from replicates, not from linearisation")


def donor_means(filled: Floats, imputed: Floats, cell: Codes, weight: Floats, size: int) -> Floats:
    """Weighted means (classes) of what was observed; NaN for a class without weight."""
    given = weight * (1 - imputed)
    total, count = sums_by(cell, given * filled, size), sums_by(cell, given, size)
    return np.asarray(np.divide(total, count, out=np.full(size, np.nan), where=count > 0))


def imputed_mean(
    design: Estimation,
    imputed: Imputed,
    classes: Names | None,
    by: Names | None = None,
    where: Where = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The mean of a numeric column completed by `hot_deck` within `classes`, by domain.

    `design` must carry replicates (`to_replicates`); in each of them every imputed value moves as the
    weighted mean of the respondents of its class does (Rao and Shao 1992, Biometrika 79, 811-822), so that
    the error counts the gaps: exact for donors drawn with the design's weights, of one class a row, not for
    `nearest_donor`. Returns the `by` columns, variable, estimate, se, ci_low, ci_high, cv, df, n and
    n_imputed. Raises `UnsuitableDesign` without replicates, `NoRespondents`, `EmptyDomain`, `NotNumeric`.
    """
    variance = design.variance
    if not isinstance(variance, Replication):
        raise UnsuitableDesign("imputed_mean", "the design has no replicates; call to_replicates first")
    domain = design.domain(where)
    domains = domains_of(design.data, names(by), domain.domain_mask & (design.weight > 0))
    statistic = _statistic(design, imputed, names(classes), domains)
    estimate = statistic.value(design.weight)
    if np.isnan(estimate).any():
        raise EmptyDomain(domains.label(int(np.isnan(estimate).argmax())))
    se = variance.covariance(statistic, design.weight, None).standard_errors
    df = variance.degrees_of_freedom(design.weight, domains.group, domains.n)
    low, high = intervals.symmetric(estimate, se, "t", level, df)
    cv = np.divide(se, np.abs(estimate), out=np.full(len(se), np.nan), where=estimate != 0)
    inside = (domains.group >= 0) & (design.weight > 0)
    counts = [
        sums_by(domains.group[inside], part[inside], domains.n).astype(np.int64)
        for part in (np.ones(len(inside)), statistic.imputed)
    ]
    table = domains.table.reset_index(drop=True).assign(variable=str(imputed.values.name))
    figures = (estimate, se, low, high, cv, df, *counts)
    return table.assign(**dict(zip(COLUMNS, figures, strict=True)))


def _statistic(design: Estimation, imputed: Imputed, classes: list[str], domains: Domains) -> _AdjustedMean:
    if not imputed.values.index.equals(design.data.index):
        raise SurveyError("the imputed column and the design have different rows")
    completed = imputed.values.to_frame("completed")
    filled, flag = complete_numeric(completed, "completed"), imputed.flag.to_numpy(dtype=np.float64)
    cell, table = np.zeros(len(filled), dtype=np.int64), pd.DataFrame({"class": ["(all)"]})
    if classes:
        cell, table = coded(design.data, classes)
    start = donor_means(filled, flag, cell, design.weight, len(table))
    lacking = np.flatnonzero(np.isnan(start) & (sums_by(cell, flag * design.weight, len(table)) > 0))
    if len(lacking):
        label = tuple(table.iloc[int(lacking[0])].tolist())
        raise NoRespondents(label, int(sums_by(cell, flag, len(table))[lacking[0]]))
    return _AdjustedMean(filled, flag, cell, domains.group, (len(table), domains.n), start)
