"""The pages of many records at once: a correction by rule, and proposals for all."""

from typing import Any

from flask import flash, request
from sqlalchemy import select
from wtforms import SelectChoice

from survey.accounts.service import allowed_to
from survey.editing.service import Edited, edited
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db
from survey.intake.models import Response
from survey.process.correcting import findings, ruling, searching
from survey.process.correcting.forms import RuleForm
from survey.process.correcting.lines import words_for
from survey.process.correcting.views import (
    CONFLICT,
    UNPROCESSABLE,
    Page,
    correcting,
    lead_to,
    page_number,
    person,
    question_label,
    show_page,
)
from survey.process.edits import EditRule
from survey.rounds.models import Round
from survey.rounds.service import find_round, instrument_of


@correcting.get("/quy-tac/<rule>")
@allowed_to("weight")
def rule_page(survey: str, code: str, rule: str) -> Page:
    """A form for a correction of all records that break a rule."""
    round_ = find_round(survey, code)
    return _rule(round_, _find_rule(round_, rule), None, None)


def _find_rule(round_: Round, code: str) -> EditRule:
    found = next((rule for rule in findings.rules_of(round_) if rule.code == code), None)
    if found is None:
        raise NotFound("Phiếu hỏi của đợt không có quy tắc này.", "Chọn quy tắc trong danh sách.")
    return found


def _rule(
    round_: Round, rule: EditRule, form: RuleForm | None, preview: ruling.Preview | None, status: int = 200
) -> Page:
    instrument = instrument_of(round_.instrument_version)
    form = form or _rule_form(round_, rule)
    concerned = len(findings.affected_keys(round_, rule.code)) if findings.last_look(round_) else 0
    return show_page(
        "rule",
        round_,
        status,
        rule=rule,
        form=form,
        preview=preview,
        concerned=concerned,
        shown=ruling.SHOWN,
        said=lambda variable, value: words_for(instrument, variable, value),
    )


def _rule_form(round_: Round, rule: EditRule) -> RuleForm:
    form = RuleForm()
    questions = ruling.settable(instrument_of(round_.instrument_version), rule)
    form.variable.choices = [
        SelectChoice("", "Chọn biến"),
        *(SelectChoice(q.variable, f"{q.variable}: {(q.label('vi') or q.name)[:90]}") for q in questions),
    ]
    return form


@correcting.post("/quy-tac/<rule>")
@allowed_to("weight")
def correct_by_rule(survey: str, code: str, rule: str) -> Page:
    """Look at what a correction would change; with its mark, make exactly that."""
    round_ = find_round(survey, code)
    found, form = _find_rule(round_, rule), None
    form = _rule_form(round_, found)
    if not form.validate_on_submit():
        return _rule(round_, found, form, None, UNPROCESSABLE)
    variable, expression = form.variable.data, form.expression.data
    try:
        if request.form.get("deed") == "apply":
            grounds = ruling.grounds_of(found, variable, expression, form.reason.data, form.note.data or "")
            batch = ruling.apply_rule(
                round_, found, variable, expression, form.mark.data or "", grounds, person()
            )
            db.session.commit()
            flash(
                f"Đã sửa {len(batch.corrections)} giá trị; hoàn tác được cả lần sửa ở trang này.", "success"
            )
            return lead_to("corrections_page", round_, dot=batch.id)
        preview = ruling.preview(round_, found, variable, expression)
    except Conflict as conflict:
        db.session.rollback()
        form.form_errors.append(str(conflict))
        preview = ruling.preview(round_, found, variable, expression)
        form.mark.data = preview.mark
        return _rule(round_, found, form, preview, CONFLICT)
    except Fault as fault:
        db.session.rollback()
        form.expression.errors = [*form.expression.errors, str(fault)]
        return _rule(round_, found, form, None, UNPROCESSABLE)
    form.mark.data = preview.mark
    return _rule(round_, found, form, preview)


@correcting.get("/de-xuat")
@allowed_to("weight")
def proposals_page(survey: str, code: str) -> Page:
    """The last search for smallest changes: how far it is, and what it found."""
    round_ = find_round(survey, code)
    search = searching.latest_search(round_)
    page = page_number("trang") or 1
    proposals, count = searching.proposals_of(search, page) if search else ([], 0)
    return show_page(
        "proposals",
        round_,
        search=search,
        proposals=proposals,
        count=count,
        page=page,
        pages=max(1, -(-count // 25)),
        is_moving=search is not None and search.status in searching.MOVING,
        states={state.response.id: state for state in _states(proposals)},
        rules={rule.code: rule for rule in findings.rules_of(round_)},
        label=lambda variable: question_label(round_, variable),
        has_look=findings.last_look(round_) is not None,
    )


def _states(proposals: list[Any]) -> list[Edited]:
    ids = {proposal.response_id for proposal in proposals}
    return edited(list(db.session.scalars(select(Response).where(Response.id.in_(ids)))))


@correcting.post("/de-xuat")
@allowed_to("weight")
def search_proposals(survey: str, code: str) -> Page:
    """Queue a search for all records that break rules."""
    round_ = find_round(survey, code)
    search = searching.request_search(round_, person())
    db.session.commit()
    searching.enqueue_search(search.id)
    return lead_to("proposals_page", round_)


@correcting.post("/de-xuat/<int:search_id>/huy")
@allowed_to("weight")
def cancel_search(survey: str, code: str, search_id: int) -> Page:
    """Stop a search at its next records."""
    round_ = find_round(survey, code)
    searching.cancel_search(round_, search_id)
    db.session.commit()
    flash("Đã hủy việc tìm; các đề xuất đã tìm được vẫn còn.", "success")
    return lead_to("proposals_page", round_)
