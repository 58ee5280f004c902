"""Releases of anonymised microdata, and their files."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.accounts.models import User
from survey.extensions import Base
from survey.process.models import Run
from survey.rounds.models import Round
from survey.signoff.models import SignOff, sign_off_rules


class MicrodataRelease(SignOff, Base):
    """One version of the anonymous file of a round's level; its files never change, a correction is a new version."""

    __tablename__ = "microdata_release"
    __table_args__ = (
        *sign_off_rules(),
        UniqueConstraint("round_id", "level", "version"),
        CheckConstraint("version > 0", "version_counts_from_one"),
        CheckConstraint("access IN ('public', 'terms')", "access_is_known"),
    )
    sign_off_kind = "microdata"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), comment="published run whose weights it has")
    level: Mapped[str] = mapped_column(String(64), comment="of design.yaml")
    version: Mapped[int]
    access: Mapped[str] = mapped_column(String(10), comment="public: at once; terms: after agreeing to them")
    plan: Mapped[dict[str, Any]] = mapped_column(comment="variables with roles and recodes, thresholds")
    report: Mapped[dict[str, Any]] = mapped_column(comment="disclosure report: risk before and after")
    facts: Mapped[dict[str, Any]] = mapped_column(comment="rows, columns, replicates, figures reproduced")
    folder: Mapped[str] = mapped_column(String(500))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())

    round: Mapped[Round] = relationship()
    run: Mapped[Run] = relationship()
    made_by: Mapped[User] = relationship(foreign_keys=[made_by_id])
    files: Mapped[list["MicrodataFile"]] = relationship(
        back_populates="release", cascade="all, delete-orphan", order_by="MicrodataFile.id"
    )

    @property
    def sign_off_name(self) -> str:
        """How sentences name it."""
        return f"Vi dữ liệu {self.round.survey.code}, {self.level}, phiên bản {self.version}"


class MicrodataFile(Base):
    """A file of a release, by its SHA-256."""

    __tablename__ = "microdata_file"
    __table_args__ = (UniqueConstraint("release_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("microdata_release.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(comment="bytes")
    sha256: Mapped[str] = mapped_column(String(64))

    release: Mapped[MicrodataRelease] = relationship(back_populates="files")
