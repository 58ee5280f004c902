"""Recipe versions: written, judged, saved beside each other, and handed to a run."""

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from survey.accounts.models import User
from survey.accounts.service import record, require
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db
from survey.process import service as processing
from survey.process.models import Run, Snapshot
from survey.process.plans import SHAPELESS
from survey.process.recipe import BadRecipe, Recipe, read_recipe
from survey.process.recipes.fitting import fit_faults
from survey.process.recipes.ground import Ground
from survey.process.recipes.models import ControlSet, RecipeVersion
from survey.process.recipes.reading import RecipeText, UnfitRecipe, Wrong, read_text
from survey.process.recipes.shape import PARTS, shape_faults
from survey.process.recipes.writing import as_yaml
from survey.rounds.models import Round, Survey

OWN = 0
"""The number of the questionnaire's own plan, which nobody edits here."""


@dataclass(frozen=True)
class Saved:
    """The version that came of saving, and those that others saved while it was being written."""

    version: RecipeVersion
    meanwhile: tuple[RecipeVersion, ...]
    is_new: bool = True


def versions_of(survey: Survey) -> list[RecipeVersion]:
    """The saved versions of a survey's recipe, newest first."""
    query = select(RecipeVersion).where(RecipeVersion.survey_id == survey.id)
    return list(db.session.scalars(query.order_by(RecipeVersion.number.desc())))


def newest_number(survey: Survey) -> int:
    """The highest number so far; 0 before anybody has saved one."""
    versions = versions_of(survey)
    return versions[0].number if versions else OWN


def find_version(survey: Survey, number: int) -> RecipeVersion:
    """The version of this number, from 1; raise `NotFound`."""
    query = select(RecipeVersion).where(
        RecipeVersion.survey_id == survey.id, RecipeVersion.number == min(number, processing.LARGEST_ID)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(f"{survey.code}: không có phương án {number}.", "Xem danh sách ở trang của đợt.")
    return found


def text_of(round_: Round, number: int) -> str:
    """The YAML of a version; of number 0, what the questionnaire of the round brings."""
    if number != OWN:
        return find_version(round_.survey, number).text
    own = {
        name: round_.instrument_version.design[name]
        for name in PARTS
        if name in round_.instrument_version.design
    }
    return as_yaml(own)


def recipe_for(round_: Round, number: int) -> Recipe:
    """The recipe of a version as this round would run it; raise `UnfitRecipe` where the two do not fit."""
    if number == OWN:
        return processing.recipe_of(round_)
    return judged(round_, find_version(round_.survey, number).text)


def judged(round_: Round, text: str) -> Recipe:
    """The recipe that a YAML text makes in a round; raise `UnfitRecipe` with every fault that can be told at once."""
    read = read_text(text)
    if faults := shape_faults(read):
        raise UnfitRecipe(*faults)
    recipe = _composed(round_, read)
    if faults := fit_faults(read, Ground(round_), recipe):
        raise UnfitRecipe(*faults)
    return recipe


def _composed(round_: Round, text: RecipeText) -> Recipe:
    """The questionnaire's plan with the recipe's parts in place of its own, and the totals that it picks."""
    version = round_.instrument_version
    kept = {name: part for name, part in version.design.items() if name not in PARTS}
    design = {**kept, **text.document}
    try:
        return read_recipe(version.indicators, design, controls_for(round_, text))
    except BadRecipe as fault:
        raise UnfitRecipe(Wrong(text.line("levels"), "levels", fault.message, fault.remedy)) from fault
    except SHAPELESS as error:
        wrong = Wrong(0, "", f"cấu trúc chưa đúng ({error}).", "Đối chiếu với phương án 0.")
        raise UnfitRecipe(wrong) from error


def controls_for(round_: Round, text: RecipeText) -> list[dict[str, str]]:
    """The questionnaire's totals, with an accepted set in place of each file that the recipe names."""
    picked = text.document.get("control_sets") or {}
    rows = [row for row in round_.instrument_version.controls if row.get("file") not in picked]
    for file, number in picked.items():
        found = accepted_set(round_.survey, number)
        if found is None or found.file != file:
            had = ", ".join(f"{each.file}: {each.number}" for each in accepted_sets(round_.survey))
            wrong = Wrong(
                text.line("control_sets", file), f"control_sets, {file}",
                f"không có bộ tổng thể số {number} đã xác nhận cho tệp {file}.",
                f"Có: {had}." if had else "Nhập và xác nhận ở trang Tổng thể trước.",
            )  # fmt: skip
            raise UnfitRecipe(wrong)
        rows.extend(rows_of(found))
    return rows


def accepted_sets(survey: Survey) -> list[ControlSet]:
    """The sets of totals that recipes may take, newest first."""
    query = select(ControlSet).where(ControlSet.survey_id == survey.id, ControlSet.accepted_at.is_not(None))
    return list(db.session.scalars(query.order_by(ControlSet.number.desc())))


def accepted_set(survey: Survey, number: int) -> ControlSet | None:
    """The accepted set of this number."""
    return next((each for each in accepted_sets(survey) if each.number == number), None)


def rows_of(totals: ControlSet) -> list[dict[str, str]]:
    """A set as rows of controls.csv: every one with its source, day and population, as lineage keeps them."""
    said = {
        "population": totals.population,
        "reference_date": totals.reference_date.isoformat(),
        "source": totals.source,
        "population_base": str(totals.population_base),
        "status": str(totals.status),
        "control_set": str(totals.number),
    }
    return [
        {"file": totals.file, "margin": row.margin, "level": row.level, "total": repr(row.total), **said}
        for row in totals.totals
    ]


def save(round_: Round, user: User, text: str, note: str, based_on: int, seen: int | None = None) -> Saved:
    """Keep a text as the survey's next version; the caller commits.

    `seen` is the newest number when the writer began: what others saved since is told, and stays. The same
    text from the same person again is the version that is there. Raises `Refused`, `UnfitRecipe`, and
    `Conflict` for a text that says the same as the version it is based on.
    """
    require(user, "weight")
    survey = round_.survey
    db.session.refresh(survey, with_for_update={"key_share": True})  # numbers are given one after the other
    base = read_text(text_of(round_, based_on)).document
    judged(round_, text)
    document = read_text(text).document
    digest = hash_of(document)
    newest = newest_number(survey)
    later = [each for each in versions_of(survey) if each.number > (newest if seen is None else seen)]
    again = next((each for each in later if each.hash == digest and each.saved_by_id == user.id), None)
    if again:
        return Saved(again, (), is_new=False)
    if digest == hash_of(base):
        raise Conflict(f"Không có gì khác phương án {based_on}.", "Sửa một mục rồi lưu.")
    version = RecipeVersion(
        survey=survey, instrument_version=round_.instrument_version, number=newest + 1, text=text,
        document=document, hash=digest, note=note, based_on=based_on, saved_by=user,
    )  # fmt: skip
    db.session.add(version)
    db.session.flush()
    record(
        "recipe.save",
        f"recipe:{survey.code}/{version.number}",
        {"based_on": based_on, "hash": digest},
        user=user,
    )
    return Saved(version, tuple(reversed(later)))


def hash_of(document: Mapping[str, Any]) -> str:
    """SHA-256 of what a recipe says, whatever its layout and comments."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class ForeignRecipe(Fault):
    """A version that was written for another version of the questionnaire and does not fit this one."""

    title = "Phương án không hợp với phiếu của đợt"


def request(round_: Round, user: User, number: int, snapshot: Snapshot | None = None) -> Run:
    """Queue a run with a version of the recipe; the caller commits and hands its id to a worker.

    Raises `ForeignRecipe`, which says what does not fit, for a version of another questionnaire version.
    """
    try:
        recipe = recipe_for(round_, number)
    except UnfitRecipe as unfit:
        written_for = find_version(round_.survey, number).instrument_version.version
        raise ForeignRecipe(
            f"Phương án {number} (viết cho phiếu phiên bản {written_for}) không chạy được với phiếu phiên bản"
            f" {round_.instrument_version.version} của đợt {round_.code}. {'. '.join(map(str, unfit.faults[:5]))}",
            f"{unfit.faults[0].remedy} Mở phương án, sửa rồi lưu thành phương án mới.",
        ) from unfit
    return processing.request_run(round_, user, recipe=recipe, recipe_number=number, snapshot=snapshot)


@dataclass(frozen=True)
class Line:
    """A line of two texts side by side: `kind` is same, gone or new; numbers count from 1."""

    kind: str
    before: int | None
    after: int | None
    text: str


def line_differences(before: str, after: str, around: int = 2) -> list[Line]:
    """The lines that differ between two texts, with a few around them; empty where none does."""
    old, new = before.splitlines(), after.splitlines()
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(around)
    return [line for group in groups for codes in group for line in _lines(old, new, *codes)]


def _lines(old: list[str], new: list[str], tag: str, i1: int, i2: int, j1: int, j2: int) -> Iterator[Line]:
    if tag == "equal":
        yield from (Line("same", i1 + k + 1, j1 + k + 1, old[i1 + k]) for k in range(i2 - i1))
        return
    yield from (Line("gone", number + 1, None, old[number]) for number in range(i1, i2))
    yield from (Line("new", None, number + 1, new[number]) for number in range(j1, j2))
