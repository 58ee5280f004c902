"""Joint inclusion probabilities, where a way of selecting gives them exactly."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from analysis.arrays import Floats
from analysis.errors import UnsuitableDesign
from analysis.sampling.selection import Selection


def joint_probabilities(selection: Selection) -> Floats:
    """The chance that two units are both drawn: (units, units), single probabilities on the diagonal.

    Exact for simple_random, for systematic and pps_systematic in list order (from where all starts lead;
    many pairs are 0, so a design cannot use them) and for sampford (Sampford 1967). Raises
    `UnsuitableDesign` for other ways. `Design(..., pps=...)` takes the matrix of the drawn units.
    """
    if selection.method not in JOINT:
        raise UnsuitableDesign(
            "joint probabilities", f"{selection.method!r} has no exact ones here; use {', '.join(JOINT)}"
        )
    found = JOINT[selection.method](selection.probability)
    np.fill_diagonal(found, selection.probability)
    return found


def _simple(chance: Floats) -> Floats:
    size, n = len(chance), float(chance.sum())
    return np.full((size, size), n * (n - 1) / (size * (size - 1)) if size > 1 else 1.0)


def _systematic(chance: Floats) -> Floats:
    """Every start between two neighbouring jumps of the cumulated probabilities leads to the same sample."""
    upper = np.cumsum(chance)
    jumps = np.unique(np.round(np.append(np.mod(upper, 1.0), [0.0, 1.0]), 12))
    found = np.zeros((len(chance), len(chance)))
    for low, high in pairwise(jumps):
        start = (low + high) / 2
        taken = np.floor(upper - start) - np.floor(upper - chance - start) > 0.5
        found += (high - low) * np.outer(taken, taken)
    return found


def _sampford(chance: Floats) -> Floats:
    """A sample s has chance proportional to prod lambda (n - sum pi) over s, lambda = pi / (1 - pi)."""
    n, size = round(float(chance.sum())), len(chance)
    if n == 1:
        return np.zeros((size, size))
    products, weighted = np.zeros(n + 1), np.zeros(n + 1)
    products[0] = 1.0
    for pi in chance:
        odds = pi / (1 - pi)
        weighted[1:] += odds * weighted[:-1] + pi * odds * products[:-1]
        products[1:] += odds * products[:-1]
    all_samples = n * products[n] - weighted[n]
    found = np.zeros((size, size))
    for i in range(size):
        one = _without(products, weighted, chance[i])
        for j in range(i):
            rest, sums = _without(*one, chance[j])
            odds = chance[[i, j]] / (1 - chance[[i, j]])
            inside = (n - chance[i] - chance[j]) * rest[n - 2] - sums[n - 2]
            found[i, j] = found[j, i] = odds.prod() * inside / all_samples
    return found


def _without(products: Floats, weighted: Floats, pi: float) -> tuple[Floats, Floats]:
    """Sums over sets of each size of prod lambda, and of that times sum pi, with one unit left out."""
    odds = pi / (1 - pi)
    rest, sums = products.copy(), weighted.copy()
    for degree in range(1, len(products)):
        rest[degree] -= odds * rest[degree - 1]
        sums[degree] -= odds * sums[degree - 1] + pi * odds * rest[degree - 1]
    return rest, sums


JOINT: dict[str, Callable[[Floats], Floats]] = {
    "simple_random": _simple,
    "systematic": _systematic,
    "pps_systematic": _systematic,
    "sampford": _sampford,
}
