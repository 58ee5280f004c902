"""The outbox: messages are queued with the button's commit and sent one transaction each.

Guarantee: a message that was sent and committed is never sent again. A worker that is killed between the carrier's
"taken" and its own commit leaves that one message queued, and it is sent once more, under the same Message-ID (mail)
or Idempotency-Key (SMS gateway). No other message of the batch is touched. One worker at a time sends by a channel.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from survey.accounts.service import record
from survey.cases.models import Case
from survey.config import Settings
from survey.errors import Fault
from survey.extensions import db
from survey.invitations.audience import Audience, Way, audience, why_not_now
from survey.invitations.dispatch import Bounced, ChannelDown, Dispatch, NotSent, Refused, Sender
from survey.invitations.links import links_are_over, locked_plan
from survey.invitations.models import Channel, Contact, Kind, Message, State
from survey.invitations.senders import sender_of
from survey.invitations.texts import filled, languages_of, template_of, written
from survey.invitations.words import STOP_LINE
from survey.rounds.models import Round

# Minutes to wait before each further attempt; after the last the message has failed.
BACK_OFF = (1, 5, 30, 120, 720)
MINUTE = timedelta(minutes=1)
LOCK_SPACE = 0x4B53
"""First key of the advisory locks, so that they meet no others."""
LOCK_KEYS = {Channel.EMAIL: 1, Channel.SMS: 2}


class NotOpen(Fault):
    title = "Chưa gửi được"


@dataclass(frozen=True)
class Delivery:
    """What became of one message."""

    state: State
    reason: str = ""


def refuse_closed(round_: Round) -> None:
    """Raise `NotOpen` where an invited person could not answer."""
    if not round_.is_open:
        raise NotOpen(f"Đợt {round_.code} chưa mở hoặc đã đóng.", "Mở đợt rồi gửi.")
    if links_are_over(round_):
        raise NotOpen("Ngày hết hạn của liên kết đã qua.", "Đặt ngày hết hạn muộn hơn rồi gửi.")


def queue(round_: Round, kind: Kind, way: Way, site: str) -> Audience:
    """Queue a message to everybody who is to get one now, and say who was; the caller commits.

    `site`: address under which people reach the service. Raises `NotOpen`.
    """
    refuse_closed(round_)
    plan = locked_plan(round_)  # two presses of one button queue one after the other
    found = audience(round_, kind, way)
    spoken = languages_of(round_)
    texts = {
        (channel, language): written(round_, template_of(plan, kind, channel, language), language)
        for channel in Channel
        for language in spoken
    }
    rows = []
    for addressee in found.to:
        language = addressee.language if addressee.language in spoken else spoken[0]
        template = texts[addressee.channel, language]
        rows.append(
            {
                "round_id": round_.id,
                "case_id": addressee.case_id,
                "channel": addressee.channel,
                "kind": kind,
                "language": language,
                "subject": template.subject,
                "text": template.text,
                "site": site.rstrip("/"),
            }
        )
    if rows:
        db.session.execute(insert(Message), rows)
    record(
        f"messages.{kind}",
        f"round:{round_.survey.code}/{round_.code}",
        {"queued": len(rows), "way": way, "left_out": dict(found.left_out)},
    )
    return found


def deliver(
    channel: Channel,
    config: Settings,
    goes_on: Callable[[], bool] = lambda: True,
    *,
    sender: Sender | None = None,
) -> list[Delivery]:
    """Send what is due by a channel, at most the rate of a minute, for as long as `goes_on`.

    Returns at once when another worker is sending by this channel. Commits after each message.
    """
    done: list[Delivery] = []
    opened: AbstractContextManager[Sender] = sender or sender_of(channel, config)
    with opened as ready:
        while goes_on() and (delivery := _deliver_next(channel, config, ready)):
            done.append(delivery)
            if delivery.state == State.QUEUED and delivery.reason == HELD_UP:
                break
    return done


HELD_UP = "held up"


def _deliver_next(channel: Channel, config: Settings, sender: Sender) -> Delivery | None:
    """Send one message in a transaction of its own, which holds the channel and the message until it is noted."""
    try:
        message = _next_due(channel, config)
        delivery = _sent(message, sender) if message else None
        db.session.commit()
        return delivery
    finally:
        db.session.rollback()


def _next_due(channel: Channel, config: Settings) -> Message | None:
    lock = select(func.pg_try_advisory_xact_lock(LOCK_SPACE, LOCK_KEYS[channel]))
    if not db.session.scalar(lock) or _sent_last_minute(channel) >= config.messages_per_minute:
        return None
    due = select(Message).where(
        Message.channel == channel, Message.state == State.QUEUED, Message.due_at <= func.now()
    )
    return db.session.scalar(
        due.order_by(Message.due_at, Message.queued_at).limit(1).with_for_update(skip_locked=True)
    )


def _sent_last_minute(channel: Channel) -> int:
    query = select(func.count()).where(
        Message.channel == channel,
        Message.state == State.SENT,
        Message.sent_at > func.now() - MINUTE,
    )
    return db.session.scalar(query) or 0


def _sent(message: Message, sender: Sender) -> Delivery:
    if reason := why_not_now(message):
        return _note(message, State.SKIPPED, reason)
    message.attempts += 1
    try:
        message.provider_id = sender.send(dispatch_of(message))[:200]
    except ChannelDown as fault:
        _put_off(message, fault)
        return Delivery(State.QUEUED, HELD_UP)
    except NotSent as fault:
        return _refused(message, fault) if isinstance(fault, Refused) else _put_off(message, fault)
    message.sent_at = datetime.now(UTC)
    return _note(message, State.SENT, "")


def _refused(message: Message, fault: Refused) -> Delivery:
    return _note(message, State.BOUNCED if isinstance(fault, Bounced) else State.FAILED, str(fault))


def _put_off(message: Message, fault: NotSent) -> Delivery:
    """Try again after a pause that grows, and give up after the last."""
    if message.attempts > len(BACK_OFF):
        return _note(message, State.FAILED, str(fault))
    message.due_at = datetime.now(UTC) + timedelta(minutes=BACK_OFF[message.attempts - 1])
    return _note(message, State.QUEUED, str(fault))


def _note(message: Message, state: State, reason: str) -> Delivery:
    message.state, message.last_error = state, reason[:500]
    return Delivery(state, reason)


def dispatch_of(message: Message) -> Dispatch:
    """The message as it leaves: with the case's link of this moment, and where to it goes."""
    case = db.session.get_one(Case, message.case_id, populate_existing=True)
    contact = db.session.get_one(Contact, message.case_id, populate_existing=True)
    link = f"{message.site}/k/{case.token}"
    body = filled(message.text, {"link": link})
    if message.channel == Channel.SMS:
        return Dispatch(str(message.id), contact.phone or "", body)
    stop = f"{link}/dung-nhan-tin"
    line = filled(STOP_LINE.get(message.language, STOP_LINE["vi"]), {"address": stop})
    return Dispatch(str(message.id), contact.email or "", f"{body}\n\n--\n{line}", message.subject, stop)


def count_states(round_: Round) -> dict[tuple[str, str, str], int]:
    """How many messages of a round there are by kind, channel and state."""
    group = (Message.kind, Message.channel, Message.state)
    query = select(*group, func.count()).where(Message.round_id == round_.id).group_by(*group)
    return {(kind, channel, state): number for kind, channel, state, number in db.session.execute(query)}


def troubles(round_: Round, most: int = 20) -> Sequence[Message]:
    """The latest messages of a round that did not go or wait after a failed attempt."""
    not_gone = Message.state.in_((State.FAILED, State.BOUNCED)) | (
        (Message.state == State.QUEUED) & (Message.attempts > 0)
    )
    query = select(Message).where(Message.round_id == round_.id, not_gone)
    return db.session.scalars(query.order_by(Message.due_at.desc()).limit(most)).all()


def retry_failed(round_: Round) -> int:
    """Queue failed messages anew, except where the case has one waiting; the caller commits."""
    waiting = select(Message.case_id).where(Message.state == State.QUEUED)
    newest = (
        select(Message.id)
        .ext(distinct_on(Message.case_id))
        .where(Message.round_id == round_.id, Message.state == State.FAILED, Message.case_id.not_in(waiting))
        .order_by(Message.case_id, Message.queued_at.desc())
    )
    result = db.session.execute(
        update(Message)
        .where(Message.id.in_(newest))
        .values(state=State.QUEUED, attempts=0, due_at=func.now())
        .execution_options(synchronize_session=False)
    )
    count = int(result.rowcount)  # type: ignore[attr-defined]
    record("messages.retry", f"round:{round_.survey.code}/{round_.code}", {"messages": count})
    return count


def cancel_waiting(round_: Round) -> int:
    """Take back what is still queued; the caller commits."""
    result = db.session.execute(
        update(Message)
        .where(Message.round_id == round_.id, Message.state == State.QUEUED)
        .values(state=State.SKIPPED, last_error="Đã hủy trước khi gửi")
        .execution_options(synchronize_session=False)
    )
    count = int(result.rowcount)  # type: ignore[attr-defined]
    record("messages.cancel", f"round:{round_.survey.code}/{round_.code}", {"messages": count})
    return count


def is_waiting() -> bool:
    """Whether any message is due."""
    due = select(Message.id).where(Message.state == State.QUEUED, Message.due_at <= func.now()).limit(1)
    return db.session.scalar(due) is not None
