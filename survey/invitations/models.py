"""How a round invites: its plan, links that were revoked, contacts, messages, and files of letters."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.accounts.models import User
from survey.cases.models import Case
from survey.extensions import Base
from survey.rounds.models import Round, one_of

REMINDER_GAP = 3
"""Days between two messages to one case, unless the round's plan says otherwise."""


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    SMS = "sms"


class Kind(StrEnum):
    """What a message is for."""

    INVITATION = "invitation"
    REMINDER = "reminder"


class State(StrEnum):
    """`failed`: tried often enough, or refused by the carrier; `bounced`: there is no such recipient;
    `skipped`: no longer to be sent when its turn came, for the reason in `last_error`.
    """

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"
    SKIPPED = "skipped"


class BatchStatus(StrEnum):
    """`deleted`: the file is gone, because it grew old or a link in it was revoked; `message` says which."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DELETED = "deleted"


class InvitationPlan(Base):
    """What a round's invitations say, and until when its links work."""

    __tablename__ = "invitation_plan"
    __table_args__ = (CheckConstraint("reminder_gap BETWEEN 1 AND 60", "gap_in_days"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    links_end: Mapped[date | None] = mapped_column(
        comment="last day on which links work; empty: the round's end"
    )
    telephone: Mapped[str] = mapped_column(String(60), default="", comment="for questions")
    privacy_address: Mapped[str] = mapped_column(String(300), default="", comment="of the privacy notice")
    reminder_gap: Mapped[int] = mapped_column(
        default=REMINDER_GAP, comment="days between two messages to one case"
    )
    texts: Mapped[dict[str, Any]] = mapped_column(
        default=dict, comment="own texts by kind.channel.language; others are the house's"
    )

    round: Mapped[Round] = relationship()


class RevokedLink(Base):
    """A token that opens nothing any more. The case's own token here: it has no link at present."""

    __tablename__ = "revoked_link"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("survey_case.id"), index=True)
    revoked_at: Mapped[datetime] = mapped_column(server_default=func.now())

    case: Mapped[Case] = relationship()


class Contact(Base):
    """Where a case can be written to. Apart from cases and answers, in no export, deleted after the round."""

    __tablename__ = "survey_contact"
    __table_args__ = (
        CheckConstraint(
            "phone IS NOT NULL OR email IS NOT NULL OR stopped_at IS NOT NULL", "something_is_known"
        ),
        CheckConstraint("phone ~ '^\\+84[0-9]{9}$'", "phone_is_normal"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("survey_case.id"), primary_key=True)
    phone: Mapped[str | None] = mapped_column(String(12), comment="+84 and nine digits")
    email: Mapped[str | None] = mapped_column(String(254))
    added_at: Mapped[datetime] = mapped_column(server_default=func.now())
    stopped_at: Mapped[datetime | None] = mapped_column(
        comment="asked for no more messages; outlives the rest"
    )

    case: Mapped[Case] = relationship()


class Message(Base):
    """The outbox. Neither an address nor the secret link stands in it: both are looked up when it is sent."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint(one_of("channel", Channel), "channel_is_known"),
        CheckConstraint(one_of("kind", Kind), "kind_is_known"),
        CheckConstraint(one_of("state", State), "state_is_known"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", "sent_has_time"),
        # Two presses of one button cannot queue a case twice.
        Index("uq_outbox_message_waiting", "case_id", unique=True, postgresql_where=text("state = 'queued'")),
        Index("ix_outbox_message_due", "channel", "state", "due_at"),
        Index("ix_outbox_message_sent", "channel", "sent_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("survey_case.id"), index=True)
    channel: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(String(5000), comment="{link} stands for the case's link")
    site: Mapped[str] = mapped_column(String(300), comment="address of the service that links begin with")
    state: Mapped[str] = mapped_column(String(10), default=State.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(String(500), default="")
    provider_id: Mapped[str] = mapped_column(String(200), default="")
    queued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship()
    case: Mapped[Case] = relationship()


class LetterBatch(Base):
    """A file of letters: asked for, made by a worker, fetched, deleted."""

    __tablename__ = "letter_batch"
    __table_args__ = (
        CheckConstraint(one_of("status", BatchStatus), "status_is_known"),
        CheckConstraint("progress BETWEEN 0 AND 1", "progress_is_a_share"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    scope: Mapped[dict[str, Any]] = mapped_column(comment="which cases: stratum, commune, unanswered")
    site: Mapped[str] = mapped_column(String(300), comment="address of the service that links begin with")
    status: Mapped[str] = mapped_column(String(10), default=BatchStatus.QUEUED)
    progress: Mapped[float] = mapped_column(default=0.0)
    message: Mapped[str] = mapped_column(String(500), default="")
    letters: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0, comment="bytes")
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    requested_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship()
    requested_by: Mapped[User | None] = relationship()
