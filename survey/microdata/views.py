"""The public pages of microdata: the releases of a survey, one release with its terms, its files."""

from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint, Response, current_app, redirect, render_template, send_file, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from survey.disseminate.catalog import absolute
from survey.disseminate.wording import title_of
from survey.errors import Fault
from survey.extensions import db
from survey.microdata import listing, service
from survey.microdata.anonymising import Report
from survey.microdata.forms import AgreeForm
from survey.microdata.models import MicrodataRelease
from survey.microdata.papers import citation, risk_rows, title
from survey.microdata.plan import ACCESS, PUBLIC, Plan
from survey.signoff.models import SignOffStatus

microdata = Blueprint("microdata", __name__, url_prefix="/du-lieu/<survey>/vi-du-lieu")
# The page of open data stands on a lower floor and may not import this one: it asks by this name.
microdata.add_app_template_global(listing.count_of, "microdata_count")
AGREED = "microdata_agreed"
MOST_REMEMBERED = 50

Page = str | BaseResponse | tuple[str, int]


class Withdrawn(Fault):
    """What was public is so no more."""

    status = HTTPStatus.GONE
    title = "Vi dữ liệu này đã rút lại"


class TermsFirst(Fault):
    """The files are given to whoever agreed to the terms."""

    status = HTTPStatus.FORBIDDEN
    title = "Cần đồng ý điều khoản sử dụng trước"


@microdata.get("")
def releases(survey: str) -> str:
    """Every release of a survey, newest first."""
    found = service.public_releases(survey)
    return render_template(
        "microdata/releases.html",
        survey=survey,
        title=_survey_title(survey, found),
        releases=[(one, service.is_newest(one, found), _title(one)) for one in found],
        access=ACCESS,
        synthetic=any(one.round.is_synthetic for one in found),
    )


@microdata.get("/<int:release_id>")
def release(survey: str, release_id: int) -> str:
    """One release: what it holds, how it was made anonymous, its files or the terms before them."""
    return _page(survey, service.find_public(survey, release_id), AgreeForm())


@microdata.post("/<int:release_id>/dong-y")
def agree(survey: str, release_id: int) -> Page:
    """The terms are agreed to: this browser may take the files."""
    found, form = service.find_public(survey, release_id), AgreeForm()
    if not form.validate_on_submit():
        return _page(survey, found, form), HTTPStatus.UNPROCESSABLE_ENTITY
    service.agree(found)
    db.session.commit()
    session[AGREED] = [*(n for n in session.get(AGREED, ()) if n != found.id), found.id][-MOST_REMEMBERED:]
    return redirect(f"{url_for('.release', survey=survey, release_id=found.id)}#tep", code=303)


@microdata.get("/<int:release_id>/tep/<name>")
def file(survey: str, release_id: int, name: str) -> Response:
    """A file, to whoever may have it; the same address gives the same bytes for ever."""
    found = service.find_public(survey, release_id)
    if found.status == SignOffStatus.WITHDRAWN:
        raise Withdrawn(f"Bản này đã rút lại: {found.public_note}", "Xem bản khác ở danh sách vi dữ liệu.")
    if not _is_open(found):
        raise TermsFirst(
            "Bạn chưa đồng ý điều khoản sử dụng.", "Mở trang của bản vi dữ liệu và đánh dấu đồng ý."
        )
    path = service.find_file(found, name)
    kept = next(one for one in found.files if one.name == name)
    answer = send_file(
        path,
        mimetype=kept.media_type,
        as_attachment=True,
        download_name=name,
        etag=kept.sha256,
        conditional=True,
    )
    answer.cache_control.no_cache = True
    if found.access != PUBLIC:
        answer.cache_control.private = True
    return answer


def _is_open(found: MicrodataRelease) -> bool:
    return found.access == PUBLIC or found.id in session.get(AGREED, ())


def _survey_title(survey: str, found: Sequence[MicrodataRelease]) -> str:
    return title_of(found[0].run, "vi") if found else survey


def _title(found: MicrodataRelease) -> str:
    return title(found.run, found.level, found.version)


def _page(survey: str, found: MicrodataRelease, form: AgreeForm) -> str:
    report = Report.of_mapping(found.report)
    address = absolute("microdata.release", survey=survey, release_id=found.id)
    data = next(one for one in found.files if one.name.endswith(f"-v{found.version}.csv"))
    publisher = current_app.config["KHAOSAT"].publisher
    return render_template(
        "microdata/release.html",
        survey=survey,
        release=found,
        name=_title(found),
        plan=Plan.of_mapping(found.plan),
        report=report,
        risks=risk_rows(report),
        is_newest=service.is_newest(found, service.public_releases(survey)),
        is_open=_is_open(found),
        figures_are_public=found.run in service.published_runs(),
        form=form,
        access=ACCESS,
        citation=citation(publisher, _title(found), found.published_at, address, data.sha256),
        license=current_app.config["KHAOSAT"].license,
        synthetic=found.round.is_synthetic,
    )
