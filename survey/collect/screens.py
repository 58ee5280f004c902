"""What one page shows of a draft."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from survey.collect.dependence import asks_at_once
from survey.collect.entries import SearchField
from survey.collect.files import media_address
from survey.collect.forms import PageForm, page_form
from survey.collect.media import Medium, media_of
from survey.collect.stops import REVIEW as REVIEW
from survey.collect.stops import Numbers as Numbers
from survey.collect.stops import Stop as Stop
from survey.collect.texts import Reading
from survey.errors import NotFound
from survey.instrument import Instrument, Page, Question, check, path
from survey.intake import drafts
from survey.intake.instances import instance_at, levels, placed
from survey.intake.models import Response
from survey.intake.unsaved import Place
from survey.rounds.service import instrument_of

TOLD = ("note",)


@dataclass(frozen=True)
class Screen:
    """One page of a draft; `numbers` say which instance of each repeat around it, from 1.

    `entered` holds what stands on the page and is not saved, as if it were an answer.
    """

    draft: Response
    page: Page
    numbers: Numbers = ()
    entered: Mapping[str, Any] = field(default_factory=dict)

    @property
    def instrument(self) -> Instrument:
        """The questionnaire of the draft's version."""
        return instrument_of(self.draft.instrument_version)

    @property
    def index(self) -> Numbers:
        """The repeat positions from 0."""
        return from_0(self.numbers)

    @property
    def place(self) -> Place:
        """What names the page among those of its draft."""
        return self.page.id, self.numbers

    @property
    def stop(self) -> Stop:
        """The page as a place to go to."""
        return Stop(*self.place)

    @property
    def reading(self) -> Reading:
        """Who reads the page."""
        answers = read_at(self.draft, self.page.repeat, self.index, self.entered)
        files = partial(media_address, self.draft.instrument_version)
        return Reading(self.instrument, answers, self.draft.language, self.index, files)

    def media(self, question: Question) -> tuple[Medium, ...]:
        """The pictures and recordings of a question that are at hand."""
        return media_of(question, self.reading)

    def shown(self) -> list[Question]:
        """The page's questions and notes that are relevant now."""
        relevant = check(self.instrument, self.reading.answers, page=self.page).relevant
        seen = seen_questions(self.draft, self.page)
        return [question for question in seen if (question.variable, self.index) in relevant]

    def asked(self) -> list[Question]:
        """Those of them that take an answer."""
        return [question for question in self.shown() if not is_told(question)]

    @property
    def asks_at_once(self) -> bool:
        """Whether an answer here decides what else the page shows."""
        return asks_at_once(self.instrument, self.page.id)

    def form(self, also: frozenset[str] = frozenset()) -> PageForm:
        """The page's form: of what is asked, and of these variables too."""
        asked = {question.variable for question in self.asked()} | also
        questions = [question for question in self.page.questions if question.variable in asked]
        return page_form(questions, self.reading, self.draft.revision)

    def suggested(self, variable: str) -> list[str]:
        """Names of a long list that are like what stands in its field."""
        field = self.form(also=frozenset({variable})).answers.get(variable)
        return field.suggestions() if isinstance(field, SearchField) else []

    def with_entered(self, form: PageForm) -> "Screen":
        """The page as it would be with what a form holds."""
        return replace(self, entered=form.entered())

    def progress(self) -> tuple[int, int]:
        """The place of this page, and how many there are at most; skipped pages only bring the end nearer."""
        pages = [page.id for page in self.instrument.pages]
        reached = [page.id for page in path(self.instrument, self.draft.answers)]
        here = pages.index(self.page.id)
        place = sum(page_id in reached for page_id in pages[:here]) + 1
        return place, place + len(pages) - here


def from_0(numbers: Numbers) -> Numbers:
    """Numbers as people count, as positions."""
    return tuple(number - 1 for number in numbers)


def read_at(
    draft: Response, repeat: str, index: Numbers, entered: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The answers as an instance of a repeat reads them; it is there to be read even before it is saved."""
    instrument = instrument_of(draft.instrument_version)
    repeats = levels(instrument, repeat)
    answers = placed(draft.answers, repeats, entered or {}, index)
    if not index:
        return answers
    judged = check(instrument, answers).answers
    answers = judged | {name: value for name, value in answers.items() if name != repeats[0]}
    return placed(answers, repeats, {}, index)


def seen_questions(draft: Response, page: Page) -> list[Question]:
    """The page's questions and notes that somebody sees when they are relevant."""
    hidden = drafts.case_variable(draft.round) if draft.case_id else ""
    return [question for question in page.questions if not _is_unseen(question, hidden)]


def _is_unseen(question: Question, hidden: str) -> bool:
    return question.is_silent or question.variable == hidden or "hidden" in question.appearance.split()


def is_told(question: Question) -> bool:
    """Whether the question only tells something: a note, a grid's head, a value that cannot be changed."""
    return question.type in TOLD or question.read_only or question.appearance.split()[:1] == ["label"]


def screen_of(draft: Response, page_id: str, numbers: Numbers = ()) -> Screen:
    """The screen at an address; raise `NotFound` where the questionnaire has no such page."""
    try:
        page = instrument_of(draft.instrument_version).page(page_id)
    except KeyError:
        raise no_such_page() from None
    assert_place(draft, page.repeat, numbers, new=True)
    return Screen(draft, page, numbers)


def assert_place(draft: Response, repeat: str, numbers: Numbers, *, new: bool = False) -> None:
    """Raise `NotFound` unless the draft has this instance of a repeat; or, if `new`, could have it next."""
    repeats = levels(instrument_of(draft.instrument_version), repeat)
    if len(repeats) != len(numbers):
        raise no_such_page()
    for depth, number in enumerate(numbers):
        rows = instance_at(draft.answers, repeats, from_0(numbers[:depth])).get(repeats[depth]) or ()
        if not 1 <= number <= len(rows) + (new and depth == len(numbers) - 1):
            raise no_such_page()


def no_such_page() -> NotFound:
    """The address names nothing of this form."""
    return NotFound("Phiếu này không có trang đó.", "Mở lại khảo sát từ liên kết ban đầu.")
