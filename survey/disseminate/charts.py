"""Charts of published figures: estimates with their intervals, trends, another body's figure beside ours.

Each chart is drawn for a page and for a phone; the stylesheet shows the one that fits its column. The same
drawings serve notebooks: `chart_layers` returns Altair charts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from survey.disseminate.drawing import NARROW, WIDE, Caption, drawn, with_words

if TYPE_CHECKING:
    import altair as alt

__all__ = ["Caption", "Point", "Scale", "comparison_chart", "interval_chart", "trend_chart"]


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


PERCENT = Scale()


def interval_chart(
    points: Sequence[Point], caption: Caption, scale: Scale = PERCENT, lang: str = "vi"
) -> Markup:
    """A dot with its 95 % interval for each category in the order given, and the target as a dashed line."""

    def draw(width: int) -> alt.LayerChart:
        from survey.disseminate import chart_layers  # Altair costs a second and 50 MB: only when drawing

        return chart_layers.intervals(points, scale, lang, width)

    return _picture(draw, caption, lang, ("interval", *points, scale))


def comparison_chart(
    points: Sequence[Point], caption: Caption, other: str, scale: Scale = PERCENT, lang: str = "vi"
) -> Markup:
    """Our estimates with intervals and, as a diamond in the same row, the figure published by `other`."""

    def draw(width: int) -> alt.LayerChart:
        from survey.disseminate import chart_layers

        return chart_layers.comparison(points, other, scale, lang, width)

    return _picture(draw, caption, lang, ("comparison", *points, other, scale))


def trend_chart(
    points: Sequence[Point], caption: Caption, scale: Scale = PERCENT, lang: str = "vi"
) -> Markup:
    """Estimates over periods in the order given; the line stops before a point that begins a new series."""

    def draw(width: int) -> alt.LayerChart:
        from survey.disseminate import chart_layers

        return chart_layers.trend(points, scale, lang, width)

    return _picture(draw, caption, lang, ("trend", *points, scale))


def _picture(
    draw: Callable[[int], alt.LayerChart], caption: Caption, lang: str, content: tuple[object, ...]
) -> Markup:
    """Both widths of one chart, each a picture with a name and a description."""
    return Markup("").join(
        Markup('<div class="chart chart-{}">{}</div>').format(
            name, with_words(drawn(draw, width, lang, content), caption)
        )
        for name, width in (("narrow", NARROW), ("wide", WIDE))
    )
