"""Rules that turn weighted observations into a quantile.

hf1 to hf9 are the nine types of Hyndman and Fan (1996) carried over to weights; "math" is hf1, the inverse
of the distribution function, and "school" is hf2, which averages at a jump. "shahvaish" is Shah and Vaish's
(2006) rule with weights scaled to mean one; "shahvaish_r" leaves them unscaled in one place, as R does.
"hf1_r" to "hf3_r" find jumps as R survey 4.1-1 does, in floating point without allowance for rounding; "hf4_r"
carries the first line on below the first share as R does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Floats, sums_by
from analysis.errors import UnknownOption

AT_JUMP = 1e-13  # shares this close to p count as equal to it


@dataclass(frozen=True, eq=False)
class Sorted:
    """Weights other than zero and their values in ascending order, with running sums in extended precision."""

    x: Floats
    weight: Floats
    running: Floats

    @classmethod
    def of(cls, x: Floats, weight: Floats) -> Sorted:
        kept = weight != 0  # regression weights may be negative
        order = np.argsort(x[kept], kind="stable")
        values, weights = x[kept][order], weight[kept][order]
        return cls(values, weights, _running(weights))

    @property
    def share(self) -> Floats:
        """The distribution function at each value."""
        return np.asarray(self.running / self.running[-1])


def _near(data: Sorted, p: float) -> tuple[int, int, float]:
    """Positions around p and how far p lies above the lower one's share (0 within rounding)."""
    share = data.share
    reached = np.flatnonzero(share <= p + AT_JUMP)
    if not len(reached):
        return 0, 0, 0.0
    low = int(reached[-1])
    above = p - float(share[low])
    return low, min(low + 1, len(share) - 1), 0.0 if above <= AT_JUMP else above


def _near_r(data: Sorted, p: float) -> tuple[int, int, float]:
    """R survey 4.1-1: no room for rounding, and p below the first share counts as lying beyond it."""
    below = np.flatnonzero(data.running <= p * data.running[-1])
    low = int(below[-1]) if len(below) else 0
    return low, min(low + 1, len(data.x) - 1), p - float(data.share[low])


def _running(weight: Floats) -> Floats:
    return np.cumsum(weight.astype(np.longdouble)).astype(np.float64)


Neighbours = Callable[[Sorted, float], tuple[int, int, float]]
Rule = Callable[[Sorted, float], float]


def _inverse(near: Neighbours) -> Rule:
    def rule(data: Sorted, p: float) -> float:
        low, high, above = near(data, p)
        return float(data.x[low] if above == 0 else data.x[high])

    return rule


def _averaged(near: Neighbours) -> Rule:
    def rule(data: Sorted, p: float) -> float:
        low, high, above = near(data, p)
        return float(data.x[low] + data.x[high]) / 2 if above == 0 else float(data.x[high])

    return rule


def _nearest_even(near: Neighbours) -> Rule:
    """At a jump the value with an even number among the distinct values, otherwise the one above."""

    def rule(data: Sorted, p: float) -> float:
        values, position = np.unique(data.x, return_inverse=True)
        weight = sums_by(position, data.weight, len(values))
        low, high, above = near(Sorted(values, weight, _running(weight)), p)
        return float(values[low] if above == 0 and low % 2 == 1 else values[high])

    return rule


def _extrapolated(data: Sorted, p: float) -> float:
    """R's hf4 carries the line between the first two values on to shares below the first one."""
    low, high, above = _near_r(data, p)
    step = float(data.share[high] - data.share[low])
    return float(data.x[low] + above / step * (data.x[high] - data.x[low])) if step > 0 else np.nan


def _interpolated(points: Callable[[Sorted], Floats]) -> Rule:
    def rule(data: Sorted, p: float) -> float:
        if len(data.x) == 1:
            return float(data.x[0])
        return float(np.interp(p, points(data), data.x))

    return rule


def _constant(points: Callable[[Sorted], Floats]) -> Rule:
    def rule(data: Sorted, p: float) -> float:
        at = points(data)
        order = np.argsort(at, kind="stable")
        position = int(np.searchsorted(at[order], p, side="right")) - 1
        return float(data.x[order][max(position, 0)])

    return rule


def _before(data: Sorted) -> Floats:
    return np.concatenate([[0.0], data.running[:-1]])


def _shah_vaish(data: Sorted, own: Floats) -> Floats:
    n = len(data.x)
    scaled = _running(data.weight / data.weight.mean())
    return (scaled + 0.5 - own / 2) / (n + 1)


RULES: dict[str, Rule] = {
    "hf1": _inverse(_near),
    "hf2": _averaged(_near),
    "hf3": _nearest_even(_near),
    "hf1_r": _inverse(_near_r),
    "hf2_r": _averaged(_near_r),
    "hf3_r": _nearest_even(_near_r),
    "hf4_r": _extrapolated,
    "hf4": _interpolated(lambda d: d.share),
    "hf5": _interpolated(lambda d: (d.running - d.weight / 2) / d.running[-1]),
    "hf6": _interpolated(lambda d: d.running / (d.running[-1] + d.weight[-1])),
    "hf7": _interpolated(lambda d: _before(d) / d.running[-2]),
    "hf8": _interpolated(lambda d: (_before(d) + 2 * d.running) / 3 / (d.running[-1] + d.weight[-1] / 3)),
    "hf9": _interpolated(lambda d: (3 * _before(d) + 5 * d.running) / 8 / (d.running[-1] + d.weight[-1] / 4)),
    "shahvaish": _constant(lambda d: _shah_vaish(d, d.weight / d.weight.mean())),
    "shahvaish_r": _constant(lambda d: _shah_vaish(d, d.weight)),
}
RULES["math"], RULES["school"] = RULES["hf1"], RULES["hf2"]


def rule_of(name: str) -> Rule:
    """The rule of that name. Raises `UnknownOption`."""
    if name not in RULES:
        raise UnknownOption("rule", name, tuple(RULES))
    return RULES[name]
