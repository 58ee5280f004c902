"""The way through the pages: which comes next, which came before, what a new response starts with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from survey.instrument.check import check
from survey.instrument.evaluate import place
from survey.instrument.model import Instrument, Page, Repeat
from survey.instrument.program import program_of
from survey.instrument.run import open_session
from survey.instrument.values import number

Relevant = frozenset[tuple[str, tuple[int, ...]]]
MAX_COUNT = 1_000


def path(
    instrument: Instrument, answers: Mapping[str, Any], *, now: datetime | None = None
) -> tuple[Page, ...]:
    """The pages on which something is relevant, in order."""
    relevant = open_session(program_of(instrument), answers, now, False).relevant()
    reached = {variable for variable, _ in relevant}
    return tuple(page for page in instrument.pages if _is_reached(page, reached))


def _is_reached(page: Page, reached: set[str]) -> bool:
    if page.repeat and page.repeat in reached:
        return True
    return any(question.variable in reached for question in page.questions if not question.is_silent)


def next_page(
    instrument: Instrument, answers: Mapping[str, Any], after: str | None, *, now: datetime | None = None
) -> Page | None:
    """The first relevant page after the page of that id (None: the first of all); None at the end."""
    start = _place_of(instrument, after) + 1 if after is not None else 0
    later = {page.id for page in instrument.pages[start:]}
    return next((page for page in path(instrument, answers, now=now) if page.id in later), None)


def previous_page(
    instrument: Instrument, answers: Mapping[str, Any], before: str | None, *, now: datetime | None = None
) -> Page | None:
    """The last relevant page before the page of that id (None: the last of all); None at the start."""
    end = _place_of(instrument, before) if before is not None else len(instrument.pages)
    earlier = {page.id for page in instrument.pages[:end]}
    found = [page for page in path(instrument, answers, now=now) if page.id in earlier]
    return found[-1] if found else None


def _place_of(instrument: Instrument, page_id: str) -> int:
    return instrument.pages.index(instrument.page(page_id))


def starting_answers(
    instrument: Instrument, prefill: Mapping[str, Any] | None = None, *, now: datetime | None = None
) -> dict[str, Any]:
    """The document of a new response: defaults, calculations, and what is known beforehand."""
    return check(instrument, prefill or {}, now=now, first_load=True).answers


def repeat_count(
    instrument: Instrument,
    variable: str,
    answers: Mapping[str, Any],
    index: tuple[int, ...] = (),
    *,
    now: datetime | None = None,
) -> int | None:
    """How many instances the form asks for (repeat_count), at most 1,000; None where people decide."""
    repeat = instrument.nodes[variable]
    plan = program_of(instrument).plans[variable]
    if not isinstance(repeat, Repeat) or plan.count is None:
        return None
    wanted = number(plan.count(place(instrument, repeat, answers, index, now)))
    return max(0, min(MAX_COUNT, int(wanted))) if wanted == wanted else 0
