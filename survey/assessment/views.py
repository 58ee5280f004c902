"""`/dbi` and its like: what it is, the way into the questionnaire, the result, on paper, and compared."""

import uuid
from http import HTTPStatus

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Reply

from survey.assessment import pages
from survey.assessment.forms import CodeForm
from survey.assessment.paper import result_pdf
from survey.assessment.radar import draw
from survey.assessment.reading import assessment_of
from survey.assessment.service import (
    Entry,
    NotComparable,
    Standing,
    find_entry,
    find_response,
    in_order,
    open_round_of,
    response_of_code,
    standing,
)
from survey.assessment.words import say
from survey.collect.addresses import banners
from survey.collect.rights import CodeNeeded, ask_for_code, find_helper, helper_here, hold, require_right
from survey.collect.start import about
from survey.collect.topics import spoken_topic, tell
from survey.collect.words import LANGUAGE_NAMES
from survey.errors import NotFound
from survey.extensions import db, limiter
from survey.intake.models import Response, ResponseStatus
from survey.rounds.models import InstrumentVersion
from survey.rounds.service import instrument_of
from survey.text import in_language

assessment = Blueprint("assessment", __name__)
Page = str | Reply
WRONG_CODE = "wrong_assessment_code"
CODE_KEPT = 20
TRIES = "60 per hour"
# The survey whose assessment.yaml says `address: dbi` stands at /dbi; every other one has an address of its own kind.
DBI = {"name": "dbi"}


# A phone that neighbours share shows a result to its person only, as it does the form (survey.collect.rights).
assessment.before_request(find_helper)
assessment.register_error_handler(CodeNeeded, ask_for_code)


@assessment.context_processor
def words() -> dict[str, object]:
    """What every template of this room uses."""
    topics = {"tell": spoken_topic, "telling": tell, "helping": helper_here()}
    return {"say": say, "language_names": LANGUAGE_NAMES, "in_language": in_language, "draw": draw, **topics}


@assessment.after_request
def keep_private(reply: Reply) -> Reply:
    """A result is for who has its address: nothing keeps it, and no search engine lists it."""
    if request.endpoint != "assessment.start":
        reply.headers["X-Robots-Tag"] = "noindex"
    reply.headers["Cache-Control"] = "no-store"
    reply.headers["Referrer-Policy"] = "same-origin"
    return reply


def _language(version: InstrumentVersion, own: str = "") -> str:
    """The language asked for, else the respondent's, as far as the questionnaire has it."""
    instrument = instrument_of(version)
    wanted = (request.values.get("lang", ""), own)
    return next((one for one in wanted if one in instrument.languages), instrument.default_language)


@assessment.get("/dbi", defaults=DBI)
@assessment.get("/tu-danh-gia/<name>")
def start(name: str) -> Page:
    """What it is, the way in, and the way back with a code."""
    entry = find_entry(name)
    round_ = open_round_of(entry)
    version = round_.instrument_version if round_ else entry.version
    language, plan = _language(version), assessment_of(version)
    return render_template(
        "assessment/start.html",
        lang=language,
        languages=instrument_of(version).languages,
        entry=entry,
        plan=plan,
        is_open=round_ is not None,
        lead=about(round_, language).lead if round_ else "",
        rules=pages.rules(plan, language),
        form=FlaskForm(),
        code_form=CodeForm.in_language(language, "code", session.pop(WRONG_CODE, None)),
        **(banners(round_) if round_ else {}),
    )


@assessment.post("/dbi/ma", defaults=DBI)
@assessment.post("/tu-danh-gia/<name>/ma")
@limiter.limit(TRIES)
def open_code(name: str) -> Page:
    """Go on with the form of a typed code, or to its result."""
    entry = find_entry(name)
    try:
        found = response_of_code(entry, code := request.form.get("code", ""))
    except NotFound:
        _remember_wrong(code, "unknown_code")
        lang = _language(entry.version)
        return redirect(url_for(".start", name=entry.name, lang=lang, _anchor="code"), HTTPStatus.SEE_OTHER)
    hold(found)
    db.session.commit()
    return redirect(_address(entry, found), HTTPStatus.SEE_OTHER)


@assessment.get("/dbi/ma", defaults=DBI)
@assessment.get("/tu-danh-gia/<name>/ma")
def code_again(name: str) -> Page:
    """Who reloads the address of the form above is led to the page that it stands on."""
    return redirect(url_for(".start", name=find_entry(name).name, _anchor="code"))


def _remember_wrong(code: str, key: str) -> None:
    session[WRONG_CODE] = (code[:CODE_KEPT], key if code.strip() else "no_code")


def _address(entry: Entry, found: Response) -> str:
    """A draft's next page, or a result."""
    if found.status == ResponseStatus.DRAFT:
        return url_for("collect.go_on", survey=entry.survey.code, response_id=found.id)
    return url_for(".result", name=entry.name, response_id=found.id)


def _seen_here(entry: Entry, response_id: uuid.UUID) -> Response:
    """The response of an address; raise `CodeNeeded` where its person has left this phone."""
    found = find_response(entry, response_id)
    require_right(found)
    return found


@assessment.get("/dbi/ket-qua/<uuid:response_id>", defaults=DBI)
@assessment.get("/tu-danh-gia/<name>/ket-qua/<uuid:response_id>")
def result(name: str, response_id: uuid.UUID) -> Page:
    """Levels, peers and the way up, for a form that was sent; a draft is led on to its next page."""
    entry = find_entry(name)
    found = _seen_here(entry, response_id)
    if found.status == ResponseStatus.DRAFT:
        return redirect(_address(entry, found))
    one = standing(found)
    language = _language(found.instrument_version, found.language)
    return render_template(
        "assessment/result.html",
        page=pages.result_page(one, language),
        form=CodeForm.in_language(language, "compare_code", session.pop(WRONG_CODE, None)),
        **_common(entry, one, language),
    )


def _common(entry: Entry, one: Standing, language: str) -> dict[str, object]:
    """What the pages of a result share."""
    return {
        "lang": language,
        "languages": instrument_of(one.response.instrument_version).languages,
        "entry": entry,
        "standing": one,
        "home": url_for(".start", name=entry.name, _external=True),
        **banners(one.response.round),
    }


@assessment.get("/dbi/ket-qua/<uuid:response_id>/ket-qua.pdf", defaults=DBI)
@assessment.get("/tu-danh-gia/<name>/ket-qua/<uuid:response_id>/ket-qua.pdf")
def paper(name: str, response_id: uuid.UUID) -> Reply:
    """The same on paper."""
    entry = find_entry(name)
    one = standing(_seen_here(entry, response_id))
    language = _language(one.response.instrument_version, one.response.language)
    home = url_for(".start", name=entry.name, _external=True)
    here = url_for(".result", name=entry.name, response_id=response_id, _external=True)
    reply = make_response(result_pdf(one, language, home=home, here=here))
    reply.content_type = "application/pdf"
    reply.headers.set("Content-Disposition", "attachment", filename=f"{entry.name}-{one.code}.pdf")
    return reply


@assessment.post("/dbi/ket-qua/<uuid:response_id>/so-sanh", defaults=DBI)
@assessment.post("/tu-danh-gia/<name>/ket-qua/<uuid:response_id>/so-sanh")
@limiter.limit(TRIES)
def choose_other(name: str, response_id: uuid.UUID) -> Page:
    """From a typed code to the comparison with its result; what is wrong with it is said where it was typed."""
    entry = find_entry(name)
    one = standing(_seen_here(entry, response_id))
    language = _language(one.response.instrument_version, one.response.language)
    code = request.form.get("code", "")
    other, wrong = _other(entry, one, code)
    if other is None:
        _remember_wrong(code, wrong)
        address = url_for(".result", name=entry.name, response_id=response_id, lang=language, _anchor="code")
    else:
        address = url_for(
            ".compare", name=entry.name, response_id=response_id, other_id=other.response.id, lang=language
        )
    return redirect(address, HTTPStatus.SEE_OTHER)


def _other(entry: Entry, one: Standing, code: str) -> tuple[Standing | None, str]:
    """The result of a code that can be compared, or None and the key of what is wrong."""
    try:
        found = response_of_code(entry, code)
    except NotFound:
        return None, "unknown_code"
    if found.id == one.response.id:
        return None, "own_code"
    if found.status == ResponseStatus.DRAFT:
        return None, "unsent_code"
    try:
        other = standing(found)
        in_order(one, other)
    except NotFound:
        return None, "unknown_code"
    except NotComparable:
        return None, "other_criteria"
    return other, ""


@assessment.get("/dbi/ket-qua/<uuid:response_id>/so-sanh", defaults=DBI)
@assessment.get("/tu-danh-gia/<name>/ket-qua/<uuid:response_id>/so-sanh")
def choose_again(name: str, response_id: uuid.UUID) -> Page:
    """Who reloads the address of the form above is led to the result that it stands on."""
    return redirect(url_for(".result", name=find_entry(name).name, response_id=response_id, _anchor="code"))


@assessment.get("/dbi/ket-qua/<uuid:response_id>/so-sanh/<uuid:other_id>", defaults=DBI)
@assessment.get("/tu-danh-gia/<name>/ket-qua/<uuid:response_id>/so-sanh/<uuid:other_id>")
def compare(name: str, response_id: uuid.UUID, other_id: uuid.UUID) -> Page:
    """Two results side by side, the earlier first, and what changed."""
    entry = find_entry(name)
    one = standing(_seen_here(entry, response_id))
    first, second = in_order(one, standing(_seen_here(entry, other_id)))
    language = _language(one.response.instrument_version, one.response.language)
    return render_template(
        "assessment/compare.html",
        both=[
            (key, each, pages.radar_of(each, language))
            for key, each in (("before", first), ("after", second))
        ],
        differences=pages.differences(first, second, language),
        level_words=pages.level_words,
        **_common(entry, one, language),
    )
