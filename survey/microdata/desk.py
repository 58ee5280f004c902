"""The statistician's pages of microdata: make a draft, look at it, put it forward, sign it, take it back."""

from http import HTTPStatus

from flask import Blueprint, Response, flash, redirect, render_template, send_file, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from analysis import SurveyError
from survey.accounts.service import allowed_to
from survey.errors import Fault
from survey.extensions import db
from survey.microdata import service
from survey.microdata.anonymising import NotAnonymous, Report
from survey.microdata.forms import PlanForm, described, filled
from survey.microdata.making import Bench, tried
from survey.microdata.models import MicrodataRelease
from survey.microdata.papers import risk_rows
from survey.microdata.plan import ACCESS, DESIGNS, Plan, suggested
from survey.process.service import find_run
from survey.process.statistical_faults import in_vietnamese
from survey.signoff import service as signoff
from survey.signoff.forms import ReasonForm, WithdrawForm

microdata_desk = Blueprint("microdata_desk", __name__, url_prefix="/vi-du-lieu")
Page = str | BaseResponse | tuple[str, int]


@microdata_desk.get("/")
@allowed_to("see_process")
def start() -> str:
    """Published runs from which microdata can be released, and the releases there are."""
    return render_template(
        "microdata/start.html",
        runs=service.published_runs(),
        releases=service.all_releases(),
        told=signoff.told,
    )


@microdata_desk.get("/luot/<int:run_id>/<level>")
@allowed_to("publish")
def plan_page(run_id: int, level: str) -> str:
    """The form, filled in as the last release of the level was, else as suggested."""
    bench = service.bench_of(find_run(run_id), level)
    return _plan_page(bench, filled(_plan_before(bench), bench.offered))


@microdata_desk.post("/luot/<int:run_id>/<level>")
@allowed_to("publish")
def make(run_id: int, level: str) -> Page:
    """Make a draft, or say what has to change first."""
    bench = service.bench_of(find_run(run_id), level)
    form = PlanForm()
    if not form.validate_on_submit():
        return _plan_page(bench, form), HTTPStatus.UNPROCESSABLE_ENTITY
    plan = form.plan(level)
    try:
        release = service.make(bench, plan, current_user._get_current_object())
    except (Fault, SurveyError) as error:
        db.session.rollback()
        fault = in_vietnamese(error) if isinstance(error, SurveyError) else error
        form.form_errors.append(str(fault))
        report = tried(bench, plan).report if isinstance(fault, NotAnonymous) else None
        return _plan_page(bench, form, report), HTTPStatus.UNPROCESSABLE_ENTITY
    db.session.commit()
    flash("Đã làm bản nháp. Xem báo cáo ẩn danh rồi đề nghị công bố.", "success")
    return _to(release)


def _plan_page(bench: Bench, form: PlanForm, report: Report | None = None) -> str:
    return render_template(
        "microdata/plan.html",
        bench=bench,
        run=bench.run,
        form=form,
        rows=described(form, bench.offered),
        report=report,
        risks=risk_rows(report) if report else [],
        synthetic=bench.run.round.is_synthetic,
    )


def _plan_before(bench: Bench) -> Plan:
    """That of the last release of this level, without variables that are offered no more."""
    last = next(
        (
            r
            for r in service.all_releases()
            if (r.round_id, r.level) == (bench.run.round_id, bench.level.name)
        ),
        None,
    )
    return Plan.of_mapping(last.plan) if last else suggested(bench.level.name, bench.offered)


@microdata_desk.get("/ban/<int:release_id>")
@allowed_to("see_process")
def release_page(release_id: int) -> str:
    """A release with its report and files, and what this person may do about it."""
    return _release_page(service.find_release(release_id), ReasonForm(), WithdrawForm())


def _release_page(release: MicrodataRelease, back: ReasonForm, take_back: WithdrawForm) -> str:
    report = Report.of_mapping(release.report)
    return render_template(
        "microdata/draft.html",
        release=release,
        plan=Plan.of_mapping(release.plan),
        report=report,
        risks=risk_rows(report),
        told=signoff.told(release),
        may_sign=signoff.may_sign(release, current_user),
        back=back,
        take_back=take_back,
        access=ACCESS,
        designs=DESIGNS,
        synthetic=release.round.is_synthetic,
    )


@microdata_desk.get("/ban/<int:release_id>/tep/<name>")
@allowed_to("see_process")
def file(release_id: int, name: str) -> Response:
    """A file of a release in any state, for whoever checks it."""
    release = service.find_release(release_id)
    answer = send_file(service.find_file(release, name), as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@microdata_desk.post("/ban/<int:release_id>/de-nghi")
@allowed_to("publish")
def propose(release_id: int) -> Page:
    """The first signature."""
    release = service.find_release(release_id)
    service.propose(release, current_user._get_current_object())
    return _done(release, "Đã đề nghị công bố. Cần một thống kê viên khác kiểm tra và ký.")


@microdata_desk.post("/ban/<int:release_id>/ky")
@allowed_to("publish")
def sign(release_id: int) -> Page:
    """The second signature: public from now on."""
    release = service.find_release(release_id)
    service.sign(release, current_user._get_current_object())
    return _done(release, "Đã ký: vi dữ liệu được công bố.")


@microdata_desk.post("/ban/<int:release_id>/tra-lai")
@allowed_to("publish")
def send_back(release_id: int) -> Page:
    """Back to a draft, with the reason."""
    form, release = ReasonForm(), service.find_release(release_id)
    if not form.validate_on_submit():
        return _release_page(release, form, WithdrawForm(formdata=None)), HTTPStatus.UNPROCESSABLE_ENTITY
    signoff.send_back(release, current_user._get_current_object(), str(form.reason.data))
    return _done(release, "Đã trả lại bản nháp.")


@microdata_desk.post("/ban/<int:release_id>/rut-lai")
@allowed_to("publish")
def withdraw(release_id: int) -> Page:
    """Public no more; the page keeps the public note."""
    form, release = WithdrawForm(), service.find_release(release_id)
    if not form.validate_on_submit():
        return _release_page(release, ReasonForm(formdata=None), form), HTTPStatus.UNPROCESSABLE_ENTITY
    reason, note = str(form.reason.data), str(form.public_note.data)
    signoff.withdraw(release, current_user._get_current_object(), reason, note)
    return _done(release, "Đã rút lại; tệp không tải được nữa.")


@microdata_desk.post("/ban/<int:release_id>/xoa")
@allowed_to("publish")
def drop(release_id: int) -> Page:
    """A draft goes."""
    service.drop(service.find_release(release_id), current_user._get_current_object())
    db.session.commit()
    flash("Đã xóa bản nháp.", "success")
    return redirect(url_for(".start"), code=303)


def _done(release: MicrodataRelease, words: str) -> BaseResponse:
    db.session.commit()
    flash(words, "success")
    return _to(release)


def _to(release: MicrodataRelease) -> BaseResponse:
    return redirect(url_for(".release_page", release_id=release.id), code=303)
