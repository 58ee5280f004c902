"""The figures that were public on a day, and the lines of the plans with what is known of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from survey.cases.models import AreaKind
from survey.disseminate.models import Observation, Release
from survey.disseminate.wording import breakdown
from survey.extensions import db
from survey.formats import LOCAL_TIME
from survey.registry.models import Indicator, IndicatorOwner
from survey.registry.service import owners_on
from survey.registry.values.models import AdministrativeValue
from survey.rounds.models import Purpose

ANNEX = "Phụ lục"


@dataclass(frozen=True)
class Line:
    """A line of a plan on a day: its figure for the whole province, that of the territory that set the target, and
    what agencies reported of it, which is no survey figure.
    """

    indicator: Indicator
    owners: Sequence[IndicatorOwner]
    figure: Observation | None
    in_territory: Observation | None
    reported: Sequence[AdministrativeValue] = ()

    @property
    def judged(self) -> Observation | None:
        """The figure that the verdict is of: where the target was set, if the sample tells that apart."""
        return self.in_territory or self.figure


def end_of(day: date) -> datetime:
    """The last moment of a day in Vietnam."""
    return datetime.combine(day + timedelta(days=1), time.min, LOCAL_TIME).astimezone(UTC)


def published_on(day: date, year: int) -> list[Observation]:
    """The observations of a year that were public at the end of a day, whatever has replaced them since."""
    query = (
        select(Observation)
        .join(Observation.release)
        .options(joinedload(Observation.release))
        .where(
            Observation.time_period == str(year),
            Observation.purpose != Purpose.VERIFICATION,
            Release.published_at < end_of(day),
        )
        .order_by(Observation.id)
    )
    found = list(db.session.scalars(query))
    newest: dict[str, Release] = {}
    for figure in found:
        known = newest.setdefault(figure.survey, figure.release)
        if _published(figure.release) > _published(known):
            newest[figure.survey] = figure.release
    return [
        figure
        for figure in found
        if newest[figure.survey] is figure.release and not _withdrawn(figure.release, end_of(day))
    ]


def _withdrawn(release: Release, moment: datetime) -> bool:
    return release.withdrawn_at is not None and release.withdrawn_at < moment


def _published(release: Release) -> datetime:
    assert release.published_at is not None
    return release.published_at


def annex(figures: Sequence[Observation], year: int, day: date) -> list[Line]:
    """The lines of the annex of targets in the order of the document, with what is known of them for a year."""
    query = select(Indicator).where(Indicator.document.contains(ANNEX)).order_by(Indicator.position)
    held = [figure for figure in figures if figure.definition.get("held_against_target")]
    totals = {figure.registry_code: figure for figure in held if figure.dimension is None}
    placed = {figure.registry_code: figure for figure in held if _is_the_plans_territory(figure)}
    reported = _reported(year, day)
    return [
        Line(
            line,
            owners_on(line, day),
            totals.get(line.code),
            placed.get(line.code),
            reported.get(line.id, []),
        )
        for line in db.session.scalars(query)
    ]


def _reported(year: int, day: date) -> dict[int, list[AdministrativeValue]]:
    """The administrative values of a year that were public at the end of a day, by line; the newest of each."""
    query = (
        select(AdministrativeValue)
        .where(
            AdministrativeValue.time_period.startswith(str(year)),
            AdministrativeValue.published_at < end_of(day),
            AdministrativeValue.withdrawn_at.is_(None) | (AdministrativeValue.withdrawn_at >= end_of(day)),
        )
        .order_by(AdministrativeValue.published_at, AdministrativeValue.id)
    )
    newest = {
        (value.indicator_id, value.area_id, value.time_period): value for value in db.session.scalars(query)
    }
    found: dict[int, list[AdministrativeValue]] = {}
    for (line, _, _), value in sorted(newest.items()):
        found.setdefault(line, []).append(value)
    return found


def _is_the_plans_territory(figure: Observation) -> bool:
    if figure.dimension is None or figure.target is None:
        return False
    return breakdown(figure).get("areas") == AreaKind.PROVINCE_OLD
