"""What breakdowns, their levels and weighting steps are called on a page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from survey.cases.areas import area_names
from survey.cases.models import AreaKind
from survey.process.recipe import Recipe
from survey.rounds.models import InstrumentVersion
from survey.rounds.service import instrument_of

CROSS = ":"
STRATUM = "stratum"


@dataclass(frozen=True)
class Labels:
    """Names of dimensions and levels in one language; what has no name keeps its code."""

    dimensions: dict[str, str]
    levels: dict[str, dict[str, str]]

    def dimension(self, code: str) -> str:
        """`sex:area_type` -> `Giới tính × Thành thị, nông thôn`."""
        return " × ".join(self.dimensions.get(part, part) for part in code.split(CROSS))

    def level(self, dimension: str, code: str) -> str:
        """`male:urban` of `sex:area_type` -> `Nam × Thành thị`."""
        parts = zip(dimension.split(CROSS), code.split(CROSS), strict=False)
        return " × ".join(self.levels.get(name, {}).get(part, part) for name, part in parts)


def labels_of(version: InstrumentVersion, recipe: Recipe, language: str = "vi") -> Labels:
    """The names that indicators.yaml gives, else those of the areas, else those of the question's choices."""
    dimensions: dict[str, str] = {}
    levels: dict[str, dict[str, str]] = {}
    for code, entry in recipe.breakdowns.items():
        dimensions[code] = text_in(entry.get("label") or {}, language) or code
        source = next(name for name in LEVEL_SOURCES if entry.get(name) or name == "choices")
        levels[code] = LEVEL_SOURCES[source](entry.get(source), version, code, language)
    return Labels(dimensions, {STRATUM: _area_levels(recipe, levels), **levels})


def _area_levels(recipe: Recipe, levels: dict[str, dict[str, str]]) -> dict[str, str]:
    """Strata are often areas: their codes then have the names of the breakdown by area."""
    by_area = (levels[code] for code, entry in recipe.breakdowns.items() if entry.get("areas"))
    return {code: name for names in by_area for code, name in names.items()}


def text_in(texts: dict[str, str], language: str) -> str:
    """The text in a language, else in the first there is."""
    return texts.get(language) or next(iter(texts.values()), "")


def _named_levels(entry: Any, _version: InstrumentVersion, _code: str, language: str) -> dict[str, str]:
    return {str(code): text_in(texts, language) for code, texts in entry.items()}


def _areas(entry: Any, _version: InstrumentVersion, _code: str, _language: str) -> dict[str, str]:
    return area_names(AreaKind(entry))


def _choices(_entry: Any, version: InstrumentVersion, code: str, language: str) -> dict[str, str]:
    question = instrument_of(version).questions.get(code)
    return {choice.name: choice.label(language) for choice in question.choices} if question else {}


LEVEL_SOURCES: dict[str, Callable[[Any, InstrumentVersion, str, str], dict[str, str]]] = {
    "levels": _named_levels,
    "areas": _areas,
    "choices": _choices,
}
