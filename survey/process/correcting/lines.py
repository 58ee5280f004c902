"""One record as it is read on a page: questions in their order with answers in words, and what was corrected."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from survey.editing.models import Correction
from survey.editing.places import Place, row_at, value_at
from survey.editing.service import Edited
from survey.errors import NotFound
from survey.instrument import Instrument, Question, Repeat, answer_label
from survey.process.tables import ROOT

LONGEST_SHOWN = 400
PLACES = ("geopoint", "geotrace", "geoshape")


@dataclass(frozen=True)
class Line:
    """A question with its answer in use; `collected` is what was collected where a correction stands."""

    place: Place
    question: Question
    label: str
    value: str
    collected: str
    correction: Correction | None
    is_marked: bool
    is_editable: bool


@dataclass(frozen=True)
class Part:
    """The lines of the response itself (no title), or of one instance of a repeat."""

    title: str
    lines: tuple[Line, ...]


def is_editable(question: Question) -> bool:
    """Whether an office may correct it: neither worked out by the form, nor a file, nor a place on the map."""
    computed = question.is_silent or question.read_only or question.type == "note"
    return not (computed or question.is_media or question.type in PLACES)


def question_at(instrument: Instrument, state: Edited, place: Place) -> Question:
    """The question of a place that can be corrected; raise `NotFound`."""
    question = instrument.questions.get(place.variable)
    row = row_at(state.used, place.level, place.instance)
    if (
        question is None
        or (question.level or ROOT) != place.level
        or row is None
        or not is_editable(question)
    ):
        raise NotFound("Phiếu không có câu này để sửa.", "Chọn câu trong danh sách câu trả lời.")
    return question


def parts_of(instrument: Instrument, state: Edited, marked: frozenset[str]) -> Iterator[Part]:
    """All answers of a record; questions of rules that it breaks are marked, empty or not."""
    yield Part("", tuple(_lines(instrument, state, marked, ROOT, 0)))
    for repeat in repeats_of(instrument):
        for number, _ in enumerate(state.used.get(repeat.variable) or (), 1):
            title = f"{repeat.label('vi') or repeat.name}, số {number}"
            yield Part(title, tuple(_lines(instrument, state, marked, repeat.variable, number)))


def repeats_of(instrument: Instrument) -> list[Repeat]:
    """The repeats of the response itself: those inside a repeat have no table."""

    def inside(items: Any) -> Iterator[Repeat]:
        for item in items:
            if isinstance(item, Repeat):
                yield item
            elif not isinstance(item, Question):
                yield from inside(item.children)

    return list(inside(instrument.items))


def _lines(
    instrument: Instrument, state: Edited, marked: frozenset[str], level: str, number: int
) -> Iterator[Line]:
    for question in instrument.questions.values():
        if (question.level or ROOT) != level or question.is_metadata or question.type == "note":
            continue
        place = Place(level, number, question.variable)
        correction = state.corrections.get(place)
        value = value_at(state.used, place)
        if value is None and correction is None and question.variable not in marked:
            continue
        yield Line(
            place,
            question,
            question.label("vi") or question.name,
            words_for(instrument, place.variable, value),
            words_for(instrument, place.variable, correction.old_value) if correction else "",
            correction,
            question.variable in marked,
            is_editable(question),
        )


def words_for(instrument: Instrument, variable: str, value: Any) -> str:
    """A stored value as people read it, cut where it is very long; "bỏ trống" for none."""
    if value is None or value == "":
        return "bỏ trống"
    if variable not in instrument.questions:
        return str(value)[:LONGEST_SHOWN]
    text = answer_label(instrument, variable, value, "vi")
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
