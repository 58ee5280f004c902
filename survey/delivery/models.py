"""Deliveries to agencies, the outbox of those that are pushed, what agencies answer, and their clients' tokens."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.accounts.models import User
from survey.disseminate.models import Observation
from survey.extensions import Base
from survey.registry.models import Agency
from survey.rounds.models import one_of

SHA256 = 64
"""Hexadecimal digits of a SHA-256."""


class Change(StrEnum):
    """Why a figure is in a delivery."""

    NEW = "new"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"


class Way(StrEnum):
    """By which way an answer of an agency came."""

    API = "api"
    LETTER = "letter"


class Delivery(Base):
    """One signed package for one agency; kept as it was signed, never changed."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("agency_id", "number"),
        CheckConstraint(
            "acknowledged_way IS NULL OR " + one_of("acknowledged_way", Way), "acknowledged_way_is_known"
        ),
        CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_way IS NULL)", "acknowledgement_has_its_way"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    number: Mapped[str] = mapped_column(String(40), comment="made of its content: the same figures, the same")
    is_synthetic: Mapped[bool] = mapped_column(
        comment="a package holds generated figures or real ones, never both"
    )
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    package: Mapped[bytes] = mapped_column(LargeBinary, comment="the ZIP", deferred=True)
    size: Mapped[int] = mapped_column(comment="bytes of the package")
    sha256: Mapped[str] = mapped_column(String(SHA256), comment="of the package")
    key_id: Mapped[str] = mapped_column(String(16), comment="which key signed the manifest")
    fetched_at: Mapped[datetime | None] = mapped_column(comment="first download by the agency's client")
    acknowledged_at: Mapped[datetime | None]
    acknowledged_way: Mapped[str | None] = mapped_column(String(10))
    acknowledged_by: Mapped[str] = mapped_column(
        String(200), default="", comment="who received it, or which client"
    )
    acknowledged_reference: Mapped[str] = mapped_column(
        String(100), default="", comment="number of the letter"
    )
    acknowledged_note: Mapped[str] = mapped_column(String(2000), default="")

    agency: Mapped[Agency] = relationship()
    made_by: Mapped[User] = relationship()
    lines: Mapped[list["DeliveryLine"]] = relationship(
        back_populates="delivery", order_by="DeliveryLine.position"
    )
    push: Mapped["Push | None"] = relationship(back_populates="delivery")
    corrections: Mapped[list["Objection"]] = relationship(back_populates="delivery", order_by="Objection.id")


class DeliveryLine(Base):
    """One figure of a delivery: sent for the first time, in place of another, or taken back."""

    __tablename__ = "delivery_line"
    __table_args__ = (
        CheckConstraint(one_of("change", Change), "change_is_known"),
        UniqueConstraint("delivery_id", "position"),
    )

    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id"), primary_key=True, index=True)
    position: Mapped[int]
    change: Mapped[str] = mapped_column(String(10))
    replaces_id: Mapped[int | None] = mapped_column(
        ForeignKey("observation.id"), comment="figure delivered before, which this one replaces"
    )

    delivery: Mapped[Delivery] = relationship(back_populates="lines")
    observation: Mapped[Observation] = relationship(foreign_keys=[observation_id])
    replaces: Mapped[Observation | None] = relationship(foreign_keys=[replaces_id])


class CorrectionStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Objection(Base):
    """An agency says that a figure is wrong; a statistician answers."""

    __tablename__ = "delivery_correction"
    __table_args__ = (
        CheckConstraint(one_of("status", CorrectionStatus), "status_is_known"),
        CheckConstraint(one_of("way", Way), "way_is_known"),
        CheckConstraint(
            "(status = 'open') = (answered_at IS NULL) AND (answered_at IS NULL) = (answered_by_id IS NULL)",
            "answer_has_its_signature",
        ),
        CheckConstraint("status = 'open' OR answer <> ''", "answer_has_its_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), index=True)
    observation_id: Mapped[int | None] = mapped_column(
        ForeignKey("observation.id"), comment="empty: about the delivery as a whole"
    )
    text: Mapped[str] = mapped_column(String(4000), comment="what the agency says is wrong")
    reference: Mapped[str] = mapped_column(String(100), default="", comment="number of the agency's letter")
    way: Mapped[str] = mapped_column(String(10))
    requested_by: Mapped[str] = mapped_column(String(200))
    requested_at: Mapped[datetime] = mapped_column(server_default=func.now())
    status: Mapped[str] = mapped_column(String(10), default=CorrectionStatus.OPEN)
    answer: Mapped[str] = mapped_column(String(4000), default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    delivery: Mapped[Delivery] = relationship(back_populates="corrections")
    observation: Mapped[Observation | None] = relationship()
    answered_by: Mapped[User | None] = relationship()

    @property
    def needs_revision(self) -> bool:
        """Accepted, and the figure is still the one that is public."""
        waits = self.observation is None or self.observation.current
        return self.status == CorrectionStatus.ACCEPTED and waits


class Token(Base):
    """A key of an agency's client; only the SHA-256 of its secret is kept."""

    __tablename__ = "delivery_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    name: Mapped[str] = mapped_column(String(200), comment="which client it was given to")
    secret_hash: Mapped[str] = mapped_column(String(SHA256), unique=True)
    scopes: Mapped[list[Any]] = mapped_column(comment="see survey.delivery.tokens.SCOPES")
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    agency: Mapped[Agency] = relationship()
    made_by: Mapped[User] = relationship()


class Form(StrEnum):
    """How a pushed package is wrapped."""

    ZIP = "zip"
    JSON = "json"


class Endpoint(Base):
    """Where an agency takes packages."""

    __tablename__ = "delivery_endpoint"
    __table_args__ = (CheckConstraint(one_of("form", Form), "form_is_known"),)

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    url: Mapped[str] = mapped_column(String(500))
    form: Mapped[str] = mapped_column(String(4), default=Form.ZIP)
    allow_private: Mapped[bool] = mapped_column(
        default=False, comment="it may lie in the agencies' own network"
    )
    takes_synthetic: Mapped[bool] = mapped_column(
        default=False, comment="a test system: generated figures may go there"
    )
    paused: Mapped[bool] = mapped_column(default=False)

    agency: Mapped[Agency] = relationship()


class PushState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    STOPPED = "stopped"


class Push(Base):
    """The outbox: a delivery that is to be pushed, and what came of it."""

    __tablename__ = "delivery_push"
    __table_args__ = (
        CheckConstraint(one_of("state", PushState), "state_is_known"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", "sent_has_time"),
    )

    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(36), unique=True, comment="Idempotency-Key of every attempt")
    state: Mapped[str] = mapped_column(String(10), default=PushState.QUEUED)
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    last_attempt_at: Mapped[datetime | None]
    last_status: Mapped[int | None] = mapped_column(
        comment="HTTP status of the last answer; empty: none came"
    )
    last_answer: Mapped[str] = mapped_column(String(500), default="", comment="its first characters, as text")
    reason: Mapped[str] = mapped_column(String(500), default="", comment="why it waits or stopped")
    sent_at: Mapped[datetime | None]

    delivery: Mapped[Delivery] = relationship(back_populates="push")


class Reminder(Base):
    """A deadline that staff were reminded of; each once."""

    __tablename__ = "deadline_reminder"
    __table_args__ = (UniqueConstraint("obligation", "due", "days_before"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    obligation: Mapped[str] = mapped_column(String(100))
    due: Mapped[date]
    days_before: Mapped[int]
    reminded_at: Mapped[datetime] = mapped_column(server_default=func.now())
