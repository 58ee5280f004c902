"""The answers as people read them before they send, and what still stands in the way."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from survey.collect.entries import MomentField, TimeField, day_text
from survey.collect.fields import reading_value
from survey.collect.readback import number_text
from survey.collect.screens import Numbers, Screen, Stop, from_0
from survey.collect.speech import spoken, tagged, told
from survey.collect.way import all_stops, pages_in, screens_of, stops
from survey.instrument import AnswerFault, Question, Texts, answer_label, check
from survey.intake import drafts
from survey.intake.instances import levels
from survey.intake.models import Response
from survey.rounds.service import instrument_of

WITHIN = " › "
SHOWN: dict[str, Callable[[Question, Any, str], str]] = {
    **dict.fromkeys(("integer", "decimal", "range"), number_text),
    "date": lambda question, value, language: day_text(question, value),
    "dateTime": lambda question, value, language: MomentField.shown(value, language),
    "time": lambda question, value, language: TimeField.shown(value, language),
    "acknowledge": lambda question, value, language: "✓",
}


@dataclass(frozen=True)
class Line:
    """One question with its answer; `answer` is empty where there is none."""

    label: Markup
    answer: Markup


@dataclass(frozen=True)
class Section:
    """One page's questions, or a repeat's list with how many stand on it; and where to change them."""

    stop: Stop
    title: Markup
    lines: tuple[Line, ...] = ()
    count: int | None = None

    @property
    def depth(self) -> int:
        """In how many repeats it stands."""
        return len(self.stop.numbers)

    @property
    def name(self) -> Markup:
        """The title without the instances around it."""
        return self.title.rpartition(WITHIN)[2]


@dataclass(frozen=True)
class Instance:
    """One instance of a repeat as its list shows it: its pages, and the lists in it."""

    number: int
    title: Markup
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Trouble:
    """What keeps the form from being sent: the screen and question it stands on.

    `place` names the instance of a repeat, as its questions are asked of each; empty elsewhere.
    """

    screen: Screen
    question: Question
    label: Markup
    message: Markup

    @property
    def place(self) -> str:
        """Which instance of a repeat it is."""
        return title(self.screen) if self.screen.numbers else ""


def reviewed(draft: Response) -> Iterator[Section]:
    """The whole way with its answers, each list before its instances."""
    yield from _sections(draft, all_stops(draft))


def instances(draft: Response, repeat: str, around: Numbers = ()) -> Iterator[Instance]:
    """What stands on a repeat's list."""
    for place in range(len(drafts.instances_of(draft, repeat, from_0(around)) or ())):
        numbers = (*around, place + 1)
        sections = tuple(_sections(draft, stops(draft, repeat, numbers)))
        yield Instance(place + 1, where(draft, repeat, numbers), sections)


def _sections(draft: Response, found: Iterable[Stop]) -> Iterator[Section]:
    for stop in found:
        section = _list_section(draft, stop) if stop.repeat else _page_section(draft, stop)
        if section.lines or section.count is not None:
            yield section


def _page_section(draft: Response, stop: Stop) -> Section:
    screen = Screen(draft, instrument_of(draft.instrument_version).page(stop.page_id), stop.numbers)
    reading = screen.reading
    lines = (
        Line(reading.label(question), answer_text(screen, question, reading_value(question, reading)))
        for question in screen.asked()
    )
    return Section(stop, title(screen), tuple(lines))


def _list_section(draft: Response, stop: Stop) -> Section:
    count = len(drafts.instances_of(draft, stop.repeat, from_0(stop.numbers)) or ())
    return Section(stop, list_title(draft, stop), count=count)


def title(screen: Screen) -> Markup:
    """A page's heading: its group's label, with the number of the instance; a lone question is its own."""
    text = _in_its_language(screen.page.title, screen.draft.language) if screen.page.group else Markup()
    return where(screen.draft, screen.page.repeat, screen.numbers, text) if text else text


def _in_its_language(texts: Texts, language: str) -> Markup:
    return tagged(texts(language), texts.language(language), language)


def list_title(draft: Response, stop: Stop) -> Markup:
    """The heading of a repeat's list, after the instance in which it stands."""
    around = levels(instrument_of(draft.instrument_version), stop.repeat)[:-1]
    outer = where(draft, around[-1], stop.numbers) if around else Markup()
    return Markup(WITHIN).join(filter(None, (outer, repeat_title(draft, stop.repeat))))


def where(draft: Response, repeat: str, numbers: Numbers, text: Markup | None = None) -> Markup:
    """An instance by what it is called and its number, after those around it: Household – number 2 › Member – …"""
    named = [repeat_title(draft, name) for name in levels(instrument_of(draft.instrument_version), repeat)]
    named = [*named[:-1], text or named[-1]] if named else []
    named_instances = [
        spoken("instance", draft.language, title=name, number=number)
        for name, number in zip(named, numbers, strict=True)
    ]
    return Markup(WITHIN).join(named_instances) or text or Markup()


def repeat_title(draft: Response, repeat: str) -> Markup:
    """What a repeat is called: its label, its first page's, or its name."""
    instrument, language = instrument_of(draft.instrument_version), draft.language
    node = instrument.nodes[repeat]
    texts = node.label or pages_in(instrument, repeat)[0].title
    return _in_its_language(texts, language) or escape(node.name)


def answer_text(screen: Screen, question: Question, value: Any) -> Markup:
    """One answer in words."""
    language = screen.draft.language
    if value in (None, "", []):
        return Markup()
    if question.type in SHOWN:
        return escape(SHOWN[question.type](question, value, language))
    text = answer_label(screen.instrument, question.variable, value, language)
    names = value if isinstance(value, list) else [value]
    chosen = next((question.choice_by_name[name] for name in names if name in question.choice_by_name), None)
    return tagged(text, chosen.label.language(language) if chosen else language, language)


def troubles_on(draft: Response, repeat: str, around: Numbers = ()) -> list[Trouble]:
    """The faults of what stands on a repeat's list, however deep."""
    inside = {page.id for page in pages_in(instrument_of(draft.instrument_version), repeat)}
    return [
        trouble
        for trouble in troubles(draft)
        if trouble.screen.page.id in inside and trouble.screen.numbers[: len(around)] == around
    ]


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
                return Trouble(screen, question, screen.reading.label(question), told(fault.texts, language))
    return None
