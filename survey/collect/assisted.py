"""Assisted mode: a helper signs in with the team's code and helps one person after the other on one phone."""

import hmac
import secrets
import uuid
from http import HTTPStatus
from typing import Any, Self

from flask import current_app, redirect, render_template, request, session, url_for
from flask_limiter.util import get_remote_address
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response as Reply
from wtforms import BooleanField, StringField

from survey.cases.models import Case
from survey.cases.service import case_of_code, tidy_code
from survey.collect.addresses import banners, to
from survey.collect.blueprint import Page, collect
from survey.collect.forms import ResumeForm
from survey.collect.rights import HELP, helper_here, hold
from survey.collect.start import about, chosen_language
from survey.collect.topics import tell
from survey.collect.way import first_stop
from survey.collect.withdrawal import LANGUAGES, page_language
from survey.collect.words import say
from survey.errors import Conflict, NotFound
from survey.extensions import db, limiter
from survey.intake import drafts, helping
from survey.intake.models import Response
from survey.rounds.models import Purpose, Round, RoundStatus
from survey.rounds.service import FIELDED, instrument_of, public_round
from survey.text import in_language

CLEARED, WRONG = "cleared", "wrong_on_help"
KEPT_BETWEEN = (HELP, "csrf_token", "_permanent")
LONGEST_CODE = 40


class TopicForm(FlaskForm):
    """A form whose fields have their words among the topics; `words` names the label of each."""

    words: dict[str, str] = {}  # noqa: RUF012 - as WTForms reads its Meta

    @classmethod
    def in_language(cls, language: str) -> Self:
        """The form with its words, and what was wrong with it when it was sent last."""
        form = cls()
        for name, key in cls.words.items():
            form[name].label.text = tell(key, language)
            form[name].description = tell(f"{key}_hint", language)
        if request.method == "GET":
            for name, (data, errors) in session.pop(WRONG, {}).items():
                if name in cls.words:
                    form[name].data, form[name].errors = data, errors
        return form

    def sent_back(self, address: str) -> Reply:
        """Lead to the page of the form, which shows what is wrong, once."""
        session[WRONG] = {name: [_shortened(self[name].data), list(self[name].errors)] for name in self.words}
        return redirect(address, HTTPStatus.SEE_OTHER)


def _shortened(entered: Any) -> Any:
    return "".join(filter(str.isprintable, entered))[:LONGEST_CODE] if isinstance(entered, str) else entered


class TeamForm(TopicForm):
    words = {"code": "team_code", "helper": "helper_name"}  # noqa: RUF012
    code = StringField(id="code")
    helper = StringField(id="helper")


class PersonForm(TopicForm):
    words = {"case_code": "case_code", "unnamed": "unnamed"}  # noqa: RUF012
    case_code = StringField(id="case_code")
    unnamed = BooleanField(id="unnamed")


class CodeForm(TopicForm):
    words = {"code": "form_code"}  # noqa: RUF012
    code = StringField(id="code")


def _starts_allowed() -> str:
    return f"{current_app.config['KHAOSAT'].starts_per_hour} per hour"


def _who_starts() -> str:
    """Several helpers may share one network address."""
    return str(session.get(HELP) or get_remote_address())


@collect.get("/ho-tro")
def assist() -> Page:
    """Sign in as a helper; who has, chooses a survey."""
    if helper_here() is None:
        return _sign_in_page(TeamForm.in_language(page_language()))
    query = select(Round).where(
        Round.status == RoundStatus.OPEN, Round.purpose != Purpose.VERIFICATION, FIELDED
    )
    language = page_language()
    surveys = {
        round_.survey.code: in_language(round_.title, language) for round_ in db.session.scalars(query)
    }
    return render_template(
        "collect/help_surveys.html", lang=language, languages=LANGUAGES, surveys=sorted(surveys.items())
    )


@collect.post("/ho-tro")
@limiter.limit("60 per hour")
def begin_help() -> Page:
    """Take the phone, in a session of its own."""
    language = page_language()
    form = TeamForm.in_language(language)
    name = " ".join("".join(filter(_is_plain, form.helper.data or "")).split())
    if not name:
        form.helper.errors = [tell("no_helper_name", language)]
    try:
        help_ = helping.begin_help(form.code.data or "", name)
    except NotFound:
        form.code.errors = [tell("wrong_team_code", language)]
    if form.errors:
        db.session.rollback()
        return form.sent_back(url_for("collect.assist", lang=language))
    session.clear()
    session.permanent = True  # a phone closes its browser between two people
    session[HELP] = str(help_.id)
    db.session.commit()
    return _see("assist", language)


def _is_plain(letter: str) -> bool:
    return letter.isprintable() or letter.isspace()


def _sign_in_page(form: FlaskForm) -> str:
    language = page_language()
    return render_template("collect/help_sign_in.html", lang=language, languages=LANGUAGES, form=form)


@collect.get("/ho-tro/<survey>")
def help_person(survey: str) -> Page:
    """What the helper reads to the person before the first question."""
    if helper_here() is None:
        return _see("assist", page_language())
    round_ = public_round(survey)
    return _person_page(round_, PersonForm.in_language(chosen_language(round_)))


@collect.post("/ho-tro/<survey>")
@limiter.limit(_starts_allowed, key_func=_who_starts)
def begin_person(survey: str) -> Page:
    """Make the person's draft; it may be seen on this phone until the helper hands the phone on."""
    if helper_here() is None:
        return _see("assist", page_language())
    round_ = public_round(survey)
    language = chosen_language(round_)
    form = PersonForm.in_language(language)
    try:
        draft = drafts.start(round_, case=_case(round_, form.case_code.data or ""), language=language)
        if draft.page is not None:
            raise Conflict(tell("case_begun", language))
    except NotFound:
        return _refused(round_, form, say("unknown_case", language))
    except Conflict as fault:
        begun = fault.message == tell("case_begun", language)
        return _refused(round_, form, fault.message if begun else say("answered_case", language))
    hold(draft, named=not form.unnamed.data)
    db.session.commit()
    return to(draft, first_stop(draft))


def _case(round_: Round, code: str) -> Case | None:
    return case_of_code(round_, code[:LONGEST_CODE]) if code.strip() else None


def _refused(round_: Round, form: TopicForm, message: str) -> Page:
    db.session.rollback()
    form["case_code"].errors = [message]
    address = url_for("collect.help_person", survey=round_.survey.code, lang=chosen_language(round_))
    return form.sent_back(address)


def _person_page(round_: Round, form: TopicForm) -> str:
    language = chosen_language(round_)
    instrument = instrument_of(round_.instrument_version)
    frame = {"lang": language, "languages": instrument.languages, **banners(round_)}
    return render_template(
        "collect/help_person.html",
        round=round_,
        about=about(round_, language),
        form=form,
        resume_form=ResumeForm.in_language(language),
        has_cases=bool(drafts.case_variable(round_)),
        **frame,
    )


@collect.post("/ho-tro/xong")
def hand_on() -> Page:
    """Take everything of the person off this phone."""
    if help_ := helper_here():
        helping.let_go(help_)
        db.session.commit()
    for key in session.keys() - set(KEPT_BETWEEN):
        session.pop(key)
    # A browser drops pages that it keeps for "back" when the cookie changes.
    session[CLEARED] = secrets.token_hex(8)
    return _see("next_person", page_language())


@collect.get("/ho-tro/tiep-theo")
def next_person() -> Page:
    """The neutral page between two people."""
    return render_template("collect/help_next.html", lang=page_language(), languages=LANGUAGES)


@collect.post("/ho-tro/quen-ma")
def forget_code() -> Page:
    """The code of the form not sent is written down."""
    if help_ := helper_here():
        help_.parting_code = None
        db.session.commit()
    return _see("next_person", page_language())


@collect.post("/ho-tro/ket-thuc")
def end_help() -> Page:
    """The helper gives the phone back."""
    if help_ := helper_here():
        helping.end_help(help_)
        db.session.commit()
    session.clear()
    return _see("assist", page_language())


@collect.get("/ho-tro/con-day")
def still_here() -> Reply:
    """A sign of life from who types on one page for long; see assisted.js."""
    return current_app.response_class(status=HTTPStatus.NO_CONTENT)


@collect.get("/s/<survey>/<uuid:response_id>/ma")
def code_page(survey: str, response_id: uuid.UUID) -> Page:
    """Ask for the code of a form that this phone may not show."""
    return _code_page(survey, CodeForm.in_language(page_language()))


@collect.post("/s/<survey>/<uuid:response_id>/ma")
@limiter.limit("60 per hour", key_func=_who_starts)
def open_by_code(survey: str, response_id: uuid.UUID) -> Page:
    """Open the form for who knows its code."""
    language = page_language()
    form = CodeForm.in_language(language)
    draft = db.session.get(Response, response_id)
    if draft is None or not _is_code_of(draft, form["code"].data or ""):
        form["code"].errors = [tell("form_code_wrong", language)]
        address = url_for("collect.code_page", survey=survey, response_id=response_id, lang=language)
        return form.sent_back(address)
    hold(draft)
    db.session.commit()
    return redirect(url_for("collect.go_on", survey=survey, response_id=response_id), HTTPStatus.SEE_OTHER)


def _is_code_of(draft: Response, typed: str) -> bool:
    known = (draft.resume_code or "").encode()
    return bool(known) and hmac.compare_digest(known, tidy_code(typed[:LONGEST_CODE]).encode())


def _code_page(survey: str, form: TopicForm) -> str:
    return render_template(
        "collect/help_code.html", lang=page_language(), languages=LANGUAGES, form=form, survey=survey
    )


def _see(endpoint: str, language: str) -> Reply:
    return redirect(url_for(f"collect.{endpoint}", lang=language), HTTPStatus.SEE_OTHER)
