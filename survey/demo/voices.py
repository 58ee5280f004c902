"""Sample messages for the desk and the public summary: made once, through the same services as real ones."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select, update

from survey.accounts.models import User
from survey.extensions import db
from survey.voice import triage
from survey.voice.communes import communes
from survey.voice.guards import keyed
from survey.voice.models import EventKind, Kind, Status, VoiceEvent, VoiceSubmission
from survey.voice.queue import history, last_answer
from survey.voice.service import Message, Sender, rate_answer, submission_of_code, submit
from survey.voice.wording import masked

VOICES = Path(__file__).parent / "data" / "voices.yaml"
LABEL = "[mô phỏng]"
DAYS_A_DEED = 4

Deed = Callable[[VoiceSubmission, User, Any, list[VoiceSubmission]], None]
DEEDS: dict[str, Deed] = {
    "accept": lambda m, user, _, __: triage.set_status(m, user, Status.ACCEPTED),
    "refer": lambda m, user, says, __: triage.set_status(m, user, Status.REFERRED, says),
    "close": lambda m, user, _, __: triage.set_status(m, user, Status.CLOSED),
    "answer": lambda m, user, text, __: triage.answer(m, user, text),
    "note": lambda m, user, text, __: triage.note(m, user, text),
    "merge": lambda m, user, place, sent: triage.merge(m, user, sent[place].number),
    "publish": lambda m, user, _, __: triage.publish(
        m, user, masked(m.text), masked(last_answer(history(m)))
    ),
    "satisfaction": lambda m, _, mark, __: rate_answer(m, mark),
}


def speak(user: User, now: datetime | None = None) -> int:
    """Bring the sample messages in, each labelled as simulated; return how many were new."""
    if db.session.scalar(select(VoiceSubmission.id).where(VoiceSubmission.is_synthetic).limit(1)):
        return 0
    now = now or datetime.now(UTC)
    places, sent = {place.full_name: place.id for place in communes()}, list[VoiceSubmission]()
    for voice in yaml.safe_load(VOICES.read_text("utf-8")):
        at = now - timedelta(days=voice["days"])
        message = Message(
            kind=Kind(voice["kind"]),
            field=voice["field"],
            text=f"{LABEL} {voice['text']}",
            rating=voice.get("rating"),
            area_id=places.get(voice.get("commune")),
        )
        # One of them came without a page having been opened, so that the quarantine is not empty.
        sender = Sender(address=keyed("address", "demonstration")) if voice.get("suspected") else None
        submission = submission_of_code(submit(message, sender, now=at, synthetic=True))
        sent.append(submission)
        for number, deed in enumerate(voice["deeds"], 1):
            ((name, value),) = deed.items()
            DEEDS[name](submission, user, value, sent)
            db.session.flush()
            _date_back(submission, at + timedelta(days=min(number * DAYS_A_DEED, voice["days"])))
    db.session.commit()
    return len(sent)


def _date_back(submission: VoiceSubmission, at: datetime) -> None:
    """What was just done happened then, or every answer of the demonstration would have taken no time or weeks."""
    newest = select(VoiceEvent.id).where(VoiceEvent.submission_id == submission.id, VoiceEvent.at > at)
    db.session.execute(
        update(VoiceEvent)
        .where(VoiceEvent.id.in_(newest), VoiceEvent.kind != EventKind.RECEIVED)
        .values(at=at)
        .execution_options(synchronize_session=False)
    )
    for name in ("answered_at", "closed_at", "published_at"):
        moment = getattr(submission, name)
        if moment is not None and moment > at:
            setattr(submission, name, at)
