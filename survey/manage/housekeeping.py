"""Work that comes round by the clock for rooms that know no job queue."""

import logging

from flask import Flask
from procrastinate import JobContext

from survey.extensions import db
from survey.process.jobs import QUEUE, jobs
from survey.registry.values.service import publish_due
from survey.voice.retention import tidy

log = logging.getLogger(__name__)


@jobs.periodic(cron="23 * * * *")
@jobs.task(queue=QUEUE, name="tidy_voice", pass_context=True)
def tidy_voice(context: JobContext, timestamp: int) -> None:
    """Delete contacts, addresses and drafts of citizens' messages that are past their time."""
    app: Flask = context.additional_context["app"]
    with app.app_context():
        done = tidy()
        db.session.commit()
        log.info(
            "voice: %s contacts, %s addresses, %s drafts deleted", done.contacts, done.addresses, done.drafts
        )


@jobs.periodic(cron="* * * * *")
@jobs.task(queue=QUEUE, name="publish_administrative_values", pass_context=True)
def publish_administrative_values(context: JobContext, timestamp: int) -> None:
    """Make public the administrative values whose hour has come."""
    app: Flask = context.additional_context["app"]
    with app.app_context():
        values = publish_due()
        db.session.commit()
        if values:
            log.info("%s administrative values published", len(values))
