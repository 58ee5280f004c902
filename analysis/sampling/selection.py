"""Draw units from a list: simple random, systematic, and systematic with probability proportional to size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Codes, Floats
from analysis.errors import SurveyError


@dataclass(frozen=True, eq=False)
class Selection:
    """A sample: positions of the `chosen` units (n, from 0), the inclusion `probability` of every unit of the
    frame (units), the `method` and the `seed` that repeat it.
    """

    chosen: Codes
    probability: Floats
    method: str
    seed: int | None


def simple_random(size: int, n: int, seed: int | None = None) -> Selection:
    """n of `size` units without replacement, every set equally likely; `SurveyError` for n above size."""
    _check(size, n)
    chosen = np.sort(np.random.default_rng(seed).choice(size, n, replace=False))
    return Selection(chosen.astype(np.int64), np.full(size, n / size), "simple_random", seed)


def systematic(size: int, n: int, seed: int | None = None) -> Selection:
    """Every (size/n)-th unit in list order from a random start; the list order stratifies."""
    _check(size, n)
    selection = pps_systematic(np.ones(size), n, seed)
    return Selection(selection.chosen, selection.probability, "systematic", seed)


def pps_systematic(sizes: Floats, n: int, seed: int | None = None) -> Selection:
    """n units with probability proportional to size, in list order (Madow 1949).

    Units larger than the interval are taken with certainty and the rest drawn anew, so that no unit is taken
    twice. `sizes` (units) are numbers of 0 or more; a unit of size 0 is never drawn. Raises `SurveyError` for
    a missing or negative size, and for fewer units with a size than n.
    """
    sizes = np.asarray(sizes, dtype=np.float64)
    _check(len(sizes), n)
    probability = inclusion_probabilities(sizes, n)
    start = np.random.default_rng(seed).uniform()
    passed = np.floor(np.cumsum(probability) - start + 1e-9)
    chosen = np.flatnonzero(np.diff(passed, prepend=np.floor(-start + 1e-9)) > 0)
    return Selection(chosen.astype(np.int64), probability, "pps_systematic", seed)


def inclusion_probabilities(sizes: Floats, n: int) -> Floats:
    """Probabilities proportional to size that add up to n, none above one."""
    if np.isnan(sizes).any() or (sizes < 0).any():
        unit = int((~(sizes >= 0)).argmax())
        raise SurveyError(f"the size of unit {unit} is {sizes[unit]:.10g}; it must be a number of 0 or more")
    if (sizes > 0).sum() < n:
        raise SurveyError(f"only {(sizes > 0).sum()} units have a positive size, {n} are wanted")
    certain = np.zeros(len(sizes), dtype=bool)
    while True:
        rest = n - certain.sum()
        total = sizes[~certain].sum()
        probability = np.where(certain, 1.0, rest * sizes / total if total > 0 else 0.0)
        grown = certain | (probability >= 1 - 1e-12)
        if (grown == certain).all():
            return np.asarray(np.minimum(probability, 1.0))
        certain = grown


def _check(size: int, n: int) -> None:
    if not 0 < n <= size:
        raise SurveyError(f"cannot draw {n} of {size} units")
