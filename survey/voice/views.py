"""Write a message: one page, kept on the server at every press, so that no refusal loses anything."""

import uuid
from datetime import UTC, datetime

from flask import redirect, render_template, request, session, url_for
from flask_wtf.csrf import validate_csrf
from werkzeug.wrappers import Response as Reply
from wtforms import ValidationError

from survey.cases.geography import commune_at
from survey.extensions import csrf, db, limiter
from survey.voice import drafts, guards, mapping, summing, tracking
from survey.voice.blueprint import Page, language, query, voice
from survey.voice.communes import communes
from survey.voice.forms import GO, OPENED, TRAP, MessageForm, digits
from survey.voice.lists import rules
from survey.voice.models import Kind, VoiceDraft
from survey.voice.places import WIDTHS, map_of
from survey.voice.service import Message, Sender, submit

# Their routes belong to this blueprint.
__all__ = ["mapping", "summing", "tracking", "voice"]

SEE_OTHER = 303
KEPT_FIELDS = ("kind", "field", "rating", "text", "commune", "name", "phone", "email", OPENED, TRAP)


def _address() -> str:
    """By what presses are counted: nobody's network address stays in memory as it is."""
    return guards.address_hash()


@voice.get("/y-kien")
def start() -> Page:
    """An empty form."""
    return _page(None)


@voice.get("/y-kien/viet/<uuid:draft_id>")
def write(draft_id: uuid.UUID) -> Page:
    """The form with what was typed, and what it has to say about it."""
    draft = drafts.find_draft(draft_id)
    if draft is None:
        return redirect(url_for("voice.start", **query()), SEE_OTHER)
    return _page(draft)


@voice.post("/y-kien")
@voice.post("/y-kien/viet/<uuid:draft_id>")
@limiter.limit("240 per hour", key_func=_address)
@csrf.exempt  # the view checks the token itself, so that what was typed survives a lost session
def press(draft_id: uuid.UUID | None = None) -> Page:
    """Keep what the page holds, do what its button says, and lead on."""
    draft = (drafts.find_draft(draft_id, lock=True) if draft_id else None) or drafts.new_draft()
    drafts.keep(draft, [(name, request.form.get(name, "")) for name in KEPT_FIELDS])
    draft.notices = []
    drafts.add_photos(draft, request.files.getlist("photos"))
    go, _, what = request.form.get(GO, "send").partition(":")
    deed = DEEDS.get(go, _send)
    reply = deed(draft, what) if _is_session_alive() or go != "send" else _say(draft, "session_over")
    db.session.commit()
    return reply


def _is_session_alive() -> bool:
    session.permanent = True  # the token of a page must outlive the browser's window
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return True


def _say(draft: VoiceDraft, key: str) -> Reply:
    draft.notices = [*draft.notices, {"key": key, "values": {}}]
    return to_draft(draft)


def to_draft(draft: VoiceDraft, anchor: str | None = None) -> Reply:
    """Back to the form."""
    return redirect(url_for("voice.write", draft_id=draft.id, _anchor=anchor, **query()), SEE_OTHER)


def _open_map(draft: VoiceDraft, _: str) -> Reply:
    return redirect(url_for("voice.map_page", draft_id=draft.id, **query()), SEE_OTHER)


def _drop_place(draft: VoiceDraft, _: str) -> Reply:
    draft.longitude = draft.latitude = None
    return to_draft(draft, "place")


def _drop_photo(draft: VoiceDraft, photo_id: str) -> Reply:
    drafts.drop_photo(draft, photo_id)
    return to_draft(draft, "photos")


def _change_language(draft: VoiceDraft, wanted: str) -> Reply:
    return redirect(url_for("voice.write", draft_id=draft.id, lang=wanted), SEE_OTHER)


def _send(draft: VoiceDraft, _: str) -> Reply:
    form = MessageForm(draft.fields, language(), communes())
    draft.told = not form.validate()
    if draft.told or draft.notices:  # a photo that could not be kept is told before anything is sent
        return to_draft(draft)
    now, address = datetime.now(UTC), guards.address_hash()
    if guards.sent_within_hour(address, now) >= rules().sent_per_hour:
        return _say(draft, "too_often")
    sender = Sender(guards.read_opening(draft.fields[OPENED]), draft.fields[TRAP], address)
    code = submit(_message(draft, form), sender, draft.photos, now=now)
    db.session.flush()
    db.session.expire(draft, ["photos"])  # they belong to the message now
    db.session.delete(draft)
    return redirect(url_for("voice.track", code=code, moi=1, **query()), SEE_OTHER)


DEEDS = {
    "send": _send,
    "map": _open_map,
    "no-place": _drop_place,
    "no-photo": _drop_photo,
    "lang": _change_language,
}


def _message(draft: VoiceDraft, form: MessageForm) -> Message:
    return Message(
        kind=Kind(form.kind.data),
        field=form.field.data,
        text=(form.text.data or "").strip(),
        rating=int(form.rating.data) if form.is_rating else None,
        area_id=form.place.id if form.place else None,
        place=mapping.place_of(draft),
        name=form.name.data or "",
        phone=digits(form.phone.data or ""),
        email=form.email.data or "",
        language=language(),
    )


def _page(draft: VoiceDraft | None) -> Page:
    known = communes()
    form = MessageForm(draft.fields if draft else None, language(), known)
    if draft and draft.told:
        form.validate()
    point = mapping.place_of(draft) if draft else None
    place_code = commune_at(*point) if point else None
    return render_template(
        "voice/write.html",
        lang=language(),
        form=form,
        draft=draft,
        communes=known,
        place=next((commune.full_name for commune in known if commune.code == place_code), ""),
        place_code=place_code,
        place_map=map_of(place_code, WIDTHS[0]) if place_code else None,
        opened=(draft.fields.get(OPENED) if draft else "") or guards.opening(),
        trap=draft.fields.get(TRAP, "") if draft else "",
        rules=rules(),
    )
