"""The answers as people read them before they send, and what still stands in the way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from survey.collect.entries import DateField, MomentField, NumberField, TimeField
from survey.collect.fields import reading_value
from survey.collect.screens import Screen, screens_of
from survey.collect.words import say
from survey.instrument import AnswerFault, Question, answer_label, check
from survey.intake.models import Response
from survey.rounds.service import instrument_of

SHOWN: dict[str, Callable[[Any, str], str]] = {
    "integer": NumberField.shown,
    "decimal": NumberField.shown,
    "range": NumberField.shown,
    "date": DateField.shown,
    "dateTime": MomentField.shown,
    "time": TimeField.shown,
    "acknowledge": lambda value, language: "✓",
}


@dataclass(frozen=True)
class Line:
    """One question with its answer; `answer` is empty where there is none."""

    label: Markup
    answer: str


@dataclass(frozen=True)
class Section:
    """One page's questions and where to change them."""

    screen: Screen
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Trouble:
    """What keeps the form from being sent: the screen and question it stands on.

    `place` names the instance of a repeat, as its questions are asked of each; empty elsewhere.
    """

    screen: Screen
    question: Question
    label: Markup
    message: str

    @property
    def place(self) -> str:
        """Which instance of a repeat it is."""
        return title(self.screen) if self.screen.number else ""


def sections(draft: Response) -> Iterator[Section]:
    """The pages on the way with their answers."""
    for screen in screens_of(draft):
        asked, reading = screen.asked(), screen.reading
        lines = tuple(
            Line(reading.label(question), answer_text(screen, question, reading_value(question, reading)))
            for question in asked
        )
        if lines:
            yield Section(screen, title(screen), lines)


def title(screen: Screen) -> str:
    """A page's heading: its group's label, with the number of the instance; a lone question is its own."""
    text = screen.page.title(screen.draft.language) if screen.page.group else ""
    if screen.number is None or not text:
        return text
    return say("instance", screen.draft.language, title=text, number=screen.number)


def answer_text(screen: Screen, question: Question, value: Any) -> str:
    """One answer in words."""
    language = screen.draft.language
    if value in (None, "", []):
        return ""
    if question.type in SHOWN:
        return SHOWN[question.type](value, language)
    return answer_label(screen.instrument, question.variable, value, language)


def troubles(draft: Response) -> list[Trouble]:
    """The faults of the whole draft, each with its place."""
    instrument = instrument_of(draft.instrument_version)
    faults = check(instrument, draft.answers).faults
    screens = list(screens_of(draft)) if faults else []
    return [trouble for fault in faults if (trouble := _trouble(fault, screens, draft.language))]


def _trouble(fault: AnswerFault, screens: list[Screen], language: str) -> Trouble | None:
    for screen in screens:
        for question in screen.page.questions:
            if (question.variable, screen.index) == (fault.variable, fault.index):
                return Trouble(screen, question, screen.reading.label(question), fault.message(language))
    return None
