"""Text as people send it, made safe to keep; and personal data in it found and masked."""

import re
import unicodedata

MASK = "[…]"
# Marks that turn the direction of text around: in a queue they would make one line say what another wrote.
DIRECTIONS = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}
KEPT_CONTROLS = "\n\t"
# What tells a person apart. Nine digits or more are telephone, identity card, bank account and tax numbers; eight are
# a day written with dots.
EMAIL = re.compile(r"[^\s@<>()\[\],;:]{1,64}@[^\s@<>()\[\],;:]{1,190}\.[^\W\d_]{2,24}")
DIGITS = re.compile(r"(?<!\d)(?:\+\s?)?\d(?:[ .\-]?\d){8,}(?!\d)")
PLATE = re.compile(r"\b\d{2}\s?-?\s?[A-Z][A-Z0-9]?[\s\-.]{0,2}\d{3}\.?\d{2}\b")
PERSONAL = (EMAIL, DIGITS, PLATE)
LINK = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|net|org|info|xyz|top|club|vip|ru|cn)\b", re.IGNORECASE
)
PHONE = re.compile(r"\+?\d{8,15}")
ADDRESS = re.compile(EMAIL.pattern)


def clean(text: str) -> str:
    """Composed Unicode without NUL, half characters, controls and marks of direction; lines end in a line feed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(letter for letter in text if _is_kept(letter))
    return unicodedata.normalize("NFC", kept)


def _is_kept(letter: str) -> bool:
    if letter in KEPT_CONTROLS:
        return True
    return unicodedata.category(letter) not in ("Cc", "Cs") and ord(letter) not in DIRECTIONS


def one_line(text: str) -> str:
    """The same on one line, without space around it."""
    return " ".join(clean(text).split())


def masked(text: str) -> str:
    """A text with addresses, numbers and plates hidden: what a person looks over before it is published."""
    for pattern in PERSONAL:
        text = pattern.sub(MASK, text)
    return text


def personal_data(text: str) -> list[str]:
    """What in a text looks like personal data."""
    return [found.group() for pattern in PERSONAL for found in pattern.finditer(text)]
