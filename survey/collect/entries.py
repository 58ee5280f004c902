"""WTForms fields for answers: each takes what people type, and keeps it as typed when it does not fit.

`shape` names the macro (of macros/forms.html or collect/fields.html) that shows a field. None needs a script.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

import wtforms
from markupsafe import Markup

from survey.collect.media import choice_label
from survey.collect.search import NotFoundInList, names_of
from survey.collect.speech import spoken, told
from survey.collect.texts import Reading
from survey.instrument import Choice, Question, TypeFault, coerce, is_grouped, written
from survey.instrument.filetypes import is_answer_to
from survey.instrument.lookups import choice_by_name

ACKNOWLEDGED = "OK"
MOST_LINES = 200
REFUSED = ("file_empty", "file_not_image", "file_not_audio", "file_not_video")
HEAD = 64


class Answer:
    """What all fields of questions share."""

    shape: ClassVar[str] = "input"
    first: ClassVar[str] = ""
    id: str
    name: str
    data: Any
    errors: Sequence[str]
    question: Question
    reading: Reading
    raw_data: list[Any] | None
    process: Callable[..., None]
    validate: Callable[..., bool]

    def __init__(self, question: Question, reading: Reading, **kwargs: Any) -> None:
        self.question, self.reading = question, reading
        super().__init__(label=reading.label(question), **kwargs)  # type: ignore[call-arg]

    @property
    def anchor(self) -> str:
        """The id of the first control, where a link from the error summary leads."""
        return f"{self.id}{self.first}"

    def read(self, raw: str | list[str]) -> Any:
        """The stored value of what was entered; raise ValueError with what to do."""
        try:
            return coerce(self.question, raw, language=self.reading.language)
        except TypeFault as fault:
            raise ValueError(told(fault.texts, self.reading.language)) from fault


class EntryField(Answer, wtforms.StringField):
    """Anything typed in one line."""

    typed: str | None = None
    shown: Callable[[Any, str], str] = staticmethod(lambda value, language: str(value))

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed, self.data = (valuelist[0] if valuelist else ""), None
        self.data = self.read(self.typed)

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return "" if self.data is None else type(self).shown(self.data, self.reading.language)


class NumberField(EntryField):
    """A number: digits on the phone's keyboard, read and shown as the page's language writes them."""

    def _value(self) -> str:
        if self.typed is not None or self.data is None:
            return self.typed or ""
        return written(self.data, self.reading.language, grouped=is_grouped(self.question))


class DateField(EntryField):
    """A date, day first; appearances `month-year` and `year` ask for less."""

    def _value(self) -> str:
        if self.typed is not None or self.data is None:
            return self.typed or ""
        return day_text(self.question, self.data)


def day_text(question: Question, value: str) -> str:
    """A date as asked for: 25/12/2026; 12/2026 and 2026 where a question asks for less."""
    text = f"{date.fromisoformat(value):%d/%m/%Y}"
    if "month-year" in question.appearance:
        return text[3:]
    return text[6:] if "year" in question.appearance.split() else text


class MomentField(EntryField):
    """A date with a time of day."""

    @staticmethod
    def shown(value: Any, language: str) -> str:
        return f"{datetime.fromisoformat(value):%d/%m/%Y %H:%M}"


class TimeField(EntryField):
    """A time of day."""

    @staticmethod
    def shown(value: Any, language: str) -> str:
        return str(value)[:5]


class LongTextField(Answer, wtforms.TextAreaField):
    """Several lines of text."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0] if valuelist else ""
        self.data = self.read(self.data)


class SearchField(EntryField):
    """One choice of a list too long for a menu: its name is typed, the list stays here."""

    def __init__(
        self, question: Question, reading: Reading, *, offered: Sequence[Choice], **kwargs: Any
    ) -> None:
        self.offered = offered
        super().__init__(question, reading, **kwargs)

    def read(self, raw: str | list[str]) -> Any:
        return found(self, str(raw).strip()) if str(raw).strip() else None

    def suggestions(self) -> list[str]:
        """Names that are like what is typed."""
        return names_of(self.offered, self.question, self.reading).like(self.typed or "")

    def _value(self) -> str:
        if self.typed is not None or self.data is None:
            return self.typed or ""
        return said(self, str(self.data))


class SearchManyField(Answer, wtforms.TextAreaField):
    """Any number of a list too long to tick: one name a line."""

    typed: str | None = None

    def __init__(
        self, question: Question, reading: Reading, *, offered: Sequence[Choice], **kwargs: Any
    ) -> None:
        self.offered = offered
        super().__init__(question, reading, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed, self.data = (valuelist[0] if valuelist else ""), []
        lines = [line.strip() for line in self.typed.splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise ValueError(spoken("too_many_lines", self.reading.language, most=MOST_LINES))
        self.data = self.read([found(self, line) for line in lines]) or []

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return "\n".join(said(self, name) for name in self.data or ())


def found(field: SearchField | SearchManyField, typed: str) -> str:
    """The stored name of the choice that was typed; raise ValueError with what to do."""
    try:
        return names_of(field.offered, field.question, field.reading).find(typed)
    except NotFoundInList as fault:
        raise ValueError(fault.message(field.reading.language)) from fault


def said(field: SearchField | SearchManyField, name: str) -> str:
    """What a stored choice is called."""
    choice = choice_by_name(field.reading.instrument, field.question).get(name)
    return choice.label(field.reading.language) or name if choice else name


class ChosenOne(Answer):
    """One of a list: an unknown value is refused by the questionnaire, not by WTForms."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        self.data = self.read(valuelist[0] if valuelist else "")


class RadioField(ChosenOne, wtforms.RadioField):
    """One of a short list, as big rows."""

    shape, first = "radio_list", "-0"


class MenuField(ChosenOne, wtforms.SelectField):
    """One of a longer list, in the phone's own menu."""


class CheckboxListField(Answer, wtforms.SelectMultipleField):
    """Any number of a list."""

    shape, first = "checkbox_list", "-0"

    def process_data(self, value: Any) -> None:
        self.data = value.split() if isinstance(value, str) else list(value or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = []
        self.data = self.read(valuelist) or []


class AcknowledgeField(Answer, wtforms.BooleanField):
    """One box to tick."""

    shape = "checkbox"

    def process_data(self, value: Any) -> None:
        self.data = ACKNOWLEDGED if value else None

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = ACKNOWLEDGED if valuelist and valuelist[0] else None


class RankField(Answer, wtforms.Field):
    """Choices put in order by writing 1, 2, 3 … beside them."""

    shape = "rank"

    def __init__(
        self, question: Question, reading: Reading, *, offered: Sequence[Choice], **kwargs: Any
    ) -> None:
        self.offered = offered
        self.places: list[str] = []
        super().__init__(question, reading, **kwargs)

    def label_of(self, choice: Choice) -> Markup:
        """A choice as people see it."""
        return choice_label(choice, self.question, self.reading)

    def process_data(self, value: Any) -> None:
        self.data = list(value or ())
        order = {name: str(place) for place, name in enumerate(self.data, 1)}
        self.places = [order.get(choice.name, "") for choice in self.offered]

    def process_formdata(self, valuelist: list[str]) -> None:
        self.places, self.data = [place.strip() for place in valuelist], []
        if not any(self.places):
            return
        wanted = [str(place) for place in range(1, len(self.offered) + 1)]
        if sorted(self.places) != sorted(wanted):
            raise ValueError(spoken("rank_fault", self.reading.language, count=len(self.offered)))
        names = {place: choice.name for place, choice in zip(self.places, self.offered, strict=True)}
        self.data = [names[place] for place in wanted]


class MediaField(Answer, wtforms.FileField):
    """A photo, recording or file; `data` is the name under which it is kept.

    `refused` is the word for why a file was not taken; it is kept beside what was typed, so that the page can say it.
    """

    upload: Any = None
    refused: str = ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        chosen = next((file for file in valuelist if getattr(file, "filename", "")), None)
        told = next((word for word in valuelist if word in REFUSED), "")
        self.refused = _why_not(self.question, chosen) if chosen is not None else told
        if self.refused:
            raise ValueError(spoken(self.refused, self.reading.language))
        self.upload = chosen


def _why_not(question: Question, chosen: Any) -> str:
    head = chosen.stream.read(HEAD)
    chosen.stream.seek(0)
    if not head:
        return "file_empty"
    return "" if is_answer_to(question.type, head) else f"file_not_{question.type}"
