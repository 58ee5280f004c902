"""Taking answers back by the receipt code: say what will happen, ask, erase."""

import uuid
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from flask import redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Reply
from wtforms import StringField

from survey import formats
from survey.collect.addresses import banners
from survey.collect.blueprint import Page, collect
from survey.collect.start import withdraw_until
from survey.collect.topics import tell
from survey.errors import NotFound
from survey.extensions import db, limiter
from survey.intake import withdrawal
from survey.intake.models import Response, ResponseStatus
from survey.rounds.models import Round

WRONG, ASKED, DONE = "wrong_receipt", "withdrawing", "withdrawn"
TIME_TO_THINK = timedelta(minutes=15)
LANGUAGES = ("vi", "en")
LONGEST_SHOWN = 20


class ReceiptForm(FlaskForm):
    """The code by which a person's answers are found."""

    code = StringField(name="code", id="code")

    @classmethod
    def in_language(cls, language: str) -> "ReceiptForm":
        """The form with its words."""
        form = cls()
        form.code.label.text = tell("receipt_code", language)
        form.code.description = tell("receipt_hint", language)
        form.code.flags.required = True
        return form


def page_language() -> str:
    """The language asked for by `lang`, of those that these pages have words in."""
    wanted = request.values.get("lang", "vi")
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


collect.add_app_template_global(withdraw_until, "withdraw_until")


@collect.get("/rut-lai")
def withdraw() -> Page:
    """Ask for the receipt code."""
    language = page_language()
    form = ReceiptForm.in_language(language)
    wrong: str | None = session.pop(WRONG, None)
    if wrong is not None:
        form.code.data = wrong
        form.code.errors = [
            tell("wrong_receipt", language, code=wrong) if wrong else tell("no_receipt", language)
        ]
    return render_template("collect/withdraw.html", lang=language, languages=LANGUAGES, form=form)


@collect.post("/rut-lai")
@limiter.limit("60 per hour")
def find_receipt() -> Page:
    """Lead to the question whether to erase; the code stays out of the address, which others may read."""
    code = request.form.get("code", "").strip()
    try:
        response = withdrawal.response_of_receipt(code)
    except NotFound:
        session[WRONG] = "".join(filter(str.isprintable, code))[:LONGEST_SHOWN]
        return _see("withdraw", page_language())
    session[ASKED] = {"id": str(response.id), "at": datetime.now(UTC).timestamp()}
    return _see("confirm_withdrawal", page_language())


@collect.get("/rut-lai/xac-nhan")
def confirm_withdrawal() -> Page:
    """What will be erased, what stays, and that there is no way back."""
    language, response = page_language(), _asked_about()
    if response is None:
        return _see("withdraw", language)
    round_ = response.round
    frame = {"lang": language, "languages": LANGUAGES, "round": round_, **banners(round_)}
    if response.status == ResponseStatus.WITHDRAWN:
        return render_template("collect/told.html", key="withdrawn_before", **frame)
    if response.is_deidentified:
        return _too_late(round_, language), HTTPStatus.CONFLICT
    return render_template("collect/withdraw_confirm.html", response=response, form=FlaskForm(), **frame)


@collect.post("/rut-lai/xac-nhan")
def erase() -> Page:
    """Erase; a second tap finds it done."""
    language, response = page_language(), _asked_about()
    if response is None:
        return _see("withdraw", language)
    try:
        withdrawal.withdraw(response)
    except withdrawal.TooLate:
        db.session.rollback()
        return _see("confirm_withdrawal", language)
    db.session.commit()
    session.pop(ASKED)
    session[DONE] = True
    return _see("is_withdrawn", language)


@collect.post("/rut-lai/thoi")
def keep_answers() -> Page:
    """The person decides otherwise: nothing happens, and the next one at this device finds no trace."""
    session.pop(ASKED, None)
    return _see("withdraw", page_language())


@collect.get("/rut-lai/xong")
def is_withdrawn() -> Page:
    """That it is done; who did not come from there is led to the start."""
    language = page_language()
    if not session.get(DONE):
        return _see("withdraw", language)
    return render_template("collect/told.html", key="withdrawn", lang=language, languages=LANGUAGES)


def _asked_about() -> Response | None:
    """The response whose code was typed on this device a short while ago."""
    asked = session.get(ASKED)
    if not asked or asked["at"] < (datetime.now(UTC) - TIME_TO_THINK).timestamp():
        return None
    return db.session.get(Response, uuid.UUID(asked["id"]))


def _too_late(round_: Round, language: str) -> str:
    says = tell("too_late_says", language, date=formats.date(round_.deidentify_at, language))
    return render_template(
        "collect/told.html", key="too_late", says=says, lang=language, languages=LANGUAGES, round=round_
    )


def _see(endpoint: str, language: str) -> Reply:
    return redirect(url_for(f"collect.{endpoint}", lang=language), HTTPStatus.SEE_OTHER)
