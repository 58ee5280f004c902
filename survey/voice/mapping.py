"""Point on a map without a script: the picture is a button, and tells where it was pressed."""

import math
import uuid

from flask import Response, flash, redirect, render_template, request, url_for

from survey.cases.geography import Place, commune_at
from survey.errors import NotFound
from survey.extensions import db, limiter
from survey.formats import number
from survey.voice import drafts
from survey.voice.blueprint import Page, language, query, voice
from survey.voice.communes import UnknownCommune, communes, find, full_name, names
from survey.voice.models import VoiceDraft
from survey.voice.places import MOVES, Map, OutsideProvince, map_of, picture, within
from survey.voice.words import say

SEE_OTHER = 303


def _open(draft_id: uuid.UUID, *, lock: bool = False) -> VoiceDraft:
    draft = drafts.find_draft(draft_id, lock=lock)
    if draft is None:
        raise NotFound("Không còn phần đang viết này.", "Mở lại trang gửi ý kiến.")
    return draft


def place_of(draft: VoiceDraft) -> Place | None:
    """Where somebody pointed."""
    if draft.longitude is None or draft.latitude is None:
        return None
    return draft.longitude, draft.latitude


@voice.get("/y-kien/viet/<uuid:draft_id>/ban-do")
def map_page(draft_id: uuid.UUID) -> Page:
    """The map: of the commune that is known, else of the province."""
    draft = _open(draft_id)
    place, known = place_of(draft), communes()
    shown = map_of(request.args.get("vung", _first_view(draft)), request.args.get("rong", ""))
    return render_template(
        "voice/map.html",
        lang=language(),
        draft=draft,
        shown=shown,
        place=place,
        commune=full_name(commune_at(*place)) if place else "",
        shown_name=next((c.full_name for c in known if c.code == shown.code), ""),
        moves=MOVES,
        degrees=lambda value: number(value, 5, language()),
    )


def _first_view(draft: VoiceDraft) -> str:
    """The commune of the point, else of the name that was typed, else "" for the province."""
    place = place_of(draft)
    if place:
        return commune_at(*place) or ""
    try:
        found = find(communes(), draft.fields.get("commune", ""))
    except UnknownCommune:
        return ""
    return found.code if found else ""


@voice.get("/y-kien/viet/<uuid:draft_id>/ban-do.png")
@limiter.limit("600 per hour")
def map_picture(draft_id: uuid.UUID) -> Response:
    """The picture of the map with the point on it."""
    draft = _open(draft_id)
    shown = map_of(request.args.get("vung", ""), request.args.get("rong", ""))
    return Response(picture(shown, names(), place_of(draft)), mimetype="image/png")


@voice.post("/y-kien/viet/<uuid:draft_id>/ban-do")
def point(draft_id: uuid.UUID) -> Page:
    """Take a press on the picture, a step by a button, or the phone's own position."""
    draft = _open(draft_id, lock=True)
    shown = map_of(request.form.get("vung", ""), request.form.get("rong", ""))
    try:
        chosen = _chosen(shown, place_of(draft))
    except (OutsideProvince, ValueError):
        flash(say("map_outside", language()), "warning")
        return _back(draft, shown)
    draft.longitude, draft.latitude = chosen
    code = commune_at(*chosen) or ""
    if not draft.fields.get("commune"):
        draft.fields = {**draft.fields, "commune": full_name(code)}
    db.session.commit()
    return _back(draft, Map(code, shown.width))


def _chosen(shown: Map, before: Place | None) -> Place:
    """Where the press is; raise `OutsideProvince`, or ValueError for what is no number."""
    asked = request.form
    if asked.get("move") in MOVES:
        return shown.moved(before, asked["move"])
    if asked.get("longitude") and asked.get("latitude"):
        return within((_finite(asked["longitude"]), _finite(asked["latitude"])))
    return shown.pressed(_finite(asked.get("at.x", "0")), _finite(asked.get("at.y", "0")))


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _back(draft: VoiceDraft, shown: Map) -> Page:
    address = url_for("voice.map_page", draft_id=draft.id, vung=shown.code, rong=shown.width, **query())
    return redirect(address, SEE_OTHER)
