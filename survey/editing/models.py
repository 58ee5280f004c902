"""Corrections, the batches they were made in, and proposals of what to correct."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.accounts.models import User
from survey.extensions import Base
from survey.intake.models import Response
from survey.rounds.models import Round, one_of

VALUE = JSONB(none_as_null=True)
LONGEST_NOTE = 500
LONGEST_EXPRESSION = 2000


class Kind(StrEnum):
    """How a correction came about."""

    MANUAL = "manual"
    RULE = "rule"
    PROPOSAL = "proposal"
    IMPUTATION = "imputation"


class Reason(StrEnum):
    """Why an answer was corrected; `other` needs a note."""

    RECONTACT = "recontact"
    DOCUMENT = "document"
    TYPING = "typing"
    UNIT = "unit"
    CONSISTENCY = "consistency"
    UNUSABLE = "unusable"
    OTHER = "other"


class SearchStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What a search for a smallest set of changes ended with."""

    FOUND = "found"
    NONE = "none"
    TIMEOUT = "timeout"
    UNREADABLE = "unreadable"


class CorrectionBatch(Base):
    """What one person did at once: one answer with what follows from it, or many answers by a rule."""

    __tablename__ = "correction_batch"
    __table_args__ = (
        CheckConstraint(one_of("kind", Kind), "kind_is_known"),
        CheckConstraint(one_of("reason", Reason), "reason_is_known"),
        CheckConstraint("reason <> 'other' OR note <> ''", "other_has_note"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(LONGEST_NOTE), default="")
    rule: Mapped[str | None] = mapped_column(String(100), comment="code of the edit rule that led to it")
    expression: Mapped[str] = mapped_column(
        String(LONGEST_EXPRESSION), default="", comment="of a correction by rule: variable := expression"
    )
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())

    round: Mapped[Round] = relationship()
    made_by: Mapped[User] = relationship()
    corrections: Mapped[list["Correction"]] = relationship(back_populates="batch", order_by="Correction.id")


class Correction(Base):
    """One value of a response as it is used, beside the value that was collected; at most one is active."""

    __tablename__ = "correction"
    __table_args__ = (
        # Of two people who correct the same value at once the second meets this index, not a hope.
        Index(
            "uq_correction_active",
            "response_id",
            "level",
            "instance",
            "variable",
            unique=True,
            postgresql_where=text("reverted_at IS NULL"),
        ),
        CheckConstraint("reverted_by_id IS NULL OR reverted_at IS NOT NULL", "reverted_has_time"),
        CheckConstraint("instance >= 0", "instance_counts_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("correction_batch.id"), index=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    response_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    level: Mapped[str] = mapped_column(String(200), comment="table: root, or the name of a repeat")
    instance: Mapped[int] = mapped_column(comment="of a repeat, from 1; 0 at the root")
    variable: Mapped[str] = mapped_column(String(200))
    old_value: Mapped[Any | None] = mapped_column(VALUE, comment="as collected; empty: no answer")
    new_value: Mapped[Any | None] = mapped_column(VALUE, comment="as used; empty: no answer")
    follows: Mapped[bool] = mapped_column(
        default=False, server_default=false(), comment="the questionnaire changed it with another correction"
    )
    reverted_at: Mapped[datetime | None]
    reverted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    batch: Mapped[CorrectionBatch] = relationship(back_populates="corrections")
    response: Mapped[Response] = relationship()
    reverted_by: Mapped[User | None] = relationship()


class ProposalSearch(Base):
    """A search for the smallest changes of all records that break rules."""

    __tablename__ = "proposal_search"
    __table_args__ = (
        CheckConstraint(one_of("status", SearchStatus), "status_is_known"),
        CheckConstraint("done BETWEEN 0 AND total", "done_is_a_part"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    status: Mapped[str] = mapped_column(String(10), default=SearchStatus.QUEUED)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(String(1000), default="")
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    requested_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship()
    requested_by: Mapped[User] = relationship()


class Proposal(Base):
    """The fewest answers of one record that must change so that its rules hold; a person decides."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint(one_of("outcome", Outcome), "outcome_is_known"),
        Index("ix_proposal_record", "response_id", "level", "instance"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    search_id: Mapped[int] = mapped_column(ForeignKey("proposal_search.id", ondelete="CASCADE"), index=True)
    response_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    level: Mapped[str] = mapped_column(String(200))
    instance: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(10))
    rules: Mapped[list[Any]] = mapped_column(comment="codes of the rules that the record broke")
    variables: Mapped[list[Any]] = mapped_column(comment="what has to change")
    cost: Mapped[float] = mapped_column(default=0.0, comment="sum of the reliabilities of the variables")

    response: Mapped[Response] = relationship()
