"""What is typed and not sent: kept on the server, so that photos need not be chosen again after a message."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from werkzeug.datastructures import FileStorage

from survey.extensions import db
from survey.voice.lists import rules
from survey.voice.models import VoiceDraft
from survey.voice.photos import PhotoFault, take
from survey.voice.wording import clean, one_line


def find_draft(draft_id: uuid.UUID, *, lock: bool = False) -> VoiceDraft | None:
    """The draft of an address, locked against a second tap if asked; None once it was sent or is too old."""
    query = select(VoiceDraft).where(VoiceDraft.id == draft_id, VoiceDraft.saved_at > _oldest())
    return db.session.scalar(query.with_for_update() if lock else query)


def new_draft() -> VoiceDraft:
    """An empty one; those that were left behind go."""
    db.session.execute(delete(VoiceDraft).where(VoiceDraft.saved_at <= _oldest()))
    draft = VoiceDraft(fields={}, notices=[], photos=[])
    db.session.add(draft)
    db.session.flush()
    return draft


def _oldest() -> datetime:
    return datetime.now(UTC) - timedelta(hours=rules().draft_kept_hours)


def keep(draft: VoiceDraft, typed: Iterable[tuple[str, str]]) -> None:
    """Remember what the page's fields hold, as typed."""
    draft.fields = {name: clean(text) for name, text in typed}
    draft.saved_at = datetime.now(UTC)


def add_photos(draft: VoiceDraft, uploads: Iterable[FileStorage]) -> None:
    """Keep the photos that can be kept; a notice for each of the others."""
    most = rules().most_photos
    for upload in uploads:
        if not upload.filename:
            continue
        if len(draft.photos) >= most:
            name = one_line(upload.filename)[-60:]
            notice = PhotoFault("photo_many", {"name": name, "most": most})
        else:
            taken = take(upload)
            if not isinstance(taken, PhotoFault):
                draft.photos.append(taken)
                continue
            notice = taken
        draft.notices = [*draft.notices, {"key": notice.key, "values": notice.values}]


def drop_photo(draft: VoiceDraft, photo_id: str) -> None:
    """Take a photo out again."""
    draft.photos = [photo for photo in draft.photos if str(photo.id) != photo_id]
