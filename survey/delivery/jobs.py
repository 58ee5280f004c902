"""Deliveries in the background: packages are pushed, and staff are reminded of what is due."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask
from procrastinate import JobContext

from survey.delivery import outbox
from survey.delivery.reminders import remind
from survey.extensions import db
from survey.formats import local_day
from survey.invitations.dispatch import NotSent
from survey.process.jobs import QUEUE, enqueue, jobs

log = logging.getLogger(__name__)
TURN_SECONDS = 60.0
"""A worker gives way to other jobs after that long; the next minute goes on."""


@jobs.periodic(cron="* * * * *")
@jobs.task(queue=QUEUE, name="push_every_minute", pass_context=True)
def push_every_minute(context: JobContext, timestamp: int) -> None:
    """What is due now: new packages and further attempts."""
    _push(context.additional_context["app"])


@jobs.task(queue=QUEUE, name="push_now", pass_context=True)
def push_now(context: JobContext) -> None:
    """Begin at once after a button."""
    _push(context.additional_context["app"])


def _push(app: Flask) -> None:
    with app.app_context():
        if outbox.is_due():
            outbox.push_due(app.config["KHAOSAT"], goes_on=_for(TURN_SECONDS))
        db.session.rollback()


@jobs.periodic(cron="7 1 * * *")
@jobs.task(queue=QUEUE, name="remind_of_deadlines", pass_context=True)
def remind_of_deadlines(context: JobContext, timestamp: int) -> None:
    """Every morning at 8:07 of the province's clock: what is due soon."""
    app: Flask = context.additional_context["app"]
    with app.app_context():
        try:
            remind(app.config["KHAOSAT"], local_day(datetime.fromtimestamp(timestamp, UTC)))
        except NotSent as fault:
            log.warning("reminders wait until tomorrow: %s", fault)
        finally:
            db.session.rollback()


def enqueue_push() -> None:
    """Have committed packages pushed now rather than within a minute."""
    enqueue("push_now", "push-now")


def _for(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end
