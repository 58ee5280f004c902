"""What is set in files: fields, offices, rules, blocked words. A new field or limit is a line there."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from survey.text import in_language, plain

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Field:
    """What a message may be about: its name by language and the office that is proposed first."""

    code: str
    names: Mapping[str, str]
    office: str

    def name(self, language: str = "vi") -> str:
        """Its name, in Vietnamese where the language has none."""
        return in_language(self.names, language)


@dataclass(frozen=True)
class Rules:
    """rules.yaml, key by key; a missing or unknown key fails when it is read."""

    answer_within_days: Mapping[str, int]
    contact_kept_days: int
    draft_kept_hours: int
    address_kept_days: int
    longest_text: int
    longest_reply: int
    most_replies: int
    most_photos: int
    photo_side: int
    most_pixels: Mapping[str, int]
    sent_per_hour: int
    suspect_per_hour: int
    fastest_seconds: int
    most_links: int
    same_text_days: int
    smallest_cell: int
    landmarks: tuple[tuple[str, float, float], ...]


def _read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    return document


@cache
def fields() -> Mapping[str, Field]:
    """By code, in the order of the form."""
    return {
        code: Field(code, {lang: name for lang, name in entry.items() if lang != "office"}, entry["office"])
        for code, entry in _read("fields.yaml").items()
    }


@cache
def offices() -> Mapping[str, str]:
    """Names by code."""
    return _read("offices.yaml")


@cache
def rules() -> Rules:
    """How the channel is run."""
    entries = _read("rules.yaml")
    landmarks = tuple((str(name), float(x), float(y)) for name, x, y in entries.pop("landmarks"))
    return Rules(**entries, landmarks=landmarks)


@cache
def blocked_words() -> tuple[str, ...]:
    """Words that send a message to quarantine, without accents."""
    lines = (FOLDER / "blocklist.txt").read_text("utf-8").splitlines()
    return tuple(plain(line.strip()) for line in lines if line.strip() and not line.startswith("#"))
