"""The answers of the API, read from observations and the registry only."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import request
from msgspec import UNSET, Struct, structs
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from survey.disseminate import models
from survey.disseminate.api.entities import (
    LARGEST_ID,
    Indicator,
    IndicatorQuery,
    NoQuery,
    Observation,
    ObservationQuery,
    Owner,
    Page,
    Target,
    Withdrawal,
)
from survey.errors import NotFound
from survey.extensions import db
from survey.registry import models as lines
from survey.registry import service as registry
from survey.text import plain

TOTAL = "total"
FILTERS = ("indicator", "registry_code", "survey", "time_period", "level")


def observations(query: ObservationQuery) -> Page[Observation]:
    """The figures that a query asks for, in the order in which they were published."""
    wanted = select(models.Observation)
    for name in FILTERS:
        if (value := getattr(query, name)) is not UNSET:
            wanted = wanted.where(getattr(models.Observation, name) == value)
    if query.breakdown is not UNSET:
        dimension = None if query.breakdown == TOTAL else query.breakdown
        wanted = wanted.where(models.Observation.dimension.is_not_distinct_from(dimension))
    if query.current:
        wanted = wanted.where(models.Observation.current)
    return page_of(
        wanted.options(joinedload(models.Observation.release)), models.Observation.id, query, _observations
    )


def observation(query: NoQuery, number: int) -> Observation:
    """The figure of this number, also one that was replaced."""
    found = db.session.get(models.Observation, number) if number <= LARGEST_ID else None
    if found is None:
        raise NotFound(f"Không có số liệu số {number}.", "Lấy số ở /api/v1/observations.")
    return _observations([found])[0]


def indicators(query: IndicatorQuery) -> Page[Indicator]:
    """The registry lines that a query asks for, in the order of the documents."""
    wanted = select(lines.Indicator)
    for word in plain(query.search).split():
        wanted = wanted.where(lines.Indicator.search_name.contains(word, autoescape=True))
    if query.measured_by is not UNSET:
        wanted = wanted.where(lines.Indicator.measured_by == query.measured_by)
    return page_of(wanted, lines.Indicator.position, query, lambda rows: [_indicator(row) for row in rows])


def indicator(query: NoQuery, code: str) -> Indicator:
    """The registry line of this code."""
    return _indicator(registry.find_indicator(code))


def page_of(wanted: Select[Any], key: Any, query: Any, made: Any) -> Page[Any]:
    """One page after the key given; one row more than asked for tells whether another follows."""
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = list(db.session.scalars(wanted.where(key > query.after).order_by(key).limit(query.limit + 1)))
    shown = rows[: query.limit]
    following = _address(query, getattr(shown[-1], key.key)) if len(rows) > query.limit else None
    return Page(made(shown), total, following)


def _address(query: Struct, after: int) -> str:
    """This address with the same filters, from another place on."""
    asked = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in structs.asdict(query).items()
        if value is not UNSET and value != ""
    }
    return f"{request.base_url}?{urlencode({**asked, 'after': after})}"


def _observations(rows: Sequence[models.Observation]) -> list[Observation]:
    """Figures with what replaced them, in one query more."""
    key = models.Observation.replaces_id
    later = (
        select(key, func.max(models.Observation.id)).where(key.in_([row.id for row in rows])).group_by(key)
    )
    following = dict(db.session.execute(later).all())
    return [_observation(row, following.get(row.id)) for row in rows]


def _observation(row: models.Observation, replaced_by: int | None) -> Observation:
    shared = {name: getattr(row, name) for name in _SHARED}
    if row.is_withdrawn:
        shared |= dict.fromkeys(NUMBERS) | {"obs_status": WITHHELD}
    return Observation(
        **shared,
        revision_note=row.release.revision_note or None,
        replaces=row.replaces_id,
        replaced_by=replaced_by,
        withdrawn=_withdrawal(row.release) if row.is_withdrawn else None,
        label=row.definition["label"],
        breakdown=row.dimension,
        target_operator=row.target_op,
        synthetic=row.is_synthetic,
    )


def _withdrawal(release: models.Release) -> Withdrawal:
    assert release.withdrawn_at is not None
    return Withdrawal(release.withdrawn_at, release.public_note)


WITHHELD = "L"
NUMBERS = ("obs_value", "std_error", "ci_low", "ci_high", "cv", "df", "deff", "verdict")
"""What is not told of a withdrawn figure; how many answered says nothing about the population."""
_MADE = {
    "label", "breakdown", "target_operator", "synthetic", "revision_note", "replaces", "replaced_by", "withdrawn",
}  # fmt: skip
_SHARED = set(Observation.__struct_fields__) - _MADE


def _indicator(row: lines.Indicator) -> Indicator:
    return Indicator(
        code=row.code,
        position=row.position,
        name={language: text for language, text in row.name.items() if text},
        topic=row.group,
        province=row.province,
        unit=row.unit,
        target=Target(row.target_op, row.target_value, row.target_text, row.target_year),
        legal_basis=row.legal_basis,
        document=row.document,
        measured_by=row.measured_by,
        owners=[Owner(owner.agency.name, owner.valid_from, owner.valid_to) for owner in row.owners],
        facts=row.facts,
    )
