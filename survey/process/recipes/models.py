"""Versions of a survey's weighting recipe, and the population totals that they weight to."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.accounts.models import User
from survey.extensions import Base
from survey.rounds.models import InstrumentVersion, Survey, one_of


class RecipeVersion(Base):
    """A recipe as somebody saved it: never changed afterwards. Number 0 is the questionnaire's own plan."""

    __tablename__ = "recipe_version"
    __table_args__ = (
        UniqueConstraint("survey_id", "number"),
        CheckConstraint("number > 0", "number_zero_is_the_questionnaires"),
        CheckConstraint("based_on >= 0 AND based_on < number", "based_on_is_earlier"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    instrument_version_id: Mapped[int] = mapped_column(
        ForeignKey("instrument_version.id"), comment="against whose variables it was checked"
    )
    number: Mapped[int] = mapped_column(comment="1, 2, … within the survey")
    text: Mapped[str] = mapped_column(Text, comment="YAML as it was written, with its comments")
    document: Mapped[dict[str, Any]] = mapped_column(comment="what the text says")
    hash: Mapped[str] = mapped_column(String(64), comment="SHA-256 of the document")
    note: Mapped[str] = mapped_column(String(500), comment="what it changes and why")
    based_on: Mapped[int] = mapped_column(comment="number of the version that it was written from")
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    saved_at: Mapped[datetime] = mapped_column(server_default=func.now())

    survey: Mapped[Survey] = relationship()
    instrument_version: Mapped[InstrumentVersion] = relationship()
    saved_by: Mapped[User] = relationship()


class ControlStatus(StrEnum):
    OFFICIAL = "official"
    TEST = "test"


class PopulationBase(StrEnum):
    """Whom a list of totals counts. Those of one family may stand for each other, those of two never."""

    CENSUS = "census"
    RESIDENT = "resident"
    REGISTERED = "registered"
    ECONOMIC_CENSUS = "economic_census"
    BUSINESS_REGISTER = "business_register"

    @property
    def family(self) -> str:
        """The base that it may stand for: a census counts usual residents."""
        return PopulationBase.RESIDENT if self == PopulationBase.CENSUS else self


class ControlSet(Base):
    """Population totals as they were brought in, with who says so, for which day and of whom."""

    __tablename__ = "control_set"
    __table_args__ = (
        UniqueConstraint("survey_id", "number"),
        CheckConstraint(one_of("status", ControlStatus), "status_is_known"),
        CheckConstraint(one_of("population_base", PopulationBase), "population_base_is_known"),
        CheckConstraint("(accepted_at IS NULL) = (accepted_by_id IS NULL)", "accepted_by_somebody"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    number: Mapped[int] = mapped_column(comment="1, 2, … within the survey")
    file: Mapped[str] = mapped_column(
        String(100), comment="the questionnaire's file it stands for, as controls.csv"
    )
    source: Mapped[str] = mapped_column(String(500), comment="who published the totals, and where")
    reference_date: Mapped[date] = mapped_column(comment="the day that they hold for")
    population_base: Mapped[str] = mapped_column(String(20))
    population: Mapped[str] = mapped_column(String(300), comment="who is counted, as persons aged 15+")
    status: Mapped[str] = mapped_column(String(10))
    hash: Mapped[str] = mapped_column(String(64), comment="SHA-256 of the totals")
    imported_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    imported_at: Mapped[datetime] = mapped_column(server_default=func.now())
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    accepted_at: Mapped[datetime | None] = mapped_column(
        comment="when somebody had seen the differences and kept it; recipes use no other"
    )

    survey: Mapped[Survey] = relationship()
    imported_by: Mapped[User] = relationship(foreign_keys=[imported_by_id])
    accepted_by: Mapped[User | None] = relationship(foreign_keys=[accepted_by_id])
    totals: Mapped[list["ControlTotal"]] = relationship(
        cascade="all, delete-orphan", order_by="ControlTotal.id"
    )


class ControlTotal(Base):
    """How many units of the population are of one level of a margin."""

    __tablename__ = "control_total"
    __table_args__ = (
        UniqueConstraint("control_set_id", "margin", "level"),
        # to PostgreSQL, NaN is larger than every number
        CheckConstraint("total >= 0 AND total < 'Infinity'::float8", "total_is_a_count"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    control_set_id: Mapped[int] = mapped_column(ForeignKey("control_set.id", ondelete="CASCADE"))
    margin: Mapped[str] = mapped_column(String(200), comment="a variable, or several as sex:area_type")
    level: Mapped[str] = mapped_column(String(200), comment="code; empty for the total of a number")
    total: Mapped[float]
