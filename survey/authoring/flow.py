"""The way through a questionnaire as a tree: pages, conditions around them, repeats around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from survey.authoring.conditions import in_words, parts
from survey.instrument import Group, Instrument, Page, Question, Repeat

MOST_PAGES = 400


@dataclass(frozen=True)
class Screen:
    """One page: its place from 1, what it is called, how many questions, how many of them only sometimes."""

    number: int
    page_id: str
    title: str
    questions: int
    conditional: int


@dataclass(frozen=True)
class Branch:
    """What is shown only under a condition: its text, and in words where words say it."""

    condition: str
    words: str
    inside: tuple[Node, ...]


@dataclass(frozen=True)
class Loop:
    """What is asked once for each instance of a repeat; `count` is "" where the respondent adds them."""

    title: str
    count: str
    inside: tuple[Node, ...]


Node: TypeAlias = Screen | Branch | Loop


@dataclass(frozen=True)
class Flow:
    """The whole way; `left_out` pages at its end are too many to draw."""

    nodes: tuple[Node, ...]
    pages: int
    left_out: int


@dataclass(frozen=True)
class _Around:
    """What stands around a page: a condition, or a repeat."""

    condition: str = ""
    repeat: str = ""


_Placed = tuple[tuple[_Around, ...], Screen]


def flow(instrument: Instrument) -> Flow:
    """The pages of a questionnaire in order, neighbours under the same condition together."""
    pages = instrument.pages[:MOST_PAGES]
    placed = [
        (tuple(_around(instrument, page)), _screen(instrument, number, page))
        for number, page in enumerate(pages, start=1)
    ]
    return Flow(
        tuple(_nested(instrument, placed, 0)), len(instrument.pages), len(instrument.pages) - len(pages)
    )


def _nested(instrument: Instrument, placed: Sequence[_Placed], depth: int) -> Iterator[Node]:
    for around, together in groupby(placed, lambda one: one[0][depth] if len(one[0]) > depth else None):
        if around is None:
            yield from (screen for _, screen in together)
            continue
        inside = tuple(_nested(instrument, list(together), depth + 1))
        if around.repeat:
            yield _loop(instrument, around.repeat, inside)
        else:
            yield _branch(Branch(around.condition, in_words(instrument, around.condition), inside))


def _branch(branch: Branch) -> Branch:
    """A branch that holds nothing but another is one branch with both conditions."""
    match branch.inside:
        case (Branch(condition, words, inside),):
            together = f"{_grouped(branch.words)} và {_grouped(words)}" if branch.words and words else ""
            return Branch(f"({branch.condition}) and ({condition})", together, inside)
    return branch


def _grouped(words: str) -> str:
    return f"({words})" if " hoặc " in words else words


def _loop(instrument: Instrument, variable: str, inside: tuple[Node, ...]) -> Loop:
    repeat = instrument.repeats[variable]
    return Loop(repeat.label() or repeat.name, repeat.count, inside)


def _around(instrument: Instrument, page: Page) -> Iterator[_Around]:
    """The conditions and repeats around a page, outermost first."""
    for node in holders(instrument, page):
        if node.relevant:
            yield from _conditions(node.relevant)
        if isinstance(node, Repeat):
            yield _Around(repeat=node.variable)
    if shared := _shared_condition(page):
        yield from _conditions(shared)


def _conditions(expression: str) -> Iterator[_Around]:
    """Conditions that all must hold stand one inside the other, so that neighbours share what they share."""
    for part in parts(expression):
        yield _Around(condition=part)


def holders(instrument: Instrument, page: Page) -> list[Group | Repeat]:
    """The groups and repeats that a page stands in, outermost first."""
    found: list[Group | Repeat] = []
    variable = page.group or page.questions[0].parent
    while variable:
        node = instrument.nodes[variable]
        assert not isinstance(node, Question)
        found.append(node)
        variable = node.parent
    return found[::-1]


def _shared_condition(page: Page) -> str:
    """The condition that every question of the page has, if it is one."""
    conditions = {question.relevant for question in _seen(page)}
    return conditions.pop() if len(conditions) == 1 else ""


def _seen(page: Page) -> list[Question]:
    return [question for question in page.questions if not question.is_silent]


def _screen(instrument: Instrument, number: int, page: Page) -> Screen:
    seen = _seen(page)
    title = page.title() or next((question.label() for question in seen if question.label), page.id)
    conditional = 0 if _shared_condition(page) else sum(bool(question.relevant) for question in seen)
    return Screen(number, page.id, " ".join(title.split()), len(seen), conditional)
