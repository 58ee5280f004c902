"""Share a sample among strata."""

from __future__ import annotations

from collections.abc import Callable

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
    minimum: int = 0,
) -> pd.Series:
    """Whole numbers per stratum that add up to `n`, at least `minimum` and at most the stratum's size.

    `size` holds population counts indexed by stratum; Neyman needs `sd` (Neyman 1934), power allocation `sd`
    and `mean` with `power` between 0 (equal precision) and 1 (Neyman) (Bankier 1988).
    """
    if method not in METHODS:
        raise UnknownOption("method", method, tuple(METHODS))
    sizes = _numbers("size", size, size)
    spreads = _numbers("sd", sd, size) if method in ("neyman", "power") else np.ones_like(sizes)
    means = _numbers("mean", mean, size) if method == "power" else np.ones_like(sizes)
    floor = np.minimum(minimum, sizes)
    if not floor.sum() <= n <= sizes.sum():
        raise SurveyError(
            f"a sample of {n} does not fit between the minimum {floor.sum():.0f} and the population "
            f"{sizes.sum():.0f}; change n or the minimum"
        )
    shares = METHODS[method](sizes, spreads, means, power)
    return pd.Series(_rounded(_bounded(n, shares, floor, sizes), n, sizes), index=size.index, name="n")


def _numbers(name: str, values: pd.Series | None, like: pd.Series) -> Floats:
    if values is None:
        raise UnknownOption(name, None, "one positive number per stratum")
    aligned = values.reindex(like.index).to_numpy(dtype=np.float64)
    if np.isnan(aligned).any() or (aligned <= 0).any():
        stratum = like.index[int((~(aligned > 0)).argmax())]
        raise SurveyError(f"{name} of stratum {stratum!r} must be a positive number")
    return aligned


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
