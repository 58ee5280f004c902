"""Estimates of totals, means, proportions and ratios as tidy tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from analysis import intervals
from analysis.arrays import Codes, Floats, Mask, sums_by
from analysis.columns import names, raw_numeric, row_counts, rows_by
from analysis.covariance import Covariance
from analysis.deff import DesignEffect, simple_variances
from analysis.domains import Domains, domains_of
from analysis.empty_domains import Filled
from analysis.errors import EmptyDomain, MissingValues, UnknownOption, UnsuitableDesign, ZeroDenominator
from analysis.items import Item, items_of, proportion_items, refuse_unknown
from analysis.proportions import Sizes, proportion_limits
from analysis.replicates.replication import Replication
from analysis.statistics import Ratios, Variances, Within

if TYPE_CHECKING:
    from analysis.weighted_sample import WeightedSample

COLUMNS = ("variable", "level", "estimate", "se", "ci_low", "ci_high", "cv", "df", "deff", "n", "n_psu")
ON_LOG_ODDS = ("logit", "likelihood", "likelihood_r")
MISSING_OPTIONS = ("drop", "fail")
COUNTS = ("known", "r")
EMPTY_OPTIONS = ("fail", "keep")


@dataclass(frozen=True)
class Options:
    """How estimates are reported: domains, interval, level, design effect, treatment of missing values."""

    by: tuple[str, ...] = ()
    ci: str = "t"
    level: float = 0.95
    deff: DesignEffect = False
    missing: str = "drop"
    df: float | None = None
    empty: str = "fail"

    def __post_init__(self) -> None:
        if self.empty not in EMPTY_OPTIONS:
            raise UnknownOption("empty", self.empty, EMPTY_OPTIONS)
        if self.missing not in MISSING_OPTIONS:
            raise UnknownOption("missing", self.missing, MISSING_OPTIONS)
        if not 0 < self.level < 1:
            raise UnknownOption("level", self.level, "a number between 0 and 1, such as 0.95")
        if self.deff not in (True, False, "replace"):
            raise UnknownOption("deff", self.deff, (True, False, "replace"))


def _itemised(
    design: WeightedSample,
    read: Callable[[pd.DataFrame], list[Item]],
    variables: list[str],
    options: Options,
) -> tuple[WeightedSample, list[Item]]:
    """The sample and the items of variables; raise `EmptyDomain` for one that is unknown in every row."""
    sample, items = design.itemised(read, variables, options, squares=bool(options.deff))
    refuse_unknown(variables, items)
    return sample, items


def means(
    design: WeightedSample, variables: list[str], categorical: Sequence[str], options: Options
) -> pd.DataFrame:
    sample, items = _itemised(design, lambda data: items_of(data, variables, categorical), variables, options)
    return _ratios(sample, items, None, options)


def numeric_means(design: WeightedSample, variable: str, options: Options) -> pd.DataFrame:
    """The mean of one column of numbers; true/false counts as 1 and 0."""
    return _ratios(design, [Item(variable, None, raw_numeric(design.data, variable))], None, options)


def totals(
    design: WeightedSample, variables: list[str], categorical: Sequence[str], options: Options
) -> pd.DataFrame:
    sample, items = _itemised(design, lambda data: items_of(data, variables, categorical), variables, options)
    return _table(sample, items, None, options, options.ci)


def proportions(
    design: WeightedSample, variables: list[str], categorical: Sequence[str], options: Options
) -> pd.DataFrame:
    sample, items = _itemised(
        design, lambda data: proportion_items(data, variables, categorical), variables, options
    )
    return _ratios(sample, items, None, options)


def ratios(
    design: WeightedSample, numerators: list[str], denominators: list[str], options: Options
) -> pd.DataFrame:
    """Every numerator over every denominator, named "numerator/denominator"."""
    pairs = [(top, bottom) for bottom in denominators for top in numerators]

    def read(data: pd.DataFrame) -> list[Item]:
        tops = [Item(f"{top}/{bottom}", None, raw_numeric(data, top)) for top, bottom in pairs]
        return [*tops, *(Item(bottom, None, raw_numeric(data, bottom)) for _, bottom in pairs)]

    columns = [*numerators, *denominators]
    sample, items = design.itemised(read, columns, options, paired=True, squares=bool(options.deff))
    return _ratios(sample, items[: len(pairs)], items[len(pairs) :], options)


def population_variances(
    design: WeightedSample, variables: list[str], options: Options, count: str
) -> pd.DataFrame:
    if count not in COUNTS:
        raise UnknownOption("count", count, COUNTS)
    sample, items = design.itemised(
        lambda data: [Item(name, None, raw_numeric(data, name)) for name in variables],
        variables,
        options,
        squares=True,
    )
    _refuse_single_rows(sample, items, options)
    kind = partial(Variances, sizes=_rows_in_r(sample, items, options)) if count == "r" else Variances
    return _table(sample, items, None, options, options.ci, kind)


def _rows_in_r(design: WeightedSample, items: list[Item], options: Options) -> Codes:
    """The n of R's svyvar: rows of each domain, of known value only with replicates, and then the same in all."""
    domain = design.domain_mask & (design.weight != 0)
    domains = domains_of(design.data, list(options.by), domain)
    replicated = isinstance(design.variance, Replication)
    counted = domains.restricted(_known(items, domain, "drop", design)) if replicated else domains.group
    return rows_by(counted, row_counts(design.data), domains.n)


def _refuse_single_rows(design: WeightedSample, items: list[Item], options: Options) -> None:
    """A variance needs two rows with known values in every domain."""
    domain = design.domain_mask & (design.weight > 0)
    known = _known(items, domain, options.missing, design)
    domains = domains_of(design.data, list(options.by), domain)
    group = domains.restricted(known)
    rows = rows_by(group, row_counts(design.data), domains.n)
    if (rows == 1).any():
        where = domains.label(int((rows == 1).argmax()))
        raise UnsuitableDesign("population_variance", f"domain {where!r} has a single row with known values")


def _ratios(
    design: WeightedSample, tops: list[Item], bottoms: list[Item] | None, options: Options
) -> pd.DataFrame:
    bottoms = bottoms or [Item("(weight)", None, np.ones(len(design.data)))]
    return _table(design, tops, bottoms, options, options.ci)


def _table(
    design: WeightedSample,
    tops: list[Item],
    bottoms: list[Item] | None,
    options: Options,
    ci: str,
    kind: Callable[..., Ratios] = Ratios,
) -> pd.DataFrame:
    domain = design.domain_mask & (design.weight != 0)
    known = _known([*tops, *(bottoms or [])], domain, options.missing, design)
    domains = domains_of(design.data, list(options.by), domain)
    if options.empty == "keep" and not (filled := Filled.of(domains, known)).nothing_empty:
        return _restored(design, tops, bottoms, options, ci, filled, domain & known)
    return _over(design, domains, known, domain, tops, bottoms, options, ci, kind)


def _restored(
    design: WeightedSample,
    tops: list[Item],
    bottoms: list[Item] | None,
    options: Options,
    ci: str,
    filled: Filled,
    inside: Mask,
) -> pd.DataFrame:
    """The table with the domains that have no known value."""
    if not len(filled.kept):
        raise EmptyDomain(list(options.by) or "(all)")
    table = _over(design, filled.domains, inside, inside, tops, bottoms, options, ci, Ratios)
    weight = np.where(design.domain_mask, design.weight, 0.0)
    df, psus = design.variance.domain_sizes(weight, filled.all.group, filled.all.n)
    return filled.restore(table, df if options.df is None else np.full(len(df), options.df), psus)


def _over(
    design: WeightedSample,
    domains: Domains,
    known: Mask,
    domain: Mask,
    tops: list[Item],
    bottoms: list[Item] | None,
    options: Options,
    ci: str,
    kind: Callable[..., Ratios],
) -> pd.DataFrame:
    """The table over domains that all have known values."""
    counts = row_counts(design.data)
    statistic = _statistic(kind, tops, bottoms, domains, known, design.variance.leaves, counts)
    weight = np.where(known & domain, design.weight, 0.0)
    _refuse_undefined(statistic, weight, domains, bottoms)
    estimate = statistic.value(weight)
    covariance = design.variance.covariance(statistic, weight, known & domain)
    spread = _spread(design, statistic, estimate, covariance, known & domain, ci)
    table = _columns(
        design, tops, domains, estimate, covariance, spread, options, ci, statistic.units(weight), known
    )
    if options.deff:
        simple = simple_variances(statistic, weight, options.deff)
        table["deff"] = np.divide(
            covariance.variances, simple, out=np.full(len(simple), np.nan), where=simple > 0
        )
    table.attrs["vcov"] = covariance.labelled(tuple(range(len(table))))
    return table


def _spread(
    design: WeightedSample,
    statistic: Ratios,
    estimate: Floats,
    covariance: Covariance,
    inside: Mask,
    ci: str,
) -> Floats:
    """The variances that limits rest on: replicates measure log odds themselves, put back on p's scale."""
    between = (estimate > 0) & (estimate < 1)
    if ci not in ON_LOG_ODDS or not isinstance(design.variance, Replication) or not between.any():
        return covariance.variances
    thetas = design.variance.replicates(statistic, inside.astype(np.float64))[:, between]
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = special.logit(thetas)
    of_odds = design.variance.covariance_of(odds, special.logit(estimate[between])).variances
    spread = covariance.variances.copy()
    spread[between] = of_odds * (estimate[between] * (1 - estimate[between])) ** 2
    return spread


def _known(items: list[Item], domain: Mask, missing: str, design: WeightedSample) -> Mask:
    """Rows where every item is known; with missing='fail' an unknown value in the domain is an error."""
    known = np.ones(len(domain), dtype=np.bool_)
    for item in items:
        if item.values.dtype.kind != "f":
            continue
        unknown = np.isnan(item.values)
        if missing == "fail" and (unknown & domain).any():
            row = design.data.index[int((unknown & domain).argmax())]
            counts = row_counts(design.data)
            found = rows_by(np.where(unknown & domain, 0, -1), counts, 1)[0]
            raise MissingValues(item.variable, int(found), row)
        known &= ~unknown
    return known


def _statistic(
    kind: Callable[..., Ratios],
    tops: list[Item],
    bottoms: list[Item] | None,
    domains: Domains,
    known: Mask,
    leaves: tuple[Codes, int] | None,
    counts: Codes | None,
) -> Ratios:
    def columns(items: list[Item] | None) -> tuple[NDArray[Any], ...]:
        return tuple(_filled(item.values) for item in items or [])

    within = _within(tops, bottoms or [])
    group = domains.restricted(known)
    return kind(columns(tops), columns(bottoms), group, domains.n, leaves, counts, within)


def _within(tops: list[Item], bottoms: list[Item]) -> Within | None:
    """The spread of merged rows; without it every row is one of the file."""
    if any(item.variance is None for item in tops):
        return None
    shape = tops[0].values.shape

    def columns(found: list[Floats | None]) -> Floats:
        return np.stack([np.zeros(shape) if column is None else column for column in found], axis=1)

    crossed = columns([item.covariance for item in tops])
    return Within(
        columns([item.variance for item in tops]), columns([b.variance for b in bottoms] or [None]), crossed
    )


def _filled(values: NDArray[Any]) -> NDArray[Any]:
    """Zero for missing values; their rows are in no domain."""
    if values.dtype.kind != "f" or not np.isnan(values).any():
        return values
    return np.asarray(np.nan_to_num(values))


def _refuse_undefined(
    statistic: Ratios, weight: Floats, domains: Domains, bottoms: list[Item] | None
) -> None:
    empty = statistic.units(weight) == 0
    if empty.any():
        raise EmptyDomain(domains.label(int(empty.argmax())))
    if bottoms is None:
        return
    zero = statistic.totals(weight)[1] == 0
    if zero.any():
        d, v = np.argwhere(zero)[0]
        raise ZeroDenominator(bottoms[v].variable, domains.label(int(d)))


def _columns(
    design: WeightedSample,
    items: list[Item],
    domains: Domains,
    estimate: Floats,
    covariance: Covariance,
    spread: Floats,
    options: Options,
    ci: str,
    n: Codes,
    known: Mask,
) -> pd.DataFrame:
    repeats = len(items)
    weight = np.where(design.domain_mask, design.weight, 0.0)
    df_domain, psus = design.variance.domain_sizes(weight, domains.group, domains.n)
    df = np.repeat(df_domain if options.df is None else np.full(domains.n, options.df), repeats)
    known_psus = psus if np.isnan(psus).any() else psus.astype(np.int64)
    n_psu = np.repeat(known_psus, repeats)
    n_rows = np.repeat(n, repeats)
    se = covariance.standard_errors
    if ci in ("t", "z"):
        low, high = intervals.symmetric(estimate, se, ci, options.level, df)
    else:
        sizes = _sizes(design, domains, known, repeats)
        low, high = proportion_limits(ci, estimate, spread, df, sizes, options.level)
    table = domains.table.loc[domains.table.index.repeat(repeats)].reset_index(drop=True)
    table["variable"] = [item.variable for item in items] * domains.n
    table["level"] = pd.Series([item.level for item in items] * domains.n, dtype=object)
    magnitude = np.abs(estimate)
    cv = np.divide(se, magnitude, out=np.full(len(se), np.nan), where=magnitude > 0)
    values = (estimate, se, low, high, cv, df, np.full(len(se), np.nan), n_rows, n_psu)
    for name, value in zip(COLUMNS[2:], values, strict=True):
        table[name] = value
    return table


def _sizes(design: WeightedSample, domains: Domains, known: Mask, repeats: int) -> Sizes:
    everyone, group = domains.group >= 0, domains.restricted(known)
    counts = row_counts(design.data)
    sampled, answered = rows_by(domains.group, counts, domains.n), rows_by(group, counts, domains.n)
    mean = sums_by(domains.group[everyone], design.weight[everyone], domains.n) / sampled
    scaled = sums_by(group[group >= 0], design.weight[group >= 0], domains.n) / mean
    return Sizes(np.repeat(sampled, repeats), np.repeat(answered, repeats), np.repeat(scaled, repeats))


def options_of(
    by: Any,
    ci: str,
    level: float,
    deff: DesignEffect,
    missing: str,
    df: float | None,
    empty: str = "fail",
) -> Options:
    return Options(tuple(names(by)), ci, level, deff, missing, df, empty)
