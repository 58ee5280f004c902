"""The indicator registry with its dates: who leads which line of which plan, and since when."""

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
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
    measured_by: Mapped[str] = mapped_column(String(100))
    facts: Mapped[dict[str, Any]] = mapped_column(
        comment="numerator, denominator, standards, source line, notes"
    )

    owners: Mapped[list["IndicatorOwner"]] = relationship(back_populates="indicator")


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
