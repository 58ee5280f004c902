"""Change between two rounds of a survey, whose samples may share some of their units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis import intervals
from analysis.arrays import Codes, Floats, Mask, Names
from analysis.columns import coded, names, raw_numeric
from analysis.domains import domains_of
from analysis.errors import SurveyError, UnknownOption, UnsuitableDesign
from analysis.estimation import Estimation
from analysis.imputation.combining import combine
from analysis.statistics import Ratios
from analysis.structure import Stage
from analysis.variance import Linearisation

ESTIMANDS = ("mean", "total")
ME = "change_between"
COMPARED = (
    "before", "after", "change", "se", "ci_low", "ci_high", "df", "t", "p_value", "correlation", "n_before", "n_after",
    "n_psu_both",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Round:
    """One round's estimates by domain, and how each first-stage unit deviates in each of them.

    `keys` are the domains, `deviations` (units, domains) their scaled deviations, `present` (units, domains)
    says which units have rows in a domain, `units` and `strata` name the units alike in both rounds.
    """

    table: pd.DataFrame
    keys: pd.Index
    deviations: Floats
    present: Mask
    units: pd.DataFrame
    strata: pd.Series
    stage: Stage

    def of(self, keys: pd.Index) -> _Round:
        """The same with these domains only, in their order."""
        at = self.keys.get_indexer(keys)
        table = self.table.iloc[at].reset_index(drop=True)
        return _Round(
            table, keys, self.deviations[:, at], self.present[:, at], self.units, self.strata, self.stage
        )


def change_between(
    before: Estimation,
    after: Estimation,
    variable: str,
    denominator: str | None = None,
    estimand: Literal["mean", "total"] = "mean",
    by: Names | None = None,
    match: Names | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """How much a mean, a total, or a ratio (with `denominator`) changed from one round to the next.

    Units are the same where the columns `match` agree, by default the first stratum and the first cluster of
    both designs; a design without clusters needs `match`. Confine both designs with `domain` first to estimate
    about a part of the population. Returns a row per domain of `by` that both rounds have: the `by` columns,
    `variable`, `before`, `after`, `change` (after less before, in the unit of the variable), `se`, `ci_low`,
    `ci_high`, `df` (PSUs of either round less their strata), `t`, `p_value`, `correlation` of the two
    estimates, `n_before`, `n_after`, `n_psu_both`.

    Var = V(before) + V(after) - 2 C, where C adds up, over the units drawn in both rounds, the products of
    their linearised values' deviations from their strata's means, as in the variances (calibration residuals
    included): with the same units in both rounds it is the variance of the difference in the stacked file,
    with none the sum of the variances (Tam 1984, Austral. J. Statist. 26, 196-203; Berger and Priam 2016,
    J. R. Statist. Soc. A 179, 319-341). With population sizes C counts how many units two independent draws
    would have shared, so that these are uncorrelated. C of later stages is left out.

    Raises `UnsuitableDesign` for replicates or pairwise weights, `SurveyError` for units that cannot be told
    apart or no domain in common, and as `Design.mean` does.
    """
    if estimand not in ESTIMANDS:
        raise UnknownOption("estimand", estimand, ESTIMANDS)
    read = (variable, denominator, estimand, names(by), names(match))
    first, second = _round(before, *read), _round(after, *read)
    keys = second.keys[second.keys.isin(first.keys)]
    if not len(keys):
        raise SurveyError(f"the two rounds have no level of {names(by)} in common")
    return _compared(first.of(keys), second.of(keys), names(by), level)


def combine_changes(tables: Sequence[pd.DataFrame], level: float = 0.95) -> pd.DataFrame:
    """One table of changes from `change_between` on each completed data set, whose errors count the imputing.

    `tables` are two or more with the same rows, from imputations that were drawn anew each time. The columns are
    those of the first; `before`, `after` and `change` are means, `correlation` and counts those of the first
    (Rubin 1987; df of Barnard and Rubin 1999). Raises `SurveyError` where tables differ in their rows.
    """
    own = [name for name in tables[0] if name not in COMPARED]
    figures = {"change": "estimate", "se": "se", "df": "df"}
    made = combine([table[[*own, *figures]].rename(columns=figures) for table in tables], level)
    t = intervals.t_ratio(made["estimate"].to_numpy(), made["se"].to_numpy())
    df = made["df"].to_numpy()
    return tables[0].assign(
        **{
            name: np.mean([table[name] for table in tables], axis=0) for name in ("before", "after", "change")
        },
        **{name: made[name] for name in ("se", "ci_low", "ci_high", "df")},
        t=t,
        p_value=_p_values(t, df),
    )


def _p_values(t: Floats, df: Floats) -> list[float]:
    return [float(2 * intervals.t_tail(abs(one), d)) for one, d in zip(t, df, strict=True)]


def _round(
    design: Estimation,
    variable: str,
    denominator: str | None,
    estimand: str,
    by: list[str],
    match: list[str],
) -> _Round:
    method = design.variance
    if not isinstance(method, Linearisation) or method.pairs is not None:
        raise UnsuitableDesign(ME, "it needs linearisation over strata and PSUs, in both rounds")
    columns = [raw_numeric(design.data, name) for name in (variable, denominator) if name is not None]
    known = np.logical_and.reduce([~np.isnan(column.astype(np.float64)) for column in columns])
    sample = design.domain(known)
    table = _estimates(sample, variable, denominator, estimand, by)
    inside = sample.domain_mask & (sample.weight != 0)
    domains = domains_of(sample.data, by, inside)
    bottoms = _bottoms(len(known), columns[1:], estimand)
    filled = tuple(np.where(known, column, 0) for column in (columns[0], *bottoms))
    statistic = Ratios(filled[:1], filled[1:], domains.group, domains.n)
    weight = np.where(inside, sample.weight, 0.0)
    stage = method.structure.stages[0]
    units = _identities(sample, stage, match)
    return _Round(
        table,
        pd.MultiIndex.from_frame(table[by].astype(str)) if by else pd.Index([0]),
        method.deviations(statistic, weight, inside),
        _present(stage, domains.group, domains.n),
        units,
        _stratum_names(sample, stage),
        stage,
    )


def _estimates(
    sample: Estimation, variable: str, denominator: str | None, estimand: str, by: list[str]
) -> pd.DataFrame:
    if denominator is not None:
        return sample.ratio(variable, denominator, by=by or None)
    return (sample.mean if estimand == "mean" else sample.total)(variable, by=by or None)


def _bottoms(n: int, denominator: list[Floats], estimand: str) -> list[Floats]:
    """What totals are divided by: the denominator, everybody for a mean, nothing for a total."""
    return denominator or ([np.ones(n)] if estimand == "mean" else [])


def _identities(sample: Estimation, stage: Stage, match: list[str]) -> pd.DataFrame:
    """What each first-stage unit is called, alike in both rounds; raise `SurveyError` for two of one name."""
    columns = match or [*sample.strata[:1], *sample.clusters[:1]]
    if not match and not sample.clusters:
        raise SurveyError("the design has no clusters: name in `match` the columns that identify a unit")
    found = _at_first_rows(sample, stage, columns)
    if found.duplicated().any():
        twice = tuple(found[found.duplicated()].iloc[0])
        raise SurveyError(
            f"two sampling units of one round are called {twice!r}; name further columns in `match`"
        )
    return found


def _stratum_names(sample: Estimation, stage: Stage) -> pd.Series:
    columns = list(sample.strata[:1])
    rows = _at_first_rows(sample, stage, columns)
    return rows[columns[0]] if columns else pd.Series("", index=rows.index)


def _at_first_rows(sample: Estimation, stage: Stage, columns: list[str]) -> pd.DataFrame:
    first = np.unique(stage.unit, return_index=True)[1]
    return sample.data.iloc[first][columns].astype(str).reset_index(drop=True)


def _present(stage: Stage, group: Codes, n_groups: int) -> Mask:
    seen = np.zeros((stage.n_units, n_groups), dtype=np.bool_)
    seen[stage.unit[group >= 0], group[group >= 0]] = True
    return seen


def _compared(first: _Round, second: _Round, by: list[str], level: float) -> pd.DataFrame:
    pairs = _pairs(first.units, second.units)
    se = [table["se"].to_numpy(dtype=np.float64) for table in (first.table, second.table)]
    limit = se[0] * se[1]
    covariance = np.clip(_covariance(first, second, pairs), -limit, limit)
    spread = np.sqrt(np.maximum(se[0] ** 2 + se[1] ** 2 - 2 * covariance, 0.0))
    old, new = (table["estimate"].to_numpy(dtype=np.float64) for table in (first.table, second.table))
    df = _degrees_of_freedom(first, second, pairs)
    low, high = intervals.symmetric(new - old, spread, "t", level, df)
    t = intervals.t_ratio(new - old, spread)
    return second.table[[*by, "variable"]].assign(
        before=old,
        after=new,
        change=new - old,
        se=spread,
        ci_low=low,
        ci_high=high,
        df=df,
        t=t,
        p_value=_p_values(t, df),
        correlation=np.divide(covariance, limit, out=np.zeros(len(limit)), where=limit > 0),
        n_before=first.table["n"].to_numpy(),
        n_after=second.table["n"].to_numpy(),
        n_psu_both=(first.present[pairs[0]] & second.present[pairs[1]]).sum(axis=0),
    )


def _pairs(first: pd.DataFrame, second: pd.DataFrame) -> tuple[Codes, Codes]:
    """The numbers in each round of the units that are in both."""
    if first.shape[1] != second.shape[1]:
        raise SurveyError(
            f"units are known by {list(first.columns)} in one round and by {list(second.columns)} in the other; "
            "name in `match` columns that both have"
        )
    at = pd.MultiIndex.from_frame(first).get_indexer(pd.MultiIndex.from_frame(second))
    both = np.flatnonzero(at >= 0)
    return at[both].astype(np.int64), both.astype(np.int64)


def _covariance(first: _Round, second: _Round, pairs: tuple[Codes, Codes]) -> Floats:
    """Products of the deviations of the units in both rounds, added up for each domain."""
    factor = _finite_factor(first.stage, second.stage, pairs)
    return np.asarray(
        np.einsum("u,ud,ud->d", factor, first.deviations[pairs[0]], second.deviations[pairs[1]])
    )


def _finite_factor(first: Stage, second: Stage, pairs: tuple[Codes, Codes]) -> Floats:
    """What population sizes leave of a product (pairs), over what the two deviations hold of them already.

    Of n1 and n2 units out of N with m in both, the means have the covariance (m / (n1 n2) - 1 / N) S12.
    """
    if first.fraction is None or second.fraction is None or not len(pairs[0]):
        return np.ones(len(pairs[0]))
    f1, f2 = first.fraction[pairs[0]], second.fraction[pairs[1]]
    strata = first.stratum_of[pairs[0]], second.stratum_of[pairs[1]]
    cell = np.unique(np.stack(strata), axis=1, return_inverse=True)[1].ravel()
    shared = np.bincount(cell)[cell]
    left = 1 - f2 * first.sampled[strata[0]] / shared
    held = np.sqrt((1 - f1) * (1 - f2))
    return np.divide(left, held, out=np.zeros(len(left)), where=held > 0)


def _degrees_of_freedom(first: _Round, second: _Round, pairs: tuple[Codes, Codes]) -> Floats:
    """Units with rows in the domain in either round, less their strata."""
    shared = (first.present[pairs[0]] & second.present[pairs[1]]).sum(axis=0)
    units = first.present.sum(axis=0) + second.present.sum(axis=0) - shared
    names_of = pd.DataFrame({"stratum": pd.concat([first.strata, second.strata], ignore_index=True)})
    codes, table = coded(names_of, ["stratum"])
    strata = np.zeros((len(table), units.size), dtype=np.bool_)
    np.logical_or.at(strata, codes, np.vstack([first.present, second.present]))
    return np.asarray(units - strata.sum(axis=0), dtype=np.float64)
