"""Words with the language that they are in, where it is not the page's: a screen reader reads them rightly then."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from survey.collect.words import WORDS, pattern

HOUSE = "vi"


def tagged(text: str, code: str, language: str) -> Markup:
    """A text in the language `code` on a page in `language`; plain text is escaped."""
    if not text or code == language:
        return escape(text)
    return Markup('<span lang="{}">{}</span>').format(code, text)


def spoken(key: str, language: str, **values: object) -> Markup:
    """The words of a key as HTML, Vietnamese and marked as such where the language has none."""
    code = language if key in WORDS.get(language, ()) else HOUSE
    return tagged(escape(pattern(key, code)).format(**values), code, language)


def told(texts: Any, language: str) -> Markup:
    """A text given by language as HTML; one that is not given by language is taken as the page's."""
    if not isinstance(texts, Mapping):
        return escape(texts or "")
    code = next((code for code in (language, HOUSE, *texts) if texts.get(code)), language)
    return tagged(str(texts.get(code) or ""), code, language)
