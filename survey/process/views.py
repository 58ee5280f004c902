"""The statistician's desk: rounds, runs, weights and estimates."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Redirect

from survey.accounts.service import allowed_to
from survey.errors import Conflict, Fault
from survey.extensions import db
from survey.process import fieldwork, jobs, service
from survey.process import queue as queueing
from survey.process.affected import affected_list
from survey.process.charts import axis, histogram
from survey.process.figures import indicator_tables, step_labels
from survey.process.journal import journal_of
from survey.process.labels import labels_of
from survey.process.models import Run, RunStatus
from survey.process.recipe import BadRecipe, Recipe
from survey.rounds.models import Round
from survey.rounds.service import find_round

process = Blueprint("process", __name__, url_prefix="/process")
process.add_app_template_global(histogram, "histogram")
process.add_app_template_global(axis, "axis")

MOVING = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WEIGHTED)


@process.get("/")
@allowed_to("see_process")
def start() -> str:
    """Every round with its answers, response rate, last run and last release."""
    return render_template("process/start.html", lines=fieldwork.overview())


@process.get("/<survey>/<code>")
@allowed_to("see_process")
def round_page(survey: str, code: str) -> str:
    """One round: how fieldwork went, how it is weighted, and its runs."""
    round_ = find_round(survey, code)
    recipe, fault = _recipe_or_fault(round_)
    return render_template(
        "process/round.html",
        round=round_,
        line=fieldwork.round_line(round_),
        strata=fieldwork.outcomes_by_stratum(round_),
        recipe=recipe,
        labels=labels_of(round_.instrument_version, recipe) if recipe else None,
        fault=fault,
        runs=service.runs_of(round_),
        synthetic=round_.is_synthetic,
    )


def _recipe_or_fault(round_: Round) -> tuple[Recipe | None, Fault | None]:
    try:
        return service.recipe_of(round_), None
    except BadRecipe as fault:
        return None, fault


@process.post("/<survey>/<code>/runs")
@allowed_to("weight")
def request_run(survey: str, code: str) -> Redirect:
    """Queue a run and show it; a second press while one is under way shows that one."""
    round_ = find_round(survey, code)
    db.session.refresh(round_, with_for_update=True)  # two presses must not queue two runs
    under_way = service.latest_run(round_, *MOVING[:2])
    if under_way is not None:
        flash(f"Lượt {under_way.id} của đợt này đang chạy.", "warning")
        return _to(under_way)
    if not fieldwork.round_line(round_).complete:
        raise Conflict("Đợt này chưa có phiếu hoàn thành nào của mẫu.", "Đợi có phiếu rồi tính trọng số.")
    run = service.request_run(round_, current_user._get_current_object())
    db.session.commit()
    jobs.enqueue_run(run.id)
    return _to(run)


@process.get("/run/<int:run_id>")
@allowed_to("see_process")
def run_page(run_id: int) -> str:
    """One run: how far it is, its weighting step by step, its estimates, its lineage."""
    run = service.find_run(run_id)
    return render_template(
        "process/run.html",
        run=run,
        is_moving=run.status in MOVING,
        recipe=service.recipe_used(run),
        labels=step_labels(run),
        tables=indicator_tables,
        synthetic=run.round.is_synthetic,
        journal=journal_of(run),
        position=queueing.position(run),
        may_retry=queueing.may_retry(run),
    )


@process.get("/run/<int:run_id>/phieu-can-xem.csv")
@allowed_to("see_process")
def affected_file(run_id: int) -> Response:
    """The records that the edit rules name, for whoever goes back to them; no answers in it."""
    run = service.find_run(run_id)
    text = "\ufeff" + affected_list(run, service.affected_records(run)).to_csv(index=False)
    name = f"phieu-can-xem-{run.round.survey.code}-luot-{run.id}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, mimetype="text/csv", headers=headers)


@process.post("/run/<int:run_id>/cancel")
@allowed_to("weight")
def cancel_run(run_id: int) -> Redirect:
    """Stop a run at its next step."""
    run = service.find_run(run_id)
    queueing.cancel(run, current_user._get_current_object())
    db.session.commit()
    flash(f"Đã hủy lượt {run.id}.", "success")
    return _to(run)


@process.post("/run/<int:run_id>/retry")
@allowed_to("weight")
def retry_run(run_id: int) -> Redirect:
    """Queue a run that stopped again, on the data it had or on those of now."""
    run = service.find_run(run_id)
    same = request.form.get("snapshot") == "same"
    queueing.retry(run, current_user._get_current_object(), same_snapshot=same)
    db.session.commit()
    jobs.enqueue_run(run.id)
    flash(f"Lượt {run.id} đã vào hàng đợi.", "success")
    return _to(run)


@process.get("/cong-viec")
@allowed_to("see_process")
def jobs_page() -> str:
    """Runs of all rounds: under way, waiting, stopped."""
    return render_template("process/jobs.html", queue=queueing.queue(), may_retry=queueing.may_retry)


def _to(run: Run) -> Redirect:
    return redirect(url_for("process.run_page", run_id=run.id), code=303)
