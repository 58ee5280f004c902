"""Numbers as people write them: grouped or not, with a point or a comma, in the digits of any script."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from survey.instrument.faults import Unclear

# Zero-width characters and the marks of writing direction, which come along when people paste.
UNSEEN = "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
INVISIBLE = re.compile(f"[{UNSEEN}]+")
SPACES = re.compile(f"[\\s{UNSEEN}]+")
FULL_WIDTH = {ord(wide): ord(narrow) for wide, narrow in zip("．，：／－＋−–", ".,:/-+--", strict=True)}
LONGEST = 500
"""Characters: finite doubles written out have up to 412 with their groups."""

POINT_FIRST, COMMA_FIRST = (".", ","), (",", ".")
# What stands between thousands and before decimals; other languages are written as Vietnamese is.
MARKS = {"en": COMMA_FIRST}

WHOLE = re.compile(r"[-+]?\d+", re.ASCII)
ONE_MARK = re.compile(r"[-+]?\d+([.,])\d+", re.ASCII)
LIKE_A_GROUP = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
GROUPS = re.compile(r"[-+]?[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})+", re.ASCII)
BOTH_MARKS = re.compile(r"[-+]?[1-9]\d{0,2}((?:([.,])\d{3})(?:\2\d{3})*)(?!\2)[.,]\d+", re.ASCII)
SPACED = re.compile(r"[-+]?[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d+)?", re.ASCII)


def latin(text: str) -> str:
    """A text with the digits 0 to 9 whatever the script, full-width signs narrow, no unseen characters."""
    narrow = INVISIBLE.sub("", text).translate(FULL_WIDTH)
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in narrow)


def parse_number(raw: str, *, whole: bool = False, grouped: bool = False, language: str = "vi") -> Decimal:
    """A number as typed; raises ValueError, and `Unclear` with the numbers it may be instead of guessing.

    `1.500` is one thousand five hundred where only whole numbers are meant (`whole`), or where the question
    shows its numbers `grouped` as the language does; elsewhere it may as well be one and a half.
    """
    text = _tidy(raw)
    if SPACED.fullmatch(text):
        head, mark, decimals = re.fullmatch(r"([^.,]+)([.,]?)(\d*)", text).groups()  # type: ignore[union-attr]
        return _joined(head.replace(" ", ""), decimals if mark else "")
    if WHOLE.fullmatch(text):
        return Decimal(text)
    if GROUPS.fullmatch(text):
        return Decimal(re.sub("[.,]", "", text))
    if match := BOTH_MARKS.fullmatch(text):
        return _with_both_marks(text, match[2], len(match[1]) > len(".000"), language)
    if match := ONE_MARK.fullmatch(text):
        return _with_one_mark(text, whole or (grouped and match[1] == marks(language)[0]))
    raise ValueError(raw)


def marks(language: str) -> tuple[str, str]:
    """What a language writes between thousands, and before decimals."""
    return MARKS.get(language, POINT_FIRST)


def written(value: float | int | Decimal, language: str, *, grouped: bool = False) -> str:
    """A number as `parse_number` reads it back: 1000,5; 1.000,5 when `grouped`; 1,1250 as 1,125 is unclear."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    text = f"{exact:f}"
    head, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    between, before = marks(language)
    digits = head.lstrip("-")
    if len(decimals) == 3 and len(digits) <= 3 and digits != "0":
        decimals += "0"
    if grouped:
        sign = "-" if head.startswith("-") else ""
        head = sign + f"{int(digits):,}".replace(",", between)
    return head + (before + decimals if decimals else "")


def _tidy(raw: str) -> str:
    text = SPACES.sub(" ", latin(raw)).strip()
    if len(text) > LONGEST:
        raise ValueError(raw)
    text = re.sub(r" ?([.,]) ?", r"\1", text)
    return re.sub(r"^([-+]) ", r"\1", text)


def _joined(head: str, decimals: str) -> Decimal:
    return Decimal(f"{head}.{decimals}" if decimals else head)


def _with_both_marks(text: str, between: str, is_plain: bool, language: str) -> Decimal:
    """Grouped and with decimals: the other language's way is asked back where it shows only once."""
    value = Decimal(text.replace(between, "").replace(",", "."))
    if between != marks(language)[0] and not is_plain:
        raise Unclear(value)
    return value


def _with_one_mark(text: str, is_grouped: bool) -> Decimal:
    as_decimals = Decimal(text.replace(",", "."))
    if not LIKE_A_GROUP.fullmatch(text):
        return as_decimals
    as_group = Decimal(re.sub("[.,]", "", text))
    if is_grouped:
        return as_group
    raise Unclear(as_group, as_decimals)
