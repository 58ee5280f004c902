"""What is deleted by itself: contacts some time after the end, addresses after days, drafts after hours."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, or_, select, update

from survey.accounts.service import record
from survey.extensions import db
from survey.voice.lists import rules
from survey.voice.models import EventKind, Screening, Status, VoiceContact, VoiceDraft, VoiceSubmission
from survey.voice.service import happened


@dataclass(frozen=True)
class Tidied:
    """How many of each were deleted."""

    contacts: int
    addresses: int
    drafts: int


def tidy(now: datetime | None = None) -> Tidied:
    """Delete what is past its time; running it again changes nothing. The caller commits."""
    now, limits = now or datetime.now(UTC), rules()
    ended = (
        select(VoiceSubmission)
        .join(VoiceContact, VoiceContact.submission_id == VoiceSubmission.id)
        .where(
            or_(
                VoiceSubmission.status.in_((Status.ANSWERED, Status.CLOSED)),
                VoiceSubmission.screening == Screening.SPAM,
            ),
            func.coalesce(VoiceSubmission.closed_at, VoiceSubmission.touched_at)
            < now - timedelta(days=limits.contact_kept_days),
        )
    )
    past = list(db.session.scalars(ended))
    for submission in past:
        db.session.execute(delete(VoiceContact).where(VoiceContact.submission_id == submission.id))
        db.session.expire(submission, ["contact"])
        happened(submission, EventKind.CONTACT_DELETED, at=now)
    addresses = db.session.execute(
        update(VoiceSubmission)
        .where(
            VoiceSubmission.address_hash.is_not(None),
            VoiceSubmission.created_at < now - timedelta(days=limits.address_kept_days),
        )
        .values(address_hash=None)
        .execution_options(synchronize_session=False)
    )
    drafts = db.session.execute(
        delete(VoiceDraft).where(VoiceDraft.saved_at < now - timedelta(hours=limits.draft_kept_hours))
    )
    done = Tidied(len(past), int(addresses.rowcount), int(drafts.rowcount))  # type: ignore[attr-defined]
    if any((done.contacts, done.addresses, done.drafts)):
        record("voice.tidy", "voice", {"contacts": done.contacts, "drafts": done.drafts})
    return done
