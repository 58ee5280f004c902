"""What was published before: figures that were replaced, and figures that were withdrawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import aliased

from survey import formats
from survey.disseminate.models import Observation, Release
from survey.errors import Fault
from survey.extensions import db
from survey.signoff.models import SignOffStatus

MOST = 50
"""Figures that a history shows at most; none has been revised so often."""


class Withdrawn(Fault):
    """What was at this address was taken back, and nothing replaces it yet."""

    status = HTTPStatus.GONE
    title = "Số liệu đã rút lại"

    def __init__(self, figure: Observation) -> None:
        super().__init__(
            f"Số liệu kỳ {figure.time_period} đã rút lại lúc {formats.datetime(figure.release.withdrawn_at)}:"
            f" {figure.release.public_note}",
            "Số thay thế, khi có, được công bố ở địa chỉ này.",
        )


@dataclass(frozen=True)
class Former:
    """An old figure, the one that took its place, and the public note that says why."""

    figure: Observation
    replaced_by: Observation
    note: str


def former_figures(figure: Observation) -> list[Former]:
    """The figure as it was published before, the latest first."""
    return list(islice(_former(figure), MOST))


def _former(figure: Observation) -> Iterator[Former]:
    newer = figure
    while (old := newer.replaces) is not None:
        notes = (old.release.public_note if old.is_withdrawn else "", newer.release.revision_note)
        yield Former(old, newer, " ".join(note for note in notes if note))
        newer = old


def revisions(figure: Observation) -> list[Former]:
    """The former figures that said something else: what a reader of the present figure should know."""
    return [former for former in former_figures(figure) if former.replaced_by.revised]


def replaced_by(figure: Observation) -> Observation | None:
    """The figure that took the place of this one; None while nothing did."""
    query = select(Observation).where(Observation.replaces_id == figure.id)
    return db.session.scalars(query.order_by(Observation.id.desc())).first()


def present(figure: Observation) -> Observation | None:
    """The figure that stands today where this one stood; None when it is this one, or there is none."""
    newest = figure
    for _ in range(MOST):
        if (following := replaced_by(newest)) is None:
            break
        newest = following
    return newest if newest is not figure and newest.current else None


def withdrawn_of(code: str) -> list[Observation]:
    """The totals of an indicator, by its code or registry line, that were taken back and not replaced yet."""
    return _withdrawn(or_(Observation.indicator == code, Observation.registry_code == code))


def withdrawn_in(survey: str) -> list[Observation]:
    """The same for all indicators of a survey."""
    return _withdrawn(Observation.survey == survey)


def _withdrawn(those: ColumnElement[bool]) -> list[Observation]:
    later = aliased(Observation)
    query = (
        select(Observation)
        .join(Release)
        .where(
            those,
            Observation.dimension.is_(None),
            Release.status == SignOffStatus.WITHDRAWN,
            ~exists().where(later.replaces_id == Observation.id),
        )
    )
    return list(db.session.scalars(query.order_by(Observation.id.desc())))
