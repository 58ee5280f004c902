"""The public pages: indicators, verification, open data, methods."""

import json
from http import HTTPStatus
from urllib.parse import quote

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as BaseResponse

from survey.disseminate import catalog, drawing, export, lineage, pages, service
from survey.disseminate.caching import revalidated
from survey.disseminate.cards import card, summary
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
        "disseminate/indicator.html",
        page=page,
        synthetic=synthetic,
        formats=export.WRITERS,
        said=summary(page.figure) if page.figure else "",
        site=current_app.config["KHAOSAT"].public_url or request.url_root.rstrip("/"),
    )


@disseminate.get("/chi-tieu/<code>/so-lieu.<suffix>")
@revalidated
def indicator_file(code: str, suffix: str) -> Response:
    """The figures of one indicator as a file."""
    return _file(service.find_figures(code), code, suffix)


@disseminate.get("/chi-tieu/<code>/the.png")
@revalidated
def indicator_card(code: str) -> Response:
    """The indicator's figure as a card, for whoever passes its address on."""
    figure = pages.main_figure(service.find_figures(code))
    if figure is None:
        raise NotFound(f"Chỉ tiêu {code} chưa có số liệu chung.", "Xem các phân tổ ở trang của chỉ tiêu.")
    return current_app.response_class(card(figure), mimetype="image/png")


@disseminate.get("/so-lieu/<int:number>")
@disseminate.get("/so-lieu/<int:number>.<any(json):suffix>")
@revalidated
def number(number: int, suffix: str = "") -> Response:
    """Where one published number comes from, for people and, as JSON, for programs."""
    page = lineage.number_page(number)
    kinds = request.accept_mimetypes.best_match(["text/html", "application/json"])
    if suffix or kinds == "application/json":
        response = make_response(lineage.as_json(page))
    else:
        synthetic = page.figure.is_synthetic
        response = make_response(render_template("disseminate/number.html", page=page, synthetic=synthetic))
    response.status_code = HTTPStatus.GONE if page.figure.is_withdrawn else HTTPStatus.OK
    response.vary.add("Accept")
    return response


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
    return render_template(
        "disseminate/open_data.html",
        datasets=pages.datasets(),
        formats=export.WRITERS,
        license=current_app.config["KHAOSAT"].license,
    )


@disseminate.get("/du-lieu/catalog.jsonld")
@revalidated
def catalogue() -> Response:
    """The catalogue of all open data for data portals, DCAT-AP in JSON-LD."""
    text = json.dumps(catalog.catalog(), ensure_ascii=False, indent=1)
    response = current_app.response_class(text, mimetype=catalog.MEDIA_TYPE)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@disseminate.get("/du-lieu/<survey>/so-lieu.<suffix>")
@revalidated
def survey_file(survey: str, suffix: str) -> Response:
    """The published figures of one survey as a file."""
    return _file(service.survey_figures(survey), survey, suffix)


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
