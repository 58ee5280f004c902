"""What may be told of all messages together: rounded counts, medians and means of enough messages, chosen texts.

Disclosure: every count, totals too, is rounded by itself to a multiple of the smallest cell, and counts below it are
told as "below". As totals are rounded as well, no hidden number follows from the others by subtraction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, extract, func, literal_column, select

from survey.cases.models import Area
from survey.extensions import db
from survey.formats import LOCAL_TIME
from survey.voice.lists import fields, rules
from survey.voice.models import Kind, Screening, Status, VoiceSubmission

DAY_SECONDS = 86_400
MOST_TEXTS = 50
# Messages of this channel that count: looked at, not taken back, and each matter once.
COUNTED = (
    VoiceSubmission.screening == Screening.CLEAR,
    VoiceSubmission.status != Status.WITHDRAWN,
    VoiceSubmission.duplicate_of_id.is_(None),
)
STATUSES = tuple(status for status in Status if status != Status.WITHDRAWN)


@dataclass(frozen=True)
class Cell:
    """A group and its rounded count, None where it is below the smallest that may be told."""

    key: str
    name: str
    count: int | None


@dataclass(frozen=True)
class Mean:
    """A mean (or median) and the rounded number of messages behind it; None of too few."""

    value: float | None
    n: int | None


@dataclass(frozen=True)
class Summary:
    """Everything that the public page and its files say."""

    total: int | None
    is_empty: bool
    by_field: tuple[Cell, ...]
    by_kind: tuple[Cell, ...]
    by_status: tuple[Cell, ...]
    by_month: tuple[Cell, ...]
    by_commune: tuple[Cell, ...]
    median_days: Mean
    mean_rating: Mean
    mean_satisfaction: Mean
    smallest: int
    is_synthetic: bool

    @property
    def tables(self) -> Mapping[str, tuple[Cell, ...]]:
        """The counts by what they are grouped by."""
        names = ("field", "kind", "status", "month", "commune")
        return {name: getattr(self, f"by_{name}") for name in names}


@dataclass(frozen=True)
class PublishedText:
    """A text that staff chose to publish, with the month in which it came, so that nobody can place the day."""

    field: str
    commune: str
    month: str
    text: str
    answer: str


def rounded(count: int) -> int | None:
    """A count as it is told."""
    cell = rules().smallest_cell
    return None if count < cell else (count + cell // 2) // cell * cell


def summarise() -> Summary:
    """The numbers of now."""
    total = db.session.scalar(select(func.count()).where(*COUNTED)) or 0
    made = select(VoiceSubmission.id).where(*COUNTED, VoiceSubmission.is_synthetic)
    return Summary(
        total=rounded(total),
        is_empty=total == 0,
        by_field=_cells(VoiceSubmission.field, list(fields())),
        by_kind=_cells(VoiceSubmission.kind, list(Kind)),
        by_status=_cells(VoiceSubmission.status, list(STATUSES)),
        by_month=_months(),
        by_commune=_communes(),
        median_days=_mean(func.percentile_cont(0.5).within_group(_days()), VoiceSubmission.answered_at),
        mean_rating=_mean(func.avg(VoiceSubmission.rating), VoiceSubmission.rating),
        mean_satisfaction=_mean(func.avg(VoiceSubmission.satisfaction), VoiceSubmission.satisfaction),
        smallest=rules().smallest_cell,
        is_synthetic=db.session.scalar(made.limit(1)) is not None,
    )


def _counts(group: ColumnElement[Any] | Any) -> dict[Any, int]:
    query: Select[Any] = select(group, func.count()).where(*COUNTED).group_by(group)
    return dict(db.session.execute(query).all())


def _cells(column: Any, keys: Sequence[str]) -> tuple[Cell, ...]:
    counts = _counts(column)
    return tuple(Cell(key, "", rounded(counts.get(key, 0))) for key in keys)


def _months() -> tuple[Cell, ...]:
    """Every month from the first to the last, at the province's clock."""
    month = func.to_char(func.timezone(_zone(), VoiceSubmission.created_at), literal_column("'YYYY-MM'"))
    counts = _counts(month)
    return tuple(Cell(key, "", rounded(counts.get(key, 0))) for key in _from_to(sorted(counts)))


def _zone() -> ColumnElement[Any]:
    # A literal, as the same parameter given twice is not the same expression to GROUP BY.
    return literal_column(f"'{LOCAL_TIME.key}'")


def _from_to(months: Sequence[str]) -> list[str]:
    if not months:
        return []
    first, last = (date.fromisoformat(f"{month}-01") for month in (months[0], months[-1]))
    span = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{number // 12}-{number % 12 + 1:02}" for number in span]


def _communes() -> tuple[Cell, ...]:
    """Only those with enough messages, most first: which have one or two is nobody's business."""
    query = (
        select(Area.code, Area.full_name, func.count())
        .select_from(VoiceSubmission)
        .join(Area, VoiceSubmission.area_id == Area.id)
        .where(*COUNTED)
        .group_by(Area.code, Area.full_name)
        .having(func.count() >= rules().smallest_cell)
        .order_by(func.count().desc(), Area.full_name)
    )
    cells = [Cell(code, name, rounded(count)) for code, name, count in db.session.execute(query)]
    return tuple(sorted(cells, key=lambda cell: (-(cell.count or 0), cell.name)))


def _days() -> ColumnElement[Any]:
    return extract("epoch", VoiceSubmission.answered_at - VoiceSubmission.created_at) / DAY_SECONDS


def _mean(measure: ColumnElement[Any], known: Any) -> Mean:
    query = select(measure, func.count(known)).where(*COUNTED, known.is_not(None))
    value, n = db.session.execute(query).one()
    return Mean(None, None) if rounded(n) is None else Mean(float(value), rounded(n))


def published_texts() -> list[PublishedText]:
    """What staff chose to publish, newest first."""
    query = (
        select(VoiceSubmission)
        .where(*COUNTED, VoiceSubmission.public_text.is_not(None))
        .order_by(VoiceSubmission.published_at.desc())
        .limit(MOST_TEXTS)
    )
    return [
        PublishedText(
            field=found.field,
            commune=found.area.full_name if found.area else "",
            month=f"{found.created_at.astimezone(LOCAL_TIME):%m/%Y}",
            text=found.public_text or "",
            answer=found.public_answer or "",
        )
        for found in db.session.scalars(query)
    ]
