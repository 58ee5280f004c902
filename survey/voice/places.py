"""The map on which people point: a picture of the province or of one commune, and what a press on it means."""

import io
import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from survey.cases.geography import Box, Place, Projection, Ring, borders, commune_at
from survey.printing import FONTS
from survey.voice.lists import rules

WIDTHS = (280, 640)
"""CSS pixels: the first fits a phone of 320 px, as a press tells pixels and not shares of the picture."""
SHARPNESS = 2
MARGIN = 0.12
STEP = 1 / 40
"""Of the map's width, by which a button moves the point."""
GROUND, LAND, HERE, BORDER, INK, POINT = "#e9eef0", "#ffffff", "#dcebe9", "#8a9793", "#17211f", "#a3222a"
MOVES = {"north": (0, -1), "south": (0, 1), "west": (-1, 0), "east": (1, 0)}


class OutsideProvince(ValueError):
    """The place is in no commune of the province."""


@dataclass(frozen=True)
class Map:
    """The province (`code` "") or a commune, so many CSS pixels wide."""

    code: str
    width: int

    @property
    def box(self) -> Box:
        """What is shown, with a margin around it."""
        everywhere = borders()
        rings = everywhere[self.code] if self.code else [r for rings in everywhere.values() for r in rings]
        box = Box.around(rings)
        x, y = (box.east - box.west) * MARGIN, (box.north - box.south) * MARGIN
        return Box(box.west - x, box.south - y, box.east + x, box.north + y)

    @property
    def projection(self) -> Projection:
        """In CSS pixels."""
        return Projection.of(self.box, self.width)

    @property
    def height(self) -> int:
        """CSS pixels."""
        return round((self.box.north - self.box.south) * self.projection.scale)

    def pressed(self, x: float, y: float) -> Place:
        """The place of a press; raise `OutsideProvince`."""
        if not (0 < x <= self.width and 0 < y <= self.height):  # a key pressed on the picture says 0, 0
            raise OutsideProvince
        return within(self.projection.degrees(x, y))

    def moved(self, place: Place | None, direction: str) -> Place:
        """A place one step further, or the middle of the map where there was none; raise `OutsideProvince`."""
        if place is None:
            return within(centre(self.code) if self.code else rules().landmarks[0][1:])
        x, y = self.projection.drawn(*place)
        east, south = MOVES[direction]
        return within(self.projection.degrees(x + east * self.width * STEP, y + south * self.width * STEP))


def map_of(code: str, width: object) -> Map:
    """The map asked for; the province on a phone where that makes no sense."""
    wanted = str(width)
    return Map(code if code in borders() else "", int(wanted) if wanted in map(str, WIDTHS) else WIDTHS[0])


def within(place: Place) -> Place:
    """The place to five decimals, about a metre; raise `OutsideProvince`."""
    longitude, latitude = place
    if not (math.isfinite(longitude) and math.isfinite(latitude)) or commune_at(longitude, latitude) is None:
        raise OutsideProvince
    return round(longitude, 5), round(latitude, 5)


def centre(code: str) -> Place:
    """A place inside a commune: the middle of its longest stretch along the middle latitude."""
    box = Box.around(borders()[code])
    latitude = (box.north + box.south) / 2
    crossings = sorted(_crossings(borders()[code], latitude))
    west, east = max(zip(crossings[::2], crossings[1::2], strict=False), key=lambda ends: ends[1] - ends[0])
    return (west + east) / 2, latitude


def _crossings(rings: Iterable[Ring], latitude: float) -> Iterable[float]:
    for ring in rings:
        for (x0, y0), (x1, y1) in itertools.pairwise(ring):
            if (y0 > latitude) != (y1 > latitude):
                yield x0 + (latitude - y0) / (y1 - y0) * (x1 - x0)


def picture(shown: Map, names: tuple[tuple[str, str], ...], place: Place | None = None) -> bytes:
    """The map as PNG at twice its size, for sharp screens; `names` are those of communes by code."""
    image = _ground(shown, names).copy()
    if place is not None:
        _mark(ImageDraw.Draw(image), *_at(shown, place))
    file = io.BytesIO()
    image.quantize(32, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


@lru_cache(maxsize=64)
def _ground(shown: Map, names: tuple[tuple[str, str], ...]) -> Image.Image:
    image = Image.new("RGB", (shown.width * SHARPNESS, shown.height * SHARPNESS), GROUND)
    draw = ImageDraw.Draw(image)
    for code, rings in borders().items():
        for ring in rings:
            line = [_at(shown, place) for place in ring]
            draw.polygon(line, fill=HERE if code == shown.code else LAND, outline=BORDER, width=2)
    labels = [(name, centre(code)) for code, name in names] if shown.code else _landmarks()
    for name, place in labels:
        _write(draw, image.size, name, _at(shown, place))
    return image


def _landmarks() -> list[tuple[str, Place]]:
    return [(name, (longitude, latitude)) for name, longitude, latitude in rules().landmarks]


def _at(shown: Map, place: Place) -> Place:
    x, y = shown.projection.drawn(*place)
    return x * SHARPNESS, y * SHARPNESS


def _write(draw: ImageDraw.ImageDraw, size: tuple[int, int], name: str, at: Place) -> None:
    """A name where its place is on the picture, moved so far that it can be read whole."""
    x, y = at
    if not (0 < x < size[0] and 0 < y < size[1]):
        return
    half = draw.textlength(name, _font()) / 2 + 6
    x = min(max(x, half), size[0] - half)
    draw.text((x, y), name, INK, _font(), anchor="mm", stroke_width=4, stroke_fill=LAND)


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / "NotoSans-Regular.ttf"), 24)


def _mark(draw: ImageDraw.ImageDraw, x: float, y: float) -> None:
    """A ring with a dot: a shape as well as a colour."""
    for radius, colour in ((22, LAND), (19, POINT), (12, LAND), (6, POINT)):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
