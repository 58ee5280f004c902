"""What a run changes in figures that were published before, and the public note that it then needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from survey.disseminate.models import Observation
from survey.errors import Fault
from survey.extensions import db
from survey.process.models import Estimate, Run
from survey.signoff.service import written

TOLERANCE = 1e-12
"""Greatest relative difference that still is the same figure; as in `reproduction`."""
UNPUBLISHABLE = "unpublishable"

Place = tuple[str, str | None, str | None]


class NoteMissing(Fault):
    """Published figures change, and nobody says why."""

    title = "Thiếu ghi chú sửa số liệu"


@dataclass(frozen=True)
class Change:
    """A published figure and what stands in its place: another number, or None for none."""

    before: Observation
    after: float | None


def same_figures(run: Run) -> tuple[ColumnElement[bool], ...]:
    """Conditions of the observations of the run's survey and period, current or not."""
    return (
        Observation.survey == run.round.survey.code,
        Observation.time_period == run.round.time_period,
    )


def figures_before(run: Run) -> dict[Place, Observation]:
    """The last published observation of each figure of the run's survey and period, also one withdrawn since."""
    rows = db.session.scalars(select(Observation).where(*same_figures(run)).order_by(Observation.id))
    return {_place(row): row for row in rows}


def changes(run: Run) -> list[Change]:
    """The published figures that would say something else, or nothing, after this run is published."""
    return list(_changes(figures_before(run), {_place(row): row for row in run.estimates}))


def _changes(before: Mapping[Place, Observation], after: Mapping[Place, Estimate]) -> Iterator[Change]:
    for place, old in before.items():
        new = _shown(after.get(place))
        if old.is_withdrawn or differs(old.obs_value, new):
            yield Change(old, new)


def _shown(estimate: Estimate | None) -> float | None:
    return None if estimate is None or estimate.quality == UNPUBLISHABLE else estimate.value


def differs(one: float | None, other: float | None) -> bool:
    """Whether two figures, or a figure and none, are not the same."""
    if one is None or other is None:
        return one is not other
    return abs(one - other) > TOLERANCE * max(abs(one), abs(other))


def checked_note(run: Run, note: str) -> str:
    """The note as it is kept, empty when nothing changes; raise `NoteMissing` when one is needed."""
    if note.strip():
        return written(note, "ghi chú sửa số liệu")
    if changed := changes(run):
        raise NoteMissing(
            f"Lượt {run.id} thay đổi {len(changed)} số đã công bố của kỳ {run.round.time_period}.",
            "Ghi chú công khai: số nào thay đổi và vì sao (--revision-note ở dòng lệnh).",
        )
    return ""


def follow(observation: Observation, before: Mapping[Place, Observation]) -> None:
    """Tie a new figure to the one that was published before it."""
    if (old := before.get(_place(observation))) is not None:
        observation.replaces = old
        observation.revised = old.is_withdrawn or differs(old.obs_value, observation.obs_value)


def _place(row: Observation | Estimate) -> Place:
    return row.indicator, row.dimension, row.level
