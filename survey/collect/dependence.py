"""Whether an answer on a page decides what else the same page shows."""

import re
from collections.abc import Iterator
from functools import lru_cache

from survey.instrument import Instrument, Question, Texts

WORD = re.compile(r"[^\W\d][\w.-]*")
QUOTED = re.compile(r"\$\{\s*([^}]+?)\s*\}")


@lru_cache(maxsize=512)
def asks_at_once(instrument: Instrument, page_id: str) -> bool:
    """Whether relevance, choices or texts of a question rest on another of the same page.

    Names are compared as words, so that an expression may name a question more than it rests on it: then the page
    asks the server once too often, and shows the same.
    """
    page = instrument.page(page_id)
    names = {question.name for question in page.questions if not question.is_silent}
    names |= _calculated_from(instrument, names)
    return any(names & set(_named(instrument, question)) for question in page.questions)


def _calculated_from(instrument: Instrument, names: set[str]) -> set[str]:
    """The calculations that these questions enter, also through others before them."""
    found: set[str] = set()
    for question in instrument.questions.values():
        if (names | found) & set(WORD.findall(question.calculation)):
            found.add(question.name)
    return found


def _named(instrument: Instrument, question: Question) -> Iterator[str]:
    for expression in (question.choice_filter, question.required, *_relevances(instrument, question)):
        yield from WORD.findall(expression)
    for texts in (question.label, question.hint):
        yield from _quoted(texts)


def _relevances(instrument: Instrument, question: Question) -> Iterator[str]:
    """Its own, and those of the groups around it."""
    yield question.relevant
    parent = question.parent
    while parent:
        yield instrument.nodes[parent].relevant
        parent = instrument.nodes[parent].parent


def _quoted(texts: Texts) -> Iterator[str]:
    for text in texts.by_language.values():
        yield from (name.rpartition("/")[2] for name in QUOTED.findall(text or ""))
