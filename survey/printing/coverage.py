"""Which characters our fonts can show: a PDF for everybody (PDF/UA) may hold no others."""

import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

MISSING = "\N{REPLACEMENT CHARACTER}"
SPACES = "\n\t"
JOINERS = "\u200b\u200c\u200d\u00ad"
"""Formats that letters need: word breaks of Khmer, joiners, soft hyphens. Those that turn the reading order go."""
SIMILAR = {
    "\N{MINUS SIGN}": "–",
    "\N{RIGHTWARDS ARROW}": "»",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{NON-BREAKING HYPHEN}": "-",
}
"""What stands for frequent characters that the fonts lack."""


REPLACED = {"Zs": " ", "Cc": "", "Cf": "", "Cs": ""}
"""What stands for other spaces, controls, formats and lone surrogates."""


def printable(value: Any, fonts: Path) -> Any:
    """Data in which each character that no font has is the replacement character; controls are left out."""
    if isinstance(value, str):
        return _shown(value, characters(fonts))
    if isinstance(value, dict):
        return {key: printable(item, fonts) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [printable(item, fonts) for item in value]
    return value


def _shown(text: str, known: frozenset[int]) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(_letter(letter, known) for letter in text)


def _letter(letter: str, known: frozenset[int]) -> str:
    kind = unicodedata.category(letter)
    if letter in SPACES + JOINERS or (ord(letter) in known and kind not in ("Cc", "Cf")):
        return letter
    return SIMILAR.get(letter) or REPLACED.get(kind, MISSING)


@cache
def characters(fonts: Path) -> frozenset[int]:
    """The code points that a family of the folder has in all its styles."""
    families: dict[str, frozenset[int]] = {}
    for path in sorted(fonts.glob("*.ttf")):
        family, found = path.stem.partition("-")[0], frozenset(_mapped(path.read_bytes()))
        families[family] = families.get(family, found) & found
    return frozenset().union(*families.values())


def _mapped(font: bytes) -> Iterator[int]:
    """The code points of a font's `cmap` table, format 4 (OpenType specification, "cmap")."""
    tables = {font[at : at + 4]: struct.unpack(">II", font[at + 8 : at + 16]) for at in _records(font)}
    start = tables[b"cmap"][0]
    (count,) = struct.unpack(">H", font[start + 2 : start + 4])
    places = struct.unpack(">" + "HHI" * count, font[start + 4 : start + 4 + 8 * count])[2::3]
    for place in set(places):
        if font[start + place : start + place + 2] == b"\x00\x04":
            yield from _segments(font, start + place)


def _records(font: bytes) -> range:
    (count,) = struct.unpack(">H", font[4:6])
    return range(12, 12 + 16 * count, 16)


def _segments(font: bytes, at: int) -> Iterator[int]:
    (double,) = struct.unpack(">H", font[at + 6 : at + 8])
    ends, starts, deltas, offsets = (
        struct.unpack(f">{double // 2}H", font[place : place + double])
        for place in (at + 14, at + 16 + double, at + 16 + 2 * double, at + 16 + 3 * double)
    )
    for number, (first, last, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        place = at + 16 + 3 * double + 2 * number + offset
        for point in range(first, min(last, 0xFFFE) + 1):
            glyph = struct.unpack(">H", font[place + 2 * (point - first) :][:2])[0] if offset else point
            if (glyph + delta) & 0xFFFF if glyph else not offset and delta & 0xFFFF:
                yield point
