"""Variance by Taylor linearisation, all stages with finite population corrections.

Scores are added up to sampling units, centred on the mean of their stratum, and their squares added with
(1 - f) n / (n - 1); later stages enter multiplied by the sampling fraction of their parents
(Särndal, Swensson and Wretman 1992, result 4.3.1; the same as R survey's svyrecvar).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Codes, Floats, Mask
from analysis.errors import LonelyPsu, UnknownOption
from analysis.structure import Stage, Structure

LONELY_OPTIONS = ("fail", "certainty", "adjust", "average", "average_r", "remove")
CERTAIN = 1e-7  # a stratum with no more than this left unsampled counts as taken completely


@dataclass(frozen=True)
class LonelyRule:
    """What a stratum with a single unit contributes; `in_domains` extends adjust and average to domains.

    "average" refuses where there is no other stratum to average over; "average_r" has no variance (NaN) there.
    """

    name: str = "fail"
    in_domains: bool = False

    def __post_init__(self) -> None:
        if self.name not in LONELY_OPTIONS:
            raise UnknownOption("lonely_psu", self.name, LONELY_OPTIONS)

    @property
    def averages(self) -> bool:
        return self.name in ("average", "average_r")


@dataclass(frozen=True)
class Scales:
    """Multipliers of one stage's deviations and where they are centred."""

    root: Floats  # per unit
    centred: Mask  # per stratum


def variance_factor(
    structure: Structure, leaf_sums: Floats, lonely: LonelyRule, present: Mask | None
) -> Floats:
    """Deviations whose cross products are the variance: (units of all stages, estimates).

    `leaf_sums` (units of the last measured stage, estimates); `present` (rows) marks the rows that the
    data still contain, None meaning all. Raises `LonelyPsu`.
    """
    stages = structure.measured
    sums = _unit_sums(stages, leaf_sums)
    share = np.ones(1)  # product of the sampling fractions above, per parent unit
    parts = []
    for k, stage in enumerate(stages):
        weight = share[stage.parent_of]
        seen = units_seen(stage, present, lonely)
        scales = stage_scales(stage, weight, lonely, seen, k + 1)
        mean = _by_stratum(stage, sums[k]) / stage.sampled[:, None]
        mean[~scales.centred] = 0.0
        parts.append((sums[k] - mean[stage.stratum_of]) * scales.root[:, None])
        fraction = stage.fraction if stage.fraction is not None else np.zeros(stage.n_units)
        share = (weight[stage.stratum_of]) * fraction
    return np.vstack(parts)


def _unit_sums(stages: tuple[Stage, ...], leaf_sums: Floats) -> list[Floats]:
    """Sums at each stage, added up from the last stage's units."""
    sums = [leaf_sums]
    for upper, lower in zip(stages[-2::-1], stages[:0:-1], strict=True):
        parent_of_unit = lower.parent_of[lower.stratum_of]
        sums.insert(0, _group_sum(sums[0], parent_of_unit, upper.n_units))
    return sums


def _by_stratum(stage: Stage, unit_sums: Floats) -> Floats:
    return _group_sum(unit_sums, stage.stratum_of, stage.n_strata)


def _group_sum(values: Floats, codes: Codes, size: int) -> Floats:
    if np.all(codes[:-1] <= codes[1:]) and len(codes):  # sorted: add up runs
        starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
        result = np.zeros((size, values.shape[1]))
        result[codes[starts]] = np.add.reduceat(values, starts, axis=0)
        return result
    result = np.zeros((size, values.shape[1]))
    np.add.at(result, codes, values)
    return result


def units_seen(stage: Stage, present: Mask | None, lonely: LonelyRule) -> Codes | None:
    """How many units of each stratum the data still contain; None where no rule needs it."""
    if present is None or not (lonely.in_domains or (stage.sampled == 1).any()):
        return None
    units = np.bincount(stage.unit, present, minlength=stage.n_units) > 0
    return np.bincount(stage.stratum_of, units, minlength=stage.n_strata).astype(np.int64)


def stage_scales(stage: Stage, weight: Floats, lonely: LonelyRule, seen: Codes | None, number: int) -> Scales:
    """Multipliers of stage `number` from the fractions above it (strata). Raises `LonelyPsu`."""
    n = stage.sampled
    seen = n if seen is None else seen
    left = np.ones(stage.n_units) if stage.fraction is None else 1.0 - stage.fraction
    certain = _largest(left, stage) < CERTAIN
    single = (n == 1) & ~certain & (seen > 0)
    thin = (n > 1) & (seen == 1) & ~certain & lonely.in_domains
    if lonely.name == "fail" and (single & (weight > 0)).any():
        raise LonelyPsu(stage.labels[int((single & (weight > 0)).argmax())], number)
    per_stratum = np.where(certain, 0.0, weight)
    centred = np.ones(stage.n_strata, dtype=np.bool_)
    if lonely.name == "adjust":
        centred = ~(single | thin)
    if lonely.averages:
        unknown = lonely.name == "average_r"
        per_stratum = per_stratum * _average_factor(stage, single | thin, seen, weight, number, unknown)
    correction = np.where(n > 1, n / np.maximum(n - 1, 1), 1.0)
    return Scales(np.sqrt(left * (per_stratum * correction)[stage.stratum_of]), centred)


def _largest(per_unit: Floats, stage: Stage) -> Floats:
    result = np.zeros(stage.n_strata)
    np.maximum.at(result, stage.stratum_of, per_unit)
    return result


def _average_factor(
    stage: Stage, lonely: Mask, seen: Codes, weight: Floats, number: int, unknown: bool
) -> Floats:
    """Within each parent, lonely strata get the mean of the others: these times H / (H - lonely), they 0.

    Where there are no others the factor is NaN if it may be `unknown`. Raises `LonelyPsu` if not.
    """
    size = int(stage.parent_of.max()) + 1
    all_strata = np.bincount(stage.parent_of, seen > 0, minlength=size)
    usable = np.bincount(stage.parent_of, (seen > 0) & ~lonely, minlength=size)
    helpless = lonely & (usable[stage.parent_of] == 0) & (weight > 0)
    if helpless.any() and not unknown:
        raise LonelyPsu(stage.labels[int(helpless.argmax())], number)
    factor = np.divide(all_strata, usable, out=np.zeros(size), where=usable > 0)
    return np.where(helpless, np.nan, np.where(lonely, 0.0, factor[stage.parent_of]))
