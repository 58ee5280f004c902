"""The way in: the survey's open page, a person's invitation, a draft's code."""

import secrets
from http import HTTPStatus

from flask import current_app, redirect, render_template, request, session, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Reply

from survey.cases.models import Case, Disposition
from survey.collect import answering, assisted, files, privacy, repeats, sending, withdrawal
from survey.collect.addresses import banners, to
from survey.collect.blueprint import Page, allow_framing, collect
from survey.collect.forms import GO, ResumeForm
from survey.collect.rights import hold
from survey.collect.speech import spoken
from survey.collect.start import about, chosen_language
from survey.collect.way import first_stop
from survey.errors import Conflict, NotFound
from survey.extensions import csrf, db, limiter
from survey.intake import drafts, duplicates
from survey.invitations.contacts import has_stopped, stop
from survey.invitations.links import LinkOver, LinkUnknown, case_of_link
from survey.rounds.models import Round
from survey.rounds.service import SurveyClosed, instrument_of, preview_of_token, public_round

DEVICE = "thiet-bi"
DEVICE_SECONDS = 90 * 24 * 3600
WRONG_CODE, TYPED_CODE = "wrong_code", "typed_code"
# Their routes belong to this blueprint.
__all__ = ["answering", "assisted", "collect", "files", "privacy", "repeats", "sending", "withdrawal"]


def _starts_allowed() -> str:
    return f"{current_app.config['KHAOSAT'].starts_per_hour} per hour"


# Links that never were: the same answer for all of them, and not often. Who has a link is not counted.
wrong_links = limiter.shared_limit(
    "30 per minute", scope="wrong-link", deduct_when=lambda reply: reply.status_code == HTTPStatus.NOT_FOUND
)


@collect.get("/s/<survey>")
def start(survey: str) -> Page:
    """What the survey is about, and the way in."""
    return _start_page(public_round(survey), wrong_code=session.pop(WRONG_CODE, None))


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
    hold(draft)
    db.session.commit()
    return redirect(url_for("collect.go_on", survey=draft.round.survey.code, response_id=draft.id), 303)


@collect.get("/s/<survey>/tiep-tuc")
def resume_again(survey: str) -> Page:
    """Who reloads the address of the form above is led to the page that it stands on."""
    return _back_to_start(public_round(survey))


@collect.get("/thu/<token>")
def trial(token: str) -> Page:
    """The same for a version that is only tried out: its answers never become data."""
    round_ = preview_of_token(token)
    allow_framing(round_)
    return _start_page(round_)


@collect.post("/thu/<token>")
@limiter.limit(_starts_allowed)
def begin_trial(token: str) -> Page:
    """Make a draft of the preview and go to its first page."""
    return _begin(preview_of_token(token))


@collect.get("/k/<token>")
@wrong_links
def invitation(token: str) -> Page:
    """The same for an invited person."""
    case = case_of_link(token)
    if case.disposition == Disposition.COMPLETE:
        return _message(case.round, "answered")
    if not case.round.is_open:
        raise SurveyClosed("Hiện không nhận câu trả lời cho khảo sát này.", "Cảm ơn bạn đã quan tâm.")
    return _start_page(case.round, case=case)


@collect.post("/k/<token>")
@wrong_links
def begin_invited(token: str) -> Page:
    """Go to the draft of the case, made if there is none."""
    case = case_of_link(token)
    try:
        return _begin(case.round, case)
    except Conflict:  # answered from another device meanwhile: the invitation's page says so
        return redirect(url_for("collect.invitation", token=token), HTTPStatus.SEE_OTHER)


@collect.post("/k/<token>/tu-choi")
@wrong_links
def decline(token: str) -> Page:
    """The invited person does not wish to answer."""
    case = case_of_link(token)
    drafts.refuse(case)
    db.session.commit()
    lang = chosen_language(case.round)
    return redirect(url_for("collect.declined", token=token, lang=lang), HTTPStatus.SEE_OTHER)


@collect.get("/k/<token>/tu-choi")
@wrong_links
def declined(token: str) -> Page:
    """That it is noted; who has not declined is led to the invitation."""
    case = case_of_link(token)
    if case.disposition != Disposition.REFUSAL:
        return redirect(url_for("collect.invitation", token=token))
    return _message(case.round, "declined")


@collect.get("/k/<token>/dung-nhan-tin")
@wrong_links
def stopping(token: str) -> Page:
    """The way out of messages: with a button, since mail programs open links by themselves."""
    case = case_of_link(token)
    return render_template(
        "collect/stop.html",
        lang=chosen_language(case.round),
        languages=instrument_of(case.round.instrument_version).languages,
        case=case,
        stopped=has_stopped(case),
        form=FlaskForm(),
        **banners(case.round),
    )


@collect.post("/k/<token>/dung-nhan-tin")
@wrong_links
@csrf.exempt  # a mail program presses it for its user (RFC 8058); the token of the link stands for the page's
def stop_messages(token: str) -> Page:
    """Send no more messages to this case; answering stays possible."""
    case = case_of_link(token)
    stop(case)
    db.session.commit()
    lang = chosen_language(case.round)
    return redirect(url_for("collect.stopping", token=token, lang=lang), HTTPStatus.SEE_OTHER)


@collect.errorhandler(LinkOver)
def link_over(fault: LinkOver) -> Page:
    """A link that was revoked or whose last day has passed: what to do, and whom to call."""
    lang = chosen_language(fault.round)
    page = render_template(
        "collect/link_over.html",
        lang=lang,
        languages=instrument_of(fault.round.instrument_version).languages,
        key=fault.word,
        telephone=fault.telephone,
    )
    return page, fault.status


@collect.errorhandler(LinkUnknown)
def link_unknown(_: LinkUnknown) -> Page:
    """A link that never was, in the words of the invited."""
    lang = request.args.get("lang", "vi")
    return render_template("collect/link_over.html", lang=lang, key="link_unknown"), HTTPStatus.NOT_FOUND


def _message(round_: Round, key: str, **values: str) -> str:
    languages = instrument_of(round_.instrument_version).languages
    return render_template(
        "collect/message.html", lang=chosen_language(round_), languages=languages, key=key, **values
    )


def _back_to_start(round_: Round, language: str = "") -> Reply:
    lang = language or chosen_language(round_)
    address = url_for("collect.start", survey=round_.survey.code, lang=lang, _anchor="code")
    return redirect(address, HTTPStatus.SEE_OTHER)


def _start_page(round_: Round, case: Case | None = None, wrong_code: str | None = None) -> str:
    language = chosen_language(round_)
    instrument = instrument_of(round_.instrument_version)
    resume_form = ResumeForm.in_language(language)
    resume_form.code.data = session.pop(TYPED_CODE, "")
    if wrong_code is not None:
        resume_form.code.data = wrong_code
        word = "unknown_code" if wrong_code else "no_code"
        resume_form.code.errors = [spoken(word, language, code=wrong_code)]
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
    if not current_user.is_authenticated:  # who tries a form at the desk stays signed in no longer for it
        session.permanent = True  # the token of a page must outlive the browser's window
    draft = drafts.start(round_, case=case, language=chosen_language(round_))
    hold(draft)
    device = request.cookies.get(DEVICE, "")[:64] or secrets.token_urlsafe(16)
    if case is None:
        duplicates.note_start(draft, device=device, address=request.remote_addr)
    db.session.commit()
    reply = to(draft, first_stop(draft))
    if case is None:
        reply.set_cookie(
            DEVICE,
            device,
            DEVICE_SECONDS,
            path="/s/",
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
    return reply
