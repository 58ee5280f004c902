"""Find one choice of a long list by a typed name: accents and capitals do not matter."""

from collections.abc import Sequence
from functools import lru_cache

from markupsafe import Markup

from survey.collect.speech import spoken
from survey.instrument import Choice
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


@lru_cache(maxsize=131_072)
def searched(label: str) -> str:
    """A label as it is searched; kept, as long lists are searched at every pause of a typing hand."""
    return plain(label)


def suggestions(offered: Sequence[Choice], typed: str, language: str) -> list[str]:
    """Up to 20 names that contain what is typed, those that begin with it first."""
    wanted = plain(" ".join(typed.split()))
    if len(wanted) < LEAST_TYPED:
        return []
    like = (choice.label(language) for choice in offered if wanted in searched(choice.label(language)))
    found = list(dict.fromkeys(like))
    found.sort(key=lambda label: not searched(label).startswith(wanted))
    return found[:MOST_SUGGESTED]


def find_choice(offered: Sequence[Choice], typed: str, language: str) -> str:
    """The name of the one choice that is called this, or the only one that contains it.

    Raises `NotFoundInList` with the similar ones.
    """
    wanted = plain(" ".join(typed.split()))
    called = [
        choice for choice in offered if typed == choice.name or searched(choice.label(language)) == wanted
    ]
    similar = called or [choice for choice in offered if wanted in searched(choice.label(language))]
    if len(similar) != 1:
        raise NotFoundInList(typed, similar)
    return similar[0].name
