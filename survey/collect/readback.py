"""Answers as they are read back: numbers with their thousands apart, money with its currency."""

from decimal import Decimal
from typing import Any

from survey import formats
from survey.collect.words import say
from survey.instrument import Question, asked_in, is_grouped

FIRST_GROUPED = 1_000
LIKE_YEARS = range(1900, 2101)
UNITS = {1: "dong", 1_000_000: "million_dong"}


def number_text(question: Question, value: Any, language: str) -> str:
    """A number as people read it: 1.000.000, 1,5; 1.000.000 đồng where the question asks for money."""
    text = formats.number(value, _decimals(value), language)
    if not is_grouped(question) and value in LIKE_YEARS:
        text = str(int(value))
    unit = UNITS.get(asked_in(question))
    return f"{text}{formats.NARROW_GAP}{say(unit, language)}" if unit else text


def worth_reading_back(question: Question, value: Any) -> bool:
    """Whether a number is easier to check when it is written out: large, or an amount of money."""
    return isinstance(value, int | float) and (abs(value) >= FIRST_GROUPED or asked_in(question) > 0)


def _decimals(value: float) -> int:
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
