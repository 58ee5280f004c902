"""Quantiles by domain with their intervals, as tidy tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Mask
from analysis.columns import numeric
from analysis.domains import domains_of
from analysis.errors import EmptyDomain, MissingValues, UnknownOption, UnsuitableDesign
from analysis.estimates import Options
from analysis.proportions import Sizes, proportion_limits
from analysis.quantiles.rules import Rule, Sorted, rule_of
from analysis.quantiles.score import score_limits, score_limits_r
from analysis.quantiles.setting import Setting
from analysis.replicates.replication import Replication
from analysis.weighted_sample import WeightedSample

WOODRUFF = ("mean", "beta", "xlogit", "asin", "asin_r")
INTERVALS = (*WOODRUFF, "score", "score_r", "replicates")


def quantiles(
    design: WeightedSample,
    variables: list[str],
    probabilities: Sequence[float],
    rule: str,
    interval: str,
    options: Options,
) -> pd.DataFrame:
    """A row per domain, variable and probability; `quantile` holds the probability."""
    if interval not in INTERVALS:
        raise UnknownOption("interval", interval, INTERVALS)
    for p in probabilities:
        if not 0 <= p <= 1:
            raise UnknownOption("probabilities", p, "numbers from 0 to 1")
    chosen = rule_of(rule)
    rows = []
    columns = {name: numeric(design.data, name) for name in variables}
    known = _known(design, columns, options.missing)
    domain = design.domain_mask & (design.weight != 0)
    domains = domains_of(design.data, list(options.by), domain)
    weight = np.where(design.domain_mask, design.weight, 0.0)
    df, n_psu = design.variance.domain_sizes(weight, domains.restricted(known), domains.n)
    for d in range(domains.n):
        inside = np.asarray((domains.group == d) & known)
        if not inside.any():
            raise EmptyDomain(domains.label(d))
        degrees = float(df[d]) if options.df is None else options.df
        for name, values in columns.items():
            setting = Setting(design, values, inside, degrees, options.level)
            for p in probabilities:
                found = _one(setting, chosen, p, interval)
                labels = {str(key): label for key, label in domains.table.iloc[d].items()}
                size = {"df": degrees, "n": int(inside.sum()), "n_psu": n_psu[d]}
                rows.append({**labels, "variable": name, "quantile": p, **found, **size})
    return _tidy(pd.DataFrame(rows), list(options.by))


def _known(design: WeightedSample, columns: dict[str, Floats], missing: str) -> Mask:
    known = np.ones(len(design.data), dtype=np.bool_)
    for name, values in columns.items():
        unknown = np.isnan(values) & design.domain_mask
        if missing == "fail" and unknown.any():
            raise MissingValues(name, int(unknown.sum()), design.data.index[int(unknown.argmax())])
        known &= ~np.isnan(values)
    return known


def _one(setting: Setting, rule: Rule, p: float, interval: str) -> dict[str, Any]:
    data = Sorted.of(setting.values[setting.inside], setting.design.weight[setting.inside])
    estimate = rule(data, p)
    if interval == "replicates":
        low, high, se = _spread(setting, rule, p, estimate)
    else:
        low, high = _limits(setting, rule, data, p, estimate, interval)
        se = (high - low) / (2 * setting.multiplier)
    return {"estimate": estimate, "se": se, "ci_low": low, "ci_high": high}


def _limits(
    setting: Setting, rule: Rule, data: Sorted, p: float, estimate: float, interval: str
) -> tuple[float, float]:
    if interval == "score":
        return score_limits(setting, data, p)
    if interval == "score_r":
        return score_limits_r(setting, rule, data, p)
    low, high = _share_limits(setting, estimate, interval)
    # a limit outside [0, 1] belongs to no value of the sample
    return (
        rule(data, low) if 0 <= low <= 1 else np.nan,
        rule(data, high) if 0 <= high <= 1 else np.nan,
    )


def _share_limits(setting: Setting, estimate: float, interval: str) -> tuple[float, float]:
    """Woodruff (1952): the interval of the share of values up to the quantile."""
    share, variance = setting.share_at(estimate)
    if interval == "mean":
        half = setting.multiplier * np.sqrt(variance) if variance > 0 else 0.0
        return share - half, share + half
    n = np.array([int(setting.inside.sum())])
    low, high = proportion_limits(
        interval,
        np.array([share]),
        np.array([variance]),
        np.array([setting.df]),
        Sizes(n, n, n.astype(np.float64)),
        setting.level,
    )
    return float(low[0]), float(high[0])


def _spread(setting: Setting, rule: Rule, p: float, estimate: float) -> tuple[float, float, float]:
    """The spread of the quantile over replicates; fit for bootstraps and BRR, not for jackknives."""
    variance = setting.design.variance
    if not isinstance(variance, Replication):
        raise UnsuitableDesign("interval='replicates'", "the design has no replicate weights")
    values, weights = setting.values[setting.inside], variance.weights
    thetas = [rule(Sorted.of(values, weights.column(r)[setting.inside]), p) for r in range(weights.count)]
    covariance = variance.covariance_of(np.array(thetas)[:, None], np.array([estimate]))
    se = float(covariance.standard_errors[0])
    half = setting.multiplier * se
    return estimate - half, estimate + half, se


def _tidy(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    magnitude = table["estimate"].abs().to_numpy()
    error = table["se"].to_numpy()
    table["cv"] = np.divide(error, magnitude, out=np.full(len(error), np.nan), where=magnitude > 0)
    table["level"], table["deff"] = None, np.nan
    order = ["variable", "level", "quantile", "estimate", "se", "ci_low", "ci_high", "cv", "df", "deff"]
    return table[[*by, *order, "n", "n_psu"]]
