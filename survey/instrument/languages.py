"""Languages of a questionnaire, from column names such as `label::Tiếng Việt (vi)`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from survey.instrument.model import NOTHING, Sheets, Texts

CODE = re.compile(r"\(\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\s*\)\s*$")
TRANSLATED = re.compile(
    r"^(?:media::|bind::)?(?:label|hint|guidance_hint|required_message|constraint_message|image|big-image|audio|video"
    r"|jr:\w+Msg)\s*::?\s*(?P<language>[^:].*)$",
    re.IGNORECASE,
)
HOUSE = "vi"
UNNAMED = "default"


def language_code(name: str) -> str:
    """`vi` for "Tiếng Việt (vi)"; the name itself when it carries no code."""
    match = CODE.search(name)
    return match.group(1) if match else name.strip()


def language_names(sheets: Sheets) -> tuple[str, ...]:
    """The languages named in column headers, in the order of first appearance."""
    names: dict[str, None] = {}
    for sheet in ("survey", "choices"):
        for column in {column: None for row in sheets.get(sheet, ()) for column in row}:
            match = TRANSLATED.match(column)
            if match:
                names[" ".join(match.group("language").split())] = None
    return tuple(names)


def default_name(sheets: Sheets) -> str:
    """The default language's name: the setting, else Vietnamese, else the first, else `default`."""
    setting = next(
        (row["default_language"] for row in sheets.get("settings", ()) if "default_language" in row), ""
    )
    names = language_names(sheets)
    if setting:
        return next((name for name in names if setting in (name, language_code(name))), setting)
    vietnamese = [name for name in names if language_code(name) == HOUSE]
    return next(iter(vietnamese or names), UNNAMED)


def code_of(name: str) -> str:
    """The code of a language name; texts without a language are taken as Vietnamese."""
    return HOUSE if name == UNNAMED else language_code(name)


def texts(value: Any, fallback: str) -> Texts:
    """A text of pyxform's tree, plain or by language name, as Texts."""
    if value is None or value == "":
        return Texts(NOTHING, fallback)
    if isinstance(value, Mapping):
        pairs = {code_of(name): str(text) for name, text in value.items() if text not in (None, "", "-")}
        if value.get(UNNAMED):
            pairs.setdefault(fallback, str(value[UNNAMED]))
        return Texts(pairs, fallback)
    return Texts({fallback: str(value)}, fallback)
