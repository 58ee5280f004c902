"""The pages of a recipe's versions: list, write, read, download, run."""

from dataclasses import dataclass

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as Redirect

from survey.accounts.models import User
from survey.accounts.service import allowed_to
from survey.errors import Conflict, Fault
from survey.extensions import db
from survey.process import jobs
from survey.process.fieldwork import round_line
from survey.process.figures import step_labels
from survey.process.labels import labels_of
from survey.process.models import Run, RunStatus
from survey.process.recipe import BadRecipe, Recipe
from survey.process.recipes import service
from survey.process.recipes.blueprint import NUMBER, recipes
from survey.process.recipes.forms import RecipeForm
from survey.process.recipes.lineage import totals_used
from survey.process.recipes.models import RecipeVersion
from survey.process.recipes.pictures import pictures
from survey.process.recipes.reading import UnfitRecipe
from survey.process.service import recipe_used
from survey.rounds.models import Round
from survey.rounds.service import find_round

recipes.add_app_template_global(totals_used, "totals_used")

Page = str | Redirect | tuple[str, int]
UNPROCESSABLE = 422


@dataclass(frozen=True)
class Listed:
    """A version in the list with its latest run in the round; number 0 has no `version`."""

    number: int
    version: RecipeVersion | None
    run: Run | None


@recipes.get("/phuong-an")
@allowed_to("see_process")
def versions(survey: str, code: str) -> str:
    """The versions of the recipe, each with its latest run."""
    round_ = find_round(survey, code)
    latest = _latest_runs(round_)
    saved = [
        Listed(each.number, each, latest.get(each.number)) for each in service.versions_of(round_.survey)
    ]
    return render_template(
        "process/recipes/versions.html",
        round=round_,
        listed=[*saved, Listed(service.OWN, None, latest.get(service.OWN))],
        done=[run for run in _runs(round_) if run.status == RunStatus.DONE],
        synthetic=round_.is_synthetic,
    )


def _runs(round_: Round) -> list[Run]:
    return list(db.session.scalars(select(Run).where(Run.round_id == round_.id).order_by(Run.id.desc())))


def _latest_runs(round_: Round) -> dict[int, Run]:
    """The newest run of each version in a round, one that ended well before all others."""
    ordered = sorted(_runs(round_), key=lambda run: (run.status == RunStatus.DONE, run.id))
    return {run.recipe_number: run for run in ordered}


@recipes.get(f"/phuong-an/{NUMBER}")
@allowed_to("see_process")
def version_page(survey: str, code: str, number: int) -> str:
    """One version: what it changes, its text, and pictures of every step from its latest run."""
    round_ = find_round(survey, code)
    version = service.find_version(round_.survey, number) if number else None
    run = _latest_runs(round_).get(number)
    based_on = version.based_on if version else service.OWN
    text = service.text_of(round_, number)
    recipe, fault = _recipe_or_fault(round_, number)
    labels = labels_of(round_.instrument_version, recipe) if recipe else None
    return render_template(
        "process/recipes/version.html",
        round=round_,
        number=number,
        version=version,
        text=text,
        changes=service.line_differences(service.text_of(round_, based_on), text) if version else [],
        recipe=recipe,
        labels=step_labels(run, recipe_used(run)) if run else labels,
        fault=fault,
        run=run,
        pictures=pictures(run.log) if run else [],
        synthetic=round_.is_synthetic,
    )


def _recipe_or_fault(round_: Round, number: int) -> tuple[Recipe | None, Fault | None]:
    try:
        return service.recipe_for(round_, number), None
    except BadRecipe as fault:
        return None, fault


@recipes.get(f"/phuong-an/{NUMBER}.yaml")
@allowed_to("see_process")
def version_file(survey: str, code: str, number: int) -> Response:
    """The version's text, to keep, to change and to bring in again."""
    round_ = find_round(survey, code)
    name = f"phuong-an-{round_.survey.code}-{number}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(service.text_of(round_, number), mimetype="application/yaml", headers=headers)


@recipes.route("/phuong-an/moi", methods=["GET", "POST"])
@allowed_to("weight")
def write(survey: str, code: str) -> Page:
    """Write a new version, starting from another one; nothing that is saved changes."""
    round_ = find_round(survey, code)
    form = RecipeForm()
    if not form.is_submitted():
        _begin(form, round_)
        return _write_page(form, round_)
    text = form.written
    form.text.data = text
    if request.form.get("deed") == "check":
        return _try(form, round_, text)
    if not form.validate_on_submit():
        return _write_page(form, round_), UNPROCESSABLE
    return _save(form, round_, text)


def _begin(form: RecipeForm, round_: Round) -> None:
    start = request.args.get("tu", type=int)
    newest = service.newest_number(round_.survey)
    form.based_on.data = form.seen.data = str(newest)
    if start is not None:
        form.based_on.data = str(start)
    form.text.data = service.text_of(round_, int(form.based_on.data))


def _write_page(form: RecipeForm, round_: Round, fault: Fault | None = None, *, fits: bool = False) -> str:
    return render_template(
        "process/recipes/write.html",
        round=round_, form=form, fault=fault, fits=fits, lines=(form.text.data or "").splitlines(),
        synthetic=round_.is_synthetic,
    )  # fmt: skip


def _try(form: RecipeForm, round_: Round, text: str) -> Page:
    try:
        service.judged(round_, text)
    except UnfitRecipe as fault:
        return _write_page(form, round_, fault), UNPROCESSABLE
    return _write_page(form, round_, fits=True)


def _save(form: RecipeForm, round_: Round, text: str) -> Page:
    based_on, seen = (_number(field.data) for field in (form.based_on, form.seen))
    try:
        saved = service.save(round_, person(), text, (form.note.data or "").strip(), based_on, seen)
    except Fault as fault:
        db.session.rollback()
        return _write_page(form, find_round(round_.survey.code, round_.code), fault), UNPROCESSABLE
    db.session.commit()
    flash(f"Đã lưu phương án {saved.version.number}.", "success")
    for other in saved.meanwhile:
        flash(
            f"Trong lúc bạn sửa, {other.saved_by.full_name} đã lưu phương án {other.number} (từ phương án"
            f" {other.based_on}). Cả hai đều được giữ; đối chiếu trước khi chạy.",
            "warning",
        )
    return _to_version(round_, saved.version.number)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else service.OWN


@recipes.post(f"/phuong-an/{NUMBER}/luot")
@allowed_to("weight")
def run_version(survey: str, code: str, number: int) -> Redirect:
    """Queue a run with this version; while one of the round is under way, show that one."""
    round_ = find_round(survey, code)
    db.session.refresh(round_, with_for_update=True)  # two presses must not queue two runs
    waiting = next(
        (run for run in _runs(round_) if run.status in (RunStatus.QUEUED, RunStatus.RUNNING)), None
    )
    if waiting:
        flash(f"Lượt {waiting.id} của đợt này đang chạy.", "warning")
        return redirect(url_for("process.run_page", run_id=waiting.id), code=303)
    if not has_answers(round_):
        raise Conflict("Đợt này chưa có phiếu hoàn thành nào của mẫu.", "Đợi có phiếu rồi tính trọng số.")
    run = service.request(round_, person(), number)
    db.session.commit()
    jobs.enqueue_run(run.id)
    return redirect(url_for("process.run_page", run_id=run.id), code=303)


def has_answers(round_: Round) -> bool:
    """Whether there is anything to weight."""
    return bool(round_line(round_).complete)


def person() -> User:
    """Who is signed in."""
    user: User = current_user._get_current_object()
    return user


def _to_version(round_: Round, number: int) -> Redirect:
    address = url_for("recipes.version_page", survey=round_.survey.code, code=round_.code, number=number)
    return redirect(address, code=303)
