"""The delivery desk: what each agency has still to get, what was sent, what came back."""

from datetime import UTC, date, datetime

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Reply

from survey import formats
from survey.accounts.models import User
from survey.accounts.service import allowed_to
from survey.delivery import deadlines, endpoints, forms, jobs, note, outbox, queues, service
from survey.delivery.endpoints import Settled
from survey.delivery.models import Change, Delivery, DeliveryLine, Form, Objection, Way
from survey.delivery.signature import signer_of
from survey.delivery.verifying import COMMANDS, KEY_ADDRESS
from survey.extensions import db
from survey.registry.models import Agency

delivery_desk = Blueprint("delivery", __name__, url_prefix="/gui-so-lieu")
public_key = Blueprint("public_key", __name__)

Page = str | Reply | tuple[str, int]
UNPROCESSABLE = 422
MOST_SHOWN = 50
CHANGE_NAMES = {"new": "mới", "revised": "thay số đã gửi", "withdrawn": "rút lại"}
delivery_desk.add_app_template_global(lambda: deadlines.coming(today()), "coming_deadlines")


def today() -> date:
    """The day at the province's clock."""
    return formats.local_day(datetime.now(UTC))


@public_key.get(KEY_ADDRESS)
def public_key_file() -> Response:
    """The key that tells whether a package is ours; its address never changes."""
    signer = signer_of(current_app.config["KHAOSAT"].home)
    reply = Response(signer.public_pem, content_type="application/x-pem-file")
    reply.headers["Content-Disposition"] = 'inline; filename="khoa-cong-khai.pem"'
    reply.headers["Khaosat-Key-Id"] = signer.key_id
    return reply


@delivery_desk.get("/")
@allowed_to("see_process")
def start() -> str:
    """What waits for whom, what agencies ask, what was sent."""
    return render_template(
        "delivery/start.html",
        queues=queues.queues(),
        orphans=queues.orphans(),
        corrections=service.open_corrections(),
        deliveries=service.deliveries(most=MOST_SHOWN),
        endpoints=endpoints.endpoints(),
        changes=CHANGE_NAMES,
    )


@delivery_desk.get("/co-quan/<code>")
@allowed_to("see_process")
def agency_page(code: str) -> str:
    """One agency: what waits for it, where it takes packages, what it got."""
    return _agency_page(service.find_agency(code), forms.DeliverForm(), None)


def _agency_page(agency: Agency, form: forms.DeliverForm, endpoint_form: forms.EndpointForm | None) -> str:
    endpoint = endpoints.endpoint_of(agency)
    waiting = [queues.queue_of(agency, is_synthetic=synthetic) for synthetic in (False, True)]
    return render_template(
        "delivery/agency.html",
        agency=agency,
        waiting=[queue for queue in waiting if queue.lines],
        row=note.row,
        form=form,
        endpoint=endpoint,
        endpoint_form=endpoint_form or forms.EndpointForm(formdata=None, obj=endpoint),
        has_secret=agency.code in current_app.config["KHAOSAT"].delivery_secrets,
        deliveries=service.deliveries(agency, most=MOST_SHOWN),
        changes=CHANGE_NAMES,
    )


@delivery_desk.post("/co-quan/<code>/gui/<any(that,mophong):kind>")
@allowed_to("deliver")
def deliver(code: str, kind: str) -> Page:
    """Pack, sign and send what waits."""
    agency, form = service.find_agency(code), forms.DeliverForm()
    if not form.validate_on_submit():
        return _agency_page(agency, form, None), UNPROCESSABLE
    home = current_app.config["KHAOSAT"].home
    delivery = service.deliver(agency, _me(), home, is_synthetic=kind == "mophong")
    db.session.commit()
    if delivery.push:
        jobs.enqueue_push()
    flash(f"Đã ký gói {delivery.number}, {len(delivery.lines)} số liệu.", "success")
    return _to(delivery)


@delivery_desk.get("/lan-gui/<int:number>")
@allowed_to("see_process")
def delivery_page(number: int) -> str:
    """One delivery: what is in it, how far it is, what the agency said."""
    return _delivery_page(service.find_delivery(number))


def _delivery_page(
    delivery: Delivery,
    acknowledge: forms.AcknowledgeForm | None = None,
    correction: forms.CorrectionForm | None = None,
) -> str:
    return render_template(
        "delivery/delivery.html",
        delivery=delivery,
        rows=[(note.row(_line(line)), line) for line in delivery.lines],
        acknowledge_form=acknowledge or forms.AcknowledgeForm(formdata=None, prefix="ack"),
        correction_form=correction or forms.CorrectionForm(formdata=None, prefix="cor").of(delivery),
        figure_name=forms.figure_name,
        endpoint=endpoints.endpoint_of(delivery.agency),
        commands=COMMANDS,
        changes=CHANGE_NAMES,
    )


def _line(line: DeliveryLine) -> queues.Line:
    return queues.Line(line.observation, Change(line.change), line.replaces)


@delivery_desk.get("/lan-gui/<int:number>/goi.zip")
@allowed_to("see_process")
def package(number: int) -> Response:
    """The signed package for whoever sends it by other ways."""
    delivery = service.find_delivery(number)
    reply = Response(delivery.package, content_type="application/zip")
    name = f"so-lieu-{delivery.number.partition('/')[0]}.zip"
    reply.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    reply.headers["Cache-Control"] = "private, no-store"
    return reply


@delivery_desk.post("/lan-gui/<int:number>/gui-lai")
@allowed_to("deliver")
def retry(number: int) -> Page:
    """Push now."""
    delivery = service.find_delivery(number)
    outbox.retry_now(delivery, _me())
    db.session.commit()
    jobs.enqueue_push()
    flash("Gói sẽ được gửi ngay.", "success")
    return _to(delivery)


@delivery_desk.post("/lan-gui/<int:number>/xac-nhan")
@allowed_to("deliver")
def acknowledge(number: int) -> Page:
    """The agency's letter says that it has the package."""
    delivery, form = service.find_delivery(number), forms.AcknowledgeForm(prefix="ack")
    if not form.validate_on_submit():
        return _delivery_page(delivery, acknowledge=form), UNPROCESSABLE
    sender = service.Sender(str(form.by.data), Way.LETTER, str(form.reference.data), _me())
    first = service.acknowledge(delivery, sender, str(form.note.data))
    db.session.commit()
    flash("Đã ghi nhận cơ quan xác nhận." if first else "Gói này đã có xác nhận trước đó.", "success")
    return _to(delivery)


@delivery_desk.post("/lan-gui/<int:number>/dinh-chinh")
@allowed_to("deliver")
def request_correction(number: int) -> Page:
    """The agency's letter says that something is wrong."""
    delivery = service.find_delivery(number)
    form = forms.CorrectionForm(prefix="cor").of(delivery)
    if not form.validate_on_submit():
        return _delivery_page(delivery, correction=form), UNPROCESSABLE
    sender = service.Sender(str(form.by.data), Way.LETTER, str(form.reference.data), _me())
    service.request_correction(delivery, sender, str(form.text.data), form.figure.data or None)
    db.session.commit()
    flash("Đã ghi yêu cầu đính chính.", "success")
    return _to(delivery)


@delivery_desk.get("/dinh-chinh/<int:number>")
@allowed_to("see_process")
def correction_page(number: int) -> str:
    """A request and its answer, or the form for one."""
    return _correction_page(service.find_correction(number), forms.AnswerForm())


def _correction_page(correction: Objection, form: forms.AnswerForm) -> str:
    return render_template(
        "delivery/correction.html", correction=correction, form=form, figure_name=forms.figure_name
    )


@delivery_desk.post("/dinh-chinh/<int:number>")
@allowed_to("deliver")
def answer(number: int) -> Page:
    """Accept or reject, with the reason."""
    correction, form = service.find_correction(number), forms.AnswerForm()
    if not form.validate_on_submit():
        return _correction_page(correction, form), UNPROCESSABLE
    accepted = form.decision.data == forms.ACCEPT
    service.answer_correction(correction, _me(), accepted=accepted, answer=str(form.answer.data))
    db.session.commit()
    flash("Đã trả lời yêu cầu đính chính.", "success")
    return redirect(url_for("delivery.correction_page", number=number), code=303)


@delivery_desk.post("/co-quan/<code>/dia-chi")
@allowed_to("connect")
def set_endpoint(code: str) -> Page:
    """Where an agency takes packages."""
    agency, form = service.find_agency(code), forms.EndpointForm()
    if not form.validate_on_submit():
        return _agency_page(agency, forms.DeliverForm(formdata=None), form), UNPROCESSABLE
    chosen = Settled(
        str(form.url.data),
        Form(form.form.data),
        bool(form.allow_private.data),
        bool(form.takes_synthetic.data),
    )
    try:
        endpoints.set_endpoint(agency, chosen, _me())
    except endpoints.BadEndpoint as fault:
        db.session.rollback()
        form.url.errors = [str(fault)]
        return _agency_page(service.find_agency(code), forms.DeliverForm(formdata=None), form), UNPROCESSABLE
    db.session.commit()
    flash("Đã lưu địa chỉ nhận.", "success")
    return _to_agency(agency)


@delivery_desk.post("/co-quan/<code>/dia-chi/bo")
@allowed_to("connect")
def remove_endpoint(code: str) -> Page:
    """Push to this agency no more."""
    agency = service.find_agency(code)
    endpoints.remove_endpoint(agency, _me())
    db.session.commit()
    flash("Đã bỏ địa chỉ nhận. Các gói chưa gửi chờ ở đây, cơ quan vẫn tải được.", "success")
    return _to_agency(agency)


@delivery_desk.post("/co-quan/<code>/<any(dung,tiep):deed>")
@allowed_to("deliver")
def pause(code: str, deed: str) -> Page:
    """Hold packages back, or let them go on."""
    agency = service.find_agency(code)
    outbox.set_paused(endpoints.endpoint_of(agency), _me(), paused=deed == "dung")
    db.session.commit()
    if deed == "tiep":
        jobs.enqueue_push()
    flash("Đã dừng gửi." if deed == "dung" else "Đã gửi tiếp.", "success")
    return _to_agency(agency)


def _me() -> User:
    return current_user._get_current_object()


def _to(delivery: Delivery) -> Reply:
    return redirect(url_for("delivery.delivery_page", number=delivery.id), code=303)


def _to_agency(agency: Agency) -> Reply:
    return redirect(url_for("delivery.agency_page", code=agency.code), code=303)
