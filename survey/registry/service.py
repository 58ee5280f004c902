"""Find lines of the indicator registry, and what held for them on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from survey.errors import NotFound
from survey.extensions import db
from survey.registry.loading import headline, load_registry, whole
from survey.registry.models import (
    Agency,
    Indicator,
    IndicatorDefinition,
    IndicatorOwner,
    IndicatorTarget,
)
from survey.text import plain

__all__ = [
    "abolished_owners",
    "find_indicator",
    "line_on",
    "load_registry",
    "owners_on",
    "provinces_of",
    "search",
]


def find_indicator(code: str) -> Indicator:
    """The registry line of this code; raise `NotFound`."""
    indicator = db.session.scalar(select(Indicator).where(Indicator.code == code))
    if indicator is None:
        raise NotFound(f"Danh mục không có chỉ tiêu {code}.", "Tìm ở trang danh mục chỉ tiêu.")
    return indicator


def provinces_of(codes: Iterable[str | None]) -> dict[str, str]:
    """Whose plan set each registry line's target: provinces that merged later had targets of their own."""
    known = [code for code in codes if code]
    lines = db.session.scalars(select(Indicator).where(Indicator.code.in_(known)))
    return {line.code: line.province for line in lines}


def owners_on(indicator: Indicator, day: date) -> list[IndicatorOwner]:
    """Who leads the indicator on a day; empty where an owner was abolished and nobody was named since."""
    return [
        owner
        for owner in indicator.owners
        if (owner.valid_from is None or owner.valid_from <= day)
        and (owner.valid_to is None or day < owner.valid_to)
    ]


def lines_of(codes: Iterable[str]) -> list[Indicator]:
    """The registry lines of these codes, in the order of the documents."""
    query = select(Indicator).where(Indicator.code.in_(set(codes))).order_by(Indicator.position)
    return list(db.session.scalars(query))


def search(words: str = "", measured_by: str = "", *, with_dates: bool = False) -> list[Indicator]:
    """Registry lines whose name has every word, diacritics or not, in the order of the documents.

    `with_dates` brings their owners, definitions and targets along, for who will ask each line for them.
    """
    query = select(Indicator).order_by(Indicator.position)
    if with_dates:
        query = query.options(*whole())
    for word in plain(words).split():
        query = query.where(Indicator.search_name.contains(word, autoescape=True))
    if measured_by:
        query = query.where(Indicator.measured_by == measured_by)
    return list(db.session.scalars(query))


def abolished_owners(indicator: Indicator, day: date) -> list[IndicatorOwner]:
    """Who led the indicator and ended before that day without a successor: that part of it has no owner."""
    return [
        owner
        for owner in indicator.owners
        if owner.valid_to is not None and owner.valid_to <= day and owner.agency.successor is None
    ]


@dataclass(frozen=True)
class LineOn:
    """A registry line as it was on a day; `headline` is the target that a figure of that day is held against."""

    line: Indicator
    day: date
    definition: IndicatorDefinition | None
    targets: list[IndicatorTarget]
    headline: IndicatorTarget | None
    owners: list[IndicatorOwner]
    abolished: list[IndicatorOwner]

    @property
    def is_unnamed(self) -> bool:
        """Whether the documents name nobody to lead the line."""
        return not self.line.owners

    @property
    def is_orphaned(self) -> bool:
        """Whether all who led it are gone and nobody succeeded them."""
        return bool(self.abolished) and not self.owners


def line_on(indicator: Indicator, day: date) -> LineOn:
    """What the documents said about a line on a day."""
    holding = [
        version
        for version in indicator.definitions
        if version.valid_from <= day and (version.valid_to is None or day < version.valid_to)
    ]
    return LineOn(
        line=indicator,
        day=day,
        definition=holding[-1] if holding else None,
        targets=[target for target in indicator.targets if target.holds_on(day)],
        headline=headline(indicator.targets, day),
        owners=owners_on(indicator, day),
        abolished=abolished_owners(indicator, day),
    )


def agencies_on(day: date) -> list[Agency]:
    """The agencies that exist on a day, by name."""
    query = select(Agency).order_by(Agency.name)
    return [
        agency
        for agency in db.session.scalars(query)
        if (agency.valid_from is None or agency.valid_from <= day)
        and (agency.valid_to is None or day < agency.valid_to)
    ]
