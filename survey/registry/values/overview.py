"""Which administrative lines have which values, and what waits for whom."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from survey.extensions import db
from survey.registry.models import Indicator
from survey.registry.periods import read_period
from survey.registry.service import LineOn, line_on, search
from survey.registry.values.finding import WAITING
from survey.registry.values.models import AdministrativeValue, ImportStatus, ValueImport

ADMINISTRATIVE = "administrative data"


@dataclass(frozen=True)
class LineValues:
    """An administrative line, who leads it today, its last public value, and how many wait."""

    on: LineOn
    last: AdministrativeValue | None
    waiting: int

    @property
    def line(self) -> Indicator:
        """The registry line."""
        return self.on.line


CHOICES: dict[str, tuple[str, Callable[[LineValues], bool]]] = {
    "": ("Tất cả", lambda row: True),
    "thieu": ("Chưa có số", lambda row: row.last is None),
    "cho": ("Đang chờ", lambda row: row.waiting > 0),
    "khong-chu": ("Không có cơ quan chủ trì", lambda row: not row.on.owners),
}


def lines(words: str, chosen: str, today: date) -> list[LineValues]:
    """The administrative lines that match words and choice, in the order of the documents."""
    values: dict[int, list[AdministrativeValue]] = {}
    for value in db.session.scalars(select(AdministrativeValue)):
        values.setdefault(value.indicator_id, []).append(value)
    rows = [
        _row(line_on(line, today), values.get(line.id, []))
        for line in search(words, ADMINISTRATIVE, with_dates=True)
    ]
    _, wanted = CHOICES.get(chosen, CHOICES[""])
    return [row for row in rows if wanted(row)]


def _row(on: LineOn, values: list[AdministrativeValue]) -> LineValues:
    public = [value for value in values if value.current]
    last = max(public, key=lambda value: read_period(value.time_period).end, default=None)
    return LineValues(on, last, sum(value.status in WAITING for value in values))


def waiting() -> list[AdministrativeValue]:
    """What is not public yet, the longest waiting first."""
    query = select(AdministrativeValue).where(AdministrativeValue.status.in_(WAITING))
    return list(db.session.scalars(query.order_by(AdministrativeValue.id).options(
        selectinload(AdministrativeValue.indicator), selectinload(AdministrativeValue.agency)
    )))  # fmt: skip


def seen_imports() -> list[ValueImport]:
    """Files that were looked at and neither taken in nor dropped."""
    query = select(ValueImport).where(ValueImport.status == ImportStatus.SEEN)
    return list(db.session.scalars(query.order_by(ValueImport.id.desc()).limit(10)))
