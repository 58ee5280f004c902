"""Snapshots, runs and the estimates they made."""

import math
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Float, ForeignKey, String, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.accounts.models import User
from survey.extensions import Base
from survey.rounds.models import Round, one_of


class RunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WEIGHTED = "weighted"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class EventKind(StrEnum):
    """`step`: a piece of the work, with its beginning and end; the others are moments."""

    REQUESTED = "requested"
    STARTED = "started"
    STEP = "step"
    RESUMED = "resumed"
    CANCELLED = "cancelled"
    RETRIED = "retried"
    FAILED = "failed"
    DONE = "done"


class MethodKind(StrEnum):
    """What a run works out besides its direct estimates."""

    CHANGE = "change"
    SMALL_AREA = "small_area"
    OPT_IN = "opt_in"


class Snapshot(Base):
    """An immutable copy of a round's complete responses, one Parquet file a level, named by its hash."""

    __tablename__ = "snapshot"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    hash: Mapped[str] = mapped_column(String(64), unique=True, comment="SHA-256 over the tables' contents")
    folder: Mapped[str] = mapped_column(String(500))
    rows: Mapped[dict[str, Any]] = mapped_column(comment="number of rows by level")
    taken_at: Mapped[datetime] = mapped_column(server_default=func.now())

    round: Mapped[Round] = relationship()


class Run(Base):
    """One weighting or estimation of a snapshot by a recipe; its log holds each step's diagnostics."""

    __tablename__ = "run"
    __table_args__ = (
        CheckConstraint(one_of("status", RunStatus), "status_is_known"),
        CheckConstraint(
            "status <> 'done' OR (finished_at IS NOT NULL AND snapshot_id IS NOT NULL)", "done_has_result"
        ),
        CheckConstraint("progress BETWEEN 0 AND 1", "progress_is_a_share"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    snapshot_id: Mapped[int | None] = mapped_column(ForeignKey("snapshot.id"))
    recipe: Mapped[dict[str, Any]] = mapped_column(comment="indicators, design and controls as used")
    recipe_hash: Mapped[str] = mapped_column(String(64))
    recipe_number: Mapped[int] = mapped_column(
        default=0, server_default="0", comment="the survey's recipe version; 0: the questionnaire's own plan"
    )
    code_version: Mapped[str] = mapped_column(String(64), comment="git commit or package version")
    status: Mapped[str] = mapped_column(String(10), default=RunStatus.QUEUED)
    progress: Mapped[float] = mapped_column(default=0.0)
    message: Mapped[str] = mapped_column(String(1000), default="")
    detail: Mapped[str] = mapped_column(String(1000), default="", comment="technical text behind a failure")
    log: Mapped[list[Any]] = mapped_column(default=list, comment="a record per weighting step")
    edits: Mapped[list[Any]] = mapped_column(default=list, comment="a record per edit rule: what it found")
    editing: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default="{}", comment="how many values were corrected and imputed"
    )
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    requested_at: Mapped[datetime] = mapped_column(server_default=func.now())
    queued_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="when it was asked for, or asked for again"
    )
    attempts: Mapped[int] = mapped_column(
        default=0, server_default="0", comment="how often a worker has begun it since then"
    )
    finished_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship()
    snapshot: Mapped[Snapshot | None] = relationship()
    requested_by: Mapped[User | None] = relationship()
    estimates: Mapped[list["Estimate"]] = relationship(
        back_populates="run", cascade="all, delete-orphan", order_by="Estimate.id"
    )
    events: Mapped[list["RunEvent"]] = relationship(
        back_populates="run", cascade="all, delete-orphan", order_by="RunEvent.id"
    )
    results: Mapped[list["MethodResult"]] = relationship(
        back_populates="run", cascade="all, delete-orphan", order_by="MethodResult.id"
    )


class RunEvent(Base):
    """What happened to a run, in order: who asked, when each step began and ended, why it stopped."""

    __tablename__ = "run_event"
    __table_args__ = (
        CheckConstraint(one_of("kind", EventKind), "kind_is_known"),
        CheckConstraint("(kind = 'step') = (step <> '')", "step_has_name"),
        CheckConstraint("ended_at >= began_at", "ends_after_it_began"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    step: Mapped[str] = mapped_column(String(200), default="")
    began_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    ended_at: Mapped[datetime | None] = mapped_column(comment="of a step; empty: it goes on, or was cut off")
    rows: Mapped[int | None] = mapped_column(BigInteger, comment="records that the step worked on")
    message: Mapped[str] = mapped_column(String(1000), default="")
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id"), comment="who did it; empty: the system"
    )

    run: Mapped[Run] = relationship(back_populates="events")
    user: Mapped[User | None] = relationship()

    @property
    def seconds(self) -> float | None:
        """How long a step took; None while it goes on or where it was cut off."""
        return (self.ended_at - self.began_at).total_seconds() if self.ended_at else None


class Estimate(Base):
    """One figure of a run: an indicator for one domain, with its error, in the unit of the indicator."""

    __tablename__ = "estimate"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    indicator: Mapped[str] = mapped_column(String(64), comment="code in indicators.yaml")
    dimension: Mapped[str | None] = mapped_column(String(64), comment="breakdown variable; empty: total")
    level: Mapped[str | None] = mapped_column(String(64), comment="code of the breakdown's level")
    value: Mapped[float] = mapped_column(Float)
    std_error: Mapped[float]
    ci_low: Mapped[float]
    ci_high: Mapped[float]
    cv: Mapped[float | None] = mapped_column(comment="standard error over estimate, as a share")
    df: Mapped[float]
    deff: Mapped[float | None]
    n: Mapped[int]
    n_psu: Mapped[int]
    quality: Mapped[str] = mapped_column(String(20), comment="good, caution or unpublishable, by design.yaml")
    notes: Mapped[list[str]] = mapped_column(ARRAY(String(200)), default=list)

    run: Mapped[Run] = relationship(back_populates="estimates")

    @property
    def has_limits(self) -> bool:
        """Whether the sample reaches both limits of the interval; a median's it may not."""
        return math.isfinite(self.ci_low) and math.isfinite(self.ci_high)


class MethodResult(Base):
    """What one named method made of one indicator, or the reason why it made nothing.

    Apart from `Estimate`, so that nobody who publishes direct estimates takes a modelled figure for one.
    """

    __tablename__ = "method_result"
    __table_args__ = (
        UniqueConstraint("run_id", "kind", "indicator"),
        CheckConstraint(one_of("kind", MethodKind), "kind_is_known"),
        CheckConstraint("reason = '' OR lines::text = '[]'", "refused_has_no_lines"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(12))
    indicator: Mapped[str] = mapped_column(String(64), comment="code in indicators.yaml")
    method: Mapped[str] = mapped_column(String(64), comment="name of the method in the recipe")
    reason: Mapped[str] = mapped_column(String(1000), default="", comment="why there is no figure")
    lines: Mapped[list[Any]] = mapped_column(default=list, comment="a record per domain")
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="diagnostics of the whole")

    run: Mapped[Run] = relationship(back_populates="results")
