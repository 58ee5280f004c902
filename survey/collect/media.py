"""Pictures and recordings that a questionnaire shows beside its questions and choices."""

from dataclasses import dataclass

from markupsafe import Markup, escape

from survey.collect.texts import Reading
from survey.instrument import Choice, Question

KINDS = ("image", "audio", "video")
OF_A_CHOICE = Markup('<img src="{}" alt="{}">')


@dataclass(frozen=True)
class Medium:
    """One file beside a question: image, audio or video."""

    kind: str
    address: str


def media_of(question: Question, reading: Reading) -> tuple[Medium, ...]:
    """The files of a question that are there, in the reader's language."""
    named = ((kind, question.media[kind](reading.language)) for kind in KINDS if kind in question.media)
    found = (Medium(kind, reading.file_address(name)) for kind, name in named if name)
    return tuple(medium for medium in found if medium.address)


def choice_label(choice: Choice, question: Question, reading: Reading) -> Markup:
    """A choice's picture and label, its name where it has neither; a picture with words beside it needs none."""
    words = reading.html(question, choice.label)
    name = choice.media["image"](reading.language) if "image" in choice.media else ""
    address = reading.file_address(name) if name else ""
    if address:
        return OF_A_CHOICE.format(address, "" if words else choice.name) + words
    return words or escape(choice.name)
