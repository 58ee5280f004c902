"""Administrative values on their way to the public, the papers they come from, and files waiting to be taken in."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.accounts.models import User
from survey.cases.models import Area
from survey.extensions import Base
from survey.registry.models import Agency, Indicator
from survey.rounds.models import one_of
from survey.signoff.models import SignOff, SignOffStatus, sign_off_rules


class SourcePaper(Base):
    """The agency's document as it was attached: nobody but staff may open it."""

    __tablename__ = "source_paper"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    hash: Mapped[str] = mapped_column(String(64), unique=True, comment="SHA-256 of the content")
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    attached_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    attached_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AdministrativeValue(SignOff, Base):
    """What an agency reports of one line, area and period: a value, a count out of a count, or words."""

    __tablename__ = "administrative_value"
    __table_args__ = (
        *sign_off_rules(),
        CheckConstraint("value IS NOT NULL OR text <> ''", "says_something"),
        CheckConstraint("(numerator IS NULL) = (denominator IS NULL)", "pair_is_whole"),
        CheckConstraint("numerator >= 0 AND denominator > 0 AND numerator <= denominator", "part_of_whole"),
        CheckConstraint("NOT current OR status = 'published'", "current_is_public"),
        Index(
            "uq_administrative_value_public",
            "indicator_id", "area_id", "time_period",
            unique=True, postgresql_where="current",
        ),
        Index(
            "uq_administrative_value_waiting",
            "indicator_id", "area_id", "time_period",
            unique=True, postgresql_where="status IN ('draft', 'checked', 'approved')",
        ),
    )  # fmt: skip
    sign_off_kind = "administrative_value"
    propose_deed = "keep_values"

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), comment="led the line on source_date")
    time_period: Mapped[str] = mapped_column(String(20), comment="2026, 2026-S1, 2026-Q3, 2026-09")
    value: Mapped[float | None]
    numerator: Mapped[float | None]
    denominator: Mapped[float | None]
    text: Mapped[str] = mapped_column(String(500), default="", comment="where the report gives words")
    decimals: Mapped[int] = mapped_column(default=0, comment="with which the value was reported")
    unit: Mapped[str] = mapped_column(String(100))
    source_number: Mapped[str] = mapped_column(String(100))
    source_date: Mapped[date]
    note: Mapped[str] = mapped_column(String(1000), default="", comment="for all to read")
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("source_paper.id"))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("value_import.id"))
    revises_id: Mapped[int | None] = mapped_column(ForeignKey("administrative_value.id"))
    revision_note: Mapped[str] = mapped_column(
        String(1000), default="", comment="why the published value is changed, for all to read"
    )
    current: Mapped[bool] = mapped_column(default=False, comment="public and not replaced or withdrawn")
    is_synthetic: Mapped[bool] = mapped_column(default=False)
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    entered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revision: Mapped[int] = mapped_column(comment="two windows cannot overwrite each other")

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy's name and form

    indicator: Mapped[Indicator] = relationship()
    area: Mapped[Area] = relationship()
    agency: Mapped[Agency] = relationship()
    paper: Mapped[SourcePaper | None] = relationship()
    revises: Mapped["AdministrativeValue | None"] = relationship(remote_side=[id])
    entered_by: Mapped[User | None] = relationship(foreign_keys=[entered_by_id])

    @property
    def sign_off_name(self) -> str:
        """How sentences name it."""
        return f"Số liệu {self.indicator.code} kỳ {self.time_period}"

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed: nobody has put it forward."""
        return self.status == SignOffStatus.DRAFT


class ImportStatus(StrEnum):
    SEEN = "seen"
    TAKEN = "taken"
    DROPPED = "dropped"


class ValueImport(Base):
    """A file of values that somebody looks at before it is taken in, whole or not at all."""

    __tablename__ = "value_import"
    __table_args__ = (CheckConstraint(one_of("status", ImportStatus), "status_is_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10), default=ImportStatus.SEEN)
    notice: Mapped[str] = mapped_column(String(500), default="", comment="of the file's code page")
    rows: Mapped[list[Any]] = mapped_column(comment="pairs of row number and cells by column")
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("source_paper.id"))
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    uploaded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]

    uploaded_by: Mapped[User] = relationship()
    paper: Mapped[SourcePaper | None] = relationship()
