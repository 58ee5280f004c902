"""The queue: which messages a person looks at, in which order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import selectinload

from survey.accounts.models import User
from survey.extensions import db
from survey.voice.models import OPEN, EventKind, Screening, Status, VoiceEvent, VoiceSubmission

PAGE_SIZE = 30
DONE = (Status.ANSWERED, Status.CLOSED, Status.WITHDRAWN)
TABS: dict[str, tuple[str, ColumnElement[bool]]] = {
    "mo": ("Cần xử lý", VoiceSubmission.status.in_(OPEN) & (VoiceSubmission.screening == Screening.CLEAR)),
    "nghi": ("Chờ xem có hợp lệ", VoiceSubmission.screening == Screening.SUSPECTED),
    "xong": ("Đã xong", VoiceSubmission.status.in_(DONE) & (VoiceSubmission.screening == Screening.CLEAR)),
    "rac": ("Thư rác", VoiceSubmission.screening == Screening.SPAM),
    "tat-ca": ("Tất cả", VoiceSubmission.id.is_not(None)),
}
FIRST_TAB = "mo"


@dataclass(frozen=True)
class Filters:
    """What to show; empty means any."""

    tab: str = FIRST_TAB
    status: str = ""
    field: str = ""
    kind: str = ""
    area_id: int | None = None
    office: str = ""
    overdue: bool = False
    mine: bool = False
    words: str = ""


@dataclass(frozen=True)
class Queue:
    """One page of messages, how many there are, and how many wait under each tab."""

    messages: list[VoiceSubmission]
    count: int
    page: int
    pages: int
    tabs: Mapping[str, tuple[str, int]]


def is_overdue(message: VoiceSubmission, now: datetime) -> bool:
    """Whether it should have been answered by now."""
    return message.is_open and message.answered_at is None and message.due_at < now


def selected(filters: Filters, user: User, now: datetime) -> Select[Any]:
    """The messages that pass, those that are due first."""
    conditions = [TABS[filters.tab][1]]
    for column, wanted in (
        (VoiceSubmission.status, filters.status),
        (VoiceSubmission.field, filters.field),
        (VoiceSubmission.kind, filters.kind),
        (VoiceSubmission.office, filters.office),
        (VoiceSubmission.area_id, filters.area_id),
    ):
        if wanted:
            conditions.append(column == wanted)
    if filters.mine:
        conditions.append(VoiceSubmission.assignee_id == user.id)
    if filters.overdue:
        conditions += [
            VoiceSubmission.status.in_(OPEN),
            VoiceSubmission.answered_at.is_(None),
            VoiceSubmission.due_at < now,
        ]
    if filters.words:
        conditions.append(_says(filters.words))
    order = VoiceSubmission.created_at.desc() if filters.tab in ("xong", "tat-ca") else VoiceSubmission.due_at
    return select(VoiceSubmission).where(*conditions).order_by(order, VoiceSubmission.id)


def _says(words: str) -> ColumnElement[bool]:
    """Holds these words, or has this number."""
    digits = words.upper().removeprefix("YK-")
    holds = VoiceSubmission.text.icontains(words, autoescape=True)
    if digits.isascii() and digits.isdigit() and len(digits) < 9:
        return or_(holds, VoiceSubmission.id == int(digits))
    return holds


def queue(filters: Filters, user: User, now: datetime, page: int) -> Queue:
    """One page of what passes."""
    query = selected(filters, user, now)
    count = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(1, -(-count // PAGE_SIZE))
    page = min(max(page, 1), pages)
    shown = query.options(
        selectinload(VoiceSubmission.area),
        selectinload(VoiceSubmission.assignee),
        selectinload(VoiceSubmission.photos),
    )
    messages = db.session.scalars(shown.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    return Queue(list(messages), count, page, pages, _tabs())


def _tabs() -> Mapping[str, tuple[str, int]]:
    counts = [func.count().filter(condition) for _, condition in TABS.values()]
    found = db.session.execute(select(*counts).select_from(VoiceSubmission)).one()
    return {tab: (name, n) for (tab, (name, _)), n in zip(TABS.items(), found, strict=True)}


def history(message: VoiceSubmission) -> list[VoiceEvent]:
    """All that happened to a message, notes too."""
    query = (
        select(VoiceEvent)
        .where(VoiceEvent.submission_id == message.id)
        .options(selectinload(VoiceEvent.user))
        .order_by(VoiceEvent.at, VoiceEvent.id)
    )
    return list(db.session.scalars(query))


def last_answer(events: list[VoiceEvent]) -> str:
    """The latest answer, as a start for what is published."""
    return next((event.text for event in reversed(events) if event.kind == EventKind.ANSWER), "")


def joined(message: VoiceSubmission) -> list[VoiceSubmission]:
    """The messages that were joined with this one."""
    query = select(VoiceSubmission).where(VoiceSubmission.duplicate_of_id == message.id)
    return list(db.session.scalars(query.order_by(VoiceSubmission.id)))
