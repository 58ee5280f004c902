"""Maps of figures by commune or former district: plain SVG, the legend beside it as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

from markupsafe import Markup

from survey.cases.geography import Ring
from survey.disseminate.outlines import WIDTH, Outlines
from survey.disseminate.plotted import Caption
from survey.disseminate.topology import centroid, signed_area
from survey.formats import interval, measure, rounded

COLOURS = ("#dcebe9", "#a8d0d0", "#68abb2", "#2f7f8b", "#0b5563")
SPECK = 8
"""Square drawing units below which a ring is a leftover of joining, not land."""
STEPS = (0.5, 1, 2, 5, 10, 20, 25, 50, 100)
WORDS = {
    "vi": {"suppressed": "không công bố", "missing": "chưa có số liệu"},
    "en": {"suppressed": "not published", "missing": "no data yet"},
}


class UnknownArea(ValueError):
    """A figure belongs to an area that the map does not have."""


@dataclass(frozen=True)
class AreaValue:
    """What a map says of one area; `value` is None where the figure may not be published.

    `label` is written on the map where there is room for it: give it for districts, not for communes.
    """

    name: str
    value: float | None
    ci_low: float | None = None
    ci_high: float | None = None
    label: str = ""


@dataclass(frozen=True)
class Classes:
    """Equal classes between round bounds; a value belongs to the class as it is printed, to one decimal."""

    bounds: tuple[float, ...]

    def of(self, value: float) -> int:
        """The position of a value's class, the highest bound included in the last."""
        printed = float(rounded(value, 1))
        return min(sum(printed >= bound for bound in self.bounds[1:]), len(self.bounds) - 2)

    def colour(self, position: int) -> int:
        """Which of the five colours a class takes: few classes still span light to dark."""
        last = len(self.bounds) - 2
        return round(position / last * (len(COLOURS) - 1)) if last else len(COLOURS) - 2

    def words(self, position: int, unit: str, lang: str) -> str:
        """A class in words: "60,0–69,9 %"."""
        low, high = self.bounds[position], self.bounds[position + 1]
        return interval(low, high if position == len(self.bounds) - 2 else high - 0.1, 1, unit, lang)


def classes(values: Sequence[float]) -> Classes:
    """At most five classes with round bounds that hold all values."""
    if not values:
        return Classes((0, 100))
    low, high = min(values), max(values)
    for step in STEPS:
        first = low // step * step
        count = int((high - first) // step) + 1
        if count <= len(COLOURS):
            return Classes(tuple(first + step * i for i in range(count + 1)))
    return Classes((low, high))


def choropleth(
    outlines: Outlines,
    values: Mapping[str, AreaValue],
    caption: Caption,
    unit: str = "%",
    lang: str = "vi",
) -> Markup:
    """A map coloured by class, hatched where a figure is not published, with its legend; values by code.

    :raises UnknownArea: a figure's area is not on the map.
    """
    if strangers := sorted(set(values) - set(outlines.areas)):
        raise UnknownArea(f"no area {', '.join(strangers)} on the map; check the codes against the area file")
    hatch = f"hatch-{crc32(repr((caption, unit, lang)).encode()):08x}"
    drawing = _Drawing(classes([v.value for v in values.values() if v.value is not None]), hatch, unit, lang)
    everywhere = [(rings, values.get(code)) for code, rings in outlines.areas.items()]
    return Markup('<div class="map">{}{}</div>').format(
        SVG.format(
            width=WIDTH + 8,
            height=outlines.height + 8,
            title=caption.title,
            summary=caption.summary,
            pattern=PATTERN.format(hatch),
            outline=_path(outlines.outline),
            areas=Markup("").join(drawing.area(rings, value) for rings, value in everywhere),
            labels=Markup("").join(_label(rings, value.label) for rings, value in everywhere if value),
        ),
        drawing.legend([value for _, value in everywhere]),
    )


SVG = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 {width} {height}" role="img"'
    ' aria-label="{title}"><title>{title}</title><desc>{summary}</desc>{pattern}'
    '<g stroke="var(--map-border, #fff)" stroke-width="2" stroke-linejoin="round">{areas}</g>'
    '<path d="{outline}" fill="none" stroke="var(--map-outline, #4c5a57)" stroke-width="1.5"/>'
    '<g class="map-labels" text-anchor="middle" font-size="21">{labels}</g></svg>'
)
PATTERN = Markup(
    '<pattern id="{}" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="10" height="10" fill="var(--paper, #fff)"/>'
    '<path d="M0 0V10" stroke="var(--ink-soft, #4c5a57)" stroke-width="4"/></pattern>'
)
AREA = Markup('<path class="area" fill="{}" d="{}"><title>{}</title></path>')
EMPTY_AREA = Markup('<path fill="var(--line, #ccd5d2)" d="{}"/>')
SWATCH = Markup(
    '<li><svg viewBox="0 0 22 14" aria-hidden="true"><rect width="22" height="14" fill="{}"/></svg>{}</li>'
)


@dataclass(frozen=True)
class _Drawing:
    """The classes of one map and how they are written."""

    classes: Classes
    hatch: str
    unit: str
    lang: str

    @property
    def words(self) -> dict[str, str]:
        return WORDS.get(self.lang, WORDS["vi"])

    def fill(self, value: float | None) -> str:
        if value is None:
            return f"url(#{self.hatch})"
        colour = self.classes.colour(self.classes.of(value))
        return f"var(--map-{colour + 1}, {COLOURS[colour]})"

    def area(self, rings: Sequence[Ring], value: AreaValue | None) -> Markup:
        if value is None:
            return EMPTY_AREA.format(_path(rings))
        return AREA.format(self.fill(value.value), _path(rings), self._told(value))

    def _told(self, area: AreaValue) -> str:
        if area.value is None:
            return f"{area.name}: {self.words['suppressed']}"
        told = f"{area.name}: {measure(area.value, self.unit, 1, self.lang)}"
        if area.ci_low is None or area.ci_high is None:
            return told
        return f"{told} ({interval(area.ci_low, area.ci_high, 1, '', self.lang)})"

    def legend(self, values: Sequence[AreaValue | None]) -> Markup:
        """One line for each class that occurs, and for hatched and empty areas where there are any."""
        known = [v.value for v in values if v and v.value is not None]
        lines = [
            SWATCH.format(self.fill(self.classes.bounds[i]), self.classes.words(i, self.unit, self.lang))
            for i in sorted({self.classes.of(value) for value in known})
        ]
        if any(v and v.value is None for v in values):
            lines.append(SWATCH.format(self.fill(None), self.words["suppressed"]))
        if None in values:
            lines.append(SWATCH.format("var(--line, #ccd5d2)", self.words["missing"]))
        return Markup('<ul class="map-legend">{}</ul>').format(Markup("").join(lines))


def _path(rings: Sequence[Ring]) -> str:
    """Rings as one path of relative whole-unit moves, the shortest way to write them."""
    return "".join(_walk(ring) for ring in rings if abs(signed_area(ring)) > SPECK)


def _walk(ring: Ring) -> str:
    steps = [f"{x1 - x0:g} {y1 - y0:g}" for (x0, y0), (x1, y1) in pairwise(ring[:-1])]
    return f"M{ring[0][0]:g} {ring[0][1]:g}l{' '.join(steps).replace(' -', '-')}z"


def _label(rings: Sequence[Ring], label: str) -> Markup:
    """An area's short name at the middle of its largest part; hidden on phones by the stylesheet."""
    if not label:
        return Markup("")
    x, y = centroid(max(rings, key=lambda ring: abs(signed_area(ring))))
    return Markup('<text x="{:.0f}" y="{:.0f}">{}</text>').format(x, y, label)
