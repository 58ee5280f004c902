"""What was signed for a later hour is published by the worker when that hour comes."""

import logging

from flask import Flask
from procrastinate import JobContext

from survey.disseminate import service
from survey.process.jobs import QUEUE, jobs

log = logging.getLogger(__name__)


@jobs.periodic(cron="* * * * *")
@jobs.task(queue=QUEUE, name="publish_due", pass_context=True)
def publish_due(context: JobContext, timestamp: int) -> None:
    """Publish whatever is due; `khaosat publish --due` does the same where no worker runs."""
    app: Flask = context.additional_context["app"]
    with app.app_context():
        for release in service.publish_due():
            log.info("run %s is published, its embargo has passed", release.run_id)
