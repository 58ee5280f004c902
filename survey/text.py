"""Text as people search it, as they read it and as spreadsheets take it."""

import unicodedata
from collections.abc import Mapping
from typing import Any


def composed(text: str) -> str:
    """A text as it is kept: composed letters, single spaces, no controls, half characters or turned directions."""
    kept = "".join(letter if letter.isprintable() else " " if letter.isspace() else "" for letter in text)
    return unicodedata.normalize("NFC", " ".join(kept.split()))


TYPOGRAPHIC = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "…": "...", "\N{NO-BREAK SPACE}": " "}
)


def plain(text: str) -> str:
    """`Điện thoại thông minh` -> `dien thoai thong minh`."""
    return _without_marks(text.lower())


def unaccented(text: str) -> str:
    """`“Điện thoại”` -> `"Dien thoai"`: as it is typed where only plain letters go, such as a cheap SMS."""
    return _without_marks(text.translate(TYPOGRAPHIC))


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


# A cell that starts with one of these is a formula to Excel: it must stay text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def defused(value: Any) -> Any:
    """A cell of a CSV file; a text that Excel would run as a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def in_language(texts: Any, language: str) -> str:
    """A text given by language, or as it is; in Vietnamese, else whichever there is, where the language has none."""
    if not isinstance(texts, Mapping):
        return str(texts or "")
    return str(texts.get(language) or texts.get("vi") or next(iter(texts.values()), ""))
