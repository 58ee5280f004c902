"""Make replicate weights from the first stage of a design."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Codes, Floats
from analysis.errors import LonelyPsu, UnknownOption, UnsuitableDesign
from analysis.replicates.hadamard import hadamard
from analysis.structure import Stage
from analysis.taylor import LONELY_OPTIONS


@dataclass(frozen=True)
class Recipe:
    """What a method may need: number of `replicates`, `seed`, Fay's `rho`, how df is counted."""

    replicates: int = 200
    seed: int = 1
    fay_rho: float = 0.5
    lonely: str = "fail"
    df_rule: str = "design"

    def __post_init__(self) -> None:
        if self.replicates < 2:
            raise UnknownOption("replicates", self.replicates, "a number of 2 or more")
        if self.lonely not in LONELY_OPTIONS:
            raise UnknownOption("lonely_psu", self.lonely, LONELY_OPTIONS)
        if self.df_rule not in ("design", "rank"):
            raise UnknownOption("df_rule", self.df_rule, ("design", "rank"))

    @property
    def allow_lonely(self) -> bool:
        """Whether a stratum with a single PSU may be left as it is in every replicate."""
        return self.lonely in ("certainty", "remove")


@dataclass(frozen=True, eq=False)
class Factors:
    """Weight factors per PSU (PSUs, R) with the constants of the variance formula."""

    factors: Floats
    scale: float
    rscales: Floats


def make_factors(stage: Stage, method: str, recipe: Recipe) -> Factors:
    """Replicate factors by the named method. Raises `UnknownOption`, `UnsuitableDesign`, `LonelyPsu`."""
    if method not in METHODS:
        raise UnknownOption("method", method, (*METHODS, "preston"))
    return METHODS[method](stage, recipe)


def _left(stage: Stage) -> Floats:
    """Finite population correction 1 - f of each stratum."""
    left = np.ones(stage.n_strata)
    if stage.fraction is not None:
        left[stage.stratum_of] = 1.0 - stage.fraction
    return left


def _refuse_lonely(stage: Stage, recipe: Recipe) -> None:
    lonely = stage.sampled < 2
    if lonely.any() and not recipe.allow_lonely:
        raise LonelyPsu(stage.labels[int(lonely.argmax())], 1)


def _jk1(stage: Stage, recipe: Recipe) -> Factors:
    if stage.n_strata > 1:
        raise UnsuitableDesign("jk1", f"the design has {stage.n_strata} strata; use jkn")
    _refuse_lonely(stage, recipe)
    n = stage.n_units
    factors = np.full((n, n), n / (n - 1))
    np.fill_diagonal(factors, 0.0)
    return Factors(factors, float((n - 1) / n * _left(stage)[0]), np.ones(n))


def _jkn(stage: Stage, recipe: Recipe) -> Factors:
    """Delete one PSU at a time and scale up the others of its stratum (Wolter 2007, 4.5).

    A lonely PSU is left as it is ("average" scales the others' variance up for it), or with "adjust" deleted with
    all other strata scaled up, as in R.
    """
    if recipe.lonely not in ("adjust", "average", "average_r"):
        _refuse_lonely(stage, recipe)
    n = stage.sampled[stage.stratum_of]
    dropped = np.flatnonzero(n > 1)
    if not len(dropped):
        raise UnsuitableDesign("jkn", "every stratum has a single PSU; nothing can be left out")
    factors = np.ones((stage.n_units, len(dropped)))
    for r, unit in enumerate(dropped):
        same = stage.stratum_of == stage.stratum_of[unit]
        factors[same, r] = n[unit] / (n[unit] - 1)
        factors[unit, r] = 0.0
    rscales = (n[dropped] - 1) / n[dropped] * _left(stage)[stage.stratum_of[dropped]]
    lonely = np.flatnonzero((n == 1) & (_left(stage)[stage.stratum_of] > 0))
    if recipe.lonely == "adjust":
        return _with_lonely(stage, factors, rscales, lonely)
    scale = stage.n_units / (stage.n_units - len(lonely)) if recipe.lonely.startswith("average") else 1.0
    return Factors(factors, scale, rscales)


def _with_lonely(stage: Stage, factors: Floats, rscales: Floats, lonely: Codes) -> Factors:
    """A replicate for each lonely PSU, which treats the strata as if they were units."""
    others = np.full((stage.n_units, len(lonely)), stage.n_strata / (stage.n_strata - 1))
    others[lonely, np.arange(len(lonely))] = 0.0
    shares = np.full(len(lonely), (stage.n_strata - 1) / stage.n_strata)
    return Factors(np.hstack([factors, others]), 1.0, np.append(rscales, shares))


def _balanced(stage: Stage, rho: float) -> Factors:
    """Half samples by a Hadamard matrix; with rho > 0 the other half keeps weight rho (Judkins 1990)."""
    if (stage.sampled != 2).any():
        wrong = int((stage.sampled != 2).argmax())
        raise UnsuitableDesign(
            "brr", f"stratum {stage.labels[wrong]!r} has {stage.sampled[wrong]} PSUs; every stratum needs two"
        )
    signs = hadamard(stage.n_strata + 1)[:, 1 : stage.n_strata + 1]
    first = _is_first(stage.stratum_of)
    chosen = (signs[:, stage.stratum_of] > 0) == first
    factors = np.where(chosen, 2.0 - rho, rho).T
    n_replicates = len(signs)
    return Factors(factors, 1.0 / (n_replicates * (1 - rho) ** 2), np.ones(n_replicates))


def _is_first(stratum: Codes) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    first = np.zeros(len(stratum), dtype=np.bool_)
    first[np.unique(stratum, return_index=True)[1]] = True
    return first


def _fay(stage: Stage, recipe: Recipe) -> Factors:
    if not 0 <= recipe.fay_rho < 1:
        raise UnknownOption("fay_rho", recipe.fay_rho, "a number from 0 to below 1")
    return _balanced(stage, recipe.fay_rho)


def _resampled(stage: Stage, recipe: Recipe, fewer: int) -> Floats:
    """How often each PSU is drawn when n_h - fewer are drawn with replacement in each stratum: (PSUs, R)."""
    _refuse_lonely(stage, recipe)
    rng = np.random.default_rng(recipe.seed)
    counts = np.ones((stage.n_units, recipe.replicates))
    for stratum in range(stage.n_strata):
        units = np.flatnonzero(stage.stratum_of == stratum)
        if len(units) < 2:
            continue
        drawn = len(units) - fewer
        counts[units] = rng.multinomial(drawn, np.full(len(units), 1 / len(units)), recipe.replicates).T
    return counts


def _rao_wu(stage: Stage, recipe: Recipe) -> Factors:
    """Draw n_h - 1 PSUs with replacement and rescale (Rao, Wu and Yue 1992)."""
    counts = _resampled(stage, recipe, 1)
    n = stage.sampled[stage.stratum_of]
    factors = np.where((n > 1)[:, None], counts * (n / np.maximum(n - 1, 1))[:, None], 1.0)
    return Factors(factors, 1.0 / (recipe.replicates - 1), np.ones(recipe.replicates))


def _bootstrap(stage: Stage, recipe: Recipe) -> Factors:
    """Draw n_h PSUs with replacement; the variance is scaled by H / (H - 1), H the harmonic mean of the
    numbers of PSUs per stratum (Canty and Davison 1999)."""
    counts = _resampled(stage, recipe, 0)
    harmonic = float(1.0 / np.mean(1.0 / stage.sampled))
    if harmonic <= 1:
        raise UnsuitableDesign("bootstrap", "every stratum has a single PSU")
    scale = harmonic / ((harmonic - 1) * (recipe.replicates - 1))
    return Factors(counts, scale, np.ones(recipe.replicates))


def _successive(stage: Stage, recipe: Recipe) -> Factors:
    """Successive differences for systematic samples: PSUs in the order of their codes (Fay and Train 1995).

    Unit k takes the rows of a Hadamard matrix for itself and for the next unit of its stratum, the last one
    that of the first. With a row for every unit the variance of a total is sum (z_k - z_k+1)^2 / 2 exactly;
    beyond `replicates` units the rows are used again, as the American Community Survey does with its 80.
    """
    _refuse_lonely(stage, recipe)
    matrix = hadamard(min(stage.n_units + 1, recipe.replicates))
    order = np.argsort(stage.stratum_of, kind="stable")
    following = np.empty(stage.n_units, dtype=np.int64)
    for units in np.split(order, np.cumsum(stage.sampled)[:-1]):
        following[units] = np.roll(units, -1)
    row = np.empty(stage.n_units, dtype=np.int64)
    row[order] = np.arange(stage.n_units) % (len(matrix) - 1) + 1
    left = np.sqrt(_left(stage))[stage.stratum_of]
    factors = 1.0 + (matrix[row] - matrix[row[following]]) * (left * 2.0**-1.5)[:, None]
    return Factors(factors, 4.0 / len(matrix), np.ones(len(matrix)))


METHODS: dict[str, Callable[[Stage, Recipe], Factors]] = {
    "jk1": _jk1,
    "jkn": _jkn,
    "brr": lambda stage, recipe: _balanced(stage, 0.0),
    "fay": _fay,
    "bootstrap": _bootstrap,
    "rao_wu": _rao_wu,
    "sdr": _successive,
}
