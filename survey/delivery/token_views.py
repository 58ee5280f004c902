"""The page of tokens, for administrators: given, shown once, revoked."""

from flask import Response, flash, make_response, redirect, render_template, session, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as Reply

from survey.accounts.service import allowed_to
from survey.delivery import forms, service, tokens
from survey.delivery.views import UNPROCESSABLE, delivery_desk
from survey.extensions import db
from survey.registry.models import Agency

FRESH = "fresh_token"
"""Where the secret waits in the administrator's own session for the page that shows it once."""


@delivery_desk.get("/ma-truy-cap")
@allowed_to("connect")
def token_page() -> Response:
    """All tokens, and a form for a new one."""
    reply = make_response(_page(_form(), session.pop(FRESH, None)))
    reply.headers["Cache-Control"] = "private, no-store"
    return reply


def _page(form: forms.TokenForm, secret: str | None = None) -> str:
    return render_template(
        "delivery/tokens.html",
        tokens=tokens.tokens(),
        form=form,
        secret=secret,
        is_valid=tokens.is_valid,
        scopes=tokens.SCOPES,
    )


def _form() -> forms.TokenForm:
    """With the agencies that are there today."""
    there = select(Agency).where(Agency.valid_to.is_(None)).order_by(Agency.name)
    return forms.TokenForm().among(list(db.session.scalars(there)))


@delivery_desk.post("/ma-truy-cap")
@allowed_to("connect")
def add_token() -> Reply | tuple[str, int]:
    """Give a new token."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), UNPROCESSABLE
    agency = service.find_agency(str(form.agency.data))
    who = current_user._get_current_object()
    _, secret = tokens.make_token(agency, str(form.name.data), form.scopes.data or [], form.days.data, who)
    db.session.commit()
    session[FRESH] = secret
    return redirect(url_for("delivery.token_page"), code=303)


@delivery_desk.post("/ma-truy-cap/<int:number>/thu-hoi")
@allowed_to("connect")
def revoke_token(number: int) -> Reply:
    """Make a token useless."""
    token = tokens.revoke(number, current_user._get_current_object())
    db.session.commit()
    flash(f"Đã thu hồi mã của {token.name}.", "success")
    return redirect(url_for("delivery.token_page"), code=303)
