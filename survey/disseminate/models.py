"""Releases, and the immutable observations that they publish."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.extensions import Base
from survey.process.models import Run
from survey.process.units import Unit, unit_of
from survey.rounds.models import one_of
from survey.signoff.models import SignOff, SignOffStatus, sign_off_rules


class Release(SignOff, Base):
    """A run on its way to the public: put forward by one statistician, signed by another."""

    __tablename__ = "release"
    __table_args__ = sign_off_rules()
    sign_off_kind = "release"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), unique=True)
    revision_note: Mapped[str] = mapped_column(
        String(1000), default="", comment="what changed in published figures and why, as all may read"
    )
    supersede_newer: Mapped[bool] = mapped_column(
        default=False, comment="the signer wants it also in place of a newer run's figures"
    )

    run: Mapped[Run] = relationship()

    @property
    def sign_off_name(self) -> str:
        return f"Lượt {self.run_id}"

    @property
    def sign_off_subject(self) -> str:
        return f"run:{self.run_id}"


class Verdict(StrEnum):
    """Whether a target is met, judged by the interval and never by the point estimate alone."""

    MET = "met"
    NOT_MET = "not_met"
    UNDECIDED = "undecided"


class Observation(Base):
    """One published figure with its lineage; never changed, only superseded by a later release."""

    __tablename__ = "observation"
    __table_args__ = (
        CheckConstraint("verdict IS NULL OR " + one_of("verdict", Verdict), "verdict_is_known"),
        CheckConstraint("(obs_value IS NULL) = (obs_status = 'L')", "missing_has_no_value"),
        Index("ix_observation_indicator", "indicator", "time_period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    survey: Mapped[str] = mapped_column(String(64), comment="survey code; with it the SDMX dataflow")
    indicator: Mapped[str] = mapped_column(String(64), comment="code in indicators.yaml")
    registry_code: Mapped[str | None] = mapped_column(String(64), comment="registry line it measures")
    ref_area: Mapped[str] = mapped_column(String(20))
    time_period: Mapped[str] = mapped_column(String(20))
    dimension: Mapped[str | None] = mapped_column(String(64), comment="breakdown; empty: total")
    level: Mapped[str | None] = mapped_column(String(64))
    unit_measure: Mapped[str] = mapped_column(String(20), comment="PT: percent")
    obs_value: Mapped[float | None]
    std_error: Mapped[float | None]
    ci_low: Mapped[float | None]
    ci_high: Mapped[float | None]
    cv: Mapped[float | None]
    df: Mapped[float | None]
    deff: Mapped[float | None]
    n: Mapped[int]
    obs_status: Mapped[str] = mapped_column(
        String(2), comment="SDMX CL_OBS_STATUS: A normal, U low reliability, L not published"
    )
    conf_status: Mapped[str] = mapped_column(String(2), comment="SDMX CL_CONF_STATUS: F free, C confidential")
    target: Mapped[float | None]
    target_op: Mapped[str | None] = mapped_column(String(20))
    verdict: Mapped[str | None] = mapped_column(String(10))
    is_synthetic: Mapped[bool]
    purpose: Mapped[str] = mapped_column(String(20), comment="of the round")
    current: Mapped[bool] = mapped_column(
        default=True, comment="false once a later release supersedes it, or it is withdrawn"
    )
    replaces_id: Mapped[int | None] = mapped_column(
        ForeignKey("observation.id"), index=True, comment="the same figure as it was published before"
    )
    revised: Mapped[bool] = mapped_column(
        default=False, comment="it says something else than what it replaces"
    )
    definition: Mapped[dict[str, Any]] = mapped_column(comment="indicator as defined for this figure")
    lineage: Mapped[dict[str, Any]] = mapped_column(
        comment="instrument, snapshot and recipe hashes, code version, run, people"
    )
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())

    release: Mapped[Release] = relationship()
    replaces: Mapped["Observation | None"] = relationship(remote_side=[id])

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was taken back: then its numbers are told to nobody any more."""
        return self.release.status == SignOffStatus.WITHDRAWN

    @property
    def unit(self) -> Unit:
        """How the figure is written: its unit in words and the decimals it is told with."""
        return unit_of(self.definition)
