"""Responses as they were given, and the trail of each."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from survey.cases.models import Case
from survey.extensions import Base
from survey.rounds.models import InstrumentVersion, Round, one_of


class Mode(StrEnum):
    """How the answers reached us."""

    WEB = "web"
    OPENROSA = "openrosa"
    IMPORT = "import"


class Source(StrEnum):
    """Where the respondent comes from: a drawn sample, or whoever opened the page. Never pooled silently."""

    SAMPLE = "sample"
    OPT_IN = "opt_in"


class ResponseStatus(StrEnum):
    """`late`: handed in after the round closed; kept, but in no figure until a manager reopens the round."""

    DRAFT = "draft"
    COMPLETE = "complete"
    REPLACED = "replaced"
    LATE = "late"


class Response(Base):
    """One respondent's answers in one round, as collected; later edits never overwrite it."""

    __tablename__ = "response"
    __table_args__ = (
        UniqueConstraint("round_id", "instance_id"),
        CheckConstraint(one_of("mode", Mode), "mode_is_known"),
        CheckConstraint(one_of("source", Source), "source_is_known"),
        CheckConstraint(one_of("status", ResponseStatus), "status_is_known"),
        CheckConstraint("(status = 'draft') = (submitted_at IS NULL)", "submitted_has_time"),
        CheckConstraint("(source = 'opt_in') = (case_id IS NULL) OR mode = 'import'", "sample_has_case"),
        # One valid answer a case: the second of two racing submissions meets this index, not a hope.
        Index(
            "uq_response_complete_case", "case_id", unique=True, postgresql_where=text("status = 'complete'")
        ),
        Index("ix_response_round_status", "round_id", "status"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    instrument_version_id: Mapped[int] = mapped_column(ForeignKey("instrument_version.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("survey_case.id"))
    instance_id: Mapped[str] = mapped_column(String(128), comment="OpenRosa instanceID, or our own for web")
    mode: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB, comment="answer document: codes, not labels")
    content_hash: Mapped[str | None] = mapped_column(String(64), comment="SHA-256 of what was submitted")
    resume_code: Mapped[str | None] = mapped_column(String(12), unique=True)
    language: Mapped[str] = mapped_column(String(10), default="vi")
    page: Mapped[str | None] = mapped_column(String(200), comment="last page saved, to come back to")
    revision: Mapped[int] = mapped_column(default=1, comment="two tabs cannot overwrite each other")
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    submitted_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship()
    instrument_version: Mapped[InstrumentVersion] = relationship()
    case: Mapped[Case | None] = relationship()

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": revision}


class ResponseEvent(Base):
    """Paradata: what happened to a response, in order; append-only, and never an answer."""

    __tablename__ = "response_event"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    response_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    kind: Mapped[str] = mapped_column(String(32))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ResponseTrace(Base):
    """A keyed digest of where an open response came from, kept until its round closes; see `intake.duplicates`."""

    __tablename__ = "response_trace"
    __table_args__ = (Index("ix_response_trace_digest", "round_id", "kind", "digest"),)

    response_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("response.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class UnsavedPage(Base):
    """What was typed on a draft's page and could not all be taken in: kept as typed until it is mended."""

    __tablename__ = "unsaved_page"

    response_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("response.id", ondelete="CASCADE"), primary_key=True
    )
    page: Mapped[str] = mapped_column(String(200), primary_key=True)
    numbers: Mapped[str] = mapped_column(
        String(60), primary_key=True, comment="instance of each repeat around it, from 1: 2.1; empty outside"
    )
    fields: Mapped[dict[str, Any]] = mapped_column(comment="what each field held, as a list of texts")
    told: Mapped[bool] = mapped_column(comment="whether the page shows what is wrong")
    notice: Mapped[str] = mapped_column(String(20), default="", comment="other_tab: another tab saved first")


class Attachment(Base):
    """A photo, recording or file that came with a response."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("response_id", "file_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    file_name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
