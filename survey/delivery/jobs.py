"""Deliveries in the background: packages are pushed, and staff are reminded of what is due."""

import time
from collections.abc import Callable

from flask import Flask
from procrastinate import JobContext

from survey.delivery import outbox
from survey.extensions import db
from survey.process.jobs import QUEUE, enqueue, jobs

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


def enqueue_push() -> None:
    """Have committed packages pushed now rather than within a minute."""
    enqueue("push_now", "push-now")


def _for(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end
