"""The words of a figure: names of breakdowns, their levels and questions, from the files that defined it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from survey.cases.models import Area, AreaKind
from survey.disseminate.models import Observation
from survey.extensions import db
from survey.rounds.models import InstrumentVersion


def in_language(texts: Mapping[str, str], lang: str) -> str:
    """A text in a language, else in Vietnamese, else in whichever it has."""
    return texts.get(lang) or texts.get("vi") or next(iter(texts.values()), "")


def breakdown(figure: Observation) -> Mapping[str, Any]:
    """What the plan that made a figure says of its breakdown; empty for a total."""
    plans: Mapping[str, Any] = figure.release.run.recipe["indicators"]
    return (plans.get("breakdowns") or {}).get(figure.dimension) or {}


def breakdown_label(figure: Observation, lang: str) -> str:
    """The breakdown's name, its code where the plan gives none."""
    return in_language(breakdown(figure).get("label") or {}, lang) or str(figure.dimension)


def level_names(figure: Observation, lang: str) -> dict[str, str]:
    """Names of a breakdown's levels by code in official order: areas, levels of the plan, or choices."""
    plan = breakdown(figure)
    if plan.get("areas"):
        return area_names(AreaKind(plan["areas"]))
    choices = choice_labels(figure.release.run.round.instrument_version, str(figure.dimension), lang)
    named = {str(code): in_language(texts, lang) for code, texts in (plan.get("levels") or {}).items()}
    # The plan comes back from the database with its keys out of order: the question's list keeps its own.
    order = choices if set(named) <= set(choices) else sorted(named)
    return {code: named[code] for code in order if code in named} or choices


def survey_title(figure: Observation, lang: str) -> str:
    """The survey's name: the plan's, which has every language, else the round's."""
    run = figure.release.run
    return in_language(run.recipe["design"].get("title") or run.round.title, lang)


def area_names(kind: AreaKind) -> dict[str, str]:
    """Full names by code; a name that occurs twice says which former province it belongs to."""
    query = select(Area).where(Area.kind == kind).options(selectinload(Area.parent)).order_by(Area.code)
    areas = list(db.session.scalars(query))
    times = Counter(area.full_name for area in areas)
    return {
        area.code: f"{area.full_name} ({area.parent.name})"
        if times[area.full_name] > 1 and area.parent
        else area.full_name
        for area in areas
    }


def choice_labels(version: InstrumentVersion, question: str, lang: str) -> dict[str, str]:
    """Labels of a question's choices by code, straight from the sheets: nothing needs to be compiled."""
    types = [row.get("type", "") for row in version.sheets["survey"] if row.get("name") == question]
    lists = {kind.split()[1] for kind in types if kind.startswith("select_")}
    rows = [row for row in version.sheets["choices"] if row.get("list_name") in lists]
    return {row["name"]: label(row, lang) for row in rows}


def question_labels(version: InstrumentVersion, names: Iterable[str], lang: str) -> dict[str, str]:
    """How the questions behind a figure were worded, by their names."""
    rows = {row.get("name"): row for row in version.sheets["survey"]}
    return {name: label(rows[name], lang) for name in names if name in rows}


def label(row: Mapping[str, str], lang: str) -> str:
    """A sheet row's label in a language, else Vietnamese, else the first one given."""
    labels = {column: text for column, text in row.items() if column.startswith("label") and text}
    by_language = {column.rpartition("(")[2].rstrip(")"): text for column, text in labels.items()}
    return in_language(by_language, lang) or row.get("name", "")
