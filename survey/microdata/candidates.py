"""What a release may hold: each variable of a level with its labels, and why others never leave."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from sqlalchemy import select

from survey.cases.models import Area, AreaKind
from survey.extensions import db
from survey.instrument import codebook, compile_expression
from survey.instrument.codebook import Variable
from survey.process.labels import labels_of
from survey.process.models import Run
from survey.process.recipe import Level, Recipe
from survey.rounds.service import instrument_of
from survey.text import in_language

CHOICE, SEVERAL, NUMBER, GEOGRAPHY = "choice", "several", "number", "geography"
KIND_NAMES = {
    CHOICE: "chọn một",
    SEVERAL: "chọn nhiều",
    NUMBER: "số",
    GEOGRAPHY: "địa lý",
}
KINDS = {
    "select_one": CHOICE,
    "select_multiple": SEVERAL,
    "integer": NUMBER,
    "decimal": NUMBER,
    "range": NUMBER,
    "acknowledge": CHOICE,
}
MOST_DERIVED = 30
"""Values that a computed variable may take and still be one of categories."""
REASONS = {
    "identifier": "định danh hoặc do máy ghi",
    "text": "chữ tự do, ảnh, vị trí hoặc ngày giờ: có thể nhận ra người",
    "design": "tầng, cụm, mã dàn mẫu: thay bằng mã giả",
    "unknown": "giá trị quá nhiều để là một nhóm",
}


@dataclass(frozen=True)
class Candidate:
    """A variable that may be released; `codes` are its values with their names, `key` that it breaks figures down."""

    name: str
    label: str
    kind: str
    codes: Mapping[str, str] = field(default_factory=dict)
    key: bool = False
    question: str = ""


@dataclass(frozen=True)
class Candidates:
    """The variables that may be released, and those that may not with the reason."""

    variables: tuple[Candidate, ...]
    withheld: Mapping[str, str]

    def __getitem__(self, name: str) -> Candidate:
        return next(one for one in self.variables if one.name == name)


def candidates(run: Run, level: Level, recipe: Recipe, data: pd.DataFrame) -> Candidates:
    """The columns of a level's table, judged by the questionnaire, the plans and the areas.

    Names and numbers of persons, contact, free text, places, times, and everything of the frame that no figure
    is broken down by are withheld.
    """
    version = run.round.instrument_version
    asked = {item.name: item for item in codebook(instrument_of(version))}
    labels = labels_of(version, recipe)
    areas = area_codes()
    sampled = {*level.strata, *level.clusters, *level.fpc}
    apart = {str(version.design.get(name)) for name in ("case_variable", "consent_variable")}
    breaking = _breaking(recipe)
    found: list[Candidate] = []
    withheld: dict[str, str] = {}
    for name in map(str, data.columns):
        one: Candidate | str
        if name in apart or (
            name not in asked and name not in recipe.variables and name not in recipe.breakdowns
        ):
            one = REASONS["design"] if name in sampled else REASONS["identifier"]
        elif name in asked:
            one = of_question(asked[name], areas, name in breaking)
        else:
            one = _of_plan(
                name, data[name], labels.levels.get(name, {}), labels.dimensions.get(name, name), areas
            )
        if isinstance(one, str):
            withheld[name] = one
        else:
            found.append(one)
    return Candidates(tuple(found), withheld)


def _breaking(recipe: Recipe) -> set[str]:
    """The variables by which figures are broken down, and what those that are derived are made of."""
    found, pending = set[str](), list(recipe.breakdowns)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += (
                compile_expression(recipe.variables[name]).variables if name in recipe.variables else ()
            )
    return found


def of_question(item: Variable, areas: set[str], breaks_down: bool) -> Candidate | str:
    """What a question's variable is to a release; a text is the reason why it is withheld."""
    label = in_language(dict(item.label), "vi") or item.name
    if item.is_metadata:
        return REASONS["identifier"]
    kind = KINDS.get(item.type)
    if kind is None:
        return REASONS["text"]
    codes = {code.value: in_language(dict(code.label), "vi") or code.value for code in item.choices}
    if kind == CHOICE and _are_areas(codes, areas):
        kind = GEOGRAPHY
    return Candidate(item.name, label, kind, codes, breaks_down, item.name)


def _of_plan(
    name: str, values: "pd.Series[Any]", codes: Mapping[str, str], label: str, areas: set[str]
) -> Candidate | str:
    """A variable that the plans derive, or a column of the frame that figures are broken down by."""
    if _are_areas(codes, areas):
        return Candidate(name, label, GEOGRAPHY, codes, True)
    if values.nunique() > MOST_DERIVED:
        return REASONS["unknown"]
    there = {str(value): str(value) for value in sorted(values.dropna().astype(str).unique())}
    return Candidate(name, label, CHOICE, {**there, **codes}, bool(codes))


def _are_areas(codes: Iterable[str], areas: set[str]) -> bool:
    """Half of the codes is enough: a list of places may end with “elsewhere”, and a place too many harms nobody."""
    wanted = set(codes)
    return len(wanted) > 1 and 2 * len(wanted & areas) >= len(wanted)


def area_codes() -> set[str]:
    """The official codes of provinces, districts and communes, old and new; a survey's own areas may be any number."""
    return set(db.session.scalars(select(Area.code).where(Area.kind != AreaKind.AGGLOMERATE)))
