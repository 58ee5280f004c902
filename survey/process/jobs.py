"""Long work in the background: a queue in PostgreSQL, taken up by `khaosat worker` on any machine."""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from flask import Flask, current_app
from procrastinate import App, JobContext, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from sqlalchemy.engine import make_url

from survey.errors import Fault
from survey.process import service
from survey.process.course import RunCancelled
from survey.process.holding import RunHeld, abandoned
from survey.process.queue import waiting_since

QUEUE = "process"
SCHEMA = "-c search_path=procrastinate"
STALLED_SECONDS = 60.0

log = logging.getLogger(__name__)
jobs = App(connector=PsycopgConnector())


@jobs.task(queue=QUEUE, name="execute_run", pass_context=True)
def execute_run(context: JobContext, run_id: int) -> None:
    """Weight and estimate one run; why it ended early stands on its page, so the log needs one sentence."""
    app: Flask = context.additional_context["app"]
    with app.app_context():
        try:
            service.execute(run_id)
        except RunCancelled:
            log.warning("run %s was cancelled, no figures of it are kept", run_id)
        except RunHeld:
            log.info("run %s is worked on by another process", run_id)
        except Fault as fault:
            log.warning("run %s failed: %s", run_id, fault)


@jobs.periodic(cron="* * * * *")
@jobs.task(queue=QUEUE, name="retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Give the jobs of a worker that died to another one."""
    for job in await context.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        log.warning("job %s is stalled; trying it again", job.id)
        with suppress(AlreadyEnqueued, UniqueViolation):  # the same is in the queue by now
            await context.app.job_manager.retry_job(job)


@jobs.periodic(cron="* * * * *")
@jobs.task(queue=QUEUE, name="pick_up_forgotten", pass_context=True)
def pick_up_forgotten(context: JobContext, timestamp: int) -> None:
    """Runs whose web process died between committing and queueing them, or whose worker was killed."""
    app: Flask = context.additional_context["app"]
    with app.app_context():
        requeue()


def requeue() -> None:
    """Queue again what nobody works on: a run that is queued already stays there once."""
    waiting = waiting_since(datetime.now(UTC) - timedelta(seconds=STALLED_SECONDS))
    for run_id in (*waiting, *abandoned()):
        enqueue_run(run_id)


def enqueue_run(run_id: int) -> None:
    """Hand a committed run to the workers."""
    enqueue("execute_run", f"run-{run_id}", run_id=run_id)


def enqueue(task: str, lock: str, priority: int = 0, **arguments: int | str) -> None:
    """Put a job in; one of the same lock that waits in the queue already is left there. High priority first."""
    prepared = _sender(_conninfo(current_app)).configure_task(
        task, queue=QUEUE, queueing_lock=lock, priority=priority
    )
    with suppress(AlreadyEnqueued):
        prepared.defer(**arguments)


@lru_cache(maxsize=4)
def _sender(conninfo: str) -> App:
    """The queue as seen by a web process, which only puts jobs in.

    An app of its own, without tasks: a task defers through the app it was declared on, which is the worker's.
    """
    app = App(
        connector=SyncPsycopgConnector(conninfo=conninfo, kwargs={"options": SCHEMA}, min_size=1, max_size=2)
    )
    app.open()
    return app


def work(app: Flask) -> None:
    """Run jobs until a signal ends the process."""
    asyncio.run(work_off(app))


async def work_off(app: Flask, wait: bool = True) -> None:
    """Run jobs; without `wait` only those that are queued now."""
    connector = PsycopgConnector(conninfo=_conninfo(app), kwargs={"options": SCHEMA})
    # Replaced, not copied: periodic tasks defer through the app they were declared on.
    with jobs.replace_connector(connector):
        async with jobs.open_async():
            await jobs.run_worker_async(
                queues=[QUEUE],
                wait=wait,
                additional_context={"app": app},
                delete_jobs="successful",
                shutdown_graceful_timeout=5.0,
                install_signal_handlers=wait,
            )


def _conninfo(app: Flask) -> str:
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
