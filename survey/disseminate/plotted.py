"""What charts plot: points, the scale they are read on, and the words for those who cannot see them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """One estimate to plot, in the unit of its chart; `value` is None where it may not be published.

    `reference` is another body's figure for the same thing; `new_series` marks a break before a period.
    """

    label: str
    value: float | None
    ci_low: float | None = None
    ci_high: float | None = None
    reference: float | None = None
    new_series: bool = False


@dataclass(frozen=True)
class Scale:
    """What a chart's values are measured in and held against; `domain` fixes the ends of the axis."""

    unit: str = "%"
    target: float | None = None
    domain: tuple[float, float] | None = None
    decimals: int = 1


@dataclass(frozen=True)
class Caption:
    """A chart in words: `title` names it, `summary` tells what it shows to those who cannot see it."""

    title: str
    summary: str = ""
