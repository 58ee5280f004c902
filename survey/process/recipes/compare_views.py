"""The pages that hold two runs side by side, and the file of what they show."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Redirect

from survey.accounts.service import allowed_to
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db
from survey.process import jobs
from survey.process import service as processing
from survey.process.models import Run, RunStatus
from survey.process.recipes.blueprint import recipes
from survey.process.recipes.comparison import Comparison, Pair, Verdicts
from survey.process.recipes.comparison import compare as compared
from survey.process.recipes.views import person
from survey.process.service import recipe_used
from survey.rounds.models import Round
from survey.rounds.service import find_round
from survey.text import defused

MOST_SHOWN = 150
ENDED_BADLY = (RunStatus.FAILED, RunStatus.CANCELLED)


@recipes.get("/so-sanh")
@allowed_to("see_process")
def compare(survey: str, code: str) -> str:
    """Two runs of a round: weights and figures, the greatest change first."""
    round_ = find_round(survey, code)
    a, b = _chosen(round_, request.args)
    waiting = [run for run in (a, b) if run.status != RunStatus.DONE]
    return render_template(
        "process/recipes/compare.html",
        round=round_, a=a, b=b, waiting=waiting, most=MOST_SHOWN,
        comparison=None if waiting else _compared(a, b),
        synthetic=round_.is_synthetic,
    )  # fmt: skip


def _chosen(round_: Round, given: Any) -> tuple[Run, Run]:
    a, b = (_run(round_, given.get(name, type=int)) for name in ("a", "b"))
    return a, b


def _run(round_: Round, number: int | None) -> Run:
    if number is None or number < 1:
        raise NotFound("Chưa chọn đủ hai lượt để so sánh.", "Chọn hai lượt ở trang Phương án trọng số.")
    run = processing.find_run(number)
    if run.round_id != round_.id:
        raise NotFound(f"Lượt {number} không phải của đợt {round_.code}.", "Chọn hai lượt của cùng một đợt.")
    return run


def _compared(a: Run, b: Run) -> Comparison:
    return compared(a, b, (_verdicts(a), _verdicts(b)))


def _verdicts(run: Run) -> Verdicts:
    """Against the targets. They are judged on the floor above, which lends every page its judgement."""
    judge = current_app.jinja_env.globals["verdicts_of"]
    found: Verdicts = judge(run)  # type: ignore[operator]
    return found


@recipes.post("/so-sanh")
@allowed_to("weight")
def run_on_same_data(survey: str, code: str) -> Redirect:
    """Run the first recipe again on the second run's data, so that only the recipes differ."""
    round_ = find_round(survey, code)
    db.session.refresh(round_, with_for_update=True)  # two presses must not queue two runs
    a, b = _chosen(round_, request.form)
    if b.snapshot is None or b.status in ENDED_BADLY:
        raise Conflict(
            f"Lượt {b.id} không có dữ liệu để dùng lại.", "Chọn lượt khác, hoặc tính lại lượt này."
        )
    again = _run_on(a, b) or processing.request_run(
        round_, person(), recipe=recipe_used(a), recipe_number=a.recipe_number, snapshot=b.snapshot
    )
    db.session.commit()
    if again.status == RunStatus.QUEUED:
        jobs.enqueue_run(again.id)
        flash(f"Lượt {again.id} chạy phương án {a.recipe_number} trên dữ liệu của lượt {b.id}.", "success")
    address = url_for("recipes.compare", survey=survey, code=round_.code, a=again.id, b=b.id)
    return redirect(address, code=303)


def _run_on(a: Run, b: Run) -> Run | None:
    """A run of the first recipe on the second run's data that is there or under way."""
    query = select(Run).where(
        Run.round_id == b.round_id,
        Run.snapshot_id == b.snapshot_id,
        Run.recipe_hash == a.recipe_hash,
        Run.id != b.id,
        Run.status.not_in(ENDED_BADLY),
    )
    return db.session.scalars(query.order_by(Run.id.desc())).first()


@recipes.get("/so-sanh.csv")
@allowed_to("see_process")
def compare_file(survey: str, code: str) -> Response:
    """Every figure of both runs in a row."""
    round_ = find_round(survey, code)
    a, b = _chosen(round_, request.args)
    if any(run.status != RunStatus.DONE for run in (a, b)):
        raise Fault("Một trong hai lượt chưa xong.", "Đợi cả hai lượt xong rồi tải lại.")
    written = io.StringIO()
    csv.writer(written).writerows(_lines(_compared(a, b)))
    name = f"so-sanh-{round_.survey.code}-luot-{a.id}-{b.id}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response("\ufeff" + written.getvalue(), mimetype="text/csv", headers=headers)


COLUMNS = ("value", "ci_low", "ci_high", "std_error", "cv", "n", "quality")
HEADINGS = (
    "run_a", "run_b", "recipe_a", "recipe_b", "same_data", "indicator", "label", "dimension", "level",
    *(f"{name}_a" for name in COLUMNS), *(f"{name}_b" for name in COLUMNS),
    "difference", "se_change_percent", "verdict_a", "verdict_b",
)  # fmt: skip


def _lines(comparison: Comparison) -> Iterator[list[Any]]:
    a, b = comparison.a, comparison.b
    same = "yes" if comparison.is_same_data else "no"
    yield list(HEADINGS)
    for pair in comparison.pairs:
        either = pair.a or pair.b
        domain = [pair.indicator.code, pair.label, either and either.dimension, either and either.level]
        line = [a.id, b.id, a.recipe_number, b.recipe_number, same, *domain, *_sides(pair)]
        yield [defused(cell) for cell in line]


def _sides(pair: Pair) -> list[Any]:
    figures = [getattr(side, name, None) for side in (pair.a, pair.b) for name in COLUMNS]
    return [*figures, pair.difference, pair.se_change, *pair.verdicts]
