"""Share a sample among strata."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import Floats
from analysis.errors import SurveyError, UnknownOption

METHODS: dict[str, Callable[[Floats, Floats, Floats, float], Floats]] = {
    "proportional": lambda size, sd, mean, power: size,
    "square_root": lambda size, sd, mean, power: np.sqrt(size),
    "equal": lambda size, sd, mean, power: np.ones_like(size),
    "neyman": lambda size, sd, mean, power: size * sd,
    "power": lambda size, sd, mean, power: (size * np.abs(mean)) ** power * sd / np.abs(mean),
}


def allocate(
    n: int,
    size: pd.Series,
    method: str = "proportional",
    sd: pd.Series | None = None,
    mean: pd.Series | None = None,
    power: float = 0.5,
    minimum: int | Mapping[Any, int] = 0,
    cost: pd.Series | None = None,
    take_all: Collection[Any] = (),
) -> pd.Series:
    """Whole numbers per stratum that add up to `n`, at least `minimum` and at most the stratum's size.

    `size` holds population counts indexed by stratum; `method` is proportional, square_root, equal, neyman
    with `sd` (Neyman 1934) or power with `sd` and `mean` and `power` between 0 (equal precision) and 1
    (Neyman) (Bankier 1988). `cost` per unit divides the shares by its square root (Cochran 1977, 5.5);
    strata in `take_all` are taken whole first; `minimum` is one number or one per stratum. Raises
    `SurveyError` for an unknown or doubled stratum and for an n that does not fit, `UnknownOption`.
    """
    if method not in METHODS:
        raise UnknownOption("method", method, tuple(METHODS))
    _known_strata(size.index, take_all, "take_all")
    sizes = _numbers("size", size, size)
    spreads = _numbers("sd", sd, size) if method in ("neyman", "power") else np.ones_like(sizes)
    means = _nonzero("mean", mean, size) if method == "power" else np.ones_like(sizes)
    costs = np.ones_like(sizes) if cost is None else _numbers("cost", cost, size)
    whole = np.asarray(size.index.isin(list(take_all)))
    floor = np.where(whole, sizes, np.minimum(_minima(minimum, size.index), sizes))
    if not floor.sum() <= n <= sizes.sum():
        raise SurveyError(
            f"a sample of {n} does not fit between the minimum {floor.sum():.0f} and the population "
            f"{sizes.sum():.0f}; change n or the minimum"
        )
    shares = METHODS[method](sizes, spreads, means, power) / np.sqrt(costs)
    return pd.Series(_rounded(_bounded(n, shares, floor, sizes), n, sizes), index=size.index, name="n")


def _known_strata(index: pd.Index, named: Collection[Any], option: str) -> None:
    if not index.is_unique:
        raise SurveyError(f"size names stratum {index[index.duplicated()].tolist()[0]!r} more than once")
    strange = [stratum for stratum in named if stratum not in index]
    if strange:
        raise SurveyError(f"{option} names stratum {strange[0]!r}, which has no size")


def _minima(minimum: int | Mapping[Any, int], index: pd.Index) -> Floats:
    if not isinstance(minimum, Mapping):
        found = np.full(len(index), float(minimum))
    else:
        _known_strata(index, list(minimum), "minimum")
        found = np.array([float(minimum.get(stratum, 0)) for stratum in index])
    if (found < 0).any():
        raise UnknownOption("minimum", minimum, "numbers of 0 or more")
    return found


def _numbers(name: str, values: pd.Series | None, like: pd.Series) -> Floats:
    aligned = _nonzero(name, values, like)
    if (aligned < 0).any():
        raise SurveyError(f"{name} of stratum {_label(like, aligned < 0)!r} must be a positive number")
    return aligned


def _nonzero(name: str, values: pd.Series | None, like: pd.Series) -> Floats:
    if values is None:
        raise UnknownOption(name, None, "one positive number per stratum")
    _known_strata(values.index, (), name)
    aligned = values.reindex(like.index).to_numpy(dtype=np.float64)
    wrong = ~np.isfinite(aligned) | (aligned == 0)
    if wrong.any():
        raise SurveyError(f"{name} of stratum {_label(like, wrong)!r} must be a positive number")
    return aligned


def _label(like: pd.Series, wrong: np.ndarray) -> object:
    return like.index.tolist()[int(wrong.argmax())]


def _bounded(n: int, shares: Floats, floor: Floats, ceiling: Floats) -> Floats:
    """Proportional to shares within bounds: the multiplier is found by bisection."""

    def given(multiplier: float) -> Floats:
        return np.asarray(np.clip(multiplier * shares, floor, ceiling))

    low, high = 0.0, float((ceiling / shares).max())
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if given(middle).sum() < n else (low, middle)
    return given(high)


def _rounded(exact: Floats, n: int, ceiling: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Largest remainders, so that the whole numbers add up to n."""
    whole = np.floor(exact + 1e-9)
    short = round(float(n - whole.sum()))
    order = np.argsort(-(exact - whole), kind="stable")
    candidates = [k for k in order if whole[k] < ceiling[k]]
    whole[candidates[:short]] += 1
    return whole.astype(np.int64)
