"""A correction judged by the questionnaire itself: what it breaks, and what changes with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from survey.editing.places import Place, is_same, value_at, values_of, with_values
from survey.instrument import AnswerFault, Instrument, check

MAY_BE_ACCEPTED = ("required",)


@dataclass(frozen=True)
class Judgement:
    """What the questionnaire says to changed answers.

    `faults` are those that the change brings (what was wrong before is not held against it), `unasked` the
    changed places whose question is not asked with these answers, `follows` the further values that the
    questionnaire changes: calculations, and answers to questions that are no longer asked (None).
    `reshaped` names a repeat whose instances would come or go.
    """

    faults: tuple[AnswerFault, ...]
    unasked: tuple[Place, ...]
    follows: Mapping[Place, Any]
    reshaped: str = ""

    @property
    def refusals(self) -> tuple[AnswerFault, ...]:
        """Faults that no person may accept: an answer that the questionnaire would never have taken."""
        return tuple(fault for fault in self.faults if fault.kind not in MAY_BE_ACCEPTED)

    @property
    def is_possible(self) -> bool:
        """Whether the change can be made at all."""
        return not (self.refusals or self.unasked or self.reshaped)

    @property
    def needs_consent(self) -> bool:
        """Whether somebody has to see what else happens before it does."""
        return bool(self.faults or self.follows)


def judge(
    instrument: Instrument, answers: Mapping[str, Any], values: Mapping[Place, Any], now: datetime
) -> Judgement:
    """Compare what the questionnaire says before and after a change; pure.

    Both are judged at the same `now`, so that what moves with the clock is not laid to the correction.
    """
    before = check(instrument, answers, first_load=False, now=now)
    after = check(instrument, with_values(answers, values), first_load=False, now=now)
    known = {(fault.variable, fault.index, fault.kind) for fault in before.faults}
    faults = tuple(f for f in after.faults if (f.variable, f.index, f.kind) not in known)
    if reshaped := _reshaped(before.answers, after.answers):
        return Judgement(faults, (), {}, reshaped)
    faulty = {(fault.variable, fault.index) for fault in after.faults}
    unasked = tuple(
        place
        for place, value in values.items()
        if value is not None
        and (place.variable, place.index) not in faulty
        and (place.variable, place.index) not in after.relevant
    )
    old, new = dict(values_of(before.answers)), dict(values_of(after.answers))
    follows = {
        place: new.get(place)
        for place in sorted(old.keys() | new.keys())
        if place not in values and not is_same(old.get(place), new.get(place))
    }
    return Judgement(faults, unasked, follows)


def _reshaped(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The repeat that has another number of instances; empty where none has."""
    sizes = [
        {
            name: len(rows)
            for name, rows in answers.items()
            if isinstance(rows, list) and rows and isinstance(rows[0], dict)
        }
        for answers in (before, after)
    ]
    names = sorted(sizes[0].keys() | sizes[1].keys())
    return next((name for name in names if sizes[0].get(name, 0) != sizes[1].get(name, 0)), "")


def collected(answers: Mapping[str, Any], places: Mapping[Place, Any]) -> dict[Place, Any]:
    """What was collected at these places."""
    return {place: value_at(answers, place) for place in places}
