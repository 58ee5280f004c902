"""The blueprint of the citizen's form, and what holds for all its pages."""

from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, g, redirect, render_template, request
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response as Reply

from survey.collect.speech import HOUSE, spoken
from survey.collect.topics import spoken_topic, tell
from survey.collect.words import LANGUAGE_NAMES, WORDS, say
from survey.intake.unsaved import read_numbers, written
from survey.rounds.models import Round
from survey.rounds.service import SurveyClosed, instrument_of

collect = Blueprint("collect", __name__)
Page = str | Reply | tuple[str, int]
# Pictures of the questionnaire are the same for everybody.
SHARED = "collect.media"


class NumbersConverter(BaseConverter):
    """Which instance of each repeat, outermost first, from 1: /2.1/ is the first of what the second one has."""

    regex = r"[1-9]\d{0,4}(?:\.[1-9]\d{0,4})*"

    def to_python(self, value: str) -> tuple[int, ...]:
        """From an address."""
        return read_numbers(value)

    def to_url(self, value: tuple[int, ...]) -> str:
        """Into an address."""
        return written(value)


@collect.record_once
def know_numbers(state: BlueprintSetupState) -> None:
    """Before the first address that uses it."""
    state.app.url_map.converters["numbers"] = NumbersConverter


@collect.context_processor
def words() -> dict[str, object]:
    """What every template of this room uses: `say` and `tell` between tags, `said` and `telling`
    in attributes and titles.
    """
    return {
        "say": spoken,
        "said": say,
        "tell": spoken_topic,
        "telling": tell,
        "language_names": LANGUAGE_NAMES,
        "switched": switched,
    }


def switched(code: str) -> str:
    """The page's address in another language."""
    return "?" + urlencode({**request.args.to_dict(), "lang": code})


@collect.after_request
def keep_private(reply: Reply) -> Reply:
    """On a shared phone, "back" must not bring up the neighbour's answers, nor a link leak to another site."""
    if request.endpoint != SHARED or reply.status_code >= 400:
        reply.headers["Cache-Control"] = "no-store"
    reply.headers["Referrer-Policy"] = "same-origin"
    reply.headers["X-Robots-Tag"] = "noindex"
    if g.get("is_preview"):
        reply.headers["X-Frame-Options"] = "SAMEORIGIN"
    return reply


def allow_framing(round_: Round) -> None:
    """A preview is shown in frames of its version's page, and of no other site."""
    g.is_preview = round_.is_preview


@collect.errorhandler(SurveyClosed)
def closed(fault: SurveyClosed) -> Page:
    """A survey that takes no answers; what was posted is led to the page that says so, as "back" must work."""
    if request.method == "POST":
        return redirect(request.full_path.removesuffix("?"), HTTPStatus.SEE_OTHER)
    draft = getattr(fault, "draft", None)
    languages = instrument_of(draft.instrument_version).languages if draft else tuple(WORDS)
    wanted = request.args.get("lang", "")
    language = wanted if wanted in languages else draft.language if draft else HOUSE
    key = "closed_draft" if draft else "closed"
    page = render_template("collect/message.html", lang=language, languages=languages, key=key)
    return page, HTTPStatus.FORBIDDEN
