"""The sampling structure: the unit and stratum of each row, stage by stage, and how many units exist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import Codes, Floats, counts_by
from analysis.columns import coded, compact, complete_numeric
from analysis.errors import BadFpc, ClustersNotNested, SurveyError


@dataclass(frozen=True)
class Stage:
    """One stage of selection.

    `unit` (n rows) is each row's sampling unit; `stratum_of` (n units) the stratum it was drawn in,
    strata being distinct within every parent unit; `parent_of` (n strata) the unit of the stage before;
    `sampled` (n strata) the units drawn; `fraction` (n units) the sampling fraction, or None when the
    stage counts as drawn with replacement; `labels` name the strata in messages.
    """

    unit: Codes
    stratum_of: Codes
    parent_of: Codes
    sampled: Codes
    fraction: Floats | None
    labels: tuple[object, ...]

    @property
    def n_units(self) -> int:
        return len(self.stratum_of)

    @property
    def n_strata(self) -> int:
        return len(self.sampled)

    @property
    def stratum(self) -> Codes:
        """The stratum of each row."""
        return self.stratum_of[self.unit]


def domain_sizes(stage: Stage, weight: Floats, group: Codes, n_groups: int) -> tuple[Floats, Floats]:
    """Degrees of freedom (units less strata) and units of a stage among rows of positive weight, per group.

    Found from the pairs of unit and group that occur; group -1 is left out.
    """
    joint = stage.unit * n_groups + group
    if weight.min(initial=1.0) <= 0 or group.min(initial=0) < 0:
        joint = joint[(weight != 0) & (group >= 0)]
    units, groups = np.divmod(compact(joint, None, stage.n_units * n_groups)[0], n_groups)
    strata = compact(stage.stratum_of[units] * n_groups + groups, None, stage.n_strata * n_groups)[0]
    n_units = counts_by(groups, n_groups).astype(np.float64)
    return n_units - counts_by(strata % n_groups, n_groups), n_units


@dataclass(frozen=True)
class Structure:
    """All stages of selection, first stage first."""

    stages: tuple[Stage, ...]

    @property
    def psu(self) -> Codes:
        return self.stages[0].unit

    @property
    def measured(self) -> tuple[Stage, ...]:
        """The stages that enter the variance: the first, and each later one while fractions are known."""
        kept = [self.stages[0]]
        for stage in self.stages[1:]:
            if kept[-1].fraction is None or stage.fraction is None:
                break
            kept.append(stage)
        return tuple(kept)

    def inverse_fractions(self) -> Floats:
        """The weight implied by the sampling fractions of all stages, one per row."""
        weight = np.ones(len(self.psu))
        for stage in self.stages:
            if stage.fraction is None:
                raise SurveyError(
                    "give weight or probability, or fpc for every stage, so that weights are defined"
                )
            weight /= stage.fraction[stage.unit]
        return weight


def structure_of(
    data: pd.DataFrame,
    strata: Sequence[str],
    clusters: Sequence[str],
    fpc: Sequence[str],
    nest: bool,
    unequal: bool = False,
) -> Structure:
    """Read the stages of selection from the data; `unequal` allows fractions that differ within a stratum."""
    n_stages = max(1, len(clusters))
    if len(fpc) > n_stages or len(strata) > n_stages:
        raise SurveyError(
            f"{len(fpc)} fpc and {len(strata)} strata columns for {n_stages} stage(s) of clusters"
        )
    stages: list[Stage] = []
    parent = np.zeros(len(data), dtype=np.int64)
    for k in range(n_stages):
        stage = _stage(
            data,
            strata[k] if k < len(strata) else None,
            clusters[k] if k < len(clusters) else None,
            fpc[k] if k < len(fpc) else None,
            parent,
            nest,
            unequal,
        )
        stages.append(stage)
        parent = stage.unit
    return Structure(tuple(stages))


def _stage(
    data: pd.DataFrame,
    stratum: str | None,
    cluster: str | None,
    fpc: str | None,
    parent: Codes,
    nest: bool,
    unequal: bool,
) -> Stage:
    stratum_code, labels = _strata(data, stratum, parent)
    unit = np.arange(len(data)) if cluster is None else _units(data, cluster, stratum_code, nest)
    n_units = int(unit.max()) + 1
    stratum_of = _first(unit, stratum_code, n_units)
    n_strata = len(labels)
    sampled = counts_by(stratum_of, n_strata)
    fraction = None
    if fpc is not None:
        fraction = _fractions(data, fpc, unit, stratum_of, sampled, labels, unequal)
    return Stage(unit, stratum_of, _first(stratum_code, parent, n_strata), sampled, fraction, labels)


def _strata(data: pd.DataFrame, stratum: str | None, parent: Codes) -> tuple[Codes, tuple[object, ...]]:
    if stratum is None:
        n = int(parent.max()) + 1
        return parent, tuple(range(n)) if n > 1 else ("(all)",)
    codes, table = coded(data, [stratum])
    names = table[stratum].to_numpy(dtype=object)
    if parent.max() == 0:
        return codes, tuple(names)
    observed, nested = np.unique(parent * len(names) + codes, return_inverse=True)
    return np.asarray(nested, dtype=np.int64), tuple(names[observed % len(names)])


def _units(data: pd.DataFrame, cluster: str, stratum: Codes, nest: bool) -> Codes:
    codes, table = coded(data, [cluster])
    n_clusters = len(table)
    pairs = stratum * n_clusters + codes
    observed, unit = np.unique(pairs, return_inverse=True)
    if not nest and len(observed) > n_clusters:
        repeated = np.bincount(observed % n_clusters).argmax()
        raise ClustersNotNested(cluster, table[cluster].iloc[int(repeated)])
    return np.asarray(unit, dtype=np.int64)


def _first(group: Codes, values: Codes, size: int) -> Codes:
    """The value of `values` in each group (they are constant within a group)."""
    result = np.zeros(size, dtype=np.int64)
    result[group] = values
    return result


def _fractions(
    data: pd.DataFrame,
    fpc: str,
    unit: Codes,
    stratum_of: Codes,
    sampled: Codes,
    labels: tuple[object, ...],
    unequal: bool,
) -> Floats:
    values = complete_numeric(data, fpc)
    if (values <= 0).any():
        raise BadFpc(fpc, f"value {values[values <= 0][0]:.10g} is not positive")
    counts = bool((values > 1).any())
    if counts and (values < 1).any():
        raise BadFpc(fpc, f"mixes counts above 1 with fractions such as {values[values < 1][0]:.10g}")
    per_unit = np.empty(len(stratum_of))
    per_unit[unit] = values
    _constant(fpc, values, per_unit[unit], "a sampling unit", data)
    if not unequal:
        per_stratum = np.empty(len(sampled))
        per_stratum[stratum_of] = per_unit
        _constant(fpc, values, per_stratum[stratum_of[unit]], "a stratum", data)
    fraction = sampled[stratum_of] / per_unit if counts else per_unit
    if (fraction > 1 + 1e-12).any():
        k = int(stratum_of[int(fraction.argmax())])
        raise BadFpc(fpc, f"stratum {labels[k]!r} has {sampled[k]} sampled units, more than its population")
    return np.minimum(fraction, 1.0)


def _constant(fpc: str, values: Floats, expected: Floats, where: str, data: pd.DataFrame) -> None:
    differs = values != expected
    if differs.any():
        row = int(differs.argmax())
        raise BadFpc(
            fpc,
            f"differs within {where} ({values[row]:.10g} and {expected[row]:.10g}, row {data.index[row]!r})",
        )
