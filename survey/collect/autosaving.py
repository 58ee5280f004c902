"""What is typed on a page, kept before the person presses a button; a script sends it, see static/collect.js.

It is kept beside the answers, as what did not fit is: no answer and no revision changes, so the page's own button
never meets a conflict because of it, and nothing is called wrong that nobody said was done.
"""

import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Response as Reply
from flask import request

from survey import formats
from survey.collect.fields import reading_value
from survey.collect.forms import PageForm
from survey.collect.screens import Screen
from survey.collect.words import say
from survey.extensions import db
from survey.intake import unsaved

WINDOW, SHOWN = "-window", "-shown"
NAME = re.compile(r"[\w-]{1,40}", re.ASCII)


def autosaved(screen: Screen, form: PageForm) -> Reply:
    """Keep what a window holds, and say so in the page's language; 409 where another window was there first."""
    draft, language = screen.draft, screen.draft.language
    window, shown = _named(WINDOW) or unsaved.new_window(), _named(SHOWN)
    is_same = _says_the_same(screen, form)
    if form.stated_revision() != draft.revision:
        # Either the button of this very window was quicker, or another window saved a page.
        return _said("autosave_other", language, HTTPStatus.CONFLICT) if not is_same else _saved(language)
    if is_same and unsaved.window_of(unsaved.kept_on(draft, screen.place)) in ("", window, shown):
        unsaved.forget(draft, screen.place)
    elif not unsaved.keep_unasked(draft, screen.place, form.typed(), window, shown):
        return _said("autosave_other", language, HTTPStatus.CONFLICT)
    db.session.commit()
    return _saved(language)


def _named(field: str) -> str:
    """A window's name as the page gives it; "" for none and for nonsense."""
    text = request.form.get(field, "")
    return text if NAME.fullmatch(text) else ""


def _says_the_same(screen: Screen, form: PageForm) -> bool:
    """Whether a page holds what the answers do, and nothing that could not be read."""
    entered, reading = form.entered(), screen.reading
    return not form.errors and all(
        entered[question.variable] == _answer(reading_value(question, reading))
        for question in screen.page.questions
        if question.variable in entered
    )


def _answer(value: Any) -> Any:
    """A stored value as a form holds it: whatever is empty is none."""
    return None if value in (None, "", []) else value


def _saved(language: str) -> Reply:
    now = datetime.now(UTC).astimezone(formats.LOCAL_TIME)
    return _said("autosaved", language, HTTPStatus.OK, time=f"{now:%H:%M}")


def _said(key: str, language: str, status: HTTPStatus, **values: str) -> Reply:
    return Reply(say(key, language, **values), status, mimetype="text/plain")
