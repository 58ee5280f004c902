"""From draft to public by two people, each step under a row lock and in the audit trail.

Every function locks the row first, so of two people who act at once one does it and the other is told who was
first. All return True when they changed something and False when the same person had done just that before (a
double press, a page sent again); they raise `Refused` for who may not, `Conflict` when somebody else was there
first or the state is another, `Fault` for what was given wrongly. The caller commits.
"""

from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import or_, select

from survey import formats
from survey.accounts.models import User
from survey.accounts.service import may, record, require
from survey.errors import Conflict, Fault, Refused
from survey.extensions import db
from survey.signoff.models import SignOff, SignOffStatus
from survey.text import composed

T = TypeVar("T", bound=SignOff)
LONGEST_TEXT = 1000
SEE = "Tải lại trang để xem tình trạng hiện nay."


class EmbargoLasts(Conflict):
    """It is signed, and its hour has not come."""

    title = "Chưa tới giờ công bố"


class HourPassed(Fault):
    """The embargo that was asked for would have ended already."""

    title = "Giờ công bố đã qua"


def propose(
    thing: SignOff, user: User, now: datetime | None = None, detail: dict[str, Any] | None = None
) -> bool:
    """Who has checked a draft puts it forward: it waits for a second person. Also after it was sent back."""
    require(user, thing.propose_deed)
    lock(thing)
    if thing.status != SignOffStatus.DRAFT:
        return _done_before(thing, SignOffStatus.CHECKED, user, thing.proposed_by)
    thing.status, thing.proposed_by, thing.proposed_at = SignOffStatus.CHECKED, user, now or _now()
    thing.reason = ""
    _record("propose", thing, user, **(detail or {}))
    return True


def send_back(thing: SignOff, user: User, reason: str) -> bool:
    """A second person finds something, or the first takes it back: from checked to draft, with the reason.

    The one who proposed may always take it back; others need the deed of signing.
    """
    reason = written(reason, "lý do trả lại")
    lock(thing)
    if thing.proposed_by_id != user.id:
        require(user, thing.sign_deed)
    if thing.status == SignOffStatus.DRAFT and thing.reason == reason:
        return False
    _expect(thing, SignOffStatus.CHECKED)
    proposer = thing.proposed_by
    thing.status, thing.proposed_by, thing.proposed_at = SignOffStatus.DRAFT, None, None
    thing.reason = reason
    _record("send_back", thing, user, reason=reason, proposed_by=proposer.username if proposer else None)
    return True


def approve(
    thing: SignOff, user: User, embargo_until: datetime | None = None, now: datetime | None = None
) -> bool:
    """A second person signs; public from `embargo_until` (aware), None: at once.

    Signing publishes nothing by itself: the caller goes on with `publish`, its own or this room's, where there is
    no embargo, and declares a periodic job over `due` for the others. Four eyes: `Refused` for who proposed.
    """
    require(user, thing.sign_deed)
    now = now or _now()
    lock(thing)
    if thing.status == SignOffStatus.DRAFT:
        raise Conflict(
            f"{thing.sign_off_name} chưa được đề nghị công bố.", "Một người kiểm tra và đề nghị trước."
        )
    if thing.status != SignOffStatus.CHECKED:
        return _done_before(thing, SignOffStatus.APPROVED, user, thing.approved_by, embargo_until)
    if thing.proposed_by_id == user.id:
        raise Refused(
            "Người đề nghị không được tự ký công bố.", "Nhờ một người khác kiểm tra và ký (bốn mắt)."
        )
    if embargo_until is not None:
        _refuse_past(embargo_until, now)
    thing.status, thing.approved_by, thing.approved_at = SignOffStatus.APPROVED, user, now
    thing.embargo_until, thing.reason = embargo_until, ""
    _record("approve", thing, user, embargo_until=embargo_until.isoformat() if embargo_until else None)
    return True


def put_off(thing: SignOff, user: User | None, reason: str) -> bool:
    """The embargo is cancelled before anything is public: from approved to checked, to be signed again.

    `user` None is the service itself, where something forbids publishing at the hour that was set.
    """
    reason = written(reason, "lý do hủy lịch công bố")
    if user is not None:
        require(user, thing.sign_deed)
    lock(thing)
    if thing.status == SignOffStatus.CHECKED and thing.reason == reason:
        return False
    _expect(thing, SignOffStatus.APPROVED)
    embargo, signer = thing.embargo_until, thing.approved_by
    thing.status, thing.approved_by, thing.approved_at = SignOffStatus.CHECKED, None, None
    thing.embargo_until, thing.reason = None, reason
    _record(
        "put_off", thing, user,
        reason=reason,
        embargo_until=embargo.isoformat() if embargo else None,
        approved_by=signer.username if signer else None,
    )  # fmt: skip
    return True


def publish(thing: SignOff, now: datetime | None = None, detail: dict[str, Any] | None = None) -> bool:
    """What two people signed becomes public, once its embargo has passed; False when it is public already.

    Raises `EmbargoLasts` before its hour and `Conflict` for what is not signed. Needs no person: it may be the
    signer's request or a periodic job, whichever locks the row first. `detail` goes to the audit trail.
    """
    now = now or _now()
    lock(thing)
    if thing.status == SignOffStatus.PUBLISHED:
        return False
    _expect(thing, SignOffStatus.APPROVED)
    if thing.embargo_until is not None and now < thing.embargo_until:
        raise EmbargoLasts(
            f"{thing.sign_off_name} chỉ được công bố từ {formats.datetime(thing.embargo_until)}.",
            "Đợi tới giờ đó, hoặc hủy lịch rồi ký lại với giờ khác.",
        )
    thing.status, thing.published_at = SignOffStatus.PUBLISHED, now
    _record("publish", thing, thing.approved_by if thing.embargo_until is None else None, **(detail or {}))
    return True


def withdraw(thing: SignOff, user: User, reason: str, public_note: str, now: datetime | None = None) -> bool:
    """What is public is taken back, at once and by one person: a wrong figure does harm while it waits.

    What replaces it takes two people again. `reason` stays in the office; `public_note` stands where it was.
    """
    require(user, thing.sign_deed)
    reason, public_note = written(reason, "lý do rút lại"), written(public_note, "ghi chú công khai")
    lock(thing)
    if thing.status == SignOffStatus.WITHDRAWN:
        return _done_before(thing, SignOffStatus.WITHDRAWN, user, thing.withdrawn_by)
    _expect(thing, SignOffStatus.PUBLISHED)
    thing.status, thing.withdrawn_by, thing.withdrawn_at = SignOffStatus.WITHDRAWN, user, now or _now()
    thing.reason, thing.public_note = reason, public_note
    _record("withdraw", thing, user, reason=reason, public_note=public_note)
    return True


def due(model: type[T], now: datetime | None = None) -> list[T]:
    """Everything of a model that is signed and may be public by now, longest waiting first."""
    query = (
        select(model)
        .where(
            model.status == SignOffStatus.APPROVED,
            or_(model.embargo_until.is_(None), model.embargo_until <= (now or _now())),
        )
        .order_by(model.embargo_until.nulls_first(), model.approved_at)
    )
    return list(db.session.scalars(query))


def lock(thing: SignOff) -> None:
    """Hold the row until the transaction ends, and read it again: what a page showed may be over."""
    db.session.flush()
    db.session.refresh(thing, with_for_update={"of": type(thing)})


def may_sign(thing: SignOff, user: User) -> bool:
    """Whether a page offers this person the second signature."""
    return (
        thing.status == SignOffStatus.CHECKED
        and may(user, thing.sign_deed)
        and thing.proposed_by_id != user.id
    )


def told(thing: SignOff) -> str:
    """What has become of it, in one sentence: who, when."""
    return SENTENCES[SignOffStatus(thing.status)].format(
        name=thing.sign_off_name,
        proposer=thing.proposed_by.full_name if thing.proposed_by else "",
        proposed=formats.datetime(thing.proposed_at),
        signer=thing.approved_by.full_name if thing.approved_by else "",
        embargo=formats.datetime(thing.embargo_until),
        published=formats.datetime(thing.published_at),
        withdrawn=formats.datetime(thing.withdrawn_at),
        note=thing.public_note,
    )


SENTENCES = {
    SignOffStatus.DRAFT: "{name} là bản nháp, chưa ai đề nghị công bố.",
    SignOffStatus.CHECKED: "{name} đã được {proposer} đề nghị công bố lúc {proposed}, đang chờ người thứ hai ký.",
    SignOffStatus.APPROVED: "{name} đã ký: {proposer} đề nghị, {signer} ký, công bố từ {embargo}.",
    SignOffStatus.PUBLISHED: "{name} đã công bố lúc {published}: {proposer} đề nghị, {signer} ký.",
    SignOffStatus.WITHDRAWN: "{name} đã rút lại lúc {withdrawn}: {note}",
}


def written(text: str, what: str) -> str:
    """A text that must say something, without what no column takes; raise `Fault`."""
    cleaned = composed(text)
    if not cleaned:
        raise Fault(f"Chưa có {what}.", f"Nhập {what} bằng một hai câu.")
    if len(cleaned) > LONGEST_TEXT:
        raise Fault(
            f"{what.capitalize()} dài {formats.number(len(cleaned))} ký tự.",
            f"Rút gọn còn không quá {formats.number(LONGEST_TEXT)} ký tự.",
        )
    return cleaned


def _expect(thing: SignOff, status: SignOffStatus) -> None:
    if thing.status != status:
        raise Conflict(told(thing), SEE)


def _done_before(
    thing: SignOff,
    status: SignOffStatus,
    user: User,
    doer: User | None,
    embargo_until: datetime | None = None,
) -> bool:
    """False for the same person's same deed once more; raise `Conflict` for everybody else and everything else."""
    same_hour = embargo_until is None or embargo_until == thing.embargo_until
    reached = thing.status == status or (
        status == SignOffStatus.APPROVED and thing.status == SignOffStatus.PUBLISHED
    )
    if reached and same_hour and doer is not None and doer.id == user.id:
        return False
    raise Conflict(told(thing), SEE)


def _refuse_past(embargo_until: datetime, now: datetime) -> None:
    if embargo_until <= now:
        raise HourPassed(
            f"Giờ công bố {formats.datetime(embargo_until)} đã qua.",
            "Chọn một giờ sau bây giờ, hoặc để trống để công bố ngay.",
        )


def _record(deed: str, thing: SignOff, user: User | None, **detail: object) -> None:
    db.session.flush()  # a new thing has its number only then
    kept = {name: value for name, value in detail.items() if value is not None}
    record(f"{thing.sign_off_kind}.{deed}", thing.sign_off_subject, kept, user=user)


def _now() -> datetime:
    return datetime.now(UTC)
