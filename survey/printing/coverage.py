"""Which characters our fonts can show: a PDF for everybody (PDF/UA) may hold no others."""

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

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
        family = path.stem.partition("-")[0]
        with TTFont(path, lazy=True) as font:
            found = frozenset(font.getBestCmap())
        families[family] = families.get(family, found) & found
    return frozenset().union(*families.values())
