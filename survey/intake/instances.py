"""Instances of repeats in an answer document: a list of documents under the repeat's name, at any depth.

An instance is named by its repeats, outermost first, and its position in each, from 0.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from survey.instrument import Instrument
from survey.instrument.scope import levels_of

Document = dict[str, Any]


def levels(instrument: Instrument, repeat: str) -> tuple[str, ...]:
    """The repeats around what stands in a repeat, outermost first, itself the last; none outside repeats."""
    return levels_of(instrument, instrument.nodes[repeat]) if repeat else ()


def instance_at(
    document: Mapping[str, Any], repeats: Sequence[str], index: Sequence[int]
) -> Mapping[str, Any]:
    """The answers of one instance; empty where there is none. Without an index, the document."""
    for repeat, position in zip(repeats, index, strict=False):
        rows = document.get(repeat) or ()
        document = rows[position] if position < len(rows) else {}
    return document


def changed_at(
    document: Mapping[str, Any],
    repeats: Sequence[str],
    index: Sequence[int],
    change: Callable[[Document], Document],
) -> Document:
    """A document in which one instance is what `change` makes of it; instances up to that place are made."""
    if not index:
        return change(dict(document))
    rows = [dict(row) for row in document.get(repeats[0]) or ()]
    rows += [{} for _ in range(len(rows), index[0] + 1)]
    rows[index[0]] = changed_at(rows[index[0]], repeats[1:], index[1:], change)
    return {**document, repeats[0]: rows}


def placed(
    document: Mapping[str, Any],
    repeats: Sequence[str],
    answers: Mapping[str, Any],
    index: Sequence[int] = (),
) -> Document:
    """A document with a page's answers in their place."""
    return changed_at(document, repeats, index, lambda instance: {**instance, **answers})
