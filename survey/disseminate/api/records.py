"""The API's answers about administrative values: what is public of them, and nothing else."""

from msgspec import UNSET
from sqlalchemy import select

from survey.cases.models import Area
from survey.disseminate.api.answers import page_of
from survey.disseminate.api.entities import (
    LARGEST_ID,
    AdministrativeValue,
    NoQuery,
    Page,
    Place,
    ReportedBy,
    ValueQuery,
)
from survey.errors import NotFound
from survey.extensions import db
from survey.registry.models import Indicator
from survey.registry.values import models
from survey.signoff.models import SignOffStatus

PUBLIC = (SignOffStatus.PUBLISHED, SignOffStatus.WITHDRAWN)


def values(query: ValueQuery) -> Page[AdministrativeValue]:
    """The public values that a query asks for, in the order in which they were entered."""
    wanted = select(models.AdministrativeValue).where(models.AdministrativeValue.status.in_(PUBLIC))
    if query.registry_code is not UNSET:
        wanted = wanted.join(Indicator).where(Indicator.code == query.registry_code)
    if query.area is not UNSET:
        wanted = wanted.join(Area).where(Area.code == query.area)
    if query.time_period is not UNSET:
        wanted = wanted.where(models.AdministrativeValue.time_period == query.time_period)
    if query.current:
        wanted = wanted.where(models.AdministrativeValue.current)
    return page_of(wanted, models.AdministrativeValue.id, query, lambda rows: [_value(row) for row in rows])


def value(query: NoQuery, number: int) -> AdministrativeValue:
    """The public value of this number, also one that was replaced or withdrawn."""
    found = db.session.get(models.AdministrativeValue, number) if number <= LARGEST_ID else None
    if found is None or found.status not in PUBLIC:
        raise NotFound(f"Không có số liệu hành chính số {number}.", "Lấy số ở /api/v1/administrative-values.")
    return _value(found)


def _value(row: models.AdministrativeValue) -> AdministrativeValue:
    shown = row.status == SignOffStatus.PUBLISHED
    return AdministrativeValue(
        id=row.id,
        registry_code=row.indicator.code,
        area=Place(row.area.kind, row.area.code, row.area.full_name),
        time_period=row.time_period,
        value=row.value if shown else None,
        numerator=row.numerator if shown else None,
        denominator=row.denominator if shown else None,
        text=row.text if shown else "",
        unit=row.unit,
        source=ReportedBy(row.agency.name, row.source_number, row.source_date),
        note=row.note,
        status="published" if shown else "withdrawn",
        current=row.current,
        revises=row.revises_id,
        revision_note=row.revision_note,
        withdrawal_note=row.public_note,
        synthetic=row.is_synthetic,
        published_at=row.published_at,
    )
