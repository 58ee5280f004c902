"""The way in: the survey's open page, a person's invitation, a draft's code."""

from http import HTTPStatus

from flask import current_app, redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Reply

from survey.cases.models import Case, Disposition
from survey.cases.service import case_of_token
from survey.collect import answering, repeats, sending
from survey.collect.addresses import banners, to
from survey.collect.blueprint import Page, collect
from survey.collect.forms import GO, ResumeForm
from survey.collect.screens import why_an_app
from survey.collect.speech import spoken
from survey.collect.start import about, chosen_language
from survey.collect.way import first_stop
from survey.errors import Conflict, NotFound
from survey.extensions import db, limiter
from survey.intake import drafts
from survey.rounds.models import Round
from survey.rounds.service import SurveyClosed, instrument_of, public_round

WRONG_CODE, TYPED_CODE = "wrong_code", "typed_code"
# Their routes belong to this blueprint.
__all__ = ["answering", "collect", "repeats", "sending"]


def _starts_allowed() -> str:
    return f"{current_app.config['KHAOSAT'].starts_per_hour} per hour"


@collect.get("/s/<survey>")
def start(survey: str) -> Page:
    """What the survey is about, and the way in."""
    return _start_page(public_round(survey), wrong_code=session.pop(WRONG_CODE, ""))


@collect.post("/s/<survey>")
@limiter.limit(_starts_allowed)
def begin(survey: str) -> Page:
    """Make a draft and go to its first page."""
    return _begin(public_round(survey))


@collect.post("/s/<survey>/tiep-tuc")
@limiter.limit("60 per hour", exempt_when=lambda: GO in request.form)
def resume(survey: str) -> Page:
    """Go on with the draft of a typed code."""
    round_ = public_round(survey)
    code = request.form.get("code", "")
    if GO in request.form:  # a language was chosen while the code was typed
        session[TYPED_CODE] = code[:20]
        return _back_to_start(round_, request.form[GO].removeprefix("lang:"))
    try:
        draft = drafts.draft_of_code(code)
    except NotFound:
        session[WRONG_CODE] = code[:20]
        return _back_to_start(round_)
    return redirect(url_for("collect.go_on", survey=draft.round.survey.code, response_id=draft.id), 303)


@collect.get("/s/<survey>/tiep-tuc")
def resume_again(survey: str) -> Page:
    """Who reloads the address of the form above is led to the page that it stands on."""
    return _back_to_start(public_round(survey))


@collect.get("/k/<token>")
def invitation(token: str) -> Page:
    """The same for an invited person."""
    case = case_of_token(token)
    if case.disposition == Disposition.COMPLETE:
        return _message(case.round, "answered")
    if not case.round.is_open:
        raise SurveyClosed("Hiện không nhận câu trả lời cho khảo sát này.", "Cảm ơn bạn đã quan tâm.")
    return _start_page(case.round, case=case)


@collect.post("/k/<token>")
def begin_invited(token: str) -> Page:
    """Go to the draft of the case, made if there is none."""
    case = case_of_token(token)
    try:
        return _begin(case.round, case)
    except Conflict:  # answered from another device meanwhile: the invitation's page says so
        return redirect(url_for("collect.invitation", token=token), HTTPStatus.SEE_OTHER)


@collect.post("/k/<token>/tu-choi")
def decline(token: str) -> Page:
    """The invited person does not wish to answer."""
    case = case_of_token(token)
    drafts.refuse(case)
    db.session.commit()
    lang = chosen_language(case.round)
    return redirect(url_for("collect.declined", token=token, lang=lang), HTTPStatus.SEE_OTHER)


@collect.get("/k/<token>/tu-choi")
def declined(token: str) -> Page:
    """That it is noted; who has not declined is led to the invitation."""
    case = case_of_token(token)
    if case.disposition != Disposition.REFUSAL:
        return redirect(url_for("collect.invitation", token=token))
    return _message(case.round, "declined")


def _message(round_: Round, key: str, **values: str) -> str:
    languages = instrument_of(round_.instrument_version).languages
    return render_template(
        "collect/message.html", lang=chosen_language(round_), languages=languages, key=key, **values
    )


def _back_to_start(round_: Round, language: str = "") -> Reply:
    lang = language or chosen_language(round_)
    address = url_for("collect.start", survey=round_.survey.code, lang=lang, _anchor="code")
    return redirect(address, HTTPStatus.SEE_OTHER)


def _start_page(round_: Round, case: Case | None = None, wrong_code: str = "") -> str:
    language = chosen_language(round_)
    instrument = instrument_of(round_.instrument_version)
    if reason := why_an_app(instrument):
        return _message(round_, "unsupported", says=reason)
    resume_form = ResumeForm.in_language(language)
    resume_form.code.data = session.pop(TYPED_CODE, "")
    if wrong_code:
        resume_form.code.data = wrong_code
        resume_form.code.errors = [spoken("unknown_code", language, code=wrong_code)]
    return render_template(
        "collect/start.html",
        lang=language,
        round=round_,
        case=case,
        about=about(round_, language),
        languages=instrument.languages,
        form=FlaskForm(),
        resume_form=resume_form,
        **banners(round_),
    )


def _begin(round_: Round, case: Case | None = None) -> Reply:
    if why_an_app(instrument_of(round_.instrument_version)):
        return redirect(request.full_path.removesuffix("?"), HTTPStatus.SEE_OTHER)
    session.permanent = True  # the token of a page must outlive the browser's window
    draft = drafts.start(round_, case=case, language=chosen_language(round_))
    db.session.commit()
    return to(draft, first_stop(draft))
