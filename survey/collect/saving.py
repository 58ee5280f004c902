"""What becomes of what was entered on a page: saved, or put back with what is wrong."""

from collections.abc import Iterable
from typing import Any

from flask import request

from survey.cases.models import Case
from survey.cases.service import new_code
from survey.collect.entries import MediaField
from survey.collect.fields import reading_value
from survey.collect.forms import PageForm
from survey.collect.screens import Screen
from survey.collect.speech import spoken, told
from survey.errors import Conflict, NotFound
from survey.instrument import AnswerFault
from survey.instrument.filetypes import seen_type
from survey.intake import drafts
from survey.intake.models import Response, UnsavedPage
from survey.intake.service import Upload

# What a phone says of a file is not believed.
UNKNOWN_TYPE = "application/octet-stream"


def posted(screen: Screen) -> PageForm:
    """The validated form with what was posted, also in questions that a look opened; see `Screen.asks_at_once`."""
    form = screen.form()
    form.validate()
    while True:
        if not _opened(screen, form) & request.form.keys():
            return form
        form = screen.with_entered(form).form(also=frozenset(form.answers))
        form.validate()


def save(screen: Screen, form: PageForm) -> set[str]:
    """Save what was entered in a validated form, and return the questions that the answers opened here.

    Messages go to the form's fields. Raises `Conflict` when another tab saved.
    """
    draft = screen.draft
    entered = form.entered() | _uploads(draft, form)
    if case := _typed_case(screen, form, entered):
        drafts.link_case(draft, case)
        del entered[drafts.case_variable(draft.round)]
    _blame(screen, form, drafts.save_page(draft, screen.page, entered, form.stated_revision(), screen.index))
    return {question.variable for question in screen.asked()} - form.answers.keys()


def put_back(screen: Screen, kept: UnsavedPage) -> tuple[Screen, PageForm]:
    """A page with what was typed there before, also in questions that it opens; with what is wrong if that was told."""
    form = screen.form()
    form.take(kept.fields)
    while opened := _opened(screen, form) & kept.fields.keys():
        form = screen.with_entered(form).form(also=frozenset(form.answers) | opened)
        form.take(kept.fields)
    if kept.told:
        _judge(screen, form, kept)
    return screen.with_entered(form), form


def _opened(screen: Screen, form: PageForm) -> set[str]:
    """The questions of the page that what its form holds would open."""
    ahead = screen.with_entered(form)
    return {question.variable for question in ahead.asked()} - form.answers.keys()


def _judge(screen: Screen, form: PageForm, kept: UnsavedPage) -> None:
    form.judge()
    entered = {name: value for name, value in form.entered().items() if name in kept.fields}
    _typed_case(screen, form, entered)
    _blame(screen, form, drafts.page_faults(screen.draft, screen.page, entered, screen.index))


def says_otherwise(screen: Screen, form: PageForm) -> bool:
    """Whether a page holds something that the answers do not."""
    entered, reading = form.entered(), screen.reading
    return bool(form.errors) or any(
        entered[question.variable] not in (None, reading_value(question, reading))
        for question in screen.asked()
    )


def _blame(screen: Screen, form: PageForm, faults: Iterable[AnswerFault]) -> None:
    for fault in faults:
        if fault.variable in form.answers and not form.answers[fault.variable].errors:
            form.blame(fault.variable, told(fault.texts, screen.draft.language))


def _uploads(draft: Response, form: PageForm) -> dict[str, str]:
    """Keep the files that came, each under a name of its own."""
    names: dict[str, str] = {}
    for variable, field in form.answers.items():
        if isinstance(field, MediaField) and field.upload is not None:
            content = field.upload.stream.read()
            ending = "".join(
                letter for letter in field.upload.filename.rpartition(".")[2][:8] if letter.isalnum()
            )
            names[variable] = f"{variable.replace('/', '-')}-{new_code()}.{ending.lower() or 'bin'}"
            drafts.add_upload(draft, Upload(names[variable], seen_type(content) or UNKNOWN_TYPE, content))
    return names


def _typed_case(screen: Screen, form: PageForm, entered: dict[str, Any]) -> Case | None:
    """The case whose code was typed on the open page; a code that will not do is told and not taken."""
    variable = drafts.case_variable(screen.draft.round)
    if not entered.get(variable):
        return None
    try:
        return drafts.unanswered_case(screen.draft, str(entered[variable]))
    except (NotFound, Conflict) as fault:
        word = "unknown_case" if isinstance(fault, NotFound) else "answered_case"
        form.blame(variable, spoken(word, screen.draft.language))
        entered[variable] = None
        return None
