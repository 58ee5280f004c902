"""The rescaled bootstrap for several stages without replacement (Preston 2009)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis.arrays import Codes, Floats
from analysis.errors import LonelyPsu
from analysis.replicates.making import Factors, Recipe
from analysis.structure import Stage, Structure
from analysis.taylor import CERTAIN

Draw = Callable[
    [int, int, int], Floats
]  # sampled units, drawn units, replicates: 1 for those drawn (units, R)


def preston(structure: Structure, recipe: Recipe) -> tuple[Codes, Factors]:
    """The unit of the last measured stage of each row (n), and factors of these units (units, R).

    Half of the units of every stratum are drawn without replacement, stage after stage within the drawn
    ones; later stages count while every stage above has its sampling fraction. Over the draws the variance of
    a total has the Taylor estimate as its expectation. R's mrbbootstrap, which loses the later stages of a
    PSU that is the only one of its stratum, is otherwise the same. Raises `LonelyPsu`.
    """
    rng = np.random.default_rng(recipe.seed)
    factors = stage_factors(structure, recipe, lambda n, few, count: _half(rng, n, few, count))
    constant = 1.0 / (recipe.replicates - 1)
    return structure.measured[-1].unit, Factors(factors, constant, np.ones(recipe.replicates))


def stage_factors(structure: Structure, recipe: Recipe, draw: Draw) -> Floats:
    """Factors (units of the last measured stage, R): one plus a deviation from every stage."""
    total = np.ones((1, recipe.replicates))
    carried = np.ones((1, recipe.replicates))  # root of n / n* of the drawn units above, 0 under the others
    share = np.ones(1)  # product of the sampling fractions above, per parent unit
    for number, stage in enumerate(structure.measured, start=1):
        parent = stage.parent_of[stage.stratum_of]
        fraction = np.zeros(stage.n_units) if stage.fraction is None else stage.fraction
        _refuse_lonely(stage, fraction, recipe, number)
        n = stage.sampled[stage.stratum_of].astype(np.float64)
        few = np.maximum(n // 2, 1)
        spread = np.where(n > few, share[parent] * few * (1 - fraction) / np.maximum(n - few, 1), 0.0)
        drawn = _drawn(stage, recipe.replicates, draw)
        repeats = (n / few)[:, None] * drawn
        total = total[parent] + carried[parent] * np.sqrt(spread)[:, None] * (repeats - 1)
        carried = carried[parent] * np.sqrt(repeats)
        share = share[parent] * fraction
    return total


def _drawn(stage: Stage, replicates: int, draw: Draw) -> Floats:
    drawn = np.ones((stage.n_units, replicates))
    order = np.argsort(stage.stratum_of, kind="stable")
    for units in np.split(order, np.cumsum(stage.sampled)[:-1]):
        if len(units) > 1:
            drawn[units] = draw(len(units), len(units) // 2, replicates)
    return drawn


def _half(rng: np.random.Generator, n: int, few: int, replicates: int) -> Floats:
    """`few` of n units without replacement, anew in every replicate."""
    places = rng.permuted(np.tile(np.arange(n)[:, None], replicates), axis=0)
    return (places < few).astype(np.float64)


def _refuse_lonely(stage: Stage, fraction: Floats, recipe: Recipe, number: int) -> None:
    lonely = (stage.sampled[stage.stratum_of] < 2) & (1 - fraction >= CERTAIN)
    if lonely.any() and not recipe.allow_lonely:
        raise LonelyPsu(stage.labels[int(stage.stratum_of[int(lonely.argmax())])], number)
