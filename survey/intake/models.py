"""Responses as they were given, and the trail of each."""

import uuid
from datetime import UTC, datetime
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
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from survey.cases.models import Case
from survey.extensions import Base
from survey.rounds.models import A_MOMENT, InstrumentVersion, Round, one_of


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
    """`late`: handed in after the round closed; kept, but in no figure until a manager reopens the round.

    `withdrawn`: the person took the answers back; only that there were some is known.
    """

    DRAFT = "draft"
    COMPLETE = "complete"
    REPLACED = "replaced"
    LATE = "late"
    WITHDRAWN = "withdrawn"


class HelperTeam(Base):
    """A community digital team with a code that lets its members help others to answer, until it is revoked."""

    __tablename__ = "helper_team"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(12), unique=True)
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    issued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    @property
    def valid_to(self) -> datetime:
        """An instant of the last day on which the code holds."""
        return self.expires_at - A_MOMENT


class HelpSession(Base):
    """One helper at one phone, and which response may be seen there at the moment."""

    __tablename__ = "help_session"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    team_id: Mapped[int] = mapped_column(ForeignKey("helper_team.id"), index=True)
    helper_name: Mapped[str] = mapped_column(String(100), comment="as the helper gave it")
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now(), comment="last sign of life")
    ended_at: Mapped[datetime | None]
    # No foreign key: a response names its help session, and a circle of keys can be neither made nor emptied.
    response_id: Mapped[uuid.UUID | None] = mapped_column(
        comment="the person being helped; empty between two"
    )
    parting_code: Mapped[str | None] = mapped_column(String(12), comment="to be written down, then forgotten")

    team: Mapped[HelperTeam] = relationship()


class Response(Base):
    """One respondent's answers in one round, as collected; later edits never overwrite it."""

    __tablename__ = "response"
    __table_args__ = (
        UniqueConstraint("round_id", "instance_id"),
        CheckConstraint(one_of("mode", Mode), "mode_is_known"),
        CheckConstraint(one_of("source", Source), "source_is_known"),
        CheckConstraint(one_of("status", ResponseStatus), "status_is_known"),
        CheckConstraint(
            "(status = 'draft') = (submitted_at IS NULL) OR status = 'withdrawn'", "submitted_has_time"
        ),
        CheckConstraint(
            "status <> 'withdrawn' OR (answers = '{}' AND content_hash IS NULL AND page IS NULL)",
            "withdrawn_has_no_answers",
        ),
        CheckConstraint("(consent_hash IS NULL) = (consented_at IS NULL)", "consent_has_time"),
        CheckConstraint("(source = 'opt_in') = (case_id IS NULL) OR mode = 'import'", "sample_has_case"),
        # One valid answer a case: the second of two racing submissions meets this index, not a hope.
        Index(
            "uq_response_complete_case", "case_id", unique=True, postgresql_where=text("status = 'complete'")
        ),
        Index("ix_response_round_status", "round_id", "status"),
        CheckConstraint("help_id IS NULL OR assisted", "helper_has_helped"),
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
    resume_code: Mapped[str | None] = mapped_column(
        String(12),
        unique=True,
        comment="opens a draft, then is the receipt; gone once the round is de-identified",
    )
    language: Mapped[str] = mapped_column(String(10), default="vi")
    page: Mapped[str | None] = mapped_column(String(200), comment="last page saved, to come back to")
    revision: Mapped[int] = mapped_column(default=1, comment="two tabs cannot overwrite each other")
    assisted: Mapped[bool] = mapped_column(
        default=False, server_default=false(), comment="somebody of a community digital team helped"
    )
    help_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("help_session.id"), index=True, comment="who helped; empty also if the person wished so"
    )
    consent_hash: Mapped[str | None] = mapped_column(String(64), comment="of the consent text that was read")
    consent_language: Mapped[str | None] = mapped_column(
        String(10), comment="in which it was read; und: unknown"
    )
    consent_given: Mapped[bool | None]
    consented_at: Mapped[datetime | None]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    submitted_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship()
    instrument_version: Mapped[InstrumentVersion] = relationship()
    case: Mapped[Case | None] = relationship()

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": revision}

    @property
    def is_deidentified(self) -> bool:
        """Whether it is past withdrawing: handed in before its round's moment of de-identification, now past."""
        moment = self.round.deidentify_at
        return bool(moment and self.submitted_at) and self.submitted_at < moment <= datetime.now(UTC)


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
