"""Find one choice of a long list by a typed name: accents and capitals do not matter."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from survey.collect.speech import spoken
from survey.collect.texts import Reading
from survey.instrument import Choice, Question
from survey.instrument.choices import all_choices
from survey.text import plain

MOST_EXAMPLES = 3
LEAST_TYPED, MOST_SUGGESTED = 2, 20


class NotFoundInList(ValueError):
    """No choice, or more than one, goes by the typed name."""

    def __init__(self, typed: str, similar: Sequence[Choice]) -> None:
        super().__init__(typed)
        self.typed, self.similar = typed, similar

    def message(self, language: str) -> Markup:
        """What to do, with names that are like it."""
        if not self.similar:
            return spoken("not_in_list", language, typed=self.typed)
        examples = "; ".join(choice.label(language) for choice in self.similar[:MOST_EXAMPLES])
        return spoken("several_in_list", language, typed=self.typed, examples=examples)


@dataclass(frozen=True)
class Names:
    """Choices with what they are called in one language, as people search it: without accents and capitals."""

    choices: Sequence[Choice]
    called: tuple[str, ...]
    language: str

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

    def like(self, typed: str) -> list[str]:
        """Up to 20 names that contain what is typed, those that begin with it first."""
        wanted = plain(" ".join(typed.split()))
        if len(wanted) < LEAST_TYPED:
            return []
        pairs = zip(self.choices, self.called, strict=True)
        found = [(not said.startswith(wanted), choice) for choice, said in pairs if wanted in said]
        found.sort(key=lambda pair: pair[0])
        labels = dict.fromkeys(choice.label(self.language) or choice.name for _, choice in found)
        return list(labels)[:MOST_SUGGESTED]


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
    return Names(offered, tuple(plain(choice.label(language) or choice.name) for choice in offered), language)
