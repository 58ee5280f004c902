"""The desk of administrative values: which line has which, entry, signatures, the agency's papers."""

from datetime import UTC, date, datetime
from io import BytesIO

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Redirect

from survey.accounts.models import User
from survey.accounts.service import allowed_to
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db
from survey.formats import local_day
from survey.registry import wording
from survey.registry.models import Indicator
from survey.registry.service import find_indicator, line_on
from survey.registry.values import finding, overview, service
from survey.registry.values.checks import Check, check
from survey.registry.values.forms import EntryForm
from survey.registry.values.models import AdministrativeValue
from survey.registry.values.papers import BadPaper, attach
from survey.signoff import service as signoff
from survey.signoff.forms import EmbargoForm, ReasonForm, WithdrawForm

administrative = Blueprint("administrative", __name__, url_prefix="/process/danh-muc")

Page = str | Redirect | tuple[str, int]
UNPROCESSABLE = 422


def today() -> date:
    """The day at the province's clock."""
    return local_day(datetime.now(UTC))


def person() -> User:
    """Who is signed in."""
    user: User = current_user._get_current_object()
    return user


@administrative.get("")
@allowed_to("see_process")
def start() -> str:
    """What waits for a signature, and the lines with their last value."""
    chosen = request.args.get("xem", "")
    words = request.args.get("q", "").strip()
    lines = overview.lines(words, chosen, today())
    return render_template(
        "administrative/start.html",
        waiting=overview.waiting(),
        lines=lines,
        words=words,
        chosen=chosen,
        choices=overview.CHOICES,
        recent=overview.seen_imports(),
    )


@administrative.get("/<code>")
@allowed_to("see_process")
def line_page(code: str) -> str:
    """One line: all its values, and who may report it."""
    line = find_indicator(code)
    return render_template(
        "administrative/line.html",
        line=line,
        on=line_on(line, today()),
        values=service.values_of(line),
        wording=wording,
    )


@administrative.route("/<code>/nhap", methods=["GET", "POST"])
@allowed_to("keep_values")
def enter(code: str) -> Page:
    """Enter a value of a line on behalf of the agency that owns it."""
    line = find_indicator(code)
    finding.refuse_measured(line)
    form = _form(line)
    if not form.is_submitted():
        form.period.data = str(today().year - 1)
        return _entry_page(line, form)
    seen = check(form.entry(code), today())
    return _kept(line, form, seen)


@administrative.route("/so/<int:number>/sua", methods=["GET", "POST"])
@allowed_to("keep_values")
def edit(number: int) -> Page:
    """Change a draft, or revise a public value by a new draft with a public note."""
    value = service.find_value(number)
    if not (value.is_open or value.current):
        raise Conflict(signoff.told(value), "Chỉ sửa được bản nháp hoặc số đang công bố.")
    form = _form(value.indicator)
    if not form.is_submitted():
        form.fill(service.as_entry(value))
        form.revision.data = str(value.revision)
        if value.current:
            form.revision_note.data = ""
        return _entry_page(value.indicator, form, value)
    return _kept(value.indicator, form, check(form.entry(value.indicator.code), today(), value), value)


def _form(line: Indicator) -> EntryForm:
    form = EntryForm()
    led = {owner.agency.code: owner.agency.name for owner in line.owners}
    named = led or {agency.code: agency.name for agency in finding.sources(line, today())}
    form.agency.choices = [("", "Chọn cơ quan"), *named.items()]
    return form


def _entry_page(
    line: Indicator, form: EntryForm, value: AdministrativeValue | None = None, seen: Check | None = None
) -> str:
    return render_template(
        "administrative/entry.html", line=line, on=line_on(line, today()), form=form, value=value, seen=seen,
        wording=wording,
    )  # fmt: skip


def _kept(line: Indicator, form: EntryForm, seen: Check, value: AdministrativeValue | None = None) -> Page:
    """Keep what passes; else show what is to be put right or to be looked at again."""
    valid = form.validate()
    for fault in seen.faults:
        form.mark(fault.column, f"{fault.message} {fault.remedy}")
    unpaid = form.needs_paper(value.paper if value is not None and value.is_open else None)
    revises = value is not None and value.current
    if revises and not (form.revision_note.data or "").strip():
        form.mark("revision_note", "Nhập ghi chú công khai: số cũ sai ở đâu, vì sao sửa")
    elif valid and not unpaid and seen.reported is not None:
        if seen.warnings and not form.looked_at.data:
            form.looked_at.errors = ["Đánh dấu là đã đối chiếu những điểm cần xem lại"]
            return _entry_page(line, form, value, seen), UNPROCESSABLE
        try:
            kept = _keep(form, seen, value)
        except BadPaper as fault:
            db.session.rollback()
            form.paper.errors = [str(fault)]
        else:
            db.session.commit()
            flash("Đã lưu bản nháp. Kiểm tra rồi đề nghị công bố.", "success")
            return _to(kept)
    return _entry_page(line, form, value, seen), UNPROCESSABLE


def _keep(form: EntryForm, seen: Check, value: AdministrativeValue | None) -> AdministrativeValue:
    assert seen.reported is not None
    paper = attach(form.paper.data, person())
    if value is None:
        return service.enter(seen.reported, person(), paper)
    if value.current:
        return service.revise(value, seen.reported, person(), paper)
    typed = form.revision.data or ""
    return service.change(value, seen.reported, person(), paper, int(typed) if typed.isdigit() else -1)


@administrative.get("/so/<int:number>")
@allowed_to("see_process")
def value_page(number: int) -> str:
    """One value: what it says, where it comes from, how far it is, and what this person may do."""
    return _value_page(service.find_value(number))


def _value_page(value: AdministrativeValue, failed: str = "", form: object = None) -> str:
    forms_: dict[str, object] = {"embargo": EmbargoForm(), "reason": ReasonForm(), "withdraw": WithdrawForm()}
    if failed:
        forms_[failed] = form
    return render_template(
        "administrative/value.html",
        value=value,
        told=signoff.told(value),
        may_sign=signoff.may_sign(value, person()),
        warnings=_warnings(value),
        failed=failed,
        deeds=forms_,
        wording=wording,
    )


def _warnings(value: AdministrativeValue) -> Check | None:
    """What the signer should look at, by the rules of today."""
    return check(service.as_entry(value), today(), value) if value.status in ("draft", "checked") else None


@administrative.post("/so/<int:number>/de-nghi")
@allowed_to("keep_values")
def propose(number: int) -> Page:
    """The first pair of eyes."""
    value = service.find_value(number)
    signoff.propose(value, person())
    return _done(value, "Đã đề nghị công bố. Cần một thống kê viên khác kiểm tra và ký.")


@administrative.post("/so/<int:number>/tra-lai")
@allowed_to("keep_values")
def send_back(number: int) -> Page:
    """Back to draft, with the reason."""
    value, form = service.find_value(number), ReasonForm()
    if not form.validate_on_submit():
        return _value_page(value, "reason", form), UNPROCESSABLE
    signoff.send_back(value, person(), form.reason.data or "")
    return _done(value, "Đã trả lại: số liệu là bản nháp.")


@administrative.post("/so/<int:number>/ky")
@allowed_to("publish")
def sign(number: int) -> Page:
    """The second pair of eyes: public at once or at the hour chosen."""
    value, form = service.find_value(number), EmbargoForm()
    if not form.validate_on_submit():
        return _value_page(value, "embargo", form), UNPROCESSABLE
    try:
        service.sign(value, person(), form.embargo_until)
    except Fault as fault:
        if isinstance(fault, Conflict) or fault.status != Fault.status:
            raise
        db.session.rollback()
        form.embargo_day.errors = [str(fault)]
        return _value_page(service.find_value(number), "embargo", form), UNPROCESSABLE
    return _done(value, "Đã ký." if value.status == "approved" else "Đã ký và công bố.")


@administrative.post("/so/<int:number>/huy-lich")
@allowed_to("publish")
def put_off(number: int) -> Page:
    """Cancel an embargo: it is to be signed again."""
    value, form = service.find_value(number), ReasonForm()
    if not form.validate_on_submit():
        return _value_page(value, "reason", form), UNPROCESSABLE
    signoff.put_off(value, person(), form.reason.data or "")
    return _done(value, "Đã hủy lịch công bố; cần ký lại.")


@administrative.post("/so/<int:number>/rut")
@allowed_to("publish")
def withdraw(number: int) -> Page:
    """Take back a public value, with a note for all."""
    value, form = service.find_value(number), WithdrawForm()
    if not form.validate_on_submit():
        return _value_page(value, "withdraw", form), UNPROCESSABLE
    service.withdraw(value, person(), form.reason.data or "", form.public_note.data or "")
    return _done(value, "Đã rút lại. Ghi chú công khai đứng ở chỗ của số liệu.")


@administrative.post("/so/<int:number>/xoa")
@allowed_to("keep_values")
def drop(number: int) -> Redirect:
    """Delete a draft."""
    value = service.find_value(number)
    code = value.indicator.code
    service.drop(value, person())
    db.session.commit()
    flash("Đã xóa bản nháp.", "success")
    return redirect(url_for("administrative.line_page", code=code), code=303)


@administrative.get("/so/<int:number>/van-ban")
@allowed_to("see_process")
def paper(number: int) -> Response:
    """The agency's document, as a file to keep: never shown as a page of this service."""
    kept = service.find_value(number).paper
    if kept is None:
        raise NotFound("Số liệu này không có văn bản đính kèm.", "Hỏi người nhập số liệu.")
    return send_file(
        BytesIO(kept.content), mimetype=kept.media_type, as_attachment=True, download_name=kept.name
    )


def _done(value: AdministrativeValue, told: str) -> Redirect:
    db.session.commit()
    flash(told, "success")
    return _to(value)


def _to(value: AdministrativeValue) -> Redirect:
    return redirect(url_for("administrative.value_page", number=value.id), code=303)
