"""The seeded shuffle of the ODK XForms specification (`randomize`)."""

from __future__ import annotations

import hashlib
import math
import random
from typing import TypeVar

from survey.instrument.values import Value, number, string

Item = TypeVar("Item")
MODULUS = 2_147_483_647
MULTIPLIER = 16_807


def shuffle(items: list[Item], seed: int | None) -> list[Item]:
    """The items in a new order: inside-out Fisher-Yates, driven by Park-Miller when seeded."""
    draw = ParkMiller(seed).draw if seed is not None else random.random
    shuffled: list[Item] = []
    for place, item in enumerate(items):
        chosen = int(draw() * (place + 1))
        shuffled.append(item)
        shuffled[place], shuffled[chosen] = shuffled[chosen], item
    return shuffled


class ParkMiller:
    """The minimal standard generator (Park and Miller 1988): x -> 16807 x mod (2^31 - 1)."""

    def __init__(self, seed: int) -> None:
        state = _java_remainder(seed, MODULUS)
        self.state = state if state > 0 else state + MODULUS - 1

    def draw(self) -> float:
        """The next number in [0, 1)."""
        self.state = self.state * MULTIPLIER % MODULUS
        return (self.state - 1) / (MODULUS - 1)


def _java_remainder(value: int, modulus: int) -> int:
    remainder = abs(value) % modulus
    return -remainder if value < 0 else remainder


def seed_number(seed: Value) -> int:
    """A seed as a whole number; a text that is no number is hashed as Java hashes it."""
    value = number(seed)
    if value == value and math.isfinite(value):
        return int(value)
    return _text_seed(string(seed))


def _text_seed(text: str) -> int:
    """A seed from a text: the first eight bytes of its SHA-256, as a signed number."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)
