"""Amounts of money as people write them: 1.500.000 đồng, 500 nghìn, 500k, 2 triệu 300 nghìn, 1 tỷ rưỡi.

A question asks for money by its appearance: `money` in đồng, `money-million` in millions of đồng.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from survey.instrument.model import Question
from survey.instrument.numerals import LONGEST, SPACES, latin, parse_number

ASKED_IN: Mapping[str, int] = {"money": 1, "money-million": 1_000_000}
THOUSAND, MILLION, BILLION = 10**3, 10**6, 10**9
# Not "tr" or "m", which are read in more than one way.
UNITS: Mapping[str, int] = {
    **dict.fromkeys(("nghin", "ngan", "k", "thousand"), THOUSAND),
    **dict.fromkeys(("trieu", "million"), MILLION),
    **dict.fromkeys(("ty", "ti", "billion"), BILLION),
}
CURRENCY = re.compile(r"\s*(?:dong|vnd|₫)$|(?<=[\d\s])d$")
HALF = re.compile(r"\s*ruoi$")
PART = re.compile(r"([-+]?[\d.,\s]*\d)\s*([a-z]+)\s*")


def asked_in(question: Question) -> int:
    """The đồng that one unit of the answer stands for; 0 where a question does not ask for money."""
    return next((ASKED_IN[word] for word in question.appearance.split() if word in ASKED_IN), 0)


def parse_money(raw: str, unit: int, *, language: str = "vi") -> Decimal:
    """An amount as typed, in `unit`s of đồng; raises ValueError, and `Unclear` as `parse_number` does."""
    text = _folded(raw)
    bare = CURRENCY.sub("", text).strip()
    if re.search("[a-z]", bare):
        return _in_words(bare, language) / unit
    value = parse_number(bare, whole=unit == 1, grouped=True, language=language)
    return value if bare == text else value / unit


def _in_words(text: str, language: str) -> Decimal:
    """2 triệu 300 nghìn, 1 triệu rưỡi: counts with their units, each smaller than the one before."""
    counted = HALF.sub("", text)
    total, place, last = Decimal(0), 0, Decimal("Infinity")
    while place < len(counted):
        match = PART.match(counted, place)
        if match is None or match[2] not in UNITS:
            raise ValueError(text)
        count, size = parse_number(match[1], language=language), Decimal(UNITS[match[2]])
        if place and not 0 < count * size < last:
            raise ValueError(text)
        total, last, place = total + count * size, size, match.end()
    if counted == text:
        return total
    if not last.is_finite():
        raise ValueError(text)
    return total + last / 2


def _folded(raw: str) -> str:
    """Lower case without diacritics, as phones without a Vietnamese keyboard write."""
    if len(raw) > LONGEST:
        raise ValueError(raw)
    letters = unicodedata.normalize("NFD", SPACES.sub(" ", latin(raw)).strip().lower().replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
