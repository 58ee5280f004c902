"""The desk of those who work on messages: the queue, one message, its photos, files."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Redirect
from wtforms import Form

from survey.accounts.models import User
from survey.accounts.service import allowed_to, may, record
from survey.cases.geography import commune_at
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db
from survey.voice import export, triage
from survey.voice import queue as queues
from survey.voice.communes import UnknownCommune, communes, find, names
from survey.voice.desk_forms import (
    AnswerForm,
    AssignForm,
    EmptyForm,
    FilterForm,
    MergeForm,
    NoteForm,
    PublishForm,
    StatusForm,
)
from survey.voice.guards import SUSPICIONS
from survey.voice.lists import offices
from survey.voice.models import Screening, Status, VoiceSubmission
from survey.voice.places import map_of, picture
from survey.voice.words import say

voice_desk = Blueprint("voice_desk", __name__, url_prefix="/y-kien-xu-ly")

Page = str | Redirect | tuple[str, int]
SEE_OTHER, UNPROCESSABLE, CONFLICT = 303, 422, 409


@voice_desk.context_processor
def words() -> dict[str, object]:
    """What every template of the desk uses."""
    return {
        "say": say,
        "STATUS_NAMES": triage.STATUS_NAMES,
        "SUSPICIONS": SUSPICIONS,
        "field_name": triage.field_name,
        "offices": offices(),
        "is_overdue": lambda message: queues.is_overdue(message, datetime.now(UTC)),
    }


@voice_desk.after_request
def keep_private(reply: Response) -> Response:
    """What citizens wrote stays out of caches."""
    reply.headers["Cache-Control"] = "no-store"
    return reply


def _user() -> User:
    user: User = current_user._get_current_object()
    return user


def _filters(asked: Any) -> tuple[FilterForm, queues.Filters]:
    form, area_id = FilterForm(asked), None
    try:
        commune = find(communes(), form.commune.data or "")
        area_id = commune.id if commune else None
    except UnknownCommune as fault:
        form.commune.errors = [say(fault.key, "vi", **fault.values)]
    return form, form.filters(area_id)


@voice_desk.get("/")
@allowed_to("triage")
def queue() -> str:
    """What waits, by tab and filter."""
    form, filters = _filters(request.args)
    asked = request.args.get("trang", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    found = queues.queue(filters, _user(), datetime.now(UTC), page)
    kept = {name: value for name, value in request.args.items() if name != "trang" and value}
    return render_template(
        "voice/queue.html",
        form=form,
        filters=filters,
        queue=found,
        kept=kept,
        synthetic=any(message.is_synthetic for message in found.messages),
    )


@voice_desk.get("/<int(max=2147483647):number>")
@allowed_to("triage")
def message(number: int) -> str:
    """One message with all that happened to it."""
    return _page(triage.find(number), {})


def _page(submission: VoiceSubmission, typed: dict[str, Form], problem: str = "") -> str:
    events = queues.history(submission)
    made = {name: form(None, submission) for name, (form, _, _) in DEEDS.items() if form is not PublishForm}
    publish = PublishForm(None, submission, queues.last_answer(events))
    seen = may(current_user, "see_contacts") and submission.contact is not None
    if seen and request.method == "GET":
        record("voice.see_contact", f"voice:{submission.id}")
        db.session.commit()
    return render_template(
        "voice/message.html",
        message=submission,
        events=events,
        asked={**made, "cong-bo": publish, **typed},
        joined=queues.joined(submission),
        contact=submission.contact if seen else None,
        has_contact=submission.contact is not None,
        problem=problem,
        synthetic=submission.is_synthetic,
    )


@voice_desk.post("/<int(max=2147483647):number>/<deed>")
@allowed_to("triage")
def act(number: int, deed: str) -> Page:
    """One deed; what was typed stays when it does not fit or somebody else was first."""
    if deed not in DEEDS:
        raise NotFound("Không có thao tác này.", "Mở lại trang của ý kiến.")
    form_class, do, told = DEEDS[deed]
    submission = triage.find(number)
    form = form_class(request.form, submission)
    if not form.validate():
        return _page(submission, {deed: form}), UNPROCESSABLE
    try:
        do(triage.take(number, _revision()), _user(), form)
    except Fault as fault:
        db.session.rollback()
        status = CONFLICT if isinstance(fault, Conflict) else UNPROCESSABLE
        return _page(triage.find(number), {deed: form_class(request.form, submission)}, str(fault)), status
    db.session.commit()
    flash(told, "success")
    return redirect(url_for("voice_desk.message", number=number), SEE_OTHER)


def _revision() -> int:
    """The revision that the page showed; 0 for nonsense, which no message has."""
    text = request.form.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@voice_desk.get("/<int(max=2147483647):number>/anh/<int(max=2147483647):photo_id>")
@allowed_to("triage")
def photo(number: int, photo_id: int) -> Response:
    """A photo, for staff only, as a file that is nothing but a picture."""
    found = triage.find_photo(number, photo_id)
    headers = {
        "Content-Disposition": f'inline; filename="YK-{number:05}-{photo_id}.jpg"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(found.content, mimetype=found.media_type, headers=headers)


@voice_desk.get("/<int(max=2147483647):number>/ban-do.png")
@allowed_to("triage")
def place(number: int) -> Response:
    """Where the sender pointed."""
    submission = triage.find(number)
    if submission.longitude is None or submission.latitude is None:
        raise NotFound("Ý kiến này không có điểm trên bản đồ.", "Xem nội dung ý kiến.")
    point = (submission.longitude, submission.latitude)
    shown = map_of(commune_at(*point) or "", request.args.get("rong", ""))
    return Response(picture(shown, names(), point), mimetype="image/png")


@voice_desk.post("/xuat")
@allowed_to("triage")
def download() -> Response:
    """The messages of the filters as a file; a POST, because taking it is recorded."""
    suffix = request.form.get("tep", "")
    if suffix not in export.WRITERS:
        raise NotFound("Không có loại tệp này.", "Chọn CSV hoặc XLSX.")
    _, filters = _filters(request.form)
    user = _user()
    query = queues.selected(filters, user, datetime.now(UTC))
    content = export.export(query, suffix, user, contacts="lien-he" in request.form)
    db.session.commit()
    headers = {"Content-Disposition": f'attachment; filename="y-kien.{suffix}"'}
    return Response(content, content_type=export.WRITERS[suffix][1], headers=headers)


Do = Callable[[VoiceSubmission, User, Any], None]
DEEDS: dict[str, tuple[Callable[..., Any], Do, str]] = {
    "giao": (
        AssignForm,
        lambda m, user, form: triage.assign(
            m, user, form.office.data, int(form.assignee.data) if form.assignee.data else None
        ),
        "Đã giao xử lý.",
    ),
    "tinh-trang": (
        StatusForm,
        lambda m, user, form: triage.set_status(m, user, Status(form.status.data), form.says.data),
        "Đã đổi tình trạng.",
    ),
    "tra-loi": (
        AnswerForm,
        lambda m, user, form: triage.answer(m, user, form.answer.data),
        "Đã trả lời; người gửi thấy ở trang tra cứu.",
    ),
    "ghi-chu": (NoteForm, lambda m, user, form: triage.note(m, user, form.note.data), "Đã ghi chú."),
    "gop": (
        MergeForm,
        lambda m, user, form: triage.merge(m, user, form.original.data),
        "Đã gộp. Bấm “Tách ra” nếu gộp nhầm.",
    ),
    "tach": (EmptyForm, lambda m, user, form: triage.unmerge(m, user), "Đã tách ra."),
    "rac": (
        EmptyForm,
        lambda m, user, form: triage.screen(m, user, Screening.SPAM),
        "Đã đánh dấu là thư rác. Bấm “Không phải thư rác” nếu nhầm.",
    ),
    "hop-le": (
        EmptyForm,
        lambda m, user, form: triage.screen(m, user, Screening.CLEAR),
        "Đã xác nhận là ý kiến hợp lệ.",
    ),
    "cong-bo": (
        PublishForm,
        lambda m, user, form: triage.publish(m, user, form.public_text.data, form.public_answer.data),
        "Đã công bố ở trang tổng hợp.",
    ),
    "thoi-cong-bo": (
        EmptyForm,
        lambda m, user, form: triage.unpublish(m, user),
        "Đã gỡ khỏi trang tổng hợp.",
    ),
}
