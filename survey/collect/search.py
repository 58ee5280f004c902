"""Find one choice of a long list by a typed name: accents and capitals do not matter."""

from collections.abc import Sequence
from dataclasses import dataclass

from survey.collect.texts import Reading
from survey.collect.words import say
from survey.instrument import Choice, Question
from survey.instrument.choices import all_choices
from survey.text import plain

MOST_EXAMPLES = 3


class NotFoundInList(ValueError):
    """No choice, or more than one, goes by the typed name."""

    def __init__(self, typed: str, similar: Sequence[Choice]) -> None:
        super().__init__(typed)
        self.typed, self.similar = typed, similar

    def message(self, language: str) -> str:
        """What to do, with names that are like it."""
        if not self.similar:
            return say("not_in_list", language, typed=self.typed)
        examples = "; ".join(choice.label(language) for choice in self.similar[:MOST_EXAMPLES])
        return say("several_in_list", language, typed=self.typed, examples=examples)


@dataclass(frozen=True)
class Names:
    """Choices with what they are called in one language, as people search it: without accents and capitals."""

    choices: Sequence[Choice]
    called: tuple[str, ...]

    def find(self, typed: str) -> str:
        """The stored name of the one choice that is called this, or of the only one whose name contains it.

        Raises `NotFoundInList` with the similar ones.
        """
        wanted = plain(" ".join(typed.split()))
        named = [choice for choice, said in zip(self.choices, self.called, strict=True) if said == wanted]
        similar = named or [choice for choice in self.choices if choice.name == typed]
        similar = similar or [
            choice for choice, said in zip(self.choices, self.called, strict=True) if wanted in said
        ]
        if len(similar) != 1:
            raise NotFoundInList(typed, similar)
        return similar[0].name


def names_of(offered: Sequence[Choice], question: Question, reading: Reading) -> Names:
    """The searchable names of what a question offers; those of a whole list are made once, not once a request."""
    if offered is not all_choices(reading.instrument, question):
        return _names(offered, reading.language)
    made: dict[tuple[str, str], Names] = reading.instrument.cache.setdefault("searchable names", {})
    key = (question.variable, reading.language)
    if key not in made:
        made[key] = _names(offered, reading.language)
    return made[key]


def _names(offered: Sequence[Choice], language: str) -> Names:
    return Names(offered, tuple(plain(choice.label(language) or choice.name) for choice in offered))
