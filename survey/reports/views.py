"""Reports: the page where staff choose one, its files, and the quality report for everybody."""

from datetime import UTC, date, datetime

from flask import Blueprint, Response, current_app, render_template, request

from survey import formats
from survey.accounts.service import allowed_to
from survey.disseminate.caching import revalidated
from survey.disseminate.pages import datasets
from survey.errors import Fault
from survey.reports import service
from survey.reports.forms import ReportForm
from survey.reports.published import published_on
from survey.reports.service import File, Wanted
from survey.rounds.models import Purpose

reports = Blueprint("reports", __name__)


@reports.get("/process/bao-cao/")
@allowed_to("see_process")
def start() -> str:
    """Choose year, day and language; the links below give the reports of that choice."""
    today = _today()
    form = ReportForm(request.args if request.args else None, year=today.year, day=today, lang="vi")
    is_good = not request.args or form.validate()
    year = form.year.data if is_good else today.year
    day = form.day.data if is_good else today
    return render_template(
        "reports/start.html",
        form=form,
        year=year,
        day=day,
        lang=form.lang.data if is_good else "vi",
        count=len(published_on(day, year)),
        formats_of=service.FORMATS,
        surveys=[found for found in datasets() if found.figures[0].purpose != Purpose.VERIFICATION],
    )


@reports.get("/process/bao-cao/<kind>/<int:year>.<suffix>")
@allowed_to("see_process")
def report_file(kind: str, year: int, suffix: str) -> Response:
    """A report as a file."""
    return _sent(service.make(_wanted(kind, year), suffix), "no-store")


@reports.get("/chat-luong/<survey>/<int:year>.<suffix>")
@revalidated
def quality_file(survey: str, year: int, suffix: str) -> Response:
    """The methodology and quality report of a survey, of what is published today."""
    return _sent(service.make(_wanted(service.QUALITY, year, survey), suffix))


def _wanted(kind: str, year: int, survey: str = "") -> Wanted:
    told = request.args.get("day", "")
    try:
        day = date.fromisoformat(told) if told else _today()
    except ValueError as error:
        raise Fault(f"Không đọc được ngày {told[:20]!r}.", "Ghi ngày dạng 2026-12-05.") from error
    return Wanted(kind, year, day, request.args.get("lang", "vi"), survey or request.args.get("survey", ""))


def _today() -> date:
    return formats.local_day(datetime.now(UTC))


def _sent(file: File, caching: str = "") -> Response:
    response = current_app.response_class(file.content, content_type=file.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=file.name)
    if caching:
        response.headers["Cache-Control"] = caching
    return response
