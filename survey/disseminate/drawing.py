"""From an Altair chart to an SVG that stands in a page: theme, names for screen readers, ids, cache."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from survey.disseminate.plotted import Caption

if TYPE_CHECKING:
    import altair as alt

WIDE, NARROW = 680, 340

# The light theme's colours; in a page they become the stylesheet's properties, so that dark pages work too.
INK, SOFT, GRID = "#17211f", "#4c5a57", "#ccd5d2"
ESTIMATE, REFERENCE = "#0b5563", "#a84300"
PROPERTIES = {
    INK: "--ink",
    SOFT: "--ink-soft",
    GRID: "--line",
    ESTIMATE: "--accent",
    REFERENCE: "--chart-reference",
}
FONTS = "-apple-system, Segoe UI, Roboto, Noto Sans, Noto Sans Khmer, system-ui, sans-serif"
CONFIG: dict[str, Any] = {
    "aria": False,
    "background": "transparent",
    "view": {"stroke": "transparent"},
    "text": {"fontSize": 14, "color": INK},
    "axis": {
        "labelColor": SOFT,
        "labelFontSize": 13,
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
    },
    "axisBand": {"labelColor": INK, "labelFontSize": 14},
}
NUMBERS = {
    "vi": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["₫", ""]},
}
SVG = "http://www.w3.org/2000/svg"
KEPT_IN_MEMORY = 256


class Shelf:
    """Drawings by the hash of their content, in memory and, given a folder, on disk for all workers."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self._recent: OrderedDict[str, str] = OrderedDict()

    def get(self, key: str, draw: Callable[[], str]) -> str:
        """The drawing under `key`, drawn and kept when there is none."""
        found = self._recent.pop(key, None) or self._on_disk(key) or self._put_on_disk(key, draw())
        self._recent[key] = found
        while len(self._recent) > KEPT_IN_MEMORY:
            self._recent.popitem(last=False)
        return found

    def forget(self) -> None:
        """Empty the memory; the folder stays."""
        self._recent.clear()

    def _on_disk(self, key: str) -> str | None:
        path = self.folder / f"{key}.svg" if self.folder else None
        return path.read_text("utf-8") if path and path.exists() else None

    def _put_on_disk(self, key: str, svg: str) -> str:
        if self.folder:
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished = self.folder / f"{key}.{id(svg)}.part"
            unfinished.write_text(svg, "utf-8")
            unfinished.replace(self.folder / f"{key}.svg")  # another worker never reads half a drawing
        return svg


SHELF = Shelf()


def keep_in(folder: Path | None) -> None:
    """Keep drawings in a folder as well, shared by all workers of this machine."""
    SHELF.folder = folder


@lru_cache(maxsize=1)
def edition() -> str:
    """What drawings depend on besides their content: the code that draws and the engines' versions."""
    code = b"".join(
        Path(__file__).with_name(name).read_bytes() for name in ("drawing.py", "chart_layers.py", "charts.py")
    )
    return f"{hashlib.sha256(code).hexdigest()} {version('altair')} {version('vl-convert-python')}"


def drawn(draw: Callable[[int], alt.LayerChart], width: int, lang: str, content: tuple[object, ...]) -> str:
    """The SVG of one chart at one width; `content` (frozen dataclasses, strings) is all that it shows."""
    identity = repr((content, width, lang, edition())).encode()
    key = hashlib.sha256(identity).hexdigest()[:24]
    return SHELF.get(key, lambda: _themed(_render(draw(width), lang), key))


def _render(chart: alt.LayerChart, lang: str) -> str:
    import vl_convert

    locale = NUMBERS.get(lang, NUMBERS["vi"])
    return str(vl_convert.vegalite_to_svg(chart.configure(**CONFIG).to_dict(), format_locale=locale))


NOISE = [
    (r'<path class="(?:background|foreground)"[^>]*/>', ""),
    (r' (?:class|role|aria-[a-z]+|pointer-events|font-family)="[^"]*"', ""),
    (r' opacity="1"', ""),
    (r"(\.\d\d)\d+", r"\1"),
    (r'(font-size="\d+)px"', r'\1"'),
    (r"<g></g>", ""),
]


class DrawingFailed(RuntimeError):
    """The chart engine gave something that is not a drawing."""


def _themed(svg: str, key: str) -> str:
    """Vega's SVG without what a page does not need, its colours as properties, its size free to shrink."""
    for pattern, instead in NOISE:
        svg = re.sub(pattern, instead, svg)
    for colour, name in PROPERTIES.items():
        svg = svg.replace(f'"{colour}"', f'"var({name}, {colour})"')
    size = re.search(r'viewBox="([^"]+)"', svg)
    if size is None:
        raise DrawingFailed(f"chart {key}: the engine returned no viewBox; see vl-convert's release notes")
    return f'<svg xmlns="{SVG}" viewBox="{size[1]}" font-family="{FONTS}">{svg.partition(">")[2]}'


def with_words(svg: str, caption: Caption) -> Markup:
    """The drawing as one picture with a name and a description for screen readers; no ids to collide."""
    opening, _, inner = svg.partition(">")
    words = Markup(' role="img" aria-label="{0}"><title>{0}</title>').format(caption.title)
    if caption.summary:
        words += Markup("<desc>{}</desc>").format(caption.summary)
    return Markup(opening) + words + Markup(inner)
