"""The charts as Altair layers: usable in a notebook as they are, drawn to SVG for pages and reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import altair as alt

from survey.disseminate.drawing import ESTIMATE, NARROW, REFERENCE, WIDE
from survey.disseminate.plotted import Point, Scale
from survey.formats import PERCENT_UNITS, interval, measure, writing

WORDS = {
    "vi": {"target": "Mục tiêu", "suppressed": "không công bố", "ours": "Tính lại, khoảng tin cậy 95 %"},
    "en": {"target": "Target", "suppressed": "not published", "ours": "Recomputed, 95% interval"},
}
Style = dict[str, Any]
DOT: Style = {"filled": True, "size": 100, "opacity": 1, "color": ESTIMATE}
RANGE: Style = {"strokeWidth": 3, "strokeCap": "round", "color": ESTIMATE}
DIAMOND: Style = {
    "shape": "diamond",
    "size": 90,
    "opacity": 1,
    "filled": False,
    "strokeWidth": 2,
    "color": REFERENCE,
}
DASHES: Style = {"strokeWidth": 2, "strokeDash": [6, 4], "color": REFERENCE}


@dataclass(frozen=True)
class Layout:
    """Pixels of one drawing: names beside the intervals on a page, above them on a phone."""

    width: int
    left: int
    right: int
    row: int
    names_above: bool
    longest_name: int

    @property
    def inner(self) -> int:
        """Width of the plot itself."""
        return self.width - self.left - self.right


LAYOUTS = {WIDE: Layout(WIDE, 226, 162, 34, False, 28), NARROW: Layout(NARROW, 14, 24, 54, True, 21)}


def intervals(points: Sequence[Point], scale: Scale, lang: str, width: int = WIDE) -> alt.LayerChart:
    """Rows of intervals with the target across them."""
    layout = LAYOUTS[width]
    layers = [*_target_across(points, scale, lang), *_rows(points, scale, layout, lang)]
    return _framed(layers, len(points), layout, top=10 if scale.target is None else 34)


def comparison(
    points: Sequence[Point], other: str, scale: Scale, lang: str, width: int = WIDE
) -> alt.LayerChart:
    """Rows of intervals with another body's figure as a diamond, and a key above."""
    layout = LAYOUTS[width]
    diamonds = _data(points, scale, lang).mark_point(**DIAMOND, yOffset=_drop(layout))
    layers = [
        *_rows(points, scale, layout, lang),
        diamonds.encode(x=alt.X("reference:Q", scale=_scale(scale)), y=_y()),
        *_key(layout, _words(lang)["ours"], other),
    ]
    return _framed(layers, len(points), layout, top=60 if layout.names_above else 36)


def trend(points: Sequence[Point], scale: Scale, lang: str, width: int = WIDE) -> alt.LayerChart:
    """Periods along the bottom, values upwards, the target as a level."""
    padding = {"left": 58, "right": 24, "top": 20, "bottom": 30}
    layers = [*_target_level(scale, lang), *_path(points, scale, lang)]
    size = {"width": width - padding["left"] - padding["right"], "height": 230}
    return alt.LayerChart(layer=list(layers)).properties(padding=padding, autosize="none", **size)


def _words(lang: str) -> dict[str, str]:
    return WORDS.get(lang, WORDS["vi"])


def _of(rows: list[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call] # Altair leaves it so


def _data(points: Sequence[Point], scale: Scale, lang: str) -> alt.Chart:
    series, rows = 0, []
    for given in points:
        point = (
            given if given.value is not None else Point(given.label, None)
        )  # its interval is held back too
        series += point.new_series
        words = {"figures": _figures(point, scale, lang), "short": _short(point, scale, lang)}
        rows.append(asdict(point) | words | {"folded": _folded(point.label), "series": series})
    return _of(rows)


def _figures(point: Point, scale: Scale, lang: str) -> str:
    """A row's value and interval in words."""
    value = _short(point, scale, lang)
    if point.value is None or point.ci_low is None or point.ci_high is None:
        return value
    return f"{value} ({interval(point.ci_low, point.ci_high, scale.decimals, '', lang)})"


def _short(point: Point, scale: Scale, lang: str) -> str:
    if point.value is None:
        return _words(lang)["suppressed"]
    return measure(point.value, scale.unit, scale.decimals, lang)


def _axis(scale: Scale, lang: str, ticks: int = 5) -> alt.Axis:
    sign = writing(lang).percent_sign if scale.unit in PERCENT_UNITS else ""
    return alt.Axis(
        title=None, format=",~f", tickCount=ticks, labelExpr=f"datum.label + '{sign}'", labelFlush=False
    )


def _scale(scale: Scale) -> alt.Scale:
    if scale.domain is None:
        return alt.Scale(zero=False, nice=True)
    return alt.Scale(domain=list(scale.domain), nice=False)


def _y() -> alt.Y:
    """One band per category in the order given; its name is a mark of its own."""
    return alt.Y("label:N", sort=None, axis=None)


def _drop(layout: Layout) -> int:
    """How far below a band's middle its interval lies: a phone's rows have a line of words above it."""
    return 11 if layout.names_above else 0


def _rows(points: Sequence[Point], scale: Scale, layout: Layout, lang: str) -> Iterator[alt.Chart]:
    """The interval, the dot and the words of each category."""
    base = _data(points, scale, lang).encode(y=_y())
    drop = _drop(layout)
    x = alt.X("ci_low:Q", scale=_scale(scale), axis=_axis(scale, lang, 4 if layout.names_above else 6))
    yield base.mark_rule(**RANGE, yOffset=drop, y2Offset=drop).encode(x=x, x2="ci_high:Q")
    yield base.mark_point(**DOT, yOffset=drop).encode(x=alt.X("value:Q", scale=_scale(scale)))
    yield from (_names_above if layout.names_above else _names_beside)(base, points, layout)


def _names_above(base: alt.Chart, points: Sequence[Point], layout: Layout) -> Iterator[alt.Chart]:
    """Name left and figures right on the line above; the interval in words only where every name is short."""
    is_short = max((len(p.label) for p in points), default=0) <= layout.longest_name
    line: Style = {"dy": -_drop(layout)}
    figures = base.mark_text(align="right", **line)
    yield figures.encode(x=alt.value(layout.inner + 14), text="figures:N" if is_short else "short:N")
    yield base.mark_text(align="left", fontWeight=600, **line).encode(x=alt.value(-8), text="label:N")


def _names_beside(base: alt.Chart, points: Sequence[Point], layout: Layout) -> Iterator[alt.Chart]:
    """Name left of the plot, a long one on two lines; figures right of it."""
    right = layout.inner + layout.right - 4
    yield base.mark_text(align="right").encode(x=alt.value(right), text="figures:N")
    for is_long in sorted({len(p.label) > layout.longest_name for p in points}):
        chosen = base.transform_filter(
            f"(length(datum.label) > {layout.longest_name}) == {str(is_long).lower()}"
        )
        names = chosen.mark_text(align="right", lineBreak="\n", lineHeight=17, dy=-8.5 if is_long else 0)
        yield names.encode(x=alt.value(-14), text="folded:N" if is_long else "label:N")


def _folded(label: str) -> str:
    """A name on two lines, broken at the space nearest its middle."""
    breaks = [i for i, letter in enumerate(label) if letter == " "]
    middle = min(breaks, key=lambda i: abs(i - len(label) / 2), default=None)
    return label if middle is None else f"{label[:middle]}\n{label[middle + 1 :]}"


def _target(scale: Scale, lang: str) -> alt.Chart:
    decimals = 0 if scale.target is None or scale.target == int(scale.target) else scale.decimals
    words = f"{_words(lang)['target']} {measure(scale.target, scale.unit, decimals, lang)}"
    return _of([{"target": scale.target, "words": words}])


def _target_across(points: Sequence[Point], scale: Scale, lang: str) -> Iterator[alt.Chart]:
    """The target across all rows, its words on the side where the chart has room."""
    if scale.target is None:
        return
    drawn = [v for p in points for v in (p.value, p.ci_low, p.ci_high) if v is not None] or [scale.target]
    low, high = scale.domain or (min(drawn), max(drawn))
    is_right = scale.target > (low + high) / 2
    data, x = _target(scale, lang), alt.X("target:Q", scale=_scale(scale))
    yield data.mark_rule(**DASHES).encode(x=x)
    words = data.mark_text(align="right" if is_right else "left", fontWeight=600, color=REFERENCE, dy=-14)
    yield words.encode(x=x, y=alt.value(0), text="words:N")


def _target_level(scale: Scale, lang: str) -> Iterator[alt.Chart]:
    if scale.target is None:
        return
    data, y = _target(scale, lang), alt.Y("target:Q", scale=_scale(scale))
    yield data.mark_rule(**DASHES).encode(y=y)
    words = data.mark_text(align="left", fontWeight=600, color=REFERENCE, dy=-11)
    yield words.encode(x=alt.value(4), y=y, text="words:N")


def _key(layout: Layout, ours: str, other: str) -> Iterator[alt.Chart]:
    """What dot and diamond stand for: one line above the rows on a page, two on a phone."""
    places = (
        [(0, -44), (0, -20)] if layout.names_above else [(6 - layout.left, -20), (276 - layout.left, -20)]
    )
    for (x, y), words, mark in zip(places, (ours, other), (DOT, DIAMOND), strict=True):
        here = _of([{"words": words}])
        yield here.mark_point(**mark).encode(x=alt.value(x), y=alt.value(y))
        yield here.mark_text(align="left").encode(x=alt.value(x + 14), y=alt.value(y), text="words:N")


def _framed(layers: Sequence[alt.Chart], rows: int, layout: Layout, top: int) -> alt.LayerChart:
    """The layers on a canvas of fixed size, so that a drawing is the same whatever fonts a machine has."""
    padding = {"left": layout.left, "right": layout.right, "top": top, "bottom": 28}
    size = {"width": layout.inner, "height": max(rows, 1) * layout.row}
    return alt.LayerChart(layer=list(layers)).properties(padding=padding, autosize="none", **size)


def _path(points: Sequence[Point], scale: Scale, lang: str) -> Iterator[alt.Chart]:
    """The line through the periods, and on it dots, intervals and values."""
    x = alt.X("label:N", sort=None, axis=alt.Axis(title=None, labelAngle=0, grid=False, labelPadding=8))
    y = alt.Y("value:Q", scale=_scale(scale), axis=_axis(scale, lang))
    base = _data(points, scale, lang).encode(x=x)
    yield base.mark_line(strokeWidth=2, color=ESTIMATE).encode(y=y, detail="series:N")
    yield base.mark_rule(**RANGE).encode(y=alt.Y("ci_low:Q", scale=_scale(scale)), y2="ci_high:Q")
    yield base.mark_point(**DOT).encode(y=y)
    value = alt.Text("value:Q", format=f",.{scale.decimals}f")
    top = "datum.ci_high == null ? datum.value : datum.ci_high"
    yield (
        base.transform_calculate(top=top)
        .mark_text(dy=-13)
        .encode(y=alt.Y("top:Q", scale=_scale(scale)), text=value)
    )
