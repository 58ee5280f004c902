"""Samples with given unequal probabilities: pivotal, Sampford, and balanced by the cube method."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from analysis.arrays import Floats
from analysis.errors import SurveyError
from analysis.sampling.selection import Selection

EDGE = 1e-9  # a probability this close to 0 or 1 is decided


def pivotal(probability: Floats, seed: int | None = None) -> Selection:
    """Deville and Tillé's (1998) pivotal method in list order: neighbours fight, so the sample spreads.

    `probability` (units) adds up to the whole number of units drawn; inclusion probabilities are exact. Raises
    `SurveyError` for probabilities outside 0 to 1 or without a whole sum.
    """
    chance = _checked(probability)
    rng = np.random.default_rng(seed)
    left = chance.copy()
    open_units = [k for k in range(len(left)) if EDGE < left[k] < 1 - EDGE]
    if open_units:
        first = open_units[0]
        for second in open_units[1:]:
            first = _duel(left, first, second, rng)
        if EDGE < left[first] < 1 - EDGE:
            left[first] = float(rng.uniform() < left[first])
    return _selected(left, chance, "pivotal", seed)


def _duel(left: Floats, i: int, j: int, rng: np.random.Generator) -> int:
    """One of two units is decided, the other takes over the rest; returns the one still open."""
    total = left[i] + left[j]
    if total > 1:
        left[i], left[j] = (
            (1.0, total - 1) if rng.uniform() < (1 - left[j]) / (2 - total) else (total - 1, 1.0)
        )
    else:
        left[i], left[j] = (total, 0.0) if rng.uniform() < left[i] / total else (0.0, total)
    return i if EDGE < left[i] < 1 - EDGE else j


def sampford(probability: Floats, seed: int | None = None, attempts: int = 100_000) -> Selection:
    """Sampford's (1967) rejective procedure: exact probabilities and known joint ones, for small samples.

    `probability` (units) as for `pivotal`, all below 1; `attempts` samples are tried until one has no unit
    twice. Raises `SurveyError` where none has, and as `pivotal` does.
    """
    chance = _checked(probability)
    n = round(float(chance.sum()))
    if (chance >= 1 - EDGE).any():
        raise SurveyError("sampford needs probabilities below 1; take certain units first")
    rng = np.random.default_rng(seed)
    later = chance / (1 - chance)
    later = later / later.sum()
    for _ in range(attempts):
        drawn = np.append(rng.choice(len(chance), p=chance / n), rng.choice(len(chance), n - 1, p=later))
        if len(np.unique(drawn)) == n:
            taken = np.zeros(len(chance))
            taken[drawn] = 1.0
            return _selected(taken, chance, "sampford", seed)
    raise SurveyError(f"sampford found no sample of {n} distinct units in {attempts} attempts; use pivotal")


def cube(probability: Floats, auxiliary: Floats, seed: int | None = None) -> Selection:
    """A balanced sample (Deville and Tillé 2004): weighted totals of `auxiliary` (n, p) near the true ones.

    The sample size is balanced too. Flight phase on windows of p + 2 units (Chauvet and Tillé 2006); when no
    direction is left, balancing variables are given up one by one from the last. Raises `SurveyError` for
    probabilities as `pivotal` does and for auxiliary values (units, p) that are unknown or do not fit.
    """
    chance = _checked(probability)
    known = np.asarray(auxiliary, dtype=np.float64)
    if len(known) != len(chance):
        raise SurveyError(f"auxiliary has {len(known)} rows for {len(chance)} units")
    x = np.column_stack([chance, known])
    if not np.isfinite(x).all():
        raise SurveyError(f"auxiliary variables must be known for all {len(chance)} units")
    constraints = np.divide(x, chance[:, None], out=np.zeros_like(x), where=chance[:, None] > 0)
    rng = np.random.default_rng(seed)
    left = chance.copy()
    for kept in range(x.shape[1], 0, -1):
        _fly(left, constraints[:, :kept], rng)
    for unit in np.flatnonzero((left > EDGE) & (left < 1 - EDGE)):
        left[unit] = float(rng.uniform() < left[unit])
    return _selected(left, chance, "cube", seed)


def _fly(left: Floats, constraints: Floats, rng: np.random.Generator) -> None:
    """Move along directions that keep the constraints until fewer open units than constraints remain."""
    p = constraints.shape[1]
    while True:
        window = np.flatnonzero((left > EDGE) & (left < 1 - EDGE))[: p + 1]
        null = linalg.null_space(constraints[window].T) if len(window) else np.zeros((0, 0))
        if null.shape[1] == 0:
            return
        direction = null[:, 0]
        now = left[window]
        with np.errstate(divide="ignore", invalid="ignore"):
            ahead = np.where(direction > 0, (1 - now) / direction, -now / direction)
            back = np.where(direction > 0, now / direction, (now - 1) / direction)
        moves = np.abs(direction) > 1e-12
        up, down = float(ahead[moves].min()), float(back[moves].min())
        step = up if rng.uniform() < down / (up + down) else -down
        moved = now + step * direction
        left[window] = np.where(moved < EDGE, 0.0, np.where(moved > 1 - EDGE, 1.0, moved))


def _checked(probability: Floats) -> Floats:
    chance = np.asarray(probability, dtype=np.float64)
    if not np.isfinite(chance).all() or (chance < 0).any() or (chance > 1).any():
        raise SurveyError("probabilities must lie between 0 and 1")
    if abs(float(chance.sum()) - round(float(chance.sum()))) > 1e-6 or chance.sum() < 0.5:
        raise SurveyError(f"probabilities add up to {chance.sum():.10g}; a fixed size needs a whole number")
    return chance


def _selected(left: Floats, chance: Floats, method: str, seed: int | None) -> Selection:
    return Selection(np.flatnonzero(left > 0.5).astype(np.int64), chance, method, seed)
