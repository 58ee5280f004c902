"""What a round owes its respondents: what they agreed to, until when they may withdraw, lost receipts, who helps."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from werkzeug.wrappers import Response as Redirect

from survey.accounts.service import allowed_to, record
from survey.errors import Fault
from survey.extensions import db
from survey.formats import local_day
from survey.intake import helping
from survey.intake.consents import count_consents
from survey.intake.models import Response, ResponseStatus
from survey.intake.withdrawal import receipts_of
from survey.manage.blueprint import manage
from survey.manage.forms import ReceiptForm, TeamForm, WithdrawalForm
from survey.rounds.models import Round
from survey.rounds.service import find_round, promise_withdrawal

Page = str | Redirect | tuple[str, int]
UNPROCESSABLE = 422
STATUS_NAMES = {
    ResponseStatus.DRAFT: "đang làm dở",
    ResponseStatus.COMPLETE: "đã gửi",
    ResponseStatus.REPLACED: "đã được thay bằng bản sửa",
    ResponseStatus.LATE: "nộp muộn",
    ResponseStatus.WITHDRAWN: "đã rút lại",
}


def facts(round_: Round) -> dict[str, object]:
    """What the round's page shows of this."""
    until = round_.withdraw_until
    form = WithdrawalForm(formdata=None, last_day=local_day(until) if until else None)
    return {
        "consents": count_consents(round_),
        "withdrawn": count_withdrawn(round_),
        "withdrawal_form": form,
        "teams": helping.teams(),
        "is_valid": helping.is_valid,
        "help_counts": helping.count_help(round_),
        "team_form": TeamForm(formdata=None),
    }


def count_withdrawn(round_: Round) -> int:
    """How many responses of a round were taken back."""
    query = select(func.count()).where(
        Response.round_id == round_.id, Response.status == ResponseStatus.WITHDRAWN
    )
    return db.session.scalar(query) or 0


@manage.post("/<survey>/<code>/rut-lai")
@allowed_to("manage")
def set_withdrawal(survey: str, code: str) -> Redirect:
    """Keep the last day of withdrawing."""
    round_, form = find_round(survey, code), WithdrawalForm()
    try:
        if not form.validate_on_submit():
            raise Fault(_told(form))
        promise_withdrawal(round_, form.last_day.data)
    except Fault as fault:
        db.session.rollback()
        flash(str(fault), "error")
    else:
        db.session.commit()
        flash("Đã lưu ngày cuối cùng rút lại được câu trả lời.", "success")
    return _to_round(survey, code)


@manage.post("/<survey>/<code>/to-ho-tro")
@allowed_to("manage")
def issue_team(survey: str, code: str) -> Redirect:
    """Give a community digital team a code."""
    form = TeamForm()
    try:
        if not form.validate_on_submit():
            raise Fault(_told(form))
        team = helping.issue_team(
            " ".join((form.team.data or "").split()),
            form.valid_to.data,
            current_user._get_current_object(),
        )
    except Fault as fault:
        db.session.rollback()
        flash(str(fault), "error")
    else:
        db.session.commit()
        flash(f"Mã của {team.name}: {team.code[:4]}-{team.code[4:]}.", "success")
    return _to_round(survey, code)


def _told(form: FlaskForm) -> str:
    """What is wrong with a small form, in one line."""
    return "; ".join(str(error) for errors in form.errors.values() for error in errors) + "."


@manage.post("/<survey>/<code>/to-ho-tro/<int:team_id>/thu-hoi")
@allowed_to("manage")
def revoke_team(survey: str, code: str, team_id: int) -> Redirect:
    """End a team's code; its phones show nothing more of anybody."""
    team = helping.revoke_team(team_id)
    db.session.commit()
    flash(f"Đã thu hồi mã của {team.name}.", "success")
    return _to_round(survey, code)


def _to_round(survey: str, code: str) -> Redirect:
    return redirect(url_for("manage.round_page", survey=survey, code=code), code=303)


@manage.route("/<survey>/<code>/bien-nhan", methods=["GET", "POST"])
@allowed_to("review")
def receipt(survey: str, code: str) -> Page:
    """Look up the receipt code of a case for a person who lost it; that it was told is in the audit trail."""
    round_, form = find_round(survey, code), ReceiptForm()
    if form.validate_on_submit():
        try:
            found = receipts_of(round_, form.case_code.data or "")
        except Fault as fault:
            form.case_code.errors = [str(fault)]
        else:
            record("receipt.tell", f"round:{survey}/{round_.code}", {"found": len(found)})
            db.session.commit()
            for line in found:
                told = f"Mã biên nhận: {line.code[:4]}-{line.code[4:]} ({STATUS_NAMES[ResponseStatus(line.status)]})."
                flash(told, "success")
            if not found:
                flash(
                    "Mã phiếu này chưa có câu trả lời, hoặc mã biên nhận đã bị xóa khi khử định danh.",
                    "warning",
                )
            return redirect(url_for("manage.receipt", survey=survey, code=code), code=303)
    page = render_template("manage/receipt.html", form=form, round=round_)
    return page, UNPROCESSABLE if form.errors else 200
