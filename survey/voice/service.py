"""What senders do: send, look, add, rate the answer, withdraw."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from survey.cases.service import CODE_LENGTH, CODE_LETTERS, tidy_code
from survey.errors import Conflict, NotFound
from survey.extensions import db
from survey.voice import guards
from survey.voice.guards import Opened, keyed
from survey.voice.lists import fields, rules
from survey.voice.models import (
    PUBLIC_EVENTS,
    EventKind,
    Kind,
    Screening,
    Status,
    VoiceContact,
    VoiceEvent,
    VoicePhoto,
    VoiceSubmission,
)


@dataclass(frozen=True)
class Message:
    """What somebody wishes to say, judged already; empty contact texts mean anonymous."""

    kind: Kind
    field: str
    text: str
    rating: int | None = None
    area_id: int | None = None
    place: tuple[float, float] | None = None
    name: str = ""
    phone: str = ""
    email: str = ""
    language: str = "vi"


@dataclass(frozen=True)
class Sender:
    """What is known of how it was sent; None where nobody was at a page (demonstration)."""

    opened: Opened | None = None
    trap: str = ""
    address: str | None = None


def submit(
    message: Message,
    sender: Sender | None = None,
    photos: Sequence[VoicePhoto] = (),
    *,
    now: datetime | None = None,
    synthetic: bool = False,
) -> str:
    """Keep a message and return its tracking code; the same form sent again gives the same code and nothing new."""
    now = now or datetime.now(UTC)
    nonce = sender.opened.nonce if sender and sender.opened else secrets.token_hex(16)
    # Without the place: after the first of two taps the draft that held it is gone.
    key = keyed("form", f"{nonce}{replace(message, place=None)}")
    if found := _sent_before(key):
        return _code(key, found)
    suspicions = (
        list(guards.suspicions(message.text, sender.trap, sender.opened, sender.address, now))
        if sender
        else []
    )
    submission = _submission(message, key, now, suspicions)
    submission.address_hash = sender.address if sender else None
    submission.is_synthetic = synthetic
    code = _free_code(submission)
    try:
        with db.session.begin_nested():
            db.session.add(submission)
            db.session.flush()
    except IntegrityError:  # the second of two taps at the same moment
        found = _sent_before(key)
        if found is None:
            raise
        return _code(key, found)
    for photo in photos:
        photo.draft_id, photo.submission_id = None, submission.id
    happened(submission, EventKind.RECEIVED, at=now)
    return code


def _submission(message: Message, key: str, now: datetime, suspicions: list[str]) -> VoiceSubmission:
    place = message.place or (None, None)
    contact = VoiceContact(name=message.name, phone=message.phone, email=message.email)
    return VoiceSubmission(
        form_key=key,
        kind=message.kind,
        field=message.field,
        rating=message.rating if message.kind == Kind.RATING else None,
        text=message.text,
        text_hash=guards.text_hash(message.text),
        language=message.language,
        area_id=message.area_id,
        longitude=place[0],
        latitude=place[1],
        status=Status.NEW,
        screening=Screening.SUSPECTED if suspicions else Screening.CLEAR,
        suspicions=suspicions,
        office=fields()[message.field].office,
        created_at=now,
        due_at=now + timedelta(days=rules().answer_within_days[message.kind]),
        contact=contact if message.name or message.phone or message.email else None,
    )


def _sent_before(key: str) -> VoiceSubmission | None:
    return db.session.scalar(select(VoiceSubmission).where(VoiceSubmission.form_key == key))


def _letters(key: str, attempt: int) -> str:
    """Eight letters made of a keyed hash: 30^8 codes, and the same form has the same code."""
    number = int(keyed("code", f"{key} {attempt}"), 16)
    digits = []
    for _ in range(CODE_LENGTH):
        number, digit = divmod(number, len(CODE_LETTERS))
        digits.append(CODE_LETTERS[digit])
    return "".join(digits)


def _free_code(submission: VoiceSubmission) -> str:
    for attempt in range(20):
        code = _letters(submission.form_key, attempt)
        submission.code_hash = keyed("tracking", code)
        taken = select(VoiceSubmission.id).where(VoiceSubmission.code_hash == submission.code_hash)
        with db.session.no_autoflush:
            if db.session.scalar(taken) is None:
                return code
    raise Conflict("Chưa tạo được mã tra cứu.", "Xin gửi lại.")


def _code(key: str, submission: VoiceSubmission) -> str:
    """The code of a form that was sent already."""
    codes = (_letters(key, attempt) for attempt in range(20))
    return next(code for code in codes if keyed("tracking", code) == submission.code_hash)


def happened(
    submission: VoiceSubmission,
    kind: EventKind,
    text: str = "",
    *,
    user_id: int | None = None,
    at: datetime | None = None,
    **detail: object,
) -> None:
    """Add to what happened to a message."""
    event = VoiceEvent(submission_id=submission.id, kind=kind, text=text, user_id=user_id, detail=detail)
    if at is not None:
        event.at = at
    db.session.add(event)


def submission_of_code(code: str, *, lock: bool = False) -> VoiceSubmission:
    """The message of a typed code; raise `NotFound`, which does not say why."""
    query = select(VoiceSubmission).where(VoiceSubmission.code_hash == keyed("tracking", tidy_code(code)))
    found = db.session.scalar(query.with_for_update(of=VoiceSubmission) if lock else query)
    if found is None:
        raise NotFound("Không có ý kiến nào với mã này.", "Kiểm tra lại 8 ký tự của mã.")
    return found


def public_events(submission: VoiceSubmission) -> list[VoiceEvent]:
    """What the sender may see, in order; a joined message shows the answers of the one that it was joined to."""
    own = select(VoiceEvent).where(
        VoiceEvent.submission_id == submission.id, VoiceEvent.kind.in_(PUBLIC_EVENTS)
    )
    events = list(db.session.scalars(own))
    if submission.duplicate_of_id:
        common = select(VoiceEvent).where(
            VoiceEvent.submission_id == submission.duplicate_of_id, VoiceEvent.kind == EventKind.ANSWER
        )
        events += db.session.scalars(common)
    return sorted(events, key=lambda event: (event.at, event.id))


def reply(submission: VoiceSubmission, text: str) -> None:
    """Add what the sender says besides; a message that was done is open again. Raises `Conflict`."""
    _refuse_withdrawn(submission)
    if count_replies(submission) >= rules().most_replies:
        raise Conflict("Đã viết thêm quá nhiều lần.", "Gửi ý kiến mới nếu cần nói thêm.")
    happened(submission, EventKind.REPLY, text)
    if not submission.is_open and submission.duplicate_of_id is None:
        submission.status, submission.closed_at = Status.IN_PROGRESS, None
        happened(submission, EventKind.STATUS, status=Status.IN_PROGRESS)
    submission.touched_at = datetime.now(UTC)


def count_replies(submission: VoiceSubmission) -> int:
    """How often the sender added something."""
    return sum(event.kind == EventKind.REPLY for event in public_events(submission))


def is_answered(submission: VoiceSubmission) -> bool:
    """Whether there is an answer to rate."""
    return any(event.kind == EventKind.ANSWER for event in public_events(submission))


def rate_answer(submission: VoiceSubmission, satisfaction: int) -> None:
    """Keep how the sender finds the answer, the last word counts; raise `Conflict` without an answer."""
    _refuse_withdrawn(submission)
    if not is_answered(submission):
        raise Conflict("Chưa có câu trả lời để đánh giá.", "Xem lại sau khi có trả lời.")
    if submission.satisfaction != satisfaction:
        submission.satisfaction = satisfaction
        happened(submission, EventKind.SATISFACTION, satisfaction=satisfaction)


def withdraw(submission: VoiceSubmission) -> None:
    """Delete words, photos, place and contact for good; that something was withdrawn stays."""
    if submission.status == Status.WITHDRAWN:
        return
    now = datetime.now(UTC)
    db.session.execute(delete(VoicePhoto).where(VoicePhoto.submission_id == submission.id))
    db.session.execute(delete(VoiceContact).where(VoiceContact.submission_id == submission.id))
    db.session.execute(update(VoiceEvent).where(VoiceEvent.submission_id == submission.id).values(text=""))
    db.session.expire(submission, ["photos", "contact", "events"])
    submission.text, submission.public_text, submission.public_answer = "", None, None
    submission.text_hash, submission.published_at = keyed("withdrawn", submission.form_key), None
    submission.longitude = submission.latitude = None
    submission.status, submission.closed_at, submission.touched_at = Status.WITHDRAWN, now, now
    happened(submission, EventKind.WITHDRAWN)


def _refuse_withdrawn(submission: VoiceSubmission) -> None:
    if submission.status == Status.WITHDRAWN:
        raise Conflict("Ý kiến này đã được rút.", "Gửi ý kiến mới nếu cần nói thêm.")
