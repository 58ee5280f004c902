"""Signals that one person may have answered an open round twice: counted for the manager, never in the way.

What is compared are keyed digests (HMAC-SHA-256 under the service's key and the round) of a random cookie, of the
network address and of the answers. They are dropped when the round closes; an address itself is stored nowhere.
"""

import hashlib
import hmac
import json
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network

from flask import current_app
from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from survey.extensions import db
from survey.intake.models import Response, ResponseEvent, ResponseStatus, ResponseTrace, Source
from survey.rounds.models import Round, RoundStatus
from survey.rounds.service import instrument_of

EVENT = "duplicate"
NEAR = timedelta(minutes=30)
"""Two starts from one address that far apart count as a signal: a household or a café shares one all day."""
FEWEST_ANSWERS = 5
"""Of a shorter form, two strangers often give the same answers."""
HOME_BITS = 64
"""What of an IPv6 address names the line: a phone changes the rest every day."""
UNASKED = frozenset({"start", "end", "today", "deviceid", "phonenumber", "username", "email", "audit"})


class Signal(StrEnum):
    """What two responses have in common."""

    DEVICE = "device"
    ADDRESS = "address"
    CONTENT = "content"


def note_start(draft: Response, *, device: str, address: str | None) -> None:
    """Remember where an open draft was started; the caller commits."""
    seen = {Signal.DEVICE: device, Signal.ADDRESS: _line(address)}
    _note(draft, {signal: text for signal, text in seen.items() if text})


def flag(draft: Response) -> frozenset[Signal]:
    """At handing in: an event that says which signals an earlier response of the round shares, if any does."""
    if draft.source != Source.OPT_IN or draft.status != ResponseStatus.COMPLETE:
        return frozenset()
    answers = _asked(draft)
    if len(answers) >= FEWEST_ANSWERS:
        _note(draft, {Signal.CONTENT: json.dumps(answers, sort_keys=True, ensure_ascii=False)})
    found = frozenset(Signal(kind) for kind in db.session.scalars(_shared(draft)))
    if found:
        db.session.add(ResponseEvent(response_id=draft.id, kind=EVENT, detail={"signals": sorted(found)}))
    return found


def _shared(draft: Response):  # type: ignore[no-untyped-def]
    mine, other = aliased(ResponseTrace), aliased(ResponseTrace)
    is_near = func.abs(func.extract("epoch", other.at - mine.at)) <= NEAR.total_seconds()
    return (
        select(mine.kind)
        .join(
            other,
            (other.round_id == mine.round_id) & (other.kind == mine.kind) & (other.digest == mine.digest),
        )
        .join(Response, Response.id == other.response_id)
        .where(
            mine.response_id == draft.id,
            other.response_id != draft.id,
            Response.status == ResponseStatus.COMPLETE,
            (mine.kind != Signal.ADDRESS) | is_near,
        )
        .distinct()
    )


def count(round_: Round) -> dict[str, int]:
    """How many complete opt-in responses of a round carry each signal; "any" how many carry one at all."""
    query = (
        select(ResponseEvent.detail)
        .join(Response, Response.id == ResponseEvent.response_id)
        .where(
            Response.round_id == round_.id,
            Response.status == ResponseStatus.COMPLETE,
            Response.source == Source.OPT_IN,
            ResponseEvent.kind == EVENT,
        )
    )
    details = db.session.scalars(query).all()
    counts = {str(signal): sum(signal in detail["signals"] for detail in details) for signal in Signal}
    return {**counts, "any": len(details)} if details else {}


def drop_traces() -> int:
    """Forget the digests of every round that is not open; the caller commits. Returns how many there were."""
    over = exists().where(Round.id == ResponseTrace.round_id, Round.status != RoundStatus.OPEN)
    result = db.session.execute(
        delete(ResponseTrace).where(over).execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def _note(draft: Response, seen: dict[Signal, str]) -> None:
    rows = [
        {
            "response_id": draft.id,
            "kind": signal,
            "round_id": draft.round.id,
            "digest": _digest(draft.round, signal, text),
        }
        for signal, text in seen.items()
    ]
    if rows:
        db.session.execute(insert(ResponseTrace).values(rows).on_conflict_do_nothing())


def _digest(round_: Round, signal: Signal, text: str) -> str:
    key = f"duplicates:{round_.id}:{signal}:{current_app.config['SECRET_KEY']}".encode()
    return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _line(address: str | None) -> str:
    """The network address as far as it names one line; "" where there is none."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return ""
    return str(ip_network((found, HOME_BITS), strict=False)) if found.version == 6 else str(found)


def _asked(draft: Response) -> dict[str, object]:
    """What the person answered, without what the machine fills in."""
    questions = instrument_of(draft.instrument_version).questions
    return {
        name: value
        for name, value in draft.answers.items()
        if name not in questions or not (questions[name].is_silent or questions[name].type in UNASKED)
    }
