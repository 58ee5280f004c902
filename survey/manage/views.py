"""The managers' desk: questionnaires, rounds, invitations, progress in the field."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Redirect
from wtforms import SelectChoice

from survey.accounts.service import allowed_to
from survey.errors import Fault
from survey.extensions import db
from survey.instrument import InstrumentErrors
from survey.intake import duplicates
from survey.intake.late import admit, count_late
from survey.intake.models import Source
from survey.manage import respondents, service
from survey.manage.blueprint import manage
from survey.manage.forms import GateForm, RoundForm, UploadForm
from survey.process import fieldwork
from survey.rounds.models import InstrumentVersion, Purpose, Round, Survey
from survey.rounds.service import find_round, find_survey, open_round

Page = str | Redirect | tuple[str, int]
UNPROCESSABLE = 422


@manage.get("/")
@allowed_to("manage")
def start() -> str:
    """Every survey with its rounds."""
    lines = {line.round.id: line for line in fieldwork.overview()}
    return render_template("manage/start.html", surveys=service.surveys(), lines=lines)


@manage.route("/upload", methods=["GET", "POST"])
@allowed_to("manage")
def upload() -> Page:
    """Bring in an XLSForm; a faulty one shows where, why and what to do, and nothing is kept."""
    form = UploadForm()
    if not form.validate_on_submit():
        return _page("manage/upload.html", form)
    try:
        version = service.upload(form.file.data.filename or "", form.file.data.read(), form.code.data)
    except InstrumentErrors as errors:
        db.session.rollback()
        told = {"faults": errors.faults, "warnings": errors.warnings}
        return render_template("manage/upload.html", form=form, **told), UNPROCESSABLE
    except Fault as fault:
        db.session.rollback()
        form.file.errors = [str(fault)]
        return _page("manage/upload.html", form)
    db.session.commit()
    flash(
        f"Đã nhập phiếu {version.form_id}, phiên bản {version.version}. Xem lại, thử trả lời, rồi tạo đợt.",
        "success",
    )
    address = url_for("authoring.version_page", survey=version.survey.code, version_id=version.id)
    return redirect(address, code=303)


@manage.route("/<survey>", methods=["GET", "POST"])
@allowed_to("manage")
def survey_page(survey: str) -> Page:
    """A survey's versions and rounds, and the form for a new round."""
    found = find_survey(survey)
    form = RoundForm()
    form.version.choices = [SelectChoice(version.id, version.version) for version in _newest_first(found)]
    if request.method == "GET":
        form.version.data = request.args.get("version", type=int)
    if form.validate_on_submit():
        try:
            round_ = _add_round(form)
        except Fault as fault:
            form.code.errors = [str(fault)]
        else:
            db.session.commit()
            flash(f"Đã tạo đợt {round_.code} ở dạng bản nháp.", "success")
            return _see("round_page", survey=survey, code=round_.code)
    return _page("manage/survey.html", form, survey=found, versions=_newest_first(found))


def _newest_first(survey: Survey) -> list[InstrumentVersion]:
    return sorted(survey.versions, key=lambda version: version.id, reverse=True)


def _add_round(form: RoundForm) -> Round:
    version = db.session.get_one(InstrumentVersion, form.version.data)
    return service.add_round(
        version,
        form.code.data or "",
        Purpose(form.purpose.data),
        form.time_period.data or "",
        (form.title.data or "").strip(),
    )


@manage.route("/<survey>/<code>", methods=["GET", "POST"])
@allowed_to("manage")
def round_page(survey: str, code: str) -> Page:
    """One round: its gate, its addresses, how fieldwork goes."""
    round_ = find_round(survey, code)
    form = GateForm(obj=round_)
    if form.validate_on_submit():
        try:
            service.set_gate(
                round_, (form.decision_number.data or "").strip(), (form.survey_plan.data or "").strip()
            )
        except Fault as fault:
            db.session.rollback()
            form.decision_number.errors = [str(fault)]
        else:
            db.session.commit()
            flash("Đã lưu số quyết định và phương án điều tra.", "success")
            return _see("round_page", survey=survey, code=code)
    return _page(
        "manage/round.html",
        form,
        round=round_,
        line=fieldwork.round_line(round_),
        late=count_late(round_),
        duplicates=duplicates.count(round_),
        strata=fieldwork.outcomes_by_stratum(round_),
        days=fieldwork.answers_by_day(round_),
        opt_in_days=fieldwork.answers_by_day(round_, Source.OPT_IN),
        openrosa_address=f"{request.url_root}openrosa/{round_.project_token}",
        public_address=f"{request.url_root}s/{survey}",
        synthetic=round_.is_synthetic,
        **respondents.facts(round_),
    )


@manage.post("/<survey>/<code>/open")
@allowed_to("manage")
def open_(survey: str, code: str) -> Redirect:
    """Let answers in, if the gate lets the round through."""
    try:
        round_ = find_round(survey, code)
        open_round(round_)
        late = admit(round_)
    except Fault as fault:
        db.session.rollback()
        flash(str(fault), "error")
    else:
        db.session.commit()
        flash("Đợt đã mở, đang nhận câu trả lời.", "success")
        if late.taken or late.left:
            flash(
                f"Phiếu nộp muộn: {late.taken} đã được nhận, {late.left} để riêng vì mã phiếu đã có câu trả lời."
            )
    return _see("round_page", survey=survey, code=code)


@manage.post("/<survey>/<code>/close")
@allowed_to("manage")
def close(survey: str, code: str) -> Redirect:
    """End fieldwork."""
    unreached = service.end_fieldwork(find_round(survey, code))
    db.session.commit()
    flash(f"Đợt đã đóng. {unreached} đơn vị chưa liên hệ được ghi là không gặp.", "success")
    return _see("round_page", survey=survey, code=code)


@manage.post("/<survey>/<code>/invitations.csv")
@allowed_to("manage")
def invitations(survey: str, code: str) -> Response:
    """The personal links of a round's cases; a POST, because taking them is recorded."""
    round_ = find_round(survey, code)
    lines = list(service.invitations(round_, lambda token: f"{request.url_root}k/{token}"))
    service.record_download(round_)
    db.session.commit()
    headers = {
        "Content-Disposition": f'attachment; filename="thu-moi-{round_.survey.code}-{round_.code}.csv"',
        "Cache-Control": "no-store",
    }
    return Response("".join(lines), mimetype="text/csv", headers=headers)


def _page(template: str, form: FlaskForm, **values: object) -> Page:
    """The page, with the status that says whether its form was refused."""
    return render_template(template, form=form, **values), UNPROCESSABLE if form.errors else 200


def _see(endpoint: str, **values: str) -> Redirect:
    return redirect(url_for(f"manage.{endpoint}", **values), code=303)
