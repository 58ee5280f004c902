"""People, their roles, and the trail of what they did."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, String, func
from sqlalchemy.orm import Mapped, mapped_column

from survey.extensions import Base


class Role(StrEnum):
    """What a person may do; see `survey.accounts.service.ALLOWED`."""

    ENUMERATOR = "enumerator"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    STATISTICIAN = "statistician"
    CASEWORKER = "caseworker"
    ADMIN = "admin"


class User(UserMixin, Base):
    """A member of staff. Respondents never have an account."""

    __tablename__ = "user_account"
    __table_args__ = (
        CheckConstraint("username = lower(username)", "username_is_lower_case"),
        CheckConstraint(f"role IN ({', '.join(repr(str(role)) for role in Role)})", "role_is_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    full_name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(255), comment="argon2id")
    active: Mapped[bool] = mapped_column(default=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @property
    def is_active(self) -> bool:
        """Flask-Login's name for `active`."""
        return self.active


class AuditEvent(Base):
    """Who did what to which object, and when; written in the transaction of the deed, never changed."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), comment="empty: the system")
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(200), comment="kind:key of what was acted on")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="never answers or contact data")
