"""The columns of whatever goes to the public by two signatures, and the rules that the database holds them to."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from survey.accounts.models import User
from survey.rounds.models import one_of


class SignOffStatus(StrEnum):
    DRAFT = "draft"
    CHECKED = "checked"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class SignOff:
    """Mixin: a draft, checked and put forward by one person, approved by another, published, perhaps withdrawn.

    A model that takes it adds `*sign_off_rules()` to its `__table_args__`, names itself by `sign_off_kind` and
    `sign_off_name`, and moves by `survey.signoff.service` only. `propose_deed` and `sign_deed` are keys of
    `survey.accounts.service.ALLOWED`: who may put it forward; who may sign, send back, put off and withdraw it.
    """

    sign_off_kind: ClassVar[str]
    """First part of the audit trail's actions and subject: `release` gives `release.approve`."""
    propose_deed: ClassVar[str] = "publish"
    sign_deed: ClassVar[str] = "publish"

    status: Mapped[str] = mapped_column(String(10), default=SignOffStatus.DRAFT)
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    proposed_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[datetime | None]
    embargo_until: Mapped[datetime | None] = mapped_column(comment="public from then on; empty: at once")
    published_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(
        String(1000), default="", comment="of what was sent back, put off or withdrawn; for the office only"
    )
    public_note: Mapped[str] = mapped_column(
        String(1000), default="", comment="of a withdrawal, as all may read"
    )

    @declared_attr
    def proposed_by(cls) -> Mapped[User | None]:
        return _person(cls, "proposed_by_id")

    @declared_attr
    def approved_by(cls) -> Mapped[User | None]:
        return _person(cls, "approved_by_id")

    @declared_attr
    def withdrawn_by(cls) -> Mapped[User | None]:
        return _person(cls, "withdrawn_by_id")

    @property
    def sign_off_name(self) -> str:
        """How sentences name it, at their start: `Lượt 3`."""
        raise NotImplementedError

    @property
    def sign_off_subject(self) -> str:
        """What the audit trail calls it; `kind:id` unless a model has a better name."""
        return f"{self.sign_off_kind}:{self.id}"  # type: ignore[attr-defined]


def _person(model: type, column: str) -> Mapped[User | None]:
    return relationship(User, foreign_keys=lambda: [getattr(model, column)])


def sign_off_rules() -> tuple[CheckConstraint, ...]:
    """The table constraints of `SignOff`: each state has its people and times, and nobody signs alone."""
    signed = "status IN ('approved', 'published', 'withdrawn')"
    public = "status IN ('published', 'withdrawn')"
    rules = {
        "status_is_known": one_of("status", SignOffStatus),
        "draft_has_no_signature": f"(status = 'draft') = (proposed_by_id IS NULL) AND {_together('proposed')}",
        "approved_has_signature": f"({signed}) = (approved_by_id IS NOT NULL) AND {_together('approved')}",
        "four_eyes": "approved_by_id <> proposed_by_id",
        "published_has_time": f"({public}) = (published_at IS NOT NULL)",
        "embargo_is_kept": "embargo_until IS NULL OR (approved_by_id IS NOT NULL"
        " AND (published_at IS NULL OR published_at >= embargo_until))",
        "withdrawn_says_why": f"(status = 'withdrawn') = (withdrawn_by_id IS NOT NULL) AND {_together('withdrawn')}"
        " AND (status <> 'withdrawn' OR (reason <> '' AND public_note <> ''))",
    }
    return tuple(CheckConstraint(rule, name) for name, rule in rules.items())


def _together(deed: str) -> str:
    return f"({deed}_by_id IS NULL) = ({deed}_at IS NULL)"
