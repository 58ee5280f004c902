"""Surveys, instrument versions and rounds."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.extensions import Base

A_MOMENT = timedelta(seconds=1)


class Purpose(StrEnum):
    """Why a round is held. Only `production` feeds official figures, and needs a decision and a plan.

    `preview` holds what survey staff type while they try a questionnaire out: in no list, and never data.
    """

    PRODUCTION = "production"
    DEMONSTRATION = "demonstration"
    VERIFICATION = "verification"
    TEST = "test"
    PREVIEW = "preview"


class RoundStatus(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


def one_of(column: str, values: type[StrEnum]) -> str:
    """SQL that says `column` holds one of the values of an enumeration."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class Survey(Base):
    """A statistical activity, known by the name of its folder under questionnaires/."""

    __tablename__ = "survey"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[dict[str, Any]] = mapped_column(comment="by language")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    versions: Mapped[list["InstrumentVersion"]] = relationship(
        back_populates="survey", order_by="InstrumentVersion.id"
    )
    rounds: Mapped[list["Round"]] = relationship(
        primaryjoin="and_(Survey.id == Round.survey_id, Round.purpose != 'preview')",
        order_by="Round.id",
        viewonly=True,
    )


class InstrumentVersion(Base):
    """One frozen version of a questionnaire: its sheets, its XForm and the plans that belong to it."""

    __tablename__ = "instrument_version"
    __table_args__ = (UniqueConstraint("survey_id", "version"), UniqueConstraint("survey_id", "hash"))

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    form_id: Mapped[str] = mapped_column(String(128))
    version: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), comment="SHA-256 of the XForm's bytes and of its files")
    # The heavy columns are read when asked for: a submission needs none of them.
    sheets: Mapped[dict[str, Any]] = mapped_column(comment="the XLSForm, sheet by sheet", deferred=True)
    xml: Mapped[bytes] = mapped_column(
        LargeBinary, comment="the XForm as served to ODK Collect", deferred=True
    )
    indicators: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="indicators.yaml", deferred=True)
    design: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="design.yaml")
    controls: Mapped[list[Any]] = mapped_column(
        default=list, comment="controls.csv, a dict per row", deferred=True
    )
    edits: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="edits.yaml", deferred=True)
    assessment: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="assessment.yaml", deferred=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    survey: Mapped[Survey] = relationship(back_populates="versions")
    files: Mapped[list["InstrumentFile"]] = relationship(order_by="InstrumentFile.name")


class StoredFile(Base):
    """The content of a file, kept once however many versions use it."""

    __tablename__ = "stored_file"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    md5: Mapped[str] = mapped_column(String(32), comment="as OpenRosa's manifest names it; protects nothing")
    size: Mapped[int] = mapped_column(comment="bytes")
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class InstrumentFile(Base):
    """A picture, recording or list that belongs to a version of a questionnaire, frozen with it."""

    __tablename__ = "instrument_file"
    __table_args__ = (UniqueConstraint("instrument_version_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    instrument_version_id: Mapped[int] = mapped_column(ForeignKey("instrument_version.id"))
    name: Mapped[str] = mapped_column(String(255), comment="as the form names it")
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"))

    stored: Mapped[StoredFile] = relationship(lazy="joined")


class ConsentText(Base):
    """What people read before they agreed: kept as it stood, because a version's plans may be corrected later."""

    __tablename__ = "consent_text"

    instrument_version_id: Mapped[int] = mapped_column(ForeignKey("instrument_version.id"), primary_key=True)
    language: Mapped[str] = mapped_column(
        String(10), primary_key=True, comment="und: as the device showed it"
    )
    hash: Mapped[str] = mapped_column(String(64), primary_key=True, comment="SHA-256 of the text")
    text: Mapped[str]
    kept_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Round(Base):
    """One fielding of a survey: a period, an instrument version, and the gate it had to pass to open."""

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("survey_id", "code"),
        CheckConstraint(one_of("purpose", Purpose), "purpose_is_known"),
        CheckConstraint(one_of("status", RoundStatus), "status_is_known"),
        CheckConstraint(
            "status = 'draft' OR purpose <> 'production'"
            " OR (decision_number IS NOT NULL AND survey_plan IS NOT NULL)",
            "production_needs_decision_and_plan",
        ),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", "closed_has_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    instrument_version_id: Mapped[int] = mapped_column(ForeignKey("instrument_version.id"))
    code: Mapped[str] = mapped_column(String(64))
    title: Mapped[dict[str, Any]] = mapped_column(comment="by language")
    purpose: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(10), default=RoundStatus.DRAFT)
    time_period: Mapped[str] = mapped_column(String(20), comment="SDMX TIME_PERIOD, such as 2026 or 2018-Q4")
    decision_number: Mapped[str | None] = mapped_column(String(100))
    survey_plan: Mapped[str | None] = mapped_column(
        String(500), comment="phương án điều tra: file or address"
    )
    project_token: Mapped[str] = mapped_column(String(64), unique=True, comment="OpenRosa project address")
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    deidentify_at: Mapped[datetime | None] = mapped_column(
        comment="what came before it cannot be withdrawn from then on; empty: from the next signing of figures"
    )
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    survey: Mapped[Survey] = relationship()
    instrument_version: Mapped[InstrumentVersion] = relationship()

    @property
    def is_preview(self) -> bool:
        """Whether it only serves to try a questionnaire out."""
        return self.purpose == Purpose.PREVIEW

    @property
    def is_synthetic(self) -> bool:
        """Whether its answers were generated; every page and figure must say so."""
        return self.purpose == Purpose.DEMONSTRATION

    @property
    def is_open(self) -> bool:
        return self.status == RoundStatus.OPEN

    @property
    def withdraw_until(self) -> datetime | None:
        """An instant of the last day on which answers can be withdrawn; None: until figures are signed next."""
        if self.deidentify_at is None or self.deidentify_at <= datetime.now(UTC):
            return None
        return self.deidentify_at - A_MOMENT
