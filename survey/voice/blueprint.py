"""The blueprint of citizen voice, and what holds for all its public pages."""

from flask import Blueprint, request
from werkzeug.wrappers import Response as Reply

from survey.voice.words import LANGUAGE_NAMES, WORDS, say

voice = Blueprint("voice", __name__)
Page = str | Reply | tuple[str, int]
INDEXED = ("voice.start", "voice.summary", "voice.summary_file")


def language() -> str:
    """The language asked for by `lang`, Vietnamese where there are no words in it."""
    wanted = request.values.get("lang", "vi")
    return wanted if wanted in WORDS else "vi"


def query() -> dict[str, str]:
    """What an address carries so that the next page is in the same language."""
    return {} if language() == "vi" else {"lang": language()}


@voice.context_processor
def words() -> dict[str, object]:
    """What every template of this room uses."""
    return {"say": say, "language_names": LANGUAGE_NAMES, "query": query}


@voice.after_request
def keep_private(reply: Reply) -> Reply:
    """On a shared phone, "back" must not bring up the neighbour's words, nor a code leak to another site."""
    reply.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint not in INDEXED:
        reply.headers["X-Robots-Tag"] = "noindex"
    if request.endpoint not in INDEXED[1:]:
        reply.headers["Cache-Control"] = "no-store"
    return reply
