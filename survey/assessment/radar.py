"""The levels of the pillars as a radar: one picture for the page and for paper, drawn without a library."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from markupsafe import Markup

WIDTH, HEIGHT = 380, 320
CENTRE = (WIDTH / 2, HEIGHT / 2)
RADIUS = 96.0
LABEL_GAP = 11.0
LINE_HEIGHT = 17.0
LONGEST_LINE = 13
FONT_SIZE = 15
FULL = 100.0

Point = tuple[float, float]

# On a page the stylesheet's colours, so that dark pages work too; on paper their light values.
PAGE = {
    "ink": "var(--ink)",
    "soft": "var(--ink-soft)",
    "line": "var(--line-strong)",
    "paper": "var(--paper)",
    "own": "var(--accent)",
    "other": "var(--chart-reference)",
}
PAPER = {
    "ink": "#17211f",
    "soft": "#4c5a57",
    "line": "#697672",
    "paper": "#ffffff",
    "own": "#0b5563",
    "other": "#a84300",
}


@dataclass(frozen=True)
class Axis:
    """One pillar: its short name, and what stands below it."""

    label: str
    note: str


@dataclass(frozen=True)
class Shape:
    """The shares of one respondent or group, in percent by pillar; None where a pillar does not apply."""

    shares: tuple[float | None, ...]
    is_own: bool = True


@dataclass(frozen=True)
class Radar:
    """All that the picture shows; `rings` are shares at which a level begins."""

    title: str
    summary: str
    axes: tuple[Axis, ...]
    rings: tuple[float, ...]
    shapes: tuple[Shape, ...]


def draw(radar: Radar, colours: Mapping[str, str] = PAGE) -> Markup:
    """The SVG: one picture with a name and a description for screen readers, without script, style or ids."""
    count = len(radar.axes)
    parts = [_rings(radar.rings, count, colours), _spokes(count, colours)]
    parts += [_shape(shape, colours) for shape in sorted(radar.shapes, key=lambda shape: shape.is_own)]
    parts += [_ring_labels(radar.rings, colours)]
    parts += [_label(axis, place, count, colours) for place, axis in enumerate(radar.axes)]
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" aria-label="{}" font-size="{}"'
        ' font-family="Noto Sans, Segoe UI, Roboto, system-ui, sans-serif"><title>{}</title><desc>{}</desc>'
    ).format(WIDTH, HEIGHT, radar.title, FONT_SIZE, radar.title, radar.summary)
    return head + Markup("").join(parts) + Markup("</svg>")


def _at(place: int, count: int, distance: float) -> Point:
    """A point on an axis; the first one points up, the others follow the clock."""
    angle = 2 * pi * place / count - pi / 2
    return CENTRE[0] + distance * cos(angle), CENTRE[1] + distance * sin(angle)


def _path(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _rings(rings: Sequence[float], count: int, colours: Mapping[str, str]) -> Markup:
    polygons = [
        Markup('<polygon points="{}" fill="none" stroke="{}" stroke-width="{}" stroke-opacity="{}"/>').format(
            _path([_at(place, count, RADIUS * ring / FULL) for place in range(count)]),
            colours["line"],
            1.4 if ring == FULL else 0.9,
            0.9 if ring == FULL else 0.55,
        )
        for ring in (*rings, FULL)
    ]
    return Markup("").join(polygons)


def _spokes(count: int, colours: Mapping[str, str]) -> Markup:
    lines = []
    for place in range(count):
        x, y = _at(place, count, RADIUS)
        lines.append(
            Markup(
                '<line x1="{}" y1="{}" x2="{:.1f}" y2="{:.1f}" stroke="{}" stroke-opacity="0.55"/>'
            ).format(*CENTRE, x, y, colours["line"])
        )
    return Markup("").join(lines)


def _ring_labels(rings: Sequence[float], colours: Mapping[str, str]) -> Markup:
    """Where a level begins, along the first axis: its number beside the ring."""
    texts = [
        Markup('<text x="{:.1f}" y="{:.1f}" font-size="11" fill="{}" stroke="{}" stroke-width="3" paint-order="stroke"'
               ' text-anchor="end">{}</text>').format(
            CENTRE[0] - 4, CENTRE[1] - RADIUS * (ring + upper) / 2 / FULL + 4, colours["soft"], colours["paper"], level)
        for level, (ring, upper) in enumerate(zip(rings, (*rings[1:], FULL), strict=True), 1)
        if RADIUS * (upper - ring) / FULL >= 11
    ]  # fmt: skip
    return Markup("").join(texts)


def _shape(shape: Shape, colours: Mapping[str, str]) -> Markup:
    """A closed line through the shares; another's is dashed and has other marks, so that colour is not needed."""
    count = len(shape.shares)
    points = [
        _at(place, count, RADIUS * share / FULL)
        for place, share in enumerate(shape.shares)
        if share is not None
    ]
    colour = colours["own" if shape.is_own else "other"]
    polygon = Markup('<polygon points="{}" fill="{}" fill-opacity="{}" stroke="{}" stroke-width="2.5"'
                     ' stroke-linejoin="round"{}/>').format(
        _path(points), colour, 0.22 if shape.is_own else 0, colour,
        Markup("") if shape.is_own else Markup(' stroke-dasharray="7 4"'))  # fmt: skip
    return polygon + Markup("").join(_mark(point, shape.is_own, colour) for point in points)


def _mark(point: Point, is_own: bool, colour: str) -> Markup:
    x, y = point
    if is_own:
        return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="4.5" fill="{}"/>').format(x, y, colour)
    diamond = [(x, y - 5.5), (x + 5.5, y), (x, y + 5.5), (x - 5.5, y)]
    return Markup('<polygon points="{}" fill="{}"/>').format(_path(diamond), colour)


def _label(axis: Axis, place: int, count: int, colours: Mapping[str, str]) -> Markup:
    """The name outside the end of its axis, in short lines, the note below it."""
    x, y = _at(place, count, RADIUS + LABEL_GAP)
    lines = [*wrapped(axis.label), axis.note]
    sideways, upwards = x - CENTRE[0], y - CENTRE[1]
    anchor = "middle" if abs(sideways) < 1 else "start" if sideways > 0 else "end"
    height = LINE_HEIGHT * len(lines)
    first = y + 12 - height * (0.5 - 0.5 * upwards / (RADIUS + LABEL_GAP))
    spans = [
        Markup('<tspan x="{:.1f}" y="{:.1f}"{}>{}</tspan>').format(
            x, first + LINE_HEIGHT * number, Markup(' font-weight="bold"') if number == len(lines) - 1 else "", line
        )
        for number, line in enumerate(lines)
    ]  # fmt: skip
    return Markup('<text text-anchor="{}" fill="{}">{}</text>').format(
        anchor, colours["ink"], Markup("").join(spans)
    )


def wrapped(text: str) -> list[str]:
    """Words in lines that fit beside the picture on a phone; a longer word has a line of its own."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and len(longer) > LONGEST_LINE:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
