"""What a new version of a questionnaire changes, for those who hold data of the old one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from survey.instrument.codebook import universe
from survey.instrument.lookups import all_choices
from survey.instrument.model import Instrument, Question

ASPECTS = ("type", "level", "required", "constraint", "calculation", "choice_filter", "default", "path")
# A list in a file may have changed in thousands of places.
MOST_LISTED = 50
# Changes after which old and new data do not mean the same.
BREAKING = frozenset({"type", "level", "choices gone"})
# Types that take every answer of the first: these changes break nothing.
WIDER = frozenset(
    [
        ("integer", "decimal"),
        ("range", "decimal"),
        ("integer", "range"),
        ("select_one", "select_multiple"),
        ("calculate", "text"),
        ("hidden", "text"),
        ("barcode", "text"),
        ("integer", "text"),
        ("decimal", "text"),
        ("select_one", "text"),
    ]
)


@dataclass(frozen=True)
class Change:
    """One aspect of one variable, before and after."""

    variable: str
    aspect: str
    before: str
    after: str

    @property
    def is_breaking(self) -> bool:
        """Whether old answers may not fit the new question."""
        if self.aspect == "type" and (self.before, self.after) in WIDER:
            return False
        return self.aspect in BREAKING


@dataclass(frozen=True)
class Difference:
    """Variables that are new, gone, and changed between two versions.

    `renamed` pairs a variable that is gone with a new one of the same label and type: likely the same.
    """

    new: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[Change, ...]
    renamed: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.changed)


def compare(old: Instrument, new: Instrument) -> Difference:
    """The difference between two versions, by variable, in the order of the new questionnaire."""
    before, after = old.questions, new.questions
    changed = [
        change
        for variable, question in after.items()
        if variable in before
        for change in _changes(old, new, before[variable], question)
    ]
    added = tuple(variable for variable in after if variable not in before)
    gone = tuple(variable for variable in before if variable not in after)
    return Difference(added, gone, tuple(changed), tuple(_renamed(old, new, gone, added)))


def _renamed(
    old: Instrument, new: Instrument, gone: tuple[str, ...], added: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Pairs with the same label and type, where the label is that of one variable only."""
    unpaired = {variable: _likeness(new, variable) for variable in added}
    for variable in gone:
        wanted = _likeness(old, variable)
        found = [other for other, likeness in unpaired.items() if likeness == wanted and wanted[0]]
        if len(found) == 1:
            yield variable, found[0]
            del unpaired[found[0]]


def _likeness(instrument: Instrument, variable: str) -> tuple[str, str]:
    question = instrument.questions[variable]
    return question.label(), question.type


def _changes(old: Instrument, new: Instrument, before: Question, after: Question) -> Iterator[Change]:
    variable = after.variable
    for aspect in ASPECTS:
        was, becomes = str(getattr(before, aspect)), str(getattr(after, aspect))
        if was != becomes:
            yield Change(variable, aspect, was, becomes)
    was, becomes = universe(old, before), universe(new, after)
    if was != becomes:
        yield Change(variable, "relevant", was, becomes)
    for language in dict.fromkeys((*old.languages, *new.languages)):
        if before.label(language) != after.label(language):
            yield Change(variable, f"label::{language}", before.label(language), after.label(language))
    language = new.default_language
    yield from _choice_changes(variable, _choices(old, before, language), _choices(new, after, language))


def _choices(instrument: Instrument, question: Question, language: str) -> dict[str, str]:
    """The labels of what a question offers, by name; lists in files too, where they are at hand."""
    return {choice.name: choice.label(language) for choice in all_choices(instrument, question)}


def _choice_changes(variable: str, was: dict[str, str], becomes: dict[str, str]) -> Iterator[Change]:
    gone = [name for name in was if name not in becomes]
    added = [name for name in becomes if name not in was]
    if gone:
        yield Change(variable, "choices gone", _listed(gone), "")
    if added:
        yield Change(variable, "choices new", "", _listed(added))
    reworded = [name for name in was if name in becomes and was[name] != becomes[name]]
    for name in reworded[:MOST_LISTED]:
        yield Change(variable, f"choice {name}", was[name], becomes[name])


def _listed(names: list[str]) -> str:
    """Names in a row; of very many the first, and how many they are."""
    rest = f" … ({len(names)})" if len(names) > MOST_LISTED else ""
    return " ".join(names[:MOST_LISTED]) + rest
