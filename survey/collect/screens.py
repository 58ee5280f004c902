"""What one page shows of a draft, and which page comes before and after it."""

from collections.abc import Iterator
from dataclasses import dataclass

from survey.collect.forms import PageForm, page_form
from survey.collect.texts import Reading
from survey.errors import NotFound
from survey.instrument import Instrument, Page, Question, check, next_page, path, previous_page
from survey.instrument.choices import all_choices
from survey.intake import drafts, unsaved
from survey.intake.models import Response
from survey.rounds.service import instrument_of

TOLD = ("note",)


@dataclass(frozen=True)
class Screen:
    """One page of a draft; `number` is the repeat instance from 1, None outside repeats."""

    draft: Response
    page: Page
    number: int | None = None

    @property
    def instrument(self) -> Instrument:
        """The questionnaire of the draft's version."""
        return instrument_of(self.draft.instrument_version)

    @property
    def index(self) -> tuple[int, ...]:
        """The repeat position from 0."""
        return () if self.number is None else (self.number - 1,)

    @property
    def place(self) -> tuple[str, int | None]:
        """What names the page among those of its draft."""
        return self.page.id, self.number

    @property
    def stop(self) -> "Stop":
        """The page as a place to go to."""
        return Stop(*self.place)

    @property
    def reading(self) -> Reading:
        """Who reads the page; the instance is there to be read even before it is saved."""
        answers = drafts.placed(self.draft.answers, self.page, {}, self.index)
        if self.index:
            answers = check(self.instrument, answers).answers | {
                name: value for name, value in answers.items() if name != self.page.repeat
            }
            answers = drafts.placed(answers, self.page, {}, self.index)
        return Reading(self.instrument, answers, self.draft.language, self.index)

    def shown(self) -> list[Question]:
        """The page's questions and notes that are relevant now."""
        reading = self.reading
        relevant = check(self.instrument, reading.answers, page=self.page).relevant
        hidden = drafts.case_variable(self.draft.round) if self.draft.case_id else ""
        return [
            question
            for question in self.page.questions
            if (question.variable, self.index) in relevant and not _is_unseen(question, hidden)
        ]

    def asked(self) -> list[Question]:
        """Those of them that take an answer."""
        return [question for question in self.shown() if not is_told(question)]

    def form(self) -> PageForm:
        """The page's form."""
        return page_form(self.asked(), self.reading, self.draft.revision)

    def progress(self) -> tuple[int, int]:
        """The place of this page, and how many there are at most; skipped pages only bring the end nearer."""
        pages = [page.id for page in self.instrument.pages]
        reached = [page.id for page in path(self.instrument, self.draft.answers)]
        here = pages.index(self.page.id)
        place = sum(page_id in reached for page_id in pages[:here]) + 1
        return place, place + len(pages) - here


def _is_unseen(question: Question, hidden: str) -> bool:
    return question.is_silent or question.variable == hidden or "hidden" in question.appearance.split()


def is_told(question: Question) -> bool:
    """Whether the question only tells something: a note, a grid's head, a value that cannot be changed."""
    return question.type in TOLD or question.read_only or question.appearance.split()[:1] == ["label"]


def screen_of(draft: Response, page_id: str, number: int | None = None) -> Screen:
    """The screen at an address; raise `NotFound` where the questionnaire has no such page."""
    try:
        page = instrument_of(draft.instrument_version).page(page_id)
    except KeyError:
        raise NotFound("Phiếu này không có trang đó.", "Mở lại khảo sát từ liên kết ban đầu.") from None
    rows = len(draft.answers.get(page.repeat) or ()) if page.repeat else 0
    if bool(page.repeat) != (number is not None) or (number or 1) > rows + 1:
        raise NotFound("Phiếu này không có trang đó.", "Mở lại khảo sát từ liên kết ban đầu.")
    return Screen(draft, page, number)


@dataclass(frozen=True)
class Stop:
    """Where to go: a page (with the instance's number), a repeat's list, or the review (both empty)."""

    page_id: str = ""
    number: int | None = None
    repeat: str = ""


REVIEW = Stop()


def stop_after(screen: Screen) -> Stop:
    """Where "continue" leads from a saved page."""
    page, instrument, answers = screen.page, screen.instrument, screen.draft.answers
    if page.repeat:
        later = _pages_of(instrument, page.repeat)
        later = later[later.index(page) + 1 :]
        onward = next((p for p in later if Screen(screen.draft, p, screen.number).shown()), None)
        return Stop(onward.id, screen.number) if onward else Stop(repeat=page.repeat)
    return _stop_at(next_page(instrument, answers, page.id))


def stop_after_repeat(draft: Response, repeat: str) -> Stop:
    """Where "no more, continue" leads from a repeat's list."""
    instrument = instrument_of(draft.instrument_version)
    return _stop_at(next_page(instrument, draft.answers, _pages_of(instrument, repeat)[-1].id))


def stop_before(screen: Screen) -> Stop | None:
    """Where "back" leads; None at the start."""
    if screen.page.repeat:
        return Stop(repeat=screen.page.repeat)
    before = previous_page(screen.instrument, screen.draft.answers, screen.page.id)
    return _stop_at(before) if before else None


def first_stop(draft: Response) -> Stop:
    """Where a draft goes on: the first page that was not seen or is not right, else the review."""
    instrument = instrument_of(draft.instrument_version)
    faulty = {fault.variable for fault in check(instrument, draft.answers).faults}
    kept = {page_id for page_id, _ in unsaved.places_kept(draft)}
    for page in path(instrument, draft.answers):
        right = page.id not in kept and not any(question.variable in faulty for question in page.questions)
        if not (right and _is_seen(draft, page)):
            return _stop_at(page)
    return REVIEW


def unsaved_stop(draft: Response) -> Stop | None:
    """The first page on the way that holds something typed which is not among the answers."""
    kept = unsaved.places_kept(draft)
    on_the_way = screens_of(draft) if kept else ()
    return next((Stop(*screen.place) for screen in on_the_way if screen.place in kept), None)


def last_stop(draft: Response) -> Stop | None:
    """The last page before the review."""
    instrument = instrument_of(draft.instrument_version)
    page = previous_page(instrument, draft.answers, None)
    return _stop_at(page) if page else None


def _is_seen(draft: Response, page: Page) -> bool:
    if page.repeat:
        return page.repeat in draft.answers
    return all(question.variable in draft.answers for question in Screen(draft, page).asked())


def _stop_at(page: Page | None) -> Stop:
    if page is None:
        return REVIEW
    return Stop(repeat=page.repeat) if page.repeat else Stop(page.id)


def _pages_of(instrument: Instrument, repeat: str) -> list[Page]:
    return [page for page in instrument.pages if page.repeat == repeat]


def first_page_of(instrument: Instrument, repeat: str) -> Page:
    """The first page of a repeat; raise `NotFound`."""
    pages = _pages_of(instrument, repeat)
    if not pages:
        raise NotFound("Phiếu này không có trang đó.", "Mở lại khảo sát từ liên kết ban đầu.")
    return pages[0]


def why_an_app(instrument: Instrument) -> str:
    """The word for why the pages cannot carry a questionnaire; "" where they can.

    Repeats within repeats have no pages yet. Lists kept in files are served to phones from the
    questionnaire's folder, not frozen with the version, so nothing here could judge what was chosen.
    """
    if any(repeat.level for repeat in instrument.repeats.values()):
        return "unsupported_nested"
    lists = (question for question in instrument.questions.values() if question.file)
    return "unsupported_file" if any(not all_choices(instrument, question) for question in lists) else ""


def screens_of(draft: Response) -> Iterator[Screen]:
    """Every screen on the way, instance by instance."""
    instrument = instrument_of(draft.instrument_version)
    for page in path(instrument, draft.answers):
        if not page.repeat:
            yield Screen(draft, page)
        elif page == first_page_of(instrument, page.repeat):
            for number in range(1, len(draft.answers.get(page.repeat) or ()) + 1):
                yield from (Screen(draft, inner, number) for inner in _pages_of(instrument, page.repeat))
