"""The pages of a file of values: upload, preview of every row, taking in."""

import csv
import io

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as Redirect

from survey.accounts.service import allowed_to
from survey.errors import Fault
from survey.extensions import db
from survey.registry.values import importing
from survey.registry.values.forms import TakeForm, UploadForm
from survey.registry.values.models import ImportStatus, ValueImport
from survey.registry.values.papers import BadPaper, attach
from survey.registry.values.views import UNPROCESSABLE, Page, person, today

value_imports = Blueprint("value_imports", __name__, url_prefix="/process/danh-muc/nhap-tep")

MOST_SHOWN = 200
EXAMPLE = {
    "line": "KH54-13", "period": "2025", "area": "Vĩnh Long", "value": "62", "source_number": "123/BC-SCT",
    "source_date": "10/01/2026", "agency": "Sở Công Thương tỉnh Vĩnh Long", "note": "",
}  # fmt: skip


@value_imports.route("", methods=["GET", "POST"])
@allowed_to("keep_values")
def upload() -> Page:
    """Look at a file: nothing is kept as a value yet."""
    form = UploadForm()
    if not form.validate_on_submit():
        page = render_template("administrative/upload.html", form=form, titles=importing.TITLES)
        return (page, UNPROCESSABLE) if form.is_submitted() else page
    file: FileStorage = form.file.data
    try:
        paper = attach(form.paper.data, person())
        held = importing.look_at(file.read(), file.filename or "", person(), paper)
    except Fault as fault:
        db.session.rollback()
        field = form.paper if isinstance(fault, BadPaper) else form.file
        field.errors = [str(fault)]
        return render_template(
            "administrative/upload.html", form=form, titles=importing.TITLES
        ), UNPROCESSABLE
    db.session.commit()
    return redirect(url_for("value_imports.preview", number=held.id), code=303)


@value_imports.get("/<int:number>")
@allowed_to("keep_values")
def preview(number: int) -> str:
    """Every row with what it would become, and what is wrong with it."""
    return _preview(importing.find_import(number), TakeForm())


def _preview(held: ValueImport, form: TakeForm) -> str:
    rows = importing.check_rows(held, today()) if held.status == ImportStatus.SEEN else []
    return render_template(
        "administrative/preview.html",
        held=held,
        form=form,
        rows=rows,
        faulty=[row for row in rows if row.check.faults],
        unusual=[row for row in rows if row.check.warnings and not row.check.faults],
        good=[row for row in rows if not row.check.findings],
        title_of=importing.column_title,
        most=MOST_SHOWN,
    )


@value_imports.post("/<int:number>/nhan")
@allowed_to("keep_values")
def take(number: int) -> Page:
    """Take the whole file in as drafts."""
    held, form = importing.find_import(number), TakeForm()
    warned = held.status == ImportStatus.SEEN and any(
        row.check.warnings for row in importing.check_rows(held, today())
    )
    if not form.validate_on_submit() or (warned and not form.looked_at.data):
        form.looked_at.errors = ["Đánh dấu là đã đối chiếu những điểm cần xem lại"]
        return _preview(held, form), UNPROCESSABLE
    count = len(importing.take(held, person(), today()))
    db.session.commit()
    flash(f"Đã nhập {count} số liệu dưới dạng bản nháp. Kiểm tra rồi đề nghị công bố.", "success")
    return redirect(url_for("administrative.start", xem="cho"), code=303)


@value_imports.post("/<int:number>/bo")
@allowed_to("keep_values")
def drop(number: int) -> Redirect:
    """Forget the file."""
    importing.drop_import(importing.find_import(number), person())
    db.session.commit()
    flash("Đã bỏ tệp; không có gì được nhập.", "success")
    return redirect(url_for("administrative.start"), code=303)


@value_imports.get("/mau.csv")
@allowed_to("keep_values")
def template() -> Response:
    """An empty table with one example row, as spreadsheets open it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(importing.TITLES.values())
    writer.writerow([EXAMPLE.get(column, "") for column in importing.TITLES])
    headers = {"Content-Disposition": 'attachment; filename="mau-so-lieu-hanh-chinh.csv"'}
    return Response("\ufeff" + text.getvalue(), mimetype="text/csv", headers=headers)
