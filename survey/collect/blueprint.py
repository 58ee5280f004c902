"""The blueprint of the citizen's form, and what holds for all its pages."""

from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as Reply

from survey.collect.words import LANGUAGE_NAMES, say
from survey.rounds.service import SurveyClosed

collect = Blueprint("collect", __name__)
Page = str | Reply | tuple[str, int]


@collect.context_processor
def words() -> dict[str, object]:
    """What every template of this room uses."""
    return {"say": say, "language_names": LANGUAGE_NAMES}


@collect.after_request
def keep_private(reply: Reply) -> Reply:
    """On a shared phone, "back" must not bring up the neighbour's answers, nor a link leak to another site."""
    reply.headers["Cache-Control"] = "no-store"
    reply.headers["Referrer-Policy"] = "same-origin"
    reply.headers["X-Robots-Tag"] = "noindex"
    return reply


@collect.errorhandler(SurveyClosed)
def closed(fault: SurveyClosed) -> Page:
    """A survey that takes no answers; what was posted is led to the page that says so, as "back" must work."""
    if request.method == "POST":
        return redirect(request.full_path.removesuffix("?"), HTTPStatus.SEE_OTHER)
    draft = getattr(fault, "draft", None)
    language = draft.language if draft else request.args.get("lang", "vi")
    key = "closed_draft" if draft else "closed"
    return render_template("collect/message.html", lang=language, key=key), HTTPStatus.FORBIDDEN
