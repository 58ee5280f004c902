"""The public pages: indicators, verification, open data, methods."""

from http import HTTPStatus
from urllib.parse import quote

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as BaseResponse

from survey.disseminate import drawing, export, pages, service
from survey.disseminate.caching import revalidated
from survey.disseminate.models import Observation
from survey.disseminate.verification import verifications
from survey.errors import NotFound
from survey.registry.service import provinces_of
from survey.registry.values.service import latest_public
from survey.rounds.models import Purpose

disseminate = Blueprint("disseminate", __name__)


@disseminate.record_once
def _keep_drawings(state: BlueprintSetupState) -> None:
    """Drawings live in the data folder: a worker that starts does not draw what another has drawn."""
    drawing.keep_in(state.app.config["KHAOSAT"].home / "charts")


@disseminate.get("/")
@revalidated
def start() -> str:
    """The province's published indicators, and the registry lines that match a search."""
    words = request.args.get("q", "").strip()
    figures = pages.provincial()
    return render_template(
        "disseminate/start.html",
        words=words,
        published=pages.found(figures, words),
        topics=pages.topics(words) if words else [],
        plans=provinces_of(figure.registry_code for figure in figures),
        synthetic=any(figure.is_synthetic for figure in figures),
    )


@disseminate.get("/chi-tieu")
@revalidated
def registry() -> str:
    """All lines of the provinces' plans, with the figures there are."""
    words = request.args.get("q", "").strip()
    return render_template(
        "disseminate/registry.html", words=words, topics=pages.topics(words), reported=latest_public()
    )


@disseminate.get("/chi-tieu/<code>")
@revalidated
def indicator(code: str) -> str | BaseResponse:
    """One indicator, by its own code or by its registry line."""
    page = pages.indicator_page(code)
    if page.figure and page.figure.purpose == Purpose.VERIFICATION:
        return redirect(f"{url_for('.verification')}?chi-tieu={quote(page.figure.indicator)}")
    synthetic = bool(page.figure and page.figure.is_synthetic) or page.beside.synthetic
    return render_template(
        "disseminate/indicator.html", page=page, synthetic=synthetic, formats=export.WRITERS
    )


@disseminate.get("/chi-tieu/<code>/so-lieu.<suffix>")
@revalidated
def indicator_file(code: str, suffix: str) -> Response:
    """The figures of one indicator as a file."""
    return _file(service.find_figures(code), code, suffix)


@disseminate.get("/kiem-chung")
@revalidated
def verification() -> str:
    """Real surveys recomputed by this service."""
    found = verifications(request.args.get("chi-tieu", ""))
    return render_template("disseminate/verification.html", verifications=found, formats=export.WRITERS)


@disseminate.get("/du-lieu")
@revalidated
def open_data() -> str:
    """All published figures as files, one row a survey."""
    return render_template("disseminate/open_data.html", datasets=pages.datasets(), formats=export.WRITERS)


@disseminate.get("/du-lieu/<survey>/so-lieu.<suffix>")
@revalidated
def survey_file(survey: str, suffix: str) -> Response:
    """The published figures of one survey as a file."""
    observations = service.current(survey)
    if not observations:
        raise NotFound(f"Chưa có số liệu công bố của khảo sát {survey}.", "Xem danh sách ở trang dữ liệu.")
    return _file(observations, survey, suffix)


@disseminate.get("/phuong-phap")
@revalidated
def methods() -> str:
    """How figures are made, in short."""
    return render_template("disseminate/methods.html")


def _file(observations: list[Observation], name: str, suffix: str) -> Response:
    if suffix not in export.WRITERS:
        raise NotFound(f"Không có định dạng {suffix}.", f"Chọn một trong: {', '.join(export.WRITERS)}.")
    response = current_app.response_class(
        export.WRITERS[suffix](observations),
        HTTPStatus.OK,
        mimetype=None,
        content_type=export.MEDIA_TYPES[suffix],
    )
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.{suffix}")
    return response
