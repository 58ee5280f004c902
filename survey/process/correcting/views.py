"""The pages of corrections: what rules found, what was corrected; the frame that their other pages share."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as Redirect
from wtforms import SelectChoice

from survey.accounts.models import User
from survey.accounts.service import allowed_to
from survey.editing.models import Correction, CorrectionBatch
from survey.editing.service import find_batch, find_correction, is_stale, revert
from survey.extensions import db
from survey.process.correcting import findings
from survey.process.correcting.file import corrections_csv
from survey.process.correcting.forms import REASONS, FilterForm
from survey.process.correcting.lines import words_for
from survey.process.tables import ROOT
from survey.rounds.models import Round
from survey.rounds.service import find_round, instrument_of

correcting = Blueprint("correcting", __name__, url_prefix="/process/<survey>/<code>/sua")
UNPROCESSABLE, CONFLICT = 422, 409
PAGE = 50
Page = str | Redirect | tuple[str, int]


@correcting.app_template_global()
def said_reason(reason: str) -> str:
    """A reason in words."""
    return next((words for key, words in REASONS.items() if key == reason), reason)


def here(round_: Round) -> dict[str, str]:
    return {"survey": round_.survey.code, "code": round_.code}


def person() -> User:
    return current_user._get_current_object()  # type: ignore[no-any-return]


def page_number(name: str) -> int:
    """A page number of the address; 1 for what is none."""
    text = request.args.get(name, "1")
    return int(text) if text.isdecimal() and len(text) < 7 else 1


def show_page(template: str, round_: Round, status: int = 200, **context: Any) -> tuple[str, int]:
    frame = {"round": round_, "here": here(round_), "synthetic": round_.is_synthetic}
    return render_template(f"process/correcting/{template}.html", **frame, **context), status


def lead_to(page: str, round_: Round, **values: Any) -> Redirect:
    return redirect(url_for(f"correcting.{page}", **here(round_), **values), code=303)


def question_label(round_: Round, variable: str) -> str:
    question = instrument_of(round_.instrument_version).questions.get(variable)
    return (question.label("vi") or variable) if question else variable


@correcting.get("/")
@allowed_to("weight")
def start(survey: str, code: str) -> Page:
    """The rules with what they found, and the records that they name."""
    round_ = find_round(survey, code)
    form = FilterForm(request.args)
    rules = findings.rules_of(round_)
    form.rule.choices = _offer("Mọi quy tắc", {rule.code: rule.message["vi"] for rule in rules})
    wanted = findings.Wanted(
        *(
            (field.data or "").strip()[:200]
            for field in (form.rule, form.severity, form.stratum, form.area, form.words)
        )
    )
    found = findings.findings(round_, wanted, page_number("trang"))
    form.stratum.choices = _offer("Mọi tầng", {name: name for name in found.strata})
    form.area.choices = _offer("Mọi nơi", dict(found.areas))
    counts = {rule["code"]: rule for rule in found.run.edits} if found.run else {}
    return show_page(
        "start",
        round_,
        found=found,
        form=form,
        rules=rules,
        counts=counts,
        kept=wanted.kept,
        tally=_tally(round_),
    )


def _offer(everything: str, names: dict[str, str]) -> list[SelectChoice]:
    return [SelectChoice("", everything), *(SelectChoice(key, text) for key, text in names.items())]


def _tally(round_: Round) -> int:
    query = select(func.count()).where(Correction.round_id == round_.id, Correction.reverted_at.is_(None))
    return db.session.scalar(query) or 0


@correcting.get("/da-sua")
@allowed_to("weight")
def corrections_page(survey: str, code: str) -> Page:
    """Who corrected what, when and why; stale ones with what to do about them."""
    round_ = find_round(survey, code)
    query = select(Correction).where(Correction.round_id == round_.id)
    batch = request.args.get("dot", "")
    shown = find_batch(round_, int(batch)) if batch.isdecimal() and len(batch) < 10 else None
    if shown is not None:
        query = query.where(Correction.batch_id == shown.id)
    count = db.session.scalar(query.with_only_columns(func.count())) or 0
    pages = max(1, -(-count // PAGE))
    page = min(page_number("trang"), pages) or 1
    listed = db.session.scalars(
        query.order_by(Correction.id.desc()).limit(PAGE).offset((page - 1) * PAGE)
    ).all()
    instrument = instrument_of(round_.instrument_version)
    return show_page(
        "corrections",
        round_,
        listed=listed,
        count=count,
        page=page,
        pages=pages,
        batch=shown,
        stale=_stale(round_),
        is_stale=is_stale,
        label=lambda variable: question_label(round_, variable),
        said=lambda variable, value: words_for(instrument, variable, value),
        ROOT=ROOT,
    )


def _stale(round_: Round) -> list[Correction]:
    query = (
        select(Correction)
        .options(joinedload(Correction.response))
        .where(Correction.round_id == round_.id, Correction.reverted_at.is_(None))
    )
    return [each for each in db.session.scalars(query.order_by(Correction.id)) if is_stale(each)]


@correcting.get("/da-sua.csv")
@allowed_to("weight")
def corrections_file(survey: str, code: str) -> Response:
    """All corrections of a round, those that were undone too."""
    round_ = find_round(survey, code)
    name = f"sua-du-lieu-{round_.survey.code}-{round_.code}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(corrections_csv(round_), mimetype="text/csv", headers=headers)


@correcting.post("/da-sua/<int:correction_id>/hoan-tac")
@allowed_to("weight")
def undo(survey: str, code: str, correction_id: int) -> Page:
    """Use again what was collected at one place, with what followed from it."""
    round_ = find_round(survey, code)
    count = revert([find_correction(round_, correction_id)], person())
    db.session.commit()
    flash(f"Đã hoàn tác {count} giá trị: dùng lại giá trị thu thập.", "success")
    return lead_to("corrections_page", round_)


@correcting.post("/da-sua/dot/<int:batch_id>/hoan-tac")
@allowed_to("weight")
def undo_batch(survey: str, code: str, batch_id: int) -> Page:
    """Use again what was collected wherever a batch changed something."""
    round_ = find_round(survey, code)
    batch: CorrectionBatch = find_batch(round_, batch_id)
    count = revert(batch.corrections, person())
    db.session.commit()
    flash(f"Đã hoàn tác cả lần sửa: {count} giá trị dùng lại giá trị thu thập.", "success")
    return lead_to("corrections_page", round_)
