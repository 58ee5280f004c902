"""The outbox: what is to be pushed is queued in the transaction of its delivery and sent one transaction each.

Guarantee: every attempt carries the same Idempotency-Key, so a package whose "taken" was lost on the way is sent again
and known as the same one. Nothing is given up before three days, and then it stands on the page with its reason.
"""

import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from survey.accounts.models import User
from survey.accounts.service import record, require
from survey.config import Settings
from survey.delivery.endpoints import endpoint_of
from survey.delivery.models import Delivery, Endpoint, Push, PushState
from survey.delivery.pushing import Answer, Outcome, push_package
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
GROWTH = 3.0
JITTER = 0.2
"""A pause is up to a fifth shorter or longer, so that many packages do not all come back at one moment."""
GIVES_UP_AFTER = timedelta(days=3)
Carrier = Callable[[Push, Endpoint, Settings], Answer]


def queue_push(delivery: Delivery, now: datetime | None = None) -> Push | None:
    """Queue a delivery where its agency has an endpoint that takes such figures; the caller commits."""
    endpoint = endpoint_of(delivery.agency)
    if endpoint is None or (delivery.is_synthetic and not endpoint.takes_synthetic):
        return None
    now = now or datetime.now(UTC)
    push = Push(
        delivery=delivery,
        key=str(uuid.uuid4()),
        state=PushState.QUEUED,
        queued_at=now,
        due_at=now,
        attempts=0,
    )
    db.session.add(push)
    db.session.flush()
    return push


def push_due(
    config: Settings,
    now: datetime | None = None,
    *,
    goes_on: Callable[[], bool] = lambda: True,
    carrier: Carrier | None = None,
) -> list[tuple[int, PushState]]:
    """Send what is due, each once; commits after each. Paused endpoints wait."""
    done: list[tuple[int, PushState]] = []
    while goes_on() and (told := _push_next(config, now or datetime.now(UTC), carrier or push_package)):
        done.append(told)
    return done


def _push_next(config: Settings, now: datetime, carrier: Carrier) -> tuple[int, PushState] | None:
    """Send one package in a transaction of its own, which holds its row until the answer is noted."""
    try:
        due = (
            select(Push)
            .join(Delivery)
            .join(Endpoint, Endpoint.agency_id == Delivery.agency_id)
            .where(Push.state == PushState.QUEUED, Push.due_at <= now, Endpoint.paused.is_(False))
            .order_by(Push.due_at, Push.delivery_id)
        )
        push = db.session.scalar(due.limit(1).with_for_update(skip_locked=True, of=Push))
        if push is None:
            return None
        endpoint = db.session.get_one(Endpoint, push.delivery.agency_id, populate_existing=True)
        note(push, carrier(push, endpoint, config), now)
        told = push.delivery_id, PushState(push.state)
        db.session.commit()
        return told
    finally:
        db.session.rollback()


def note(push: Push, answer: Answer, now: datetime) -> None:
    """Keep what came of an attempt, and when the next is due."""
    push.attempts += 1
    push.last_attempt_at, push.last_status, push.last_answer = now, answer.status, answer.text
    push.reason = answer.reason
    if answer.outcome == Outcome.TAKEN:
        push.state, push.sent_at, push.reason = PushState.SENT, now, ""
        record("delivery.push", f"delivery:{push.delivery_id}", {"attempts": push.attempts})
    elif answer.outcome == Outcome.REFUSED:
        push.state = PushState.STOPPED
    elif now - push.queued_at >= GIVES_UP_AFTER:
        push.state = PushState.STOPPED
        push.reason = f"Đã thử {push.attempts} lần trong ba ngày. {answer.reason}"[:500]
    else:
        push.due_at = now + max(pause_after(push.attempts), answer.wait)


def pause_after(attempts: int, chance: Callable[[float, float], float] = random.uniform) -> timedelta:
    """How long to wait after so many attempts: 1 minute, 3, 9 … up to 6 hours, each a little off."""
    grown = min(FIRST_PAUSE * GROWTH ** min(attempts - 1, 20), LONGEST_PAUSE)
    return grown * chance(1 - JITTER, 1 + JITTER)


def retry_now(delivery: Delivery, user: User | None, now: datetime | None = None) -> Push:
    """Make a package due at once, also one that had stopped, or that had no endpoint when it was made.

    The three days begin anew, the key stays. Raises `Conflict` for one that was taken, `Fault` where there is no
    endpoint that takes it.
    """
    user = require(user, "deliver")
    push = db.session.get(Push, delivery.id, with_for_update=True) or queue_push(delivery, now)
    if push is None or endpoint_of(delivery.agency) is None:
        raise Fault(
            f"{delivery.agency.name} không có địa chỉ nhận loại số liệu này.",
            "Người quản trị đặt địa chỉ nhận trước.",
        )
    if push.state == PushState.SENT:
        raise Conflict("Gói này đã được nhận.", "Không cần gửi lại.")
    push.state, push.due_at = PushState.QUEUED, now or datetime.now(UTC)
    push.queued_at = push.due_at
    record("delivery.retry", f"delivery:{delivery.id}", user=user)
    return push


def set_paused(endpoint: Endpoint | None, user: User | None, *, paused: bool) -> None:
    """Hold an endpoint's packages back, or let them go on; raise `NotFound` without an endpoint."""
    user = require(user, "deliver")
    if endpoint is None:
        raise NotFound("Cơ quan này không có địa chỉ nhận.", "Người quản trị đặt địa chỉ nhận trước.")
    endpoint.paused = paused
    deed = "endpoint.pause" if paused else "endpoint.resume"
    record(deed, f"agency:{endpoint.agency.code}", user=user)


def is_due(now: datetime | None = None) -> bool:
    """Whether anything waits to be pushed."""
    due = select(Push.delivery_id).where(
        Push.state == PushState.QUEUED, Push.due_at <= (now or datetime.now(UTC))
    )
    return db.session.scalar(due.limit(1)) is not None
