"""Invitations in the background: messages go out, letters are set, what is over is deleted."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask
from procrastinate import JobContext

from survey.config import Settings
from survey.extensions import db
from survey.intake.duplicates import drop_traces
from survey.invitations import batches
from survey.invitations.contacts import delete_old_contacts
from survey.invitations.models import Channel
from survey.invitations.outbox import Delivery, deliver, is_waiting
from survey.process.jobs import QUEUE, STALLED_SECONDS, enqueue, jobs

TURN_SECONDS = 20.0
"""A worker gives way to the other channel and to other jobs after that long; the next minute goes on."""


@jobs.periodic(cron="* * * * *")
@jobs.task(queue=QUEUE, name="deliver_every_minute", pass_context=True)
def deliver_every_minute(context: JobContext, timestamp: int) -> None:
    """What is due now: new messages, further attempts, and what a rate left over. And letters nobody queued."""
    app: Flask = context.additional_context["app"]
    with app.app_context():
        deliver_due(app.config["KHAOSAT"])
        for batch_id in batches.forgotten_batches(datetime.now(UTC) - timedelta(seconds=STALLED_SECONDS)):
            enqueue_letters(batch_id)


@jobs.task(queue=QUEUE, name="deliver_now", pass_context=True)
def deliver_now(context: JobContext) -> None:
    """Begin at once after a button."""
    app: Flask = context.additional_context["app"]
    with app.app_context():
        deliver_due(app.config["KHAOSAT"])


@jobs.task(queue=QUEUE, name="make_letters", pass_context=True)
def make_letters(context: JobContext, batch_id: int) -> None:
    """Set the letters of one batch."""
    app: Flask = context.additional_context["app"]
    with app.app_context():
        batches.make_batch(batch_id, app.config["KHAOSAT"].files)


@jobs.periodic(cron="17 * * * *")
@jobs.task(queue=QUEUE, name="tidy_invitations", pass_context=True)
def tidy_invitations(context: JobContext, timestamp: int) -> None:
    """Delete what has been kept long enough."""
    app: Flask = context.additional_context["app"]
    with app.app_context():
        tidy(app.config["KHAOSAT"].files)


def deliver_due(config: Settings) -> list[Delivery]:
    """Send what is due by every channel."""
    if not is_waiting():
        db.session.rollback()
        return []
    return [delivery for channel in Channel for delivery in deliver(channel, config, _for(TURN_SECONDS))]


def tidy(files: str, now: datetime | None = None) -> tuple[int, int, int]:
    """Contacts 90 days after the round, letters after 30 days, digests of closed rounds: how many of each went."""
    gone = delete_old_contacts(now), batches.delete_old(files, now), drop_traces()
    db.session.commit()
    return gone


def enqueue_delivery() -> None:
    """Have committed messages sent now rather than within a minute."""
    enqueue("deliver_now", "deliver-now")


def enqueue_letters(batch_id: int) -> None:
    """Hand a committed batch to the workers."""
    enqueue("make_letters", f"letters-{batch_id}", batch_id=batch_id)


def _for(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end
