"""Areas with their dates, samples, and the cases of a round."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.extensions import Base
from survey.rounds.models import Round, one_of


class AreaKind(StrEnum):
    PROVINCE = "province"
    PROVINCE_OLD = "province_old"
    DISTRICT_OLD = "district_old"
    COMMUNE = "commune"
    COMMUNE_OLD = "commune_old"
    AGGLOMERATE = "agglomerate"


class Area(Base):
    """A place with the dates between which it exists. Codes are re-used across kinds; match on both."""

    __tablename__ = "area"
    __table_args__ = (
        UniqueConstraint("kind", "code"),
        CheckConstraint(one_of("kind", AreaKind), "kind_is_known"),
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from < valid_to", "dates_in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(20), comment="GSO code, or that of the survey's own areas")
    name: Mapped[str] = mapped_column(String(200))
    full_name: Mapped[str] = mapped_column(String(200))
    search_name: Mapped[str] = mapped_column(String(200), index=True, comment="lower case, no diacritics")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None] = mapped_column(comment="first day on which it no longer exists")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="size, census figures, legal clause")

    parent: Mapped["Area | None"] = relationship(remote_side=[id])


class AreaLink(Base):
    """The dated crosswalk: which area passed into which, whole or in part."""

    __tablename__ = "area_link"
    __table_args__ = (
        UniqueConstraint("predecessor_id", "successor_id"),
        CheckConstraint("relation IN ('whole', 'part')", "relation_is_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    predecessor_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    successor_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    relation: Mapped[str] = mapped_column(String(5))
    since: Mapped[date]
    basis: Mapped[str] = mapped_column(String(200), comment="legal clause")

    predecessor: Mapped[Area] = relationship(foreign_keys=[predecessor_id])
    successor: Mapped[Area] = relationship(foreign_keys=[successor_id])


class Disposition(StrEnum):
    """Final disposition codes of AAPOR (Standard Definitions, household surveys)."""

    PENDING = "0.0"
    COMPLETE = "1.1"
    PARTIAL = "1.2"
    REFUSAL = "2.11"
    NON_CONTACT = "2.2"
    UNKNOWN = "3.1"
    INELIGIBLE = "4.7"


class Sample(Base):
    """A drawn sample: how it was drawn is kept, so that it can be drawn again."""

    __tablename__ = "sample"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), unique=True)
    method: Mapped[dict[str, Any]] = mapped_column(
        comment="stages, allocation, sizes, seed, frame and its hash"
    )
    drawn_at: Mapped[datetime] = mapped_column(server_default=func.now())

    round: Mapped[Round] = relationship()


class Case(Base):
    """A sampled unit in one round, with its inclusion probability and how the contact went."""

    __tablename__ = "survey_case"
    __table_args__ = (
        UniqueConstraint("round_id", "unit"),
        CheckConstraint(one_of("disposition", Disposition), "disposition_is_known"),
        CheckConstraint("probability > 0 AND probability <= 1", "probability_in_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    code: Mapped[str] = mapped_column(String(12), unique=True, comment="short code a person can type")
    token: Mapped[str] = mapped_column(String(64), unique=True, comment="secret of the invitation link")
    unit: Mapped[str] = mapped_column(String(64), comment="key of the unit in the frame")
    stratum: Mapped[str] = mapped_column(String(64))
    psu: Mapped[str] = mapped_column(String(64))
    probability: Mapped[float] = mapped_column(comment="inclusion probability over all stages")
    frame_data: Mapped[dict[str, Any]] = mapped_column(comment="what the frame knows: district, area_type, …")
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    disposition: Mapped[str] = mapped_column(String(5), default=Disposition.PENDING)
    disposition_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship()
    area: Mapped[Area | None] = relationship()
