"""The indicator registry with its dates: who leads which line of which plan, and since when."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.extensions import Base


class Agency(Base):
    """A body that owns indicators, with the dates of its name and its successor."""

    __tablename__ = "agency"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    basis: Mapped[str] = mapped_column(
        String(500), default="", comment="where the dates come from, with its mark"
    )

    successor: Mapped["Agency | None"] = relationship(remote_side=[id])


class LegalDocument(Base):
    """A document that sets lines or is cited as their basis; number, date or title empty where not told."""

    __tablename__ = "legal_document"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(50))
    number: Mapped[str] = mapped_column(String(100), default="")
    dated: Mapped[date | None]
    issuer: Mapped[str] = mapped_column(String(200), default="")
    title: Mapped[str] = mapped_column(String(500), default="")
    mark: Mapped[str] = mapped_column(String(1), comment="R: read at the source, M: from memory")
    note: Mapped[str] = mapped_column(String(500), default="")

    @property
    def name(self) -> str:
        """As people cite it: "Kế hoạch 43/KH-UBND"."""
        return f"{self.kind} {self.number}".strip()


class Indicator(Base):
    """One line of the provinces' plans: what is to be reached, by when, by whom, under which document."""

    __tablename__ = "indicator"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True, comment="registry id such as KH54-37")
    position: Mapped[int] = mapped_column(comment="order in the registry file")
    parent_row: Mapped[str] = mapped_column(String(64))
    name: Mapped[dict[str, Any]] = mapped_column(comment="by language; the document's exact words in vi")
    search_name: Mapped[str] = mapped_column(String(2000), comment="lower case, no diacritics")
    group: Mapped[str] = mapped_column(String(100), name="topic")
    province: Mapped[str] = mapped_column(String(100))
    unit: Mapped[str] = mapped_column(String(100))
    target_op: Mapped[str | None] = mapped_column(String(20), comment=">=, >, =, <=, range, tăng")
    target_value: Mapped[float | None]
    target_text: Mapped[str] = mapped_column(String(500), comment="as the document writes it")
    target_year: Mapped[str] = mapped_column(String(100))
    legal_basis: Mapped[str] = mapped_column(String(1000))
    document: Mapped[str] = mapped_column(String(1000))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("legal_document.id"))
    basis_id: Mapped[int | None] = mapped_column(ForeignKey("legal_document.id"))
    measured_by: Mapped[str] = mapped_column(String(100))
    facts: Mapped[dict[str, Any]] = mapped_column(
        comment="numerator, denominator, standards, source line, notes"
    )

    owners: Mapped[list["IndicatorOwner"]] = relationship(
        back_populates="indicator", order_by="IndicatorOwner.id", cascade="all, delete-orphan"
    )
    definitions: Mapped[list["IndicatorDefinition"]] = relationship(
        back_populates="indicator",
        order_by="IndicatorDefinition.valid_from",
        cascade="all, delete-orphan",
    )
    targets: Mapped[list["IndicatorTarget"]] = relationship(
        back_populates="indicator",
        order_by="(IndicatorTarget.valid_from, IndicatorTarget.id)",
        cascade="all, delete-orphan",
    )
    given_by: Mapped[LegalDocument | None] = relationship(foreign_keys=[document_id])
    basis: Mapped[LegalDocument | None] = relationship(foreign_keys=[basis_id])

    @property
    def is_task(self) -> bool:
        """Whether the document sets work to be done and no figure."""
        return self.measured_by == "not a statistic"

    @property
    def is_administrative(self) -> bool:
        """Whether its values come from the records of its owner and no survey can give them."""
        return self.measured_by == "administrative data"


class IndicatorOwner(Base):
    """Which agency leads an indicator, between which dates."""

    __tablename__ = "indicator_owner"
    __table_args__ = (UniqueConstraint("indicator_id", "agency_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    basis: Mapped[str] = mapped_column(String(500), default="", comment="document that names the owner")

    indicator: Mapped[Indicator] = relationship(back_populates="owners")
    agency: Mapped[Agency] = relationship()


class IndicatorDefinition(Base):
    """What a line means between two days. Empty: the document does not say; "na": it does not apply."""

    __tablename__ = "indicator_definition"
    __table_args__ = (
        UniqueConstraint("indicator_id", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", "dates_in_order"),
        CheckConstraint("mark IN ('R', 'M')", "mark_is_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None] = mapped_column(comment="first day on which it no longer holds")
    text: Mapped[str] = mapped_column(String(2000), comment="in words, where somebody wrote it down")
    population: Mapped[str] = mapped_column(String(500))
    age: Mapped[str] = mapped_column(String(50))
    reference_period: Mapped[str] = mapped_column(String(20), comment="P3M, P12M, P1Y, interview")
    numerator: Mapped[str] = mapped_column(String(500))
    denominator: Mapped[str] = mapped_column(String(500))
    missing: Mapped[str] = mapped_column(String(20), comment="keep or drop: in the denominator or not")
    unit: Mapped[str] = mapped_column(String(100))
    periodicity: Mapped[str] = mapped_column(String(20), comment="yearly, half-yearly, quarterly")
    measured_with: Mapped[str] = mapped_column(
        String(200), comment="survey/indicator; empty: no questionnaire"
    )
    source: Mapped[str] = mapped_column(String(500))
    mark: Mapped[str] = mapped_column(String(1), comment="R: read at the source, M: from memory")
    note: Mapped[str] = mapped_column(String(1000), default="")

    indicator: Mapped[Indicator] = relationship(back_populates="definitions")


class IndicatorTarget(Base):
    """What a line is to reach by when, as one document set it; a later document may supersede it."""

    __tablename__ = "indicator_target"
    __table_args__ = (
        UniqueConstraint("indicator_id", "year", "document_id"),
        CheckConstraint("value IS NULL OR low IS NULL AND high IS NULL", "one_value_or_a_range"),
        CheckConstraint("(low IS NULL) = (high IS NULL) AND low <= high", "range_in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("legal_document.id"))
    year: Mapped[str] = mapped_column(String(100), comment="as the document writes it")
    due_year: Mapped[int | None] = mapped_column(comment="last year named; empty where none is")
    operator: Mapped[str | None] = mapped_column(String(20), comment=">=, >, =, <=, range, tăng")
    value: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    text: Mapped[str] = mapped_column(String(500), comment="as the document writes it")
    valid_from: Mapped[date]
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("indicator_target.id"))
    note: Mapped[str] = mapped_column(String(500), default="")

    indicator: Mapped[Indicator] = relationship(back_populates="targets")
    document: Mapped[LegalDocument] = relationship()
    superseded_by: Mapped["IndicatorTarget | None"] = relationship(remote_side=[id])

    def holds_on(self, day: date) -> bool:
        """Whether it is set and not yet superseded on a day."""
        return self.valid_from <= day and (self.superseded_by is None or day < self.superseded_by.valid_from)
