"""Who gets a message, and who does not and why: one rule for the preview and for the moment of sending."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, and_, func, select

from survey.cases.models import Case, Disposition
from survey.extensions import db
from survey.invitations.links import is_revoked, links_are_over, plan_of
from survey.invitations.models import Channel, Contact, Kind, Message, State
from survey.rounds.models import Round


class Way(StrEnum):
    """Which channel a case is written to by."""

    EMAIL_FIRST = "email_first"
    EMAIL = "email"
    SMS = "sms"


WAYS: dict[Way, tuple[Channel, ...]] = {
    Way.EMAIL_FIRST: (Channel.EMAIL, Channel.SMS),
    Way.EMAIL: (Channel.EMAIL,),
    Way.SMS: (Channel.SMS,),
}


class LeftOut(StrEnum):
    """Why a case gets no message; the first that holds is told."""

    ANSWERED = "answered"
    REFUSED = "refused"
    INELIGIBLE = "ineligible"
    STOPPED = "stopped"
    REVOKED = "revoked"
    NO_CONTACT = "no_contact"
    WAITING = "waiting"
    INVITED = "invited"
    RECENT = "recent"


SAYS: dict[LeftOut, str] = {
    LeftOut.ANSWERED: "Đã trả lời",
    LeftOut.REFUSED: "Đã từ chối",
    LeftOut.INELIGIBLE: "Không thuộc diện điều tra",
    LeftOut.STOPPED: "Đã yêu cầu không liên hệ",
    LeftOut.REVOKED: "Liên kết đã thu hồi, chưa cấp lại",
    LeftOut.NO_CONTACT: "Không có số điện thoại hoặc e-mail phù hợp",
    LeftOut.WAITING: "Đã có tin đang chờ gửi",
    LeftOut.INVITED: "Đã được mời bằng tin nhắn",
    LeftOut.RECENT: "Vừa nhận tin, chưa đủ số ngày cách nhau",
}

OVER: dict[str, LeftOut] = {
    Disposition.COMPLETE: LeftOut.ANSWERED,
    Disposition.REFUSAL: LeftOut.REFUSED,
    Disposition.INELIGIBLE: LeftOut.INELIGIBLE,
}


@dataclass(frozen=True)
class Addressee:
    """A case to write to, and by which channel."""

    case_id: int
    channel: Channel
    language: str


@dataclass(frozen=True)
class Audience:
    """Who gets a message now, and how many do not, by reason."""

    to: tuple[Addressee, ...]
    left_out: Mapping[LeftOut, int]

    @property
    def by_channel(self) -> Mapping[Channel, int]:
        """How many messages go by each channel."""
        return Counter(addressee.channel for addressee in self.to)


def audience(round_: Round, kind: Kind, way: Way, now: datetime | None = None) -> Audience:
    """Who of a round would get a message of this kind now."""
    since = (now or datetime.now(UTC)) - timedelta(days=plan_of(round_).reminder_gap)
    to: list[Addressee] = []
    left_out: Counter[LeftOut] = Counter()
    for row in db.session.execute(_cases().where(Case.round_id == round_.id).order_by(Case.id)):
        reason = _standing(row) or _timing(row, kind, since)
        channel = next((channel for channel in WAYS[way] if getattr(row, FIELD[channel])), None)
        if reason in (None, *AFTER_CONTACT) and channel is None:
            reason = LeftOut.NO_CONTACT
        if reason is None and channel is not None:
            to.append(Addressee(row.id, channel, str(row.frame_data.get("language", ""))))
        elif reason is not None:
            left_out[reason] += 1
    return Audience(tuple(to), {reason: left_out[reason] for reason in LeftOut if left_out[reason]})


FIELD = {Channel.EMAIL: "email", Channel.SMS: "phone"}
AFTER_CONTACT = (LeftOut.WAITING, LeftOut.INVITED, LeftOut.RECENT)


def why_not_now(message: Message) -> str:
    """Why a queued message is not to be sent after all, read afresh when its turn comes; "" when it is."""
    round_ = db.session.get_one(Round, message.round_id, populate_existing=True)
    if not round_.is_open or links_are_over(round_):
        return "Đợt hoặc liên kết đã hết hạn"
    row = db.session.execute(_cases().where(Case.id == message.case_id)).one()
    if reason := _standing(row):
        return SAYS[reason]
    return "" if getattr(row, FIELD[Channel(message.channel)]) else SAYS[LeftOut.NO_CONTACT]


def _standing(row: Row[Any]) -> LeftOut | None:
    """What stands against any message to a case."""
    if reason := OVER.get(row.disposition):
        return reason
    if row.stopped_at is not None:
        return LeftOut.STOPPED
    return LeftOut.REVOKED if row.is_revoked else None


def _timing(row: Row[Any], kind: Kind, since: datetime) -> LeftOut | None:
    """What stands against another message now."""
    if row.waiting:
        return LeftOut.WAITING
    if kind == Kind.INVITATION:
        return LeftOut.INVITED if row.last_sent else None
    return LeftOut.RECENT if row.last_sent and row.last_sent > since else None


def _cases() -> Select[Any]:
    """What the rule looks at, a row a case."""
    messages = (
        select(
            Message.case_id,
            func.max(Message.sent_at).label("last_sent"),
            func.bool_or(Message.state == State.QUEUED).label("waiting"),
        )
        .group_by(Message.case_id)
        .subquery()
    )
    return (
        select(
            Case.id,
            Case.disposition,
            Case.frame_data,
            Contact.phone,
            Contact.email,
            Contact.stopped_at,
            is_revoked().label("is_revoked"),
            messages.c.last_sent,
            messages.c.waiting,
        )
        .outerjoin(Contact, Contact.case_id == Case.id)
        .outerjoin(messages, and_(messages.c.case_id == Case.id))
    )
