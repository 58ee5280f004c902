"""What breakdowns, their levels and weighting steps are called on a page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from survey.cases.areas import area_names
from survey.cases.models import AreaKind
from survey.instrument.choices import all_choices
from survey.instrument.tables import is_list
from survey.process.recipe import Recipe
from survey.rounds.models import InstrumentVersion
from survey.rounds.service import instrument_of
from survey.text import in_language as in_language

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
        dimensions[code] = in_language(entry.get("label") or {}, language) or code
        source = next(name for name in LEVEL_SOURCES if entry.get(name) or name == "choices")
        levels[code] = LEVEL_SOURCES[source](entry.get(source), version, code, language)
    return Labels(dimensions, {STRATUM: _area_levels(recipe, levels), **levels})


def _area_levels(recipe: Recipe, levels: dict[str, dict[str, str]]) -> dict[str, str]:
    """Strata are often areas: their codes then have the names of the breakdown by area."""
    by_area = (levels[code] for code, entry in recipe.breakdowns.items() if entry.get("areas"))
    return {code: name for names in by_area for code, name in names.items()}


def _named_levels(entry: Any, _version: InstrumentVersion, _code: str, language: str) -> dict[str, str]:
    return {str(code): in_language(texts, language) for code, texts in entry.items()}


def _areas(entry: Any, _version: InstrumentVersion, _code: str, _language: str) -> dict[str, str]:
    return area_names(AreaKind(entry))


def _choices(_entry: Any, version: InstrumentVersion, code: str, language: str) -> dict[str, str]:
    return choice_labels(version, code, language)


LEVEL_SOURCES: dict[str, Callable[[Any, InstrumentVersion, str, str], dict[str, str]]] = {
    "levels": _named_levels,
    "areas": _areas,
    "choices": _choices,
}


def choice_labels(version: InstrumentVersion, question: str, lang: str) -> dict[str, str]:
    """Labels of a question's choices by code, straight from the sheets: nothing needs to be compiled.

    A code that the version no longer offers, but an older one did, keeps its old label. Lists in files are read.
    """
    older = sorted((other for other in version.survey.versions if other.id < version.id), key=lambda v: v.id)
    return {
        code: text for each in (*older, version) for code, text in _own_labels(each, question, lang).items()
    }


def _own_labels(version: InstrumentVersion, question: str, lang: str) -> dict[str, str]:
    types = [row.get("type", "") for row in version.sheets["survey"] if row.get("name") == question]
    lists = {kind.split()[1] for kind in types if kind.startswith("select_") and len(kind.split()) > 1}
    if any(is_list(name) for name in lists):
        instrument = instrument_of(version)
        named = [asked for asked in instrument.questions.values() if asked.name == question]
        return {
            choice.name: choice.label(lang) for asked in named for choice in all_choices(instrument, asked)
        }
    rows = [row for row in version.sheets.get("choices", ()) if row.get("list_name") in lists]
    return {row["name"]: label(row, lang) for row in rows if row.get("name")}


def label(row: Mapping[str, str], lang: str) -> str:
    """A sheet row's label in a language, else Vietnamese, else the first one given."""
    labels = {column: text for column, text in row.items() if column.startswith("label") and text}
    by_language = {column.rpartition("(")[2].rstrip(")"): text for column, text in labels.items()}
    return in_language(by_language, lang) or row.get("name", "")
