"""Taylor variance of many domains at once, in proportion to the units that meet each domain.

The formula is that of `taylor`; a unit without rows in a domain has sum zero there and only adds the square
of its stratum's mean, which is counted for all such units together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Codes, Floats, Mask, sums_by
from analysis.columns import compact
from analysis.scores import Pairs, Scores
from analysis.structure import Stage, Structure
from analysis.taylor import LonelyRule, stage_scales, units_seen, variance_factor

BLOCK = 4_000_000  # entries of a table of unit sums that are held at a time
SMALL = 50_000  # entries of a table that is written out at once


def pair_variances(
    structure: Structure, leaves: Pairs, n_groups: int, lonely: LonelyRule, present: Mask | None
) -> Floats:
    """Variances (groups, columns) from the sums of the last measured stage's units."""
    stages = structure.measured
    tables = [leaves]
    for upper, lower in zip(stages[-2::-1], stages[:0:-1], strict=True):
        tables.insert(0, _lifted(tables[0], lower, upper, n_groups))
    total = np.zeros((n_groups, leaves.values.shape[1]))
    share = np.ones(1)
    for k, stage in enumerate(stages):
        weight = share[stage.parent_of]
        seen = units_seen(stage, present, lonely)
        scales = stage_scales(stage, weight, lonely, seen, k + 1)
        total += _stage(stage, tables[k], n_groups, scales.root**2, scales.centred)
        fraction = stage.fraction if stage.fraction is not None else np.zeros(stage.n_units)
        share = weight[stage.stratum_of] * fraction
    return total


def _lifted(pairs: Pairs, lower: Stage, upper: Stage, n_groups: int) -> Pairs:
    """Sums of the units one stage up."""
    parent = lower.parent_of[lower.stratum_of][pairs.unit]
    observed, position = compact(parent * n_groups + pairs.group, None, upper.n_units * n_groups)
    unit, group = np.divmod(observed, n_groups)
    return Pairs(unit, group, _columns_by(position, pairs.values, len(observed)))


def _stage(stage: Stage, pairs: Pairs, n_groups: int, scale: Floats, centred: Mask) -> Floats:
    stratum = stage.stratum_of[pairs.unit]
    observed, position = compact(stratum * n_groups + pairs.group, None, stage.n_strata * n_groups)
    in_stratum, group = np.divmod(observed, n_groups)
    mean = _columns_by(position, pairs.values, len(observed)) / stage.sampled[in_stratum][:, None]
    mean[~centred[in_stratum]] = 0.0
    own = scale[pairs.unit]
    squares = own[:, None] * (pairs.values - mean[position]) ** 2
    absent = sums_by(stage.stratum_of, scale, stage.n_strata)[in_stratum] - sums_by(
        position, own, len(observed)
    )
    rest = np.maximum(absent, 0.0)[:, None] * mean**2
    return _columns_by(pairs.group, squares, n_groups) + _columns_by(group, rest, n_groups)


def _columns_by(codes: Codes, values: Floats, size: int) -> Floats:
    return np.stack([sums_by(codes, column, size) for column in values.T], axis=1)


@dataclass(frozen=True, eq=False)
class Blocks:
    """The table of unit sums (units, estimates), a few domains at a time."""

    structure: Structure
    scores: Scores
    lonely: LonelyRule
    present: Mask | None
    leaves: Pairs
    removed: tuple[tuple[Floats, Floats], ...]

    @classmethod
    def of(cls, structure: Structure, scores: Scores, lonely: LonelyRule, present: Mask | None) -> Blocks:
        leaf = structure.measured[-1]
        parts = tuple(
            (part.basis.sums(part.scale, leaf.unit, leaf.n_units), part.coefficients)
            for part in scores.removed
        )
        leaves = scores.pairs(leaf.unit, leaf.n_units)
        return cls(structure, scores, lonely, present, leaves, parts)

    def variances(self) -> Floats:
        """The diagonal of the covariance (estimates)."""
        if not self.removed:
            table = pair_variances(
                self.structure, self.leaves, self.scores.n_groups, self.lonely, self.present
            )
            return table.ravel()
        return np.concatenate([np.einsum("ij,ij->j", block, block) for block in self._factors()])

    def matrix(self) -> Floats:
        """The whole covariance."""
        factor = np.hstack(list(self._factors()))
        return np.asarray(factor.T @ factor)

    def _factors(self) -> list[Floats]:
        n_units = self.structure.measured[-1].n_units
        step = max(1, BLOCK // (n_units * self.scores.n_columns))
        starts = range(0, self.scores.n_groups, step)
        return [self._factor(start, min(start + step, self.scores.n_groups)) for start in starts]

    def _factor(self, start: int, stop: int) -> Floats:
        columns = self.scores.n_columns
        table = np.zeros((self.structure.measured[-1].n_units, stop - start, columns))
        inside = (self.leaves.group >= start) & (self.leaves.group < stop)
        table[self.leaves.unit[inside], self.leaves.group[inside] - start] = self.leaves.values[inside]
        sums = table.reshape(len(table), -1)
        for unit_sums, coefficients in self.removed:
            sums -= unit_sums @ coefficients[:, start * columns : stop * columns]
        return variance_factor(self.structure, sums, self.lonely, self.present)
