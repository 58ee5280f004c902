"""What each agency has still to get: figures that are new to it, revised or withdrawn since its last delivery."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from survey.delivery.models import Change, Delivery, DeliveryLine
from survey.disseminate import service
from survey.disseminate.models import Observation
from survey.extensions import db
from survey.formats import local_day
from survey.registry.models import Agency, Indicator
from survey.registry.service import owners_on
from survey.rounds.models import Purpose

STATISTICS_OFFICE = "thong-ke-tinh"
"""Gets every estimate, as the plans assign it (KH 54, IV.13)."""
DELIVERED = frozenset({Purpose.PRODUCTION, Purpose.DEMONSTRATION})
"""Surveys recomputed for verification are another country's: nobody here owns them."""
Series = tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One figure to deliver, and the one delivered before that it replaces."""

    observation: Observation
    change: Change
    replaces: Observation | None = None


@dataclass(frozen=True)
class Queue:
    """What an agency is to get next; generated figures and real ones queue apart."""

    agency: Agency
    is_synthetic: bool
    lines: Sequence[Line]

    def of(self, change: Change) -> list[Line]:
        """The lines of one kind."""
        return [line for line in self.lines if line.change == change]

    @property
    def counts(self) -> dict[Change, int]:
        """How many lines of each kind there are, kinds without any left out."""
        return {change: len(lines) for change in Change if (lines := self.of(change))}


@dataclass(frozen=True)
class Orphan:
    """A registry line with published figures whose owner ended without a successor."""

    indicator: Indicator
    figures: int
    last_owners: Sequence[str]


def series_of(observation: Observation) -> Series:
    """What a figure is about: a later figure of the same series revises it."""
    return (
        observation.survey,
        observation.indicator,
        observation.ref_area,
        observation.time_period,
        observation.dimension or "",
        observation.level or "",
        str(observation.is_synthetic),
    )


def queues() -> list[Queue]:
    """Everything that waits, agency by agency in the order of the registry, the statistics office first."""
    found = [
        _queue(agency, own, synthetic) for agency, own in shares().items() for synthetic in (False, True)
    ]
    return [queue for queue in found if queue.lines]


def queue_of(agency: Agency, *, is_synthetic: bool) -> Queue:
    """What one agency is to get next, perhaps nothing."""
    return _queue(agency, shares().get(agency, []), is_synthetic)


def shares() -> dict[Agency, list[Observation]]:
    """The current figures of each agency that has any or had any: its own lines, the statistics office all."""
    figures = _deliverable()
    office = db.session.scalar(select(Agency).where(Agency.code == STATISTICS_OFFICE))
    found: dict[Agency, list[Observation]] = {office: figures} if office else {}
    owners = _owners(figures)
    for figure in figures:
        for agency in owners[figure.id]:
            if agency != office:
                found.setdefault(agency, []).append(figure)
    had = select(Agency).where(Agency.id.in_(select(Delivery.agency_id))).order_by(Agency.id)
    for agency in db.session.scalars(had):
        found.setdefault(agency, [])
    return found


def orphans() -> list[Orphan]:
    """Registry lines with current figures that nobody led on the day of publication."""
    figures = [figure for figure in _deliverable() if figure.registry_code]
    owners, lines = _owners(figures), _lines(figures)
    counts: dict[str, int] = {}
    for figure in figures:
        if not owners[figure.id] and figure.registry_code in lines:
            counts[figure.registry_code] = counts.get(figure.registry_code, 0) + 1
    return [Orphan(lines[code], count, _last_owners(lines[code])) for code, count in sorted(counts.items())]


def _last_owners(line: Indicator) -> list[str]:
    ends = [owner.valid_to for owner in line.owners if owner.valid_to]
    return [owner.agency.name for owner in line.owners if ends and owner.valid_to == max(ends)]


def _deliverable() -> list[Observation]:
    return [figure for figure in service.current() if figure.purpose in DELIVERED]


def _lines(figures: Iterable[Observation]) -> dict[str, Indicator]:
    codes = {figure.registry_code for figure in figures if figure.registry_code}
    return {
        line.code: line for line in db.session.scalars(select(Indicator).where(Indicator.code.in_(codes)))
    }


def _owners(figures: Sequence[Observation]) -> dict[int, list[Agency]]:
    """By figure, who led its line on the day it was published."""
    lines = _lines(figures)
    found = {}
    for figure in figures:
        line = lines.get(figure.registry_code or "")
        dated = owners_on(line, local_day(figure.published_at)) if line else []
        found[figure.id] = [owner.agency for owner in dated]
    return found


def _queue(agency: Agency, own: Sequence[Observation], is_synthetic: bool) -> Queue:
    had = _had(agency)
    lines = [
        *_changed(own, had),
        *_withdrawn({series_of(figure) for figure in own}, had),
    ]
    return Queue(
        agency, is_synthetic, [line for line in lines if line.observation.is_synthetic == is_synthetic]
    )


def _had(agency: Agency) -> Mapping[Series, DeliveryLine]:
    """By series, the last that the agency was told of it."""
    query = (
        select(DeliveryLine)
        .join(Delivery)
        .where(Delivery.agency_id == agency.id)
        .order_by(Delivery.id, DeliveryLine.position)
    )
    return {series_of(line.observation): line for line in db.session.scalars(query)}


def _changed(own: Iterable[Observation], had: Mapping[Series, DeliveryLine]) -> Iterable[Line]:
    for figure in own:
        before = had.get(series_of(figure))
        if before is None or before.change == Change.WITHDRAWN:
            yield Line(figure, Change.NEW)
        elif before.observation_id != figure.id:
            yield Line(figure, Change.REVISED, before.observation)


def _withdrawn(there: set[Series], had: Mapping[Series, DeliveryLine]) -> Iterable[Line]:
    """What was delivered and is public no more, with nothing in its place.

    A line that only changed hands is not withdrawn: its figure is still current.
    """
    for series, line in had.items():
        if series not in there and line.change != Change.WITHDRAWN and not line.observation.current:
            yield Line(line.observation, Change.WITHDRAWN)
