"""Which field asks which question: one entry a type in `FIELDS`."""

import re
from collections.abc import Callable
from typing import Any

from markupsafe import Markup
from wtforms import SelectChoice

from survey.collect.entries import (
    AcknowledgeField,
    Answer,
    CheckboxListField,
    DateField,
    EntryField,
    LongTextField,
    MediaField,
    MenuField,
    MomentField,
    NumberField,
    RadioField,
    RankField,
    SearchField,
    SearchManyField,
    TimeField,
)
from survey.collect.media import choice_label
from survey.collect.readback import number_text, worth_reading_back
from survey.collect.speech import spoken
from survey.collect.texts import Reading
from survey.collect.words import say
from survey.instrument import Question, asked_in, choices_for
from survey.intake.instances import instance_at, levels

LANGUAGE = re.compile(r'<span lang="([^"]+)">')
LONGEST_RADIO_LIST = 15
LONGEST_MENU = 200
LONGEST_SCALE = 11
# What a browser may fill in about the person who answers (WCAG 2.2, 1.3.5), by the usual names of such questions.
OF_THE_PERSON = {
    "email": {"autocomplete": "email", "inputmode": "email"},
    "phone": {"autocomplete": "tel", "inputmode": "tel"},
    "phone_number": {"autocomplete": "tel", "inputmode": "tel"},
    "full_name": {"autocomplete": "name"},
    "address": {"autocomplete": "street-address"},
}
MONEY_HINTS = {1: "money_hint", 1_000_000: "millions_hint"}
RANGE = (("start", "1"), ("end", "10"), ("step", "1"))

Maker = Callable[[Question, Reading], Any]


def select_one(question: Question, reading: Reading) -> Any:
    """Rows to touch, a menu, or a search, by the length of the list and the appearance."""
    offered = choices_for(reading.instrument, question.variable, reading.answers, reading.index)
    if not offered:
        return _not_yet(question, reading)
    if len(offered) > LONGEST_MENU:
        attributes = {"autocomplete": "off", "data-search": say("suggestions", reading.language)}
        return _described(
            SearchField, question, reading, "search_hint", offered=offered, render_kw=attributes
        )
    rows = [SelectChoice(choice.name, choice_label(choice, question, reading)) for choice in offered]
    if len(offered) > LONGEST_RADIO_LIST or "minimal" in question.appearance:
        rows = [_plain(SelectChoice("", spoken("choose", reading.language))), *map(_plain, rows)]
        return _described(MenuField, question, reading, choices=rows, validate_choice=False)
    return _described(RadioField, question, reading, choices=rows, validate_choice=False)


def _not_yet(question: Question, reading: Reading) -> Any:
    """A list that an earlier answer fills, before that answer is given."""
    rows = [SelectChoice("", say("choose", reading.language))]
    return _described(MenuField, question, reading, "list_later", choices=rows, validate_choice=False)


def _plain(row: SelectChoice) -> SelectChoice:
    """A menu shows no emphasis; the language of its words is the option's own."""
    marked = LANGUAGE.match(str(row.label))
    return SelectChoice(
        row.value, Markup(row.label).striptags(), render_kw={"lang": marked[1]} if marked else {}
    )


def select_multiple(question: Question, reading: Reading) -> Any:
    """Boxes to tick; of a list too long for that, names to write."""
    offered = choices_for(reading.instrument, question.variable, reading.answers, reading.index)
    if not offered:
        return _not_yet(question, reading)
    if len(offered) > LONGEST_MENU:
        rows_shown = {"rows": 4, "autocomplete": "off"}
        return _described(
            SearchManyField, question, reading, "search_many_hint", offered=offered, render_kw=rows_shown
        )
    rows = [SelectChoice(choice.name, choice_label(choice, question, reading)) for choice in offered]
    return _described(CheckboxListField, question, reading, choices=rows, validate_choice=False)


def rank(question: Question, reading: Reading) -> Any:
    """A place for each choice."""
    offered = choices_for(reading.instrument, question.variable, reading.answers, reading.index)
    return _described(RankField, question, reading, "rank_hint", offered=offered)


def text(question: Question, reading: Reading) -> Any:
    """One line, or several if the appearance says so."""
    if "multiline" in question.appearance:
        return _described(LongTextField, question, reading, render_kw={"rows": 4})
    numeric = "numbers" in question.appearance
    attributes = {"inputmode": "numeric"} if numeric else {}
    if not question.level:  # in a repeat the names are other people's
        attributes |= OF_THE_PERSON.get(question.name.lower(), {})
    return _described(EntryField, question, reading, render_kw={"autocomplete": "off", **attributes})


def number(mode: str) -> Maker:
    """A number typed on the phone's keyboard of digits."""

    def make(question: Question, reading: Reading) -> Any:
        written_in_words = asked_in(question) > 0  # "2 triệu" needs letters
        attributes = {
            "inputmode": "text" if written_in_words else mode,
            "autocomplete": "off",
            "class": "amount",
        }
        saved = reading_value(question, reading)
        if worth_reading_back(question, saved):
            text = number_text(question, saved, reading.language)
            return _described(
                NumberField, question, reading, "read_back", {"text": text}, render_kw=attributes
            )
        word = MONEY_HINTS.get(asked_in(question), "")
        return _described(NumberField, question, reading, word, render_kw=attributes)

    return make


def scale(question: Question, reading: Reading) -> Any:
    """A range: its points as rows if they are few, else a number between its ends."""
    low, high, step = (float(question.parameters.get(key, usual)) for key, usual in RANGE)
    points = int(abs(high - low) / (abs(step) or 1)) + 1
    if points <= LONGEST_SCALE:
        written = [f"{low + abs(step) * place * (1 if high >= low else -1):.12g}" for place in range(points)]
        return _described(
            RadioField,
            question,
            reading,
            choices=[SelectChoice(text) for text in written],
            coerce=float,
            validate_choice=False,
        )
    ends = {"low": f"{low:g}", "high": f"{high:g}"}
    attributes = {"inputmode": "decimal", "autocomplete": "off"}
    return _described(NumberField, question, reading, "range_hint", ends, render_kw=attributes)


def moment(field: type[EntryField], hint: str, mode: str = "text") -> Maker:
    """A date or time with an example of how to write it."""

    def make(question: Question, reading: Reading) -> Any:
        return _described(
            field,
            question,
            reading,
            hint_of(question, hint),
            render_kw={"inputmode": mode, "autocomplete": "off", "class": "short"},
        )

    return make


def hint_of(question: Question, usual: str) -> str:
    """The word of the example beside a date or time; appearances ask for less than a day."""
    if question.type == "date" and "month-year" in question.appearance:
        return "month_hint"
    is_year = question.type == "date" and "year" in question.appearance.split()
    return "year_hint" if is_year else usual


def place(question: Question, reading: Reading) -> Any:
    """A point on the map as two numbers: without a script, a phone does not tell where it is."""
    return _described(EntryField, question, reading, "place_hint", render_kw={"autocomplete": "off"})


def media(accept: str) -> Maker:
    """A file to choose or take."""

    def make(question: Question, reading: Reading) -> Any:
        kept = "file_kept" if reading_value(question, reading) else ""
        return _described(MediaField, question, reading, kept, render_kw={"accept": accept})

    return make


def acknowledge(question: Question, reading: Reading) -> Any:
    """A box that says "I have read this"."""
    return _described(AcknowledgeField, question, reading)


FIELDS: dict[str, Maker] = {
    "select_one": select_one,
    "select_multiple": select_multiple,
    "rank": rank,
    "text": text,
    "barcode": text,
    "integer": number("numeric"),
    "decimal": number("decimal"),
    "range": scale,
    "date": moment(DateField, "date_hint"),
    "time": moment(TimeField, "time_hint"),
    "dateTime": moment(MomentField, "moment_hint"),
    "geopoint": place,
    "geotrace": place,
    "geoshape": place,
    "image": media("image/*"),
    "audio": media("audio/*"),
    "video": media("video/*"),
    "file": media(""),
    "acknowledge": acknowledge,
}


def field_of(question: Question, reading: Reading) -> Any:
    """The unbound field of a question."""
    return FIELDS.get(question.type, text)(question, reading)


def reading_value(question: Question, reading: Reading) -> Any:
    """The answer so far, in its repeat instance."""
    repeats = levels(reading.instrument, question.level)
    return instance_at(reading.answers, repeats, reading.index).get(question.variable)


def _described(
    field: type[Answer],
    question: Question,
    reading: Reading,
    word: str = "",
    values: dict[str, str] | None = None,
    **kwargs: Any,
) -> Any:
    """An unbound field with the questionnaire's hint and, if `word` names one, ours."""
    own = reading.html(question, question.hint)
    ours = spoken(word, reading.language, **(values or {})) if word else Markup("")
    hint = Markup(" ").join(part for part in (own, ours) if part)
    name = question.variable
    return field(question, reading, name=name, id=f"q-{name}", description=hint, **kwargs)
