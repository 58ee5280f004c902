"""The pages of population totals: list, bring in, look at the differences, accept, take up."""

import csv
import io

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect
from wtforms import SelectChoice

from survey.accounts.service import allowed_to
from survey.errors import Fault
from survey.extensions import db
from survey.process.labels import labels_of
from survey.process.recipes import control_sets as sets
from survey.process.recipes.blueprint import NUMBER, recipes
from survey.process.recipes.control_changes import changes, needs_sureness, population_change
from survey.process.recipes.forms import CHOOSE, AcceptForm, ControlsForm
from survey.process.recipes.models import ControlStatus, PopulationBase
from survey.process.recipes.population import BASES, About, definitions_of, files_of
from survey.process.recipes.totals import read_totals
from survey.process.recipes.views import UNPROCESSABLE, Page, person
from survey.process.service import recipe_of
from survey.rounds.models import Round
from survey.rounds.service import find_round
from survey.text import defused, in_language

OTHERS = "khác"


@recipes.get("/tong-the")
@allowed_to("see_process")
def control_sets(survey: str, code: str) -> str:
    """The sets of totals of the survey, and the files of the questionnaire that they stand for."""
    round_ = find_round(survey, code)
    return render_template(
        "process/recipes/control_sets.html",
        round=round_,
        sets=sets.sets_of(round_.survey),
        files=files_of(round_),
        own=round_.instrument_version.controls,
        bases=BASES,
        synthetic=round_.is_synthetic,
    )


@recipes.route("/tong-the/moi", methods=["GET", "POST"])
@allowed_to("weight")
def bring_controls(survey: str, code: str) -> Page:
    """Bring totals in from a file; nothing uses them before somebody has seen what they change."""
    round_ = find_round(survey, code)
    form = _form(round_)
    if not form.validate_on_submit():
        return _bring_page(form, round_), UNPROCESSABLE if form.is_submitted() else 200
    try:
        read = read_totals(form.file.data.read(), form.numbers.data or None)
        proposed = sets.propose(round_, person(), _about(form), read.totals)
    except Fault as fault:
        db.session.rollback()
        return _bring_page(form, find_round(survey, code), fault), UNPROCESSABLE
    db.session.commit()
    if read.notice:
        flash(read.notice, "warning")
    return _to(round_, proposed.number)


def _form(round_: Round) -> ControlsForm:
    form = ControlsForm()
    files = files_of(round_)
    form.stands_for.choices = [CHOOSE, *(SelectChoice(name, name) for name in files)]
    counted = {in_language(entry.get("population"), "vi"): None for entry in files.values()}
    form.population.choices = [CHOOSE, *(SelectChoice(words, words) for words in counted),
                               SelectChoice(OTHERS, "những người hay đơn vị khác")]  # fmt: skip
    return form


def _about(form: ControlsForm) -> About:
    assert form.reference_date.data
    return About(
        file=form.stands_for.data,
        source=(form.source.data or "").strip(),
        reference_date=form.reference_date.data,
        population_base=PopulationBase(form.population_base.data),
        population=form.population.data,
        status=ControlStatus(form.status.data),
    )


def _bring_page(form: ControlsForm, round_: Round, fault: Fault | None = None) -> str:
    return render_template(
        "process/recipes/bring_controls.html",
        round=round_, form=form, fault=fault, files=files_of(round_), definitions=definitions_of,
        synthetic=round_.is_synthetic,
    )  # fmt: skip


@recipes.get(f"/tong-the/{NUMBER}")
@allowed_to("see_process")
def control_set(survey: str, code: str, number: int) -> str:
    """One set beside the totals in use."""
    round_ = find_round(survey, code)
    found = sets.find_set(round_.survey, number)
    told = changes(round_, found)
    return render_template(
        "process/recipes/control_set.html",
        round=round_, set=found, changes=told, bases=BASES,
        labels=labels_of(round_.instrument_version, recipe_of(round_)),
        population_change=population_change(told), needs_sureness=needs_sureness(told),
        form=AcceptForm(), synthetic=round_.is_synthetic,
    )  # fmt: skip


@recipes.post(f"/tong-the/{NUMBER}/xac-nhan")
@allowed_to("weight")
def accept_controls(survey: str, code: str, number: int) -> Redirect:
    """Let recipes use the set."""
    round_ = find_round(survey, code)
    found = sets.find_set(round_.survey, number)
    sets.accept(round_, found, person(), sure=bool(request.form.get("sure")))
    db.session.commit()
    flash(f"Đã xác nhận bộ tổng thể {number}. Phương án nào chọn bộ này thì mới dùng nó.", "success")
    return _to(round_, number)


@recipes.post(f"/tong-the/{NUMBER}/bo")
@allowed_to("weight")
def discard_controls(survey: str, code: str, number: int) -> Redirect:
    """Take back a set that nobody accepted."""
    round_ = find_round(survey, code)
    sets.discard(sets.find_set(round_.survey, number), person())
    db.session.commit()
    flash(f"Đã bỏ bộ tổng thể {number}.", "success")
    return redirect(url_for("recipes.control_sets", survey=survey, code=round_.code), code=303)


@recipes.post(f"/tong-the/{NUMBER}/dung")
@allowed_to("weight")
def take_up_controls(survey: str, code: str, number: int) -> Redirect:
    """Save a version of the newest recipe that weights to this set."""
    round_ = find_round(survey, code)
    saved = sets.take_up(round_, sets.find_set(round_.survey, number), person())
    db.session.commit()
    flash(
        f"Đã lưu phương án {saved.version.number} dùng bộ tổng thể {number}. Chưa chạy lượt nào.", "success"
    )
    address = url_for("recipes.version_page", survey=survey, code=round_.code, number=saved.version.number)
    return redirect(address, code=303)


@recipes.get(f"/tong-the/{NUMBER}.csv")
@allowed_to("see_process")
def control_set_file(survey: str, code: str, number: int) -> Response:
    """The set as a controls.csv, every row with its source, day and population."""
    round_ = find_round(survey, code)
    found = sets.find_set(round_.survey, number)
    said = [
        found.population,
        found.reference_date.isoformat(),
        found.source,
        found.population_base,
        found.status,
    ]
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(
        ["margin", "level", "total", "population", "reference_date", "source", "population_base", "status"]
    )
    for row in found.totals:
        writer.writerow([defused(cell) for cell in (row.margin, row.level, f"{row.total:.15g}", *said)])
    headers = {"Content-Disposition": f'attachment; filename="controls-{round_.survey.code}-{number}.csv"'}
    return Response("\ufeff" + written.getvalue(), mimetype="text/csv", headers=headers)


def _to(round_: Round, number: int) -> Redirect:
    address = url_for("recipes.control_set", survey=round_.survey.code, code=round_.code, number=number)
    return redirect(address, code=303)
