"""The way through a draft: which page or list comes next, which came before, where one goes on.

Inside an instance of a repeat the way is the same as in the whole form: its pages and the lists of the repeats
in it, one after the other; after the last of them comes the list of the repeat itself.
"""

from collections.abc import Iterator, Sequence

from survey.collect.screens import (
    REVIEW,
    Numbers,
    Screen,
    Stop,
    from_0,
    no_such_page,
    read_at,
    seen_questions,
)
from survey.instrument import Instrument, Page, check
from survey.intake import drafts, unsaved
from survey.intake.instances import levels
from survey.intake.models import Response
from survey.rounds.service import instrument_of

# A page, or the name of a repeat whose list comes there.
Step = Page | str


def steps(instrument: Instrument, repeat: str = "") -> list[Step]:
    """What stands directly in a repeat (in the form), in order."""
    around = levels(instrument, repeat)
    found: list[Step] = []
    for page in instrument.pages:
        inside = levels(instrument, page.repeat)
        if inside[: len(around)] != around:
            continue
        step: Step = page if inside == around else inside[len(around)]
        if step not in found[-1:]:
            found.append(step)
    return found


def stops(
    draft: Response, repeat: str = "", numbers: Numbers = (), among: Sequence[Step] | None = None
) -> Iterator[Stop]:
    """Where one passes inside one instance of a repeat (the whole form), in order; irrelevant steps left out."""
    instrument, index = instrument_of(draft.instrument_version), from_0(numbers)
    relevant = check(instrument, read_at(draft, repeat, index)).relevant
    for step in steps(instrument, repeat) if among is None else among:
        if isinstance(step, str):
            if (step, index) in relevant:
                yield Stop(numbers=numbers, repeat=step)
        elif any((question.variable, index) in relevant for question in seen_questions(draft, step)):
            yield Stop(step.id, numbers)


def stop_after(draft: Response, here: Stop) -> Stop:
    """Where "continue" leads from a saved page or a list."""
    around, place = _around(draft, here)
    later = _steps_of(draft, around)[place + 1 :]
    return next(stops(draft, around, here.numbers, later), _list_of(around, here.numbers) or REVIEW)


def stop_before(draft: Response, here: Stop) -> Stop | None:
    """Where "back" leads; None at the start."""
    around, place = _around(draft, here)
    earlier = _steps_of(draft, around)[:place]
    return last_of(stops(draft, around, here.numbers, earlier)) or _list_of(around, here.numbers)


def last_of(found: Iterator[Stop]) -> Stop | None:
    """The last stop, if there is one."""
    return next(reversed(list(found)), None)


def _around(draft: Response, here: Stop) -> tuple[str, int]:
    """The repeat in whose instance a stop stands, and its place among the steps there."""
    instrument = instrument_of(draft.instrument_version)
    if here.repeat:
        around = repeat_around(instrument, here.repeat)
        return around, steps(instrument, around).index(here.repeat)
    page = instrument.page(here.page_id)
    return page.repeat, steps(instrument, page.repeat).index(page)


def repeat_around(instrument: Instrument, repeat: str) -> str:
    """The repeat in which a repeat stands; "" where it stands in the form itself."""
    return "".join(levels(instrument, repeat)[:-1][-1:])


def _steps_of(draft: Response, repeat: str) -> list[Step]:
    return steps(instrument_of(draft.instrument_version), repeat)


def _list_of(repeat: str, numbers: Numbers) -> Stop | None:
    """The list that an instance stands on; None outside repeats."""
    return Stop(numbers=numbers[:-1], repeat=repeat) if repeat else None


def first_stop(draft: Response) -> Stop:
    """Where a draft goes on: the first page or list that was not seen or is not right, else the review."""
    instrument = instrument_of(draft.instrument_version)
    faulty = {fault.variable for fault in check(instrument, draft.answers).faults}
    kept = {page_id for page_id, _ in unsaved.places_kept(draft)}
    for stop in stops(draft):
        pages = pages_in(instrument, stop.repeat) if stop.repeat else [instrument.page(stop.page_id)]
        wrong = any(page.id in kept or _names(page) & faulty for page in pages)
        if wrong or not _is_seen(draft, stop):
            return stop
        if stop.repeat and (unseen := unseen_list(draft, stop)):
            return unseen
    return REVIEW


def _names(page: Page) -> set[str]:
    return {question.variable for question in page.questions}


def _is_seen(draft: Response, stop: Stop) -> bool:
    if stop.repeat:
        return drafts.instances_of(draft, stop.repeat, from_0(stop.numbers)) is not None
    page = instrument_of(draft.instrument_version).page(stop.page_id)
    return all(question.variable in draft.answers for question in Screen(draft, page).asked())


def unseen_list(draft: Response, listed: Stop) -> Stop | None:
    """The first list inside a repeat's instances that nobody has seen yet."""
    lists = [step for step in _steps_of(draft, listed.repeat) if isinstance(step, str)]
    for stop in _inside(draft, listed, lists) if lists else ():
        if not _is_seen(draft, stop):
            return stop
        if unseen := unseen_list(draft, stop):
            return unseen
    return None


def _inside(draft: Response, listed: Stop, among: Sequence[Step] | None = None) -> Iterator[Stop]:
    """The stops of every instance on a list, instance by instance."""
    rows = drafts.instances_of(draft, listed.repeat, from_0(listed.numbers)) or []
    for number in range(1, len(rows) + 1):
        yield from stops(draft, listed.repeat, (*listed.numbers, number), among)


def unsaved_stop(draft: Response) -> Stop | None:
    """The first page on the way that holds something typed which is not among the answers."""
    kept = unsaved.places_kept(draft)
    on_the_way = all_stops(draft) if kept else ()
    return next((stop for stop in on_the_way if (stop.page_id, stop.numbers) in kept), None)


def last_stop(draft: Response) -> Stop | None:
    """The last page or list before the review."""
    return last_of(stops(draft))


def all_stops(draft: Response, among: Iterator[Stop] | None = None) -> Iterator[Stop]:
    """Every page and list on the way, instance by instance; a list comes before what stands on it."""
    for stop in stops(draft) if among is None else among:
        yield stop
        if stop.repeat:
            yield from all_stops(draft, _inside(draft, stop))


def screens_of(draft: Response) -> Iterator[Screen]:
    """Every screen on the way, instance by instance."""
    instrument = instrument_of(draft.instrument_version)
    for stop in all_stops(draft):
        if stop.page_id:
            yield Screen(draft, instrument.page(stop.page_id), stop.numbers)


def pages_in(instrument: Instrument, repeat: str) -> list[Page]:
    """The pages of a repeat and of the repeats in it; raise `NotFound` where there is no such repeat."""
    pages = [page for page in instrument.pages if repeat in levels(instrument, page.repeat)]
    if not pages:
        raise no_such_page()
    return pages
