"""Charts drawn by the worker when figures are published, so that no reader waits for the first drawing."""

import hashlib
from pathlib import Path

from flask import Flask
from procrastinate import JobContext

from survey.disseminate import pages, service
from survey.disseminate.caching import figures_stamp
from survey.disseminate.drawing import SHELF, edition
from survey.disseminate.verification import verifications
from survey.process.jobs import QUEUE, enqueue, jobs
from survey.rounds.models import Purpose

AFTER_RUNS = -10  # a statistician waits for a run; nobody waits for these


@jobs.periodic(cron="* * * * *")
@jobs.task(queue=QUEUE, name="draw_ahead", pass_context=True)
def draw_ahead(context: JobContext, timestamp: int) -> None:
    """Ask for the charts of every indicator once after each publication, and after a change of the code."""
    app: Flask = context.additional_context["app"]
    with app.app_context():
        ask_for_drawings()


@jobs.task(queue=QUEUE, name="draw_indicator", pass_context=True)
def draw_indicator(context: JobContext, code: str) -> None:
    """Draw the charts of one indicator's page, all at once small enough not to hold up a run."""
    app: Flask = context.additional_context["app"]
    with app.app_context():
        draw(code)


def ask_for_drawings() -> int:
    """Queue a job an indicator, unless that was done for these figures; return how many."""
    mark = _mark()
    if mark is None or mark.exists():
        return 0
    codes = sorted({figure.indicator for figure in service.current()})
    for code in codes:
        enqueue("draw_indicator", f"draw-{code}", priority=AFTER_RUNS, code=code)
    mark.parent.mkdir(parents=True, exist_ok=True)
    for older in mark.parent.glob("asked-*"):
        older.unlink(missing_ok=True)
    mark.touch()
    return len(codes)


def draw(code: str) -> None:
    """Draw what the public page of an indicator shows; drawings that are kept already cost a look."""
    figures = service.current(indicator=code)
    if any(figure.purpose == Purpose.VERIFICATION for figure in figures):
        verifications(code)
    elif figures:
        pages.indicator_page(code)


def _mark() -> Path | None:
    """The file that says the drawings of these figures were asked for; None where drawings are not kept."""
    if SHELF.folder is None:
        return None
    identity = repr((figures_stamp(), edition()))
    return SHELF.folder / f"asked-{hashlib.sha256(identity.encode()).hexdigest()[:24]}"
