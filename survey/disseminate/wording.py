"""The words of a figure: names of breakdowns, their levels and questions, from the files that defined it."""

from collections.abc import Iterable, Mapping
from typing import Any

from survey.cases.areas import area_names
from survey.cases.models import AreaKind
from survey.disseminate.models import Observation
from survey.process.labels import choice_labels, in_language, label
from survey.process.models import Run
from survey.rounds.models import InstrumentVersion


def breakdowns_in(figure: Observation) -> Mapping[str, Mapping[str, Any]]:
    """What the plan that made a figure says of each breakdown, by its name."""
    return figure.release.run.recipe["indicators"].get("breakdowns") or {}


def breakdown(figure: Observation) -> Mapping[str, Any]:
    """What the plan that made a figure says of its breakdown; empty for a total."""
    return breakdowns_in(figure).get(str(figure.dimension)) or {}


def breakdown_label(figure: Observation, lang: str) -> str:
    """The breakdown's name, its code where the plan gives none."""
    return in_language(breakdown(figure).get("label") or {}, lang) or str(figure.dimension)


def level_names(figure: Observation, lang: str) -> dict[str, str]:
    """Names of a breakdown's levels by code in official order: areas, levels of the plan, or choices."""
    plan = breakdown(figure)
    if plan.get("areas"):
        return area_names(AreaKind(plan["areas"]))
    named = {str(code): in_language(texts, lang) for code, texts in (plan.get("levels") or {}).items()}
    return named or choice_labels(figure.release.run.round.instrument_version, str(figure.dimension), lang)


def domain_name(figure: Observation, lang: str) -> str:
    """The group that a figure is of, as `Giới tính: Nam`; empty for a total."""
    if figure.dimension is None:
        return ""
    level = level_names(figure, lang).get(str(figure.level), str(figure.level))
    return f"{breakdown_label(figure, lang)}: {level}"


def survey_title(figure: Observation, lang: str) -> str:
    """The name of a figure's survey."""
    return title_of(figure.release.run, lang)


def title_of(run: Run, lang: str) -> str:
    """The survey's name: the plan's, which has every language, else the round's."""
    return in_language(run.recipe["design"].get("title") or run.round.title, lang)


def question_labels(version: InstrumentVersion, names: Iterable[str], lang: str) -> dict[str, str]:
    """How the questions behind a figure were worded, by their names."""
    rows = {row.get("name"): row for row in version.sheets["survey"]}
    return {name: label(rows[name], lang) for name in names if name in rows}
