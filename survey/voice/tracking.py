"""By the code: state, answers, add something, rate the answer, withdraw."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from wtforms import Form

from survey.cases.service import tidy_code
from survey.errors import Conflict, NotFound
from survey.extensions import db, limiter
from survey.voice import guards, service
from survey.voice.blueprint import Page, language, query, voice
from survey.voice.forms import CodeForm, ReplyForm, SatisfactionForm, WithdrawForm
from survey.voice.lists import offices
from survey.voice.models import VoiceSubmission
from survey.voice.words import say

SEE_OTHER, NOT_FOUND, UNPROCESSABLE = 303, 404, 422
WRONG_CODE = "voice_wrong_code"
# A guess fails; who knows a code is not held up by the neighbours behind the same address.
GUESSES = limiter.limit(
    "30 per hour; 100 per day",
    key_func=lambda: guards.address_hash(),
    deduct_when=lambda reply: reply.status_code == NOT_FOUND,
)


@voice.get("/y-kien/tra-cuu")
def find() -> Page:
    """Where a code is typed."""
    return render_template("voice/find.html", lang=language(), form=CodeForm(language()))


@voice.post("/y-kien/tra-cuu")
def lead() -> Page:
    """To the page of the code."""
    code = tidy_code(request.form.get("code", ""))[:20]
    if not code:
        return redirect(url_for("voice.find", **query()), SEE_OTHER)
    return redirect(url_for("voice.track", code=f"{code[:4]}-{code[4:]}", **query()), SEE_OTHER)


@voice.get("/y-kien/<code>")
@GUESSES
def track(code: str) -> Page:
    """What became of a message; a wrong code leads to nothing that a right one would not."""
    session.permanent = True
    try:
        submission = service.submission_of_code(code)
    except NotFound:
        return _not_found(code)
    return _page(submission, code, _forms())


def _not_found(code: str) -> Page:
    form = CodeForm(language(), code)
    form.code.errors = [say("wrong_code", language())]
    return render_template("voice/find.html", lang=language(), form=form), NOT_FOUND


def _forms() -> dict[str, Form]:
    return {name: form(language()) for name, (form, _, _) in DEEDS.items()}


@voice.get("/y-kien/<code>/<deed>")
def look_again(code: str, deed: str) -> Page:
    """Who reloads the address of a form is led to the page that it stands on."""
    return redirect(url_for("voice.track", code=code, **query()), SEE_OTHER)


@voice.post("/y-kien/<code>/<deed>")
@GUESSES
def act(code: str, deed: str) -> Page:
    """Add something, rate the answer, withdraw: what does not fit stays as typed."""
    if deed not in DEEDS:
        return _not_found(code)
    try:
        submission = service.submission_of_code(code, lock=True)
    except NotFound:
        return _not_found(code)
    form_class, do, told = DEEDS[deed]
    form = form_class(language(), request.form)
    if form.validate():
        try:
            do(submission, form)
        except Conflict as fault:
            db.session.rollback()
            flash(str(fault), "warning")
        else:
            db.session.commit()
            flash(say(told, language()), "success")
        return redirect(url_for("voice.track", code=code, **query()), SEE_OTHER)
    return _page(submission, code, {**_forms(), deed: form}), UNPROCESSABLE


def _page(submission: VoiceSubmission, code: str, forms: dict[str, Form]) -> str:
    plain = tidy_code(code)
    return render_template(
        "voice/track.html",
        lang=language(),
        submission=submission,
        code=f"{plain[:4]}-{plain[4:]}",
        fresh="moi" in request.args,
        events=service.public_events(submission),
        may_reply=service.count_replies(submission),
        answered=service.is_answered(submission),
        asked=forms,
        offices=offices(),
        synthetic=submission.is_synthetic,
    )


def _reply(submission: VoiceSubmission, form: Any) -> None:
    service.reply(submission, form.reply.data)


def _rate(submission: VoiceSubmission, form: Any) -> None:
    service.rate_answer(submission, int(form.satisfaction.data))


def _withdraw(submission: VoiceSubmission, form: Any) -> None:
    service.withdraw(submission)


Deed = tuple[Callable[..., Any], Callable[[VoiceSubmission, Any], None], str]
DEEDS: dict[str, Deed] = {
    "viet-them": (ReplyForm, _reply, "reply_sent"),
    "danh-gia": (SatisfactionForm, _rate, "rating_sent"),
    "rut": (WithdrawForm, _withdraw, "withdrawn_says"),
}
