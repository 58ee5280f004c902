"""A run's estimates at the desk: the table with all columns, its files, and what named methods add to it."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from survey.accounts.service import allowed_to
from survey.errors import Conflict, NotFound
from survey.process import service
from survey.process.estimates.area_table import DEFAULT, SORTS, area_tables
from survey.process.estimates.downloads import MEDIA_TYPES, WRITERS
from survey.process.estimates.source_table import source_tables
from survey.process.estimates.tabulation import Listing, Selection, frame, listings
from survey.process.methods.change import changes_of
from survey.process.models import Run, RunStatus

estimates = Blueprint("estimates", __name__, url_prefix="/process/run/<int:run_id>")


@estimates.get("/uoc-luong")
@allowed_to("see_process")
def table(run_id: int) -> str:
    """One table an indicator with every column, sorted and filtered by links."""
    run = _done(run_id)
    selection = _selection(run)
    return render_template(
        "process/estimates.html",
        run=run,
        selection=selection,
        listings=_listed(run, selection),
        indicators=service.recipe_used(run).indicators,
        changes=changes_of(run),
        synthetic=run.round.is_synthetic,
    )


@estimates.get("/uoc-luong.<kind>")
@allowed_to("see_process")
def file(run_id: int, kind: str) -> Response:
    """The same rows as a file; all indicators unless the address names one."""
    if kind not in WRITERS:
        raise NotFound(f"Không có tệp dạng {kind!r}.", f"Chọn một trong: {', '.join(WRITERS)}.")
    run = _done(run_id)
    content = WRITERS[kind](frame(_listed(run, _selection(run))))
    name = f"uoc-luong-{run.round.survey.code}-luot-{run.id}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, mimetype=MEDIA_TYPES[kind], headers=headers)


@estimates.get("/vung-nho")
@allowed_to("see_process")
def areas(run_id: int) -> str:
    """Modelled figures of small areas beside the direct ones."""
    run = _done(run_id)
    sort = request.args.get("sap", DEFAULT)
    return render_template(
        "process/areas.html",
        run=run,
        tables=area_tables(run, sort),
        sort=sort if sort in SORTS else DEFAULT,
        synthetic=run.round.is_synthetic,
    )


@estimates.get("/tu-nguyen")
@allowed_to("see_process")
def volunteers(run_id: int) -> str:
    """Figures of volunteers' answers apart from the sample's."""
    run = _done(run_id)
    return render_template(
        "process/volunteers.html",
        run=run,
        tables=source_tables(run),
        synthetic=run.round.is_synthetic,
    )


def _done(run_id: int) -> Run:
    run = service.find_run(run_id)
    if run.status != RunStatus.DONE:
        raise Conflict(f"Lượt {run.id} chưa có ước lượng.", "Xem tiến độ ở trang của lượt này.")
    return run


def _selection(run: Run) -> Selection:
    return Selection.of(request.args, [row.code for row in service.recipe_used(run).indicators])


def _listed(run: Run, selection: Selection) -> list[Listing]:
    return listings(run, selection, *_held_against(run))


def _held_against(run: Run) -> tuple[Mapping[str, float], Mapping[str, str]]:
    """Targets and verdicts by indicator: a floor above knows them and lends them to the desk by these names."""
    lent: Mapping[str, Any] = current_app.jinja_env.globals
    return lent["targets_of"](run), lent["verdicts_of"](run)
