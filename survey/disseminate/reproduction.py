"""A published figure computed again, from the snapshot and recipe in its lineage."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from math import inf, isfinite

from survey.disseminate.models import Observation, Reproduction
from survey.disseminate.service import NOT_PUBLISHED, find_figures
from survey.errors import Fault, NotFound
from survey.extensions import db
from survey.process.combining import estimate_repeats
from survey.process.completing import completed
from survey.process.course import Progress
from survey.process.estimation import Figure
from survey.process.folders import present
from survey.process.models import Run, Snapshot
from survey.process.service import LARGEST_ID, code_version, recipe_used
from survey.process.tables import content_hash, read_tables
from survey.process.weighting import weighted_design

TOLERANCE = 1e-12
"""Greatest relative difference that still counts as the same figure: sums may be taken in another order."""
PUBLISHED = {
    "obs_value": "value",
    "std_error": "std_error",
    "ci_low": "ci_low",
    "ci_high": "ci_high",
    "cv": "cv",
    "df": "df",
    "deff": "deff",
    "n": "n",
}
"""What an observation shows, and which part of the recomputed figure it is."""
ALWAYS_PUBLISHED = {"df", "n"}


class NotReproducible(Fault):
    title = "Không tính lại được số liệu"


@dataclass(frozen=True)
class Comparison:
    """A published figure beside the recomputed one; `difference` is the greatest relative one of its numbers."""

    observation: Observation
    recomputed: Figure | None
    difference: float

    @property
    def agrees(self) -> bool:
        """Whether the figure came out as it was published."""
        return self.difference <= TOLERANCE


def find_published(asked: str) -> list[Observation]:
    """The observation of this number, or an indicator's current ones; raise `NotFound`."""
    if not asked.isdecimal():
        return find_figures(asked)
    found = db.session.get(Observation, int(asked)) if int(asked) <= LARGEST_ID else None
    if found is None:
        raise NotFound(
            f"Không có số liệu số {asked}.", "Xem số ở nguồn gốc của số liệu, hoặc dùng mã chỉ tiêu."
        )
    return [found]


def reproduce(published: list[Observation], tell: Progress) -> list[Comparison]:
    """Compute figures again, run by run; raise `NotReproducible` where a snapshot is gone or was changed."""
    compared: list[Comparison] = []
    in_order = sorted(published, key=lambda one: (one.release.run_id, one.id))
    for run, figures in groupby(in_order, key=lambda one: one.release.run):
        wanted = list(figures)
        recomputed = dict(_recomputed(run, {one.indicator for one in wanted}, tell))
        compared.extend(_compare(one, recomputed) for one in wanted)
    return compared


def keep(compared: Iterable[Comparison], now: datetime | None = None) -> None:
    """Remember how figures came out, for their pages; the caller commits."""
    for one in compared:
        number = one.observation.id
        row = db.session.get(Reproduction, number) or Reproduction(observation_id=number)
        row.checked_at, row.agrees = now or datetime.now(UTC), one.agrees
        row.difference = one.difference if isfinite(one.difference) else None
        row.code_version = code_version()
        db.session.add(row)
    db.session.flush()


Place = tuple[str, str | None, str | None]


def _recomputed(run: Run, codes: set[str], tell: Progress) -> Iterator[tuple[Place, Figure]]:
    snapshot = _unchanged(run.snapshot)
    recipe = recipe_used(run)
    if recipe.hash != run.recipe_hash:
        raise NotReproducible(
            f"Phương án của lượt {run.id} không khớp mã băm.", "Báo người phụ trách dữ liệu."
        )
    wanted = [indicator for indicator in recipe.indicators if indicator.code in codes]
    repeats = completed(read_tables(snapshot), recipe).tables
    designs = {}
    for number, indicator in enumerate(wanted):
        tell(number / len(wanted), indicator.code)
        if indicator.level not in designs:
            level = recipe.levels[indicator.level]
            designs[indicator.level] = [weighted_design(tables, level, recipe)[0] for tables in repeats]
        for figure in estimate_repeats(designs[indicator.level], indicator, recipe):
            yield (figure.indicator, figure.dimension, figure.level), figure


def _unchanged(snapshot: Snapshot | None) -> Snapshot:
    """The snapshot, if its files are there and are those that were hashed."""
    if snapshot is None or not present(snapshot.folder).is_dir():
        raise NotReproducible(
            "Không còn bản chụp dữ liệu của số liệu này.", "Khôi phục thư mục KHAOSAT_FILES từ bản sao lưu."
        )
    if content_hash(present(snapshot.folder)) != snapshot.hash:
        raise NotReproducible(
            f"Bản chụp {snapshot.hash[:12]} đã bị thay đổi sau khi công bố.",
            "Khôi phục thư mục KHAOSAT_FILES từ bản sao lưu.",
        )
    return snapshot


def _compare(observation: Observation, recomputed: Mapping[Place, Figure]) -> Comparison:
    figure = recomputed.get((observation.indicator, observation.dimension, observation.level))
    if figure is None:
        return Comparison(observation, None, inf)
    shown = ALWAYS_PUBLISHED if observation.obs_status == NOT_PUBLISHED else PUBLISHED
    pairs = ((getattr(observation, name), getattr(figure, PUBLISHED[name])) for name in shown)
    return Comparison(observation, figure, max(_difference(a, b) for a, b in pairs))


def _difference(published: float | None, recomputed: float | None) -> float:
    """The relative difference of two numbers; 0 where both or neither is there."""
    if published == recomputed:
        return 0.0
    if published is None or recomputed is None:
        return inf
    return abs(published - recomputed) / max(abs(published), abs(recomputed))
