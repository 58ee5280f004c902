"""The managers' invitations: links, letters and posters, contacts, messages and reminders of a round."""

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as Redirect

from survey.accounts.service import allowed_to, record
from survey.config import Settings
from survey.errors import Fault
from survey.extensions import db
from survey.formats import number
from survey.invitations import batches, contacts, links, outbox, texts
from survey.invitations.audience import SAYS, Audience, Way, audience
from survey.invitations.forms import (
    REPLACE,
    REVOKE,
    ConfirmForm,
    ContactsForm,
    LinkForm,
    PlanForm,
    SendForm,
    TextForm,
)
from survey.invitations.models import Channel, Kind
from survey.invitations.senders import is_real
from survey.invitations.service import overview
from survey.manage.invitation_jobs import enqueue_delivery
from survey.rounds.models import Round
from survey.rounds.service import find_round

invitations = Blueprint("invitations", __name__, url_prefix="/manage/<survey>/<code>/moi")

Page = str | Redirect | Response | tuple[str, int]
UNPROCESSABLE = 422
MOST_FAULTS_SHOWN = 200


@invitations.get("")
@allowed_to("manage")
def start(survey: str, code: str) -> Page:
    """How the invitations of a round stand, and the way to each deed."""
    round_ = find_round(survey, code)
    return show("start", round_, overview=overview(round_, settings()), link_form=LinkForm())


@invitations.route("/cai-dat", methods=["GET", "POST"])
@allowed_to("manage")
def plan(survey: str, code: str) -> Page:
    """Until when links work, and what letters say."""
    round_ = find_round(survey, code)
    form = PlanForm(obj=links.plan_of(round_))
    if not form.validate_on_submit():
        return show("plan", round_, form)
    kept = links.locked_plan(round_)
    before = kept.links_end
    kept.links_end, kept.reminder_gap = form.links_end.data, form.reminder_gap.data or 1
    kept.telephone = (form.telephone.data or "").strip()
    kept.privacy_address = (form.privacy_address.data or "").strip()
    record(
        "invitations.plan",
        subject_of(round_),
        {"links_end": [str(day) if day else None for day in (before, kept.links_end)]},
    )
    db.session.commit()
    flash("Đã lưu cài đặt thư mời.", "success")
    return lead_to("start", round_)


@invitations.post("/lien-ket")
@allowed_to("manage")
def change_link(survey: str, code: str) -> Page:
    """Revoke or replace one case's link, or note that it wants no messages."""
    round_ = find_round(survey, code)
    form = LinkForm()
    if not form.validate_on_submit():
        return show("start", round_, form, overview=overview(round_, settings()), link_form=form)
    try:
        told = _change_link(round_, form.code.data or "", form.deed.data)
    except Fault as fault:
        db.session.rollback()
        form.code.errors = [str(fault)]
        return show("start", round_, form, overview=overview(round_, settings()), link_form=form)
    flash(told, "success")
    return lead_to("start", round_)


def _change_link(round_: Round, text: str, deed: str) -> str:
    case = links.find_case(round_, text)
    if deed not in (REPLACE, REVOKE):
        contacts.stop(case)
        db.session.commit()
        return f"Phiếu {case.code}: đã ghi nhận, sẽ không gửi tin nữa."
    links.revoke(case, replace=deed == REPLACE)
    stale = batches.delete_stale(round_, settings().files)
    db.session.commit()
    told = "đã thu hồi liên kết cũ và cấp liên kết mới." if deed == REPLACE else "đã thu hồi liên kết."
    also = f" {stale} tệp thư có liên kết cũ đã bị xóa; tạo lại khi cần in." if stale else ""
    return f"Phiếu {case.code}: {told}{also}"


@invitations.route("/lien-he", methods=["GET", "POST"])
@allowed_to("manage")
def contact_data(survey: str, code: str) -> Page:
    """Bring in phones and e-mails, or delete them all."""
    round_ = find_round(survey, code)
    form = ContactsForm()
    if not form.validate_on_submit():
        return _contacts_page(round_, form)
    file: FileStorage = form.file.data
    try:
        done = contacts.import_contacts(round_, file.read(), take_good=form.take_good.data)
    except Fault as fault:
        db.session.rollback()
        form.file.errors = [str(fault)]
        return _contacts_page(round_, form)
    if not done.kept:
        db.session.rollback()
        return _contacts_page(round_, form, refused=done)
    db.session.commit()
    left = f" {len(done.faults)} dòng lỗi bị bỏ qua." if done.faults else ""
    flash(f"Đã nhận liên hệ của {number(done.good)} phiếu.{left}", "success")
    return lead_to("contact_data", round_)


def _contacts_page(
    round_: Round, form: ContactsForm, sure: ConfirmForm | None = None, refused: contacts.Import | None = None
) -> Page:
    return show(
        "contacts",
        round_,
        form,
        counts=contacts.count_contacts(round_),
        sure=sure or ConfirmForm(formdata=None),
        refused=refused,
        most=MOST_FAULTS_SHOWN,
        status=UNPROCESSABLE if refused or form.errors or (sure and sure.errors) else 200,
    )


@invitations.post("/lien-he/xoa")
@allowed_to("manage")
def delete_contacts(survey: str, code: str) -> Page:
    """Delete every number and address of the round."""
    round_ = find_round(survey, code)
    sure = ConfirmForm()
    if not sure.validate_on_submit():
        return _contacts_page(round_, ContactsForm(formdata=None), sure)
    gone = contacts.delete_contacts(round_)
    db.session.commit()
    flash(f"Đã xóa liên hệ của {number(gone)} phiếu.", "success")
    return lead_to("contact_data", round_)


@invitations.route("/noi-dung", methods=["GET", "POST"])
@allowed_to("manage")
def message_text(survey: str, code: str) -> Page:
    """The text of one kind of message, by channel and language, with what it costs as SMS."""
    round_ = find_round(survey, code)
    kind, channel, language = _which(round_)
    own = texts.template_of(links.plan_of(round_), kind, channel, language)
    form = TextForm(obj=own)
    if form.validate_on_submit():
        given = texts.Template(form.subject.data or "", form.text.data or "", form.plain.data)
        try:
            texts.keep_template(links.locked_plan(round_), kind, channel, language, given)
        except Fault as fault:
            db.session.rollback()
            form.text.errors = [str(fault)]
        else:
            record("messages.text", subject_of(round_), {"text": texts.text_key(kind, channel, language)})
            db.session.commit()
            flash("Đã lưu nội dung tin.", "success")
            return lead_to("message_text", round_, loai=kind, kenh=channel, tieng=language)
    return show(
        "text",
        round_,
        form,
        kind=kind,
        channel=channel,
        language=language,
        languages=texts.languages_of(round_),
        example=texts.example(round_, own, language, site_address()),
    )


def _which(round_: Round) -> tuple[Kind, Channel, str]:
    """Which text the address names; what it does not name is the first."""
    kinds, channels, languages = tuple(Kind), tuple(Channel), texts.languages_of(round_)
    kind, channel, language = (request.args.get(name, "") for name in ("loai", "kenh", "tieng"))
    return (
        Kind(kind) if kind in kinds else kinds[0],
        Channel(channel) if channel in channels else channels[0],
        language if language in languages else languages[0],
    )


@invitations.route("/gui/<any(invitation, reminder):kind>", methods=["GET", "POST"])
@allowed_to("manage")
def send(survey: str, code: str, kind: str) -> Page:
    """Who would get a message now and who not and why; a press queues it."""
    round_, wanted = find_round(survey, code), Kind(kind)
    form = SendForm(request.args if request.method == "GET" and "way" in request.args else None)
    if request.method == "POST" and form.validate_on_submit():
        try:
            found = outbox.queue(round_, wanted, Way(form.way.data), site_address())
        except Fault as fault:
            db.session.rollback()
            form.way.errors = [str(fault)]
        else:
            db.session.commit()
            if found.to:
                enqueue_delivery()
            flash(f"{number(len(found.to))} tin đang chờ gửi, mỗi phút nhiều nhất {_rate()} tin.", "success")
            return lead_to("start", round_)
    return show("send", round_, form, kind=wanted, SAYS=SAYS, **_preview(round_, wanted, form))


def _preview(round_: Round, kind: Kind, form: SendForm) -> dict[str, object]:
    """Who gets it, an example of each text, and why nothing can go now."""
    way = Way(form.way.data) if form.way.data in tuple(Way) else Way.EMAIL_FIRST
    found: Audience = audience(round_, kind, way)
    fault = None
    try:
        outbox.refuse_closed(round_)
    except Fault as closed:
        fault = closed
    language = texts.languages_of(round_)[0]
    stored = links.plan_of(round_)
    return {
        "audience": found,
        "fault": fault,
        "examples": {
            channel: texts.example(
                round_, texts.template_of(stored, kind, channel, language), language, site_address()
            )
            for channel in found.by_channel
        },
        "real": {channel: is_real(channel, settings()) for channel in Channel},
    }


@invitations.post("/tin-loi")
@allowed_to("manage")
def retry(survey: str, code: str) -> Redirect:
    """Try failed messages again."""
    round_ = find_round(survey, code)
    count = outbox.retry_failed(round_)
    db.session.commit()
    if count:
        enqueue_delivery()
    flash(f"{number(count)} tin lỗi được gửi lại.", "success")
    return lead_to("start", round_)


@invitations.post("/huy-tin")
@allowed_to("manage")
def cancel(survey: str, code: str) -> Redirect:
    """Take back what has not been sent yet."""
    round_ = find_round(survey, code)
    count = outbox.cancel_waiting(round_)
    db.session.commit()
    flash(f"Đã hủy {number(count)} tin chưa gửi.", "success")
    return lead_to("start", round_)


def settings() -> Settings:
    """The service's settings."""
    config: Settings = current_app.config["KHAOSAT"]
    return config


def site_address() -> str:
    """The address that links begin with: the setting's, else the one under which the manager came."""
    return settings().public_url or request.url_root.rstrip("/")


def _rate() -> str:
    return number(settings().messages_per_minute)


def show(
    template: str, round_: Round, form: FlaskForm | None = None, status: int = 0, **values: object
) -> Page:
    """The page, with the status that says whether its form was refused."""
    page = render_template(
        f"invitations/{template}.html",
        form=form,
        round=round_,
        here={"survey": round_.survey.code, "code": round_.code},
        synthetic=round_.is_synthetic,
        **values,
    )
    return page, status or (UNPROCESSABLE if form is not None and form.errors else 200)


def lead_to(endpoint: str, round_: Round, **values: str) -> Redirect:
    address = url_for(f"invitations.{endpoint}", survey=round_.survey.code, code=round_.code, **values)
    return redirect(address, 303)


def subject_of(round_: Round) -> str:
    return f"round:{round_.survey.code}/{round_.code}"
