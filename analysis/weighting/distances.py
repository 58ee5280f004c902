"""Distances between old and new weights: each is a function g = F(u) with F(0) = 1 and F'(0) = 1.

Deville and Särndal (1992), table 1; bounds L < U limit g, with L < 1 < U unless they differ by row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from analysis.arrays import Floats
from analysis.errors import UnknownOption

Bound = float | Floats


class Distance(Protocol):
    """The ratio g of new to old weight as a function of the linear predictor u."""

    def g(self, u: Floats) -> Floats: ...

    def slope(self, u: Floats) -> Floats: ...


@dataclass(frozen=True)
class Linear:
    """g = 1 + u, cut at the bounds: generalised regression, least squares."""

    lower: Bound
    upper: Bound

    def g(self, u: Floats) -> Floats:
        return np.asarray(np.clip(1.0 + u, self.lower, self.upper))

    def slope(self, u: Floats) -> Floats:
        return np.asarray(((1.0 + u > self.lower) & (1.0 + u < self.upper)).astype(np.float64))


@dataclass(frozen=True)
class Raking:
    """g = exp(u), cut at the bounds: the weights of raking ratio estimation."""

    lower: Bound
    upper: Bound

    def g(self, u: Floats) -> Floats:
        return np.asarray(np.clip(np.exp(np.minimum(u, 500.0)), self.lower, self.upper))

    def slope(self, u: Floats) -> Floats:
        grown = np.exp(np.minimum(u, 500.0))
        return np.asarray(np.where((grown > self.lower) & (grown < self.upper), grown, 0.0))


@dataclass(frozen=True)
class Logit:
    """A logistic curve between the bounds, so that no weight reaches them."""

    lower: Bound
    upper: Bound

    def _exponential(self, u: Floats) -> tuple[Floats, Bound]:
        rate = (self.upper - self.lower) / ((1.0 - self.lower) * (self.upper - 1.0))
        return np.asarray(np.exp(np.clip(rate * u, -500.0, 500.0))), rate

    def g(self, u: Floats) -> Floats:
        e, _ = self._exponential(u)
        low, high = self.lower, self.upper
        return np.asarray((low * (high - 1.0) + high * (1.0 - low) * e) / (high - 1.0 + (1.0 - low) * e))

    def slope(self, u: Floats) -> Floats:
        e, rate = self._exponential(u)
        low, high = self.lower, self.upper
        middle = (high - 1.0) + (1.0 - low) * e
        return np.asarray(rate * (high - low) * (1.0 - low) * (high - 1.0) * (e / middle) / middle)


DISTANCES: dict[str, type[Linear] | type[Raking] | type[Logit]] = {
    "linear": Linear,
    "raking": Raking,
    "logit": Logit,
}


def distance_of(name: str, lower: Bound, upper: Bound) -> Distance:
    """The distance of that name within bounds on g. Raises `UnknownOption`."""
    if name not in DISTANCES:
        raise UnknownOption("distance", name, tuple(DISTANCES))
    if name == "logit" and not (np.isfinite(lower).all() and np.isfinite(upper).all()):
        raise UnknownOption(
            "bounds", _shown(lower, upper), "two finite limits: the logit distance needs them"
        )
    # bounds on the weights themselves may leave out a row's old weight, though not on the logit's curve
    by_row = np.ndim(lower) > 0 or np.ndim(upper) > 0
    if (name == "logit" or not by_row) and (np.max(lower) >= 1.0 or np.min(upper) <= 1.0):
        raise UnknownOption("bounds", _shown(lower, upper), "limits on new/old weight with lower < 1 < upper")
    if np.any(np.asarray(lower) > np.asarray(upper)):
        raise UnknownOption("bounds", _shown(lower, upper), "limits with lower < upper")
    return DISTANCES[name](lower, upper)


def _shown(lower: Bound, upper: Bound) -> tuple[float, float]:
    """The tightest pair of limits, for a message."""
    return float(np.max(lower)), float(np.min(upper))
