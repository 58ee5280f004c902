"""Geometry of the desk's small pictures; templates draw them as SVG beside the numbers they show."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH = 100.0
FINEST = 1e-6


@dataclass(frozen=True)
class Axis:
    """A scale that several rows share: `at` gives a place in percent of the width."""

    low: float
    high: float
    ticks: tuple[float, ...]
    decimals: int

    def at(self, value: float) -> float:
        """Where a value stands, 0 to 100; values outside stop at the ends."""
        return WIDTH * min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


def axis(
    values: Iterable[float], least: float = -math.inf, most: float = math.inf, intervals: int = 4
) -> Axis:
    """Round ends and steps of 1, 2 or 5 times a power of ten around the values, within `least` and `most`."""
    known = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(known), max(known)
    step = _step(max((high - low) / intervals or abs(high) / intervals or 1.0, FINEST))
    first = max(math.floor(low / step) * step, least)
    last = min(math.ceil(high / step) * step, most)
    if last <= first:
        first, last = max(first - step, least), min(last + step, most)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    count = round((last - first) / step)
    return Axis(first, last, tuple(round(first + k * step, 10) for k in range(count + 1)), decimals)


def _step(wanted: float) -> float:
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= wanted * (1 - 1e-9))


@dataclass(frozen=True)
class Bar:
    """One bar: its range of values, its count, its place and height in percent of the picture."""

    low: float
    high: float
    count: int
    x: float
    width: float
    height: float


def histogram(edges: Sequence[float], counts: Sequence[int]) -> tuple[Bar, ...]:
    """Bars of equal classes; the highest fills the picture."""
    highest, width = max(counts, default=0) or 1, WIDTH / max(len(counts), 1)
    return tuple(
        Bar(edges[k], edges[k + 1], count, k * width, width, WIDTH * count / highest)
        for k, count in enumerate(counts)
    )
