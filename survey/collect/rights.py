"""Who may see a draft on a phone that neighbours share.

A draft that a helper had a hand in opens only while its person sits at this phone, or to whoever types its code:
an address in the phone's history is not enough. Other drafts open by their address, as their links do.
"""

import uuid
from http import HTTPStatus

from flask import g, redirect, session, url_for

from survey.collect.blueprint import Page, collect
from survey.errors import Refused
from survey.extensions import db
from survey.intake.helping import living_help, take
from survey.intake.models import HelpSession, Response

HELP, OPENED = "help", "opened"
MOST_OPENED = 5


class CodeNeeded(Refused):
    """The draft's person has left this phone, or was never here."""

    def __init__(self, draft: Response) -> None:
        super().__init__("Phiếu này cần mã để mở.", "Nhập mã 8 ký tự của phiếu.")
        self.draft = draft


@collect.before_app_request
def know_helper() -> None:
    """Nobody is known at first."""
    g.help = None


@collect.before_request
def find_helper() -> None:
    """Each page that is asked for is a sign of life; kept at once, before any draft is locked."""
    if HELP in session:
        g.help = living_help(uuid.UUID(session[HELP]))
        db.session.commit()
        if g.help is None:
            session.pop(HELP)


@collect.context_processor
def helper() -> dict[str, object]:
    """What the bar of the helper's phone shows."""
    return {"helping": g.get("help")}


def helper_here() -> HelpSession | None:
    """The help session of this phone."""
    found: HelpSession | None = g.get("help")
    return found


def hold(draft: Response, *, named: bool = True) -> None:
    """The draft may be seen on this phone from now on; the caller commits."""
    if help_ := helper_here():
        take(help_, draft, named=named)
    elif draft.assisted:
        session[OPENED] = [*session.get(OPENED, []), str(draft.id)][-MOST_OPENED:]


def require_right(draft: Response) -> None:
    """Raise `CodeNeeded` unless the draft may be seen here."""
    help_ = helper_here()
    here = help_.response_id == draft.id if help_ else str(draft.id) in session.get(OPENED, [])
    if draft.assisted and not here:
        raise CodeNeeded(draft)


@collect.errorhandler(CodeNeeded)
def ask_for_code(fault: CodeNeeded) -> Page:
    """Lead to where the code is asked for; nothing of the draft is in it."""
    survey, response_id = fault.draft.round.survey.code, fault.draft.id
    address = url_for("collect.code_page", survey=survey, response_id=response_id)
    return redirect(address, HTTPStatus.SEE_OTHER)
