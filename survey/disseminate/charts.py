"""Charts of published figures: estimates with their intervals, trends, another body's figure beside ours.

Each chart is drawn for a page and for a phone; the stylesheet shows the one that fits its column. The same
drawings serve notebooks: `chart_layers` returns Altair charts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from survey.disseminate.drawing import NARROW, WIDE, drawn, with_words
from survey.disseminate.plotted import Caption, Point, Scale

if TYPE_CHECKING:
    import altair as alt

__all__ = ["Caption", "Point", "Scale", "comparison_chart", "interval_chart", "trend_chart"]


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
