"""Messages of citizens: what was sent, by whom if they said so, and all that happened to it.

No column here leads to a response, an observation or a case of a survey: this channel is not statistics.
"""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, func
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from survey.accounts.models import User
from survey.cases.models import Area
from survey.extensions import Base
from survey.rounds.models import one_of


class Kind(StrEnum):
    SUGGESTION = "suggestion"
    COMPLAINT = "complaint"
    RATING = "rating"


class Status(StrEnum):
    """How far it is; `withdrawn` by the sender, whose words are then gone."""

    NEW = "new"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    REFERRED = "referred"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Screening(StrEnum):
    """`suspected` waits for a person's judgement; nothing is thrown away by a rule alone."""

    CLEAR = "clear"
    SUSPECTED = "suspected"
    SPAM = "spam"


OPEN = (Status.NEW, Status.ACCEPTED, Status.IN_PROGRESS, Status.REFERRED)
BOTH_OR_NONE = "(longitude IS NULL) = (latitude IS NULL)"


class VoiceDraft(Base):
    """What was typed and not sent yet, so that no refusal loses it; gone once sent, or after two days."""

    __tablename__ = "voice_draft"
    __table_args__ = (CheckConstraint(BOTH_OR_NONE, "place_is_whole"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="what each field held, as typed")
    notices: Mapped[list[Any]] = mapped_column(default=list, comment="what the page has to say, once")
    told: Mapped[bool] = mapped_column(default=False, comment="whether the page shows what is wrong")
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    saved_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)

    photos: Mapped[list["VoicePhoto"]] = relationship(
        order_by="VoicePhoto.id", cascade="all, delete-orphan", passive_deletes=True
    )


class VoiceSubmission(Base):
    """An opinion, complaint or rating, as it was sent."""

    __tablename__ = "voice_submission"
    __table_args__ = (
        CheckConstraint(one_of("kind", Kind), "kind_is_known"),
        CheckConstraint(one_of("status", Status), "status_is_known"),
        CheckConstraint(one_of("screening", Screening), "screening_is_known"),
        CheckConstraint("(kind = 'rating') = (rating IS NOT NULL)", "rating_has_number"),
        CheckConstraint("rating BETWEEN 1 AND 5 AND satisfaction BETWEEN 1 AND 5", "ratings_in_range"),
        CheckConstraint(BOTH_OR_NONE, "place_is_whole"),
        CheckConstraint("(published_at IS NULL) = (public_text IS NULL)", "published_has_text"),
        CheckConstraint("status <> 'withdrawn' OR (text = '' AND public_text IS NULL)", "withdrawn_is_empty"),
        CheckConstraint("duplicate_of_id <> id", "not_its_own_duplicate"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    form_key: Mapped[str] = mapped_column(String(64), unique=True, comment="which sending of which form")
    code_hash: Mapped[str] = mapped_column(
        String(64), unique=True, comment="keyed hash; the code is not kept"
    )
    kind: Mapped[str] = mapped_column(String(12))
    field: Mapped[str] = mapped_column(String(40), comment="code of fields.yaml")
    rating: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text, comment="as sent; never shown in public")
    text_hash: Mapped[str] = mapped_column(
        String(64), index=True, comment="keyed; finds the same words again"
    )
    language: Mapped[str] = mapped_column(String(10), default="vi")
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    status: Mapped[str] = mapped_column(String(12), default=Status.NEW)
    screening: Mapped[str] = mapped_column(String(10), default=Screening.CLEAR)
    suspicions: Mapped[list[Any]] = mapped_column(default=list, comment="codes of what the guards noticed")
    address_hash: Mapped[str | None] = mapped_column(String(64), comment="keyed, of the day; deleted soon")
    office: Mapped[str | None] = mapped_column(String(40), comment="code of offices.yaml")
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("voice_submission.id"))
    public_text: Mapped[str | None] = mapped_column(Text, comment="what staff chose to publish, redacted")
    public_answer: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[datetime | None]
    satisfaction: Mapped[int | None] = mapped_column(comment="the sender's rating of the answer")
    is_synthetic: Mapped[bool] = mapped_column(default=False, comment="made for the demonstration")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None] = mapped_column(comment="first answer")
    closed_at: Mapped[datetime | None]
    touched_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revision: Mapped[int] = mapped_column(default=1, comment="two people cannot overwrite each other")

    area: Mapped[Area | None] = relationship()
    assignee: Mapped[User | None] = relationship()
    duplicate_of: Mapped["VoiceSubmission | None"] = relationship(remote_side=[id])
    contact: Mapped["VoiceContact | None"] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, lazy="select"
    )
    photos: Mapped[list["VoicePhoto"]] = relationship(
        order_by="VoicePhoto.id", cascade="all, delete-orphan", passive_deletes=True
    )
    events: Mapped[list["VoiceEvent"]] = relationship(order_by="VoiceEvent.id", passive_deletes=True)

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": revision}

    @property
    def number(self) -> str:
        """How staff speak of it; it opens nothing."""
        return f"YK-{self.id:05}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.status in OPEN


class VoiceContact(Base):
    """How to reach the sender, apart from what they wrote, and deleted earlier."""

    __tablename__ = "voice_contact"

    submission_id: Mapped[int] = mapped_column(
        ForeignKey("voice_submission.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(254), default="")


class VoicePhoto(Base):
    """A photo, unpacked and written anew: without place, time and camera of the original."""

    __tablename__ = "voice_photo"
    __table_args__ = (
        CheckConstraint("(draft_id IS NULL) <> (submission_id IS NULL)", "belongs_to_one"),
        CheckConstraint("media_type = 'image/jpeg'", "is_jpeg"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("voice_draft.id", ondelete="CASCADE"), index=True
    )
    submission_id: Mapped[int | None] = mapped_column(
        ForeignKey("voice_submission.id", ondelete="CASCADE"), index=True
    )
    media_type: Mapped[str] = mapped_column(String(20), default="image/jpeg")
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))


class EventKind(StrEnum):
    RECEIVED = "received"
    SCREENED = "screened"
    ASSIGNED = "assigned"
    STATUS = "status"
    NOTE = "note"
    ANSWER = "answer"
    REPLY = "reply"
    SATISFACTION = "satisfaction"
    MERGED = "merged"
    UNMERGED = "unmerged"
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    WITHDRAWN = "withdrawn"
    CONTACT_DELETED = "contact_deleted"


# What the sender sees on the page of the code; notes and the staff's own doings stay inside.
PUBLIC_EVENTS = (
    EventKind.RECEIVED,
    EventKind.STATUS,
    EventKind.ANSWER,
    EventKind.REPLY,
    EventKind.SATISFACTION,
    EventKind.WITHDRAWN,
)


class VoiceEvent(Base):
    """What happened to a message, in order; only ever added to, but for words that a sender withdrew."""

    __tablename__ = "voice_event"
    __table_args__ = (CheckConstraint(one_of("kind", EventKind), "kind_is_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(
        ForeignKey("voice_submission.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    kind: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id"), comment="empty: sender or system"
    )
    text: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)

    user: Mapped[User | None] = relationship()
