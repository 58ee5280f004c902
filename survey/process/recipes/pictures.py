"""What a run's weighting did, step by step, as its recipe's page draws it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from survey.process.charts import WIDTH, Axis, Bar, axis

Record = Mapping[str, Any]


@dataclass(frozen=True)
class StepPicture:
    """One step: its record, and the weights before and after it on one scale; `before` is empty for the first."""

    record: Record
    scale: Axis | None
    before: tuple[Bar, ...]
    after: tuple[Bar, ...]
    before_record: Record | None

    @property
    def deff_change(self) -> float | None:
        """How much the step multiplied Kish's design effect."""
        before = self.before_record["kish_deff"] if self.before_record else None
        return self.record["kish_deff"] / before if before and self.record["kish_deff"] else None


@dataclass(frozen=True)
class LevelPicture:
    """The steps of one table of microdata, and the scale of their design effects."""

    name: str
    steps: tuple[StepPicture, ...]
    deff: Axis


def pictures(log: Iterable[Record]) -> list[LevelPicture]:
    """The pictures of a run's log, level by level in the order of its steps."""
    return [_level(name, list(records)) for name, records in groupby(log, key=lambda each: each["level"])]


def _level(name: str, records: list[Record]) -> LevelPicture:
    befores = [None, *records[:-1]]
    effects = [record["kish_deff"] for record in records if record["kish_deff"] is not None]
    steps = tuple(_step(record, before) for record, before in zip(records, befores, strict=True))
    return LevelPicture(name, steps, axis([1.0, *effects], least=1.0))


def _step(record: Record, before: Record | None) -> StepPicture:
    shown = [each["weights"] for each in (before, record) if each and each.get("weights")]
    if not shown:
        return StepPicture(record, None, (), (), before)
    scale = axis([end for each in shown for end in (each["low"], each["high"])], least=0.0)
    first = placed(shown[0], scale) if len(shown) == 2 else ()
    return StepPicture(record, scale, first, placed(shown[-1], scale), before)


def placed(distribution: Mapping[str, Any], scale: Axis) -> tuple[Bar, ...]:
    """The bars of a distribution where their values stand on a scale; the tallest fills the picture."""
    edges, counts = distribution["edges"], distribution["counts"]
    # as many per unit of the scale: bars of two pictures differ in width
    highest = max(counts, default=0) or 1
    bars = []
    for low, high, count in zip(edges, edges[1:], counts, strict=False):
        x = scale.at(low)
        width = max(scale.at(high) - x, NARROWEST)
        bars.append(Bar(low, high, count, min(x, WIDTH - width), width, WIDTH * count / highest))
    return tuple(bars)


NARROWEST = 0.8  # percent of the picture: a single value is still seen
