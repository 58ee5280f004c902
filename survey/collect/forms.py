"""The form of one page, made from its questions; and the small forms around it."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, StringField

from survey.collect.entries import Answer, MediaField
from survey.collect.fields import field_of, reading_value
from survey.collect.speech import spoken
from survey.collect.texts import Reading
from survey.instrument import Question, evaluate

# Names of our own controls begin with a hyphen, as no variable of an XLSForm can.
REVISION, GO, FOR = "-revision", "-go", "-for"


class PageForm(FlaskForm):
    """The base of every page's form: which revision of the draft it was filled in against."""

    revision = HiddenField(name=REVISION)

    @property
    def answers(self) -> dict[str, Answer]:
        """The questions' fields by variable, in order."""
        return {field.name: field for field in self if isinstance(field, Answer)}

    @property
    def has_files(self) -> bool:
        """Whether the browser must send it as multipart."""
        return any(isinstance(field, MediaField) for field in self)

    @property
    def brings_files(self) -> bool:
        """Whether a file came with it: no page can put a file back into a browser."""
        return any(isinstance(field, MediaField) and field.upload is not None for field in self)

    def entered(self) -> dict[str, Any]:
        """What was entered by variable; None where nothing was, or nothing that fits.

        A file that was not taken leaves the one that was kept before.
        """
        return {
            name: None if _is_faulty(field) or field.data in (None, "", []) else field.data
            for name, field in self.answers.items()
        }

    def typed(self) -> dict[str, list[str]]:
        """What each field holds as it was typed; of a file only why it was not taken, as a good one is kept at once."""
        typed = {name: [str(text) for text in field.raw_data or ()] for name, field in self.answers.items()}
        files = {name: field for name, field in self.answers.items() if isinstance(field, MediaField)}
        refused = {name: [field.refused] for name, field in files.items() if field.refused}
        return {name: texts for name, texts in typed.items() if name not in files} | refused

    def take(self, typed: Mapping[str, list[str]]) -> None:
        """Put back what was typed, also where it does not fit; its faults show once `judge` was called."""
        for name in typed.keys() & self.answers.keys():
            field = self.answers[name]
            field.process(MultiDict((name, text) for text in typed[name]), field.data)

    def judge(self) -> None:
        """Put messages at the fields that hold what cannot be read."""
        for field in self.answers.values():
            field.validate(self)

    def stated_revision(self) -> int:
        """The revision that the page was filled in against; 0 for nonsense, which no draft has."""
        text = str(self.revision.data)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def is_session_over(self) -> bool:
        """Whether the page outlived its session; that is not a fault of the answers, so it is not listed."""
        over = bool(self.csrf_token.errors)
        self.csrf_token.errors = ()
        return over

    def blame(self, variable: str, message: str) -> None:
        """Put a message at a question."""
        field: Any = self.answers[variable]
        field.errors = [*field.errors, message]


def _is_faulty(field: Answer) -> bool:
    return bool(field.errors) and not isinstance(field, MediaField)


def page_form(questions: Sequence[Question], reading: Reading, revision: int) -> PageForm:
    """The form of these questions, filled from the request on POST and from the answers on GET."""
    made = {f"answer_{place}": question for place, question in enumerate(questions)}
    form_class = type(
        "PageForm", (PageForm,), {key: field_of(question, reading) for key, question in made.items()}
    )
    data = {key: reading_value(question, reading) for key, question in made.items()}
    form: PageForm = form_class(data=data | {"revision": revision})
    for key, question in made.items():
        if is_required(question, reading):
            form[key].flags.required = True
    return form


def is_required(question: Question, reading: Reading) -> bool:
    """Whether the question must be answered, for these answers."""
    if question.required in ("", "true()"):
        return bool(question.required)
    needed = evaluate(
        question.required,
        reading.answers,
        instrument=reading.instrument,
        variable=question.variable,
        index=reading.index,
    )
    return bool(needed)


class ResumeForm(FlaskForm):
    """Go on with a draft by its code."""

    code = StringField(name="code", id="code")

    @classmethod
    def in_language(cls, language: str) -> "ResumeForm":
        """The form with its words."""
        form = cls()
        form.code.label.text = spoken("resume_code", language)
        form.code.description = spoken("resume_code_hint", language)
        form.code.flags.required = True
        return form
