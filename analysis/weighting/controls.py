"""Control totals: read them in any tidy shape and match them with the sample, or say what does not match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from analysis.arrays import Codes, Floats, Names, sums_by
from analysis.columns import coded, names
from analysis.errors import (
    BadControl,
    ControlsDisagree,
    DuplicateControl,
    LevelNotInControls,
    LevelNotInSample,
)
from analysis.weighting.cells import Cells
from analysis.weighting.collapsing import partners

Totals: TypeAlias = Mapping[Any, float] | pd.Series | pd.DataFrame


@dataclass(frozen=True, eq=False)
class Margin:
    """One set of control totals matched with cells.

    `codes` (cells) is the level of each cell, K for one without; `levels` and `target` have K entries.
    """

    name: tuple[str, ...]
    codes: Codes
    levels: tuple[Any, ...]
    target: Floats

    @property
    def title(self) -> str:
        return " x ".join(self.name)

    @property
    def size(self) -> int:
        return len(self.target)

    def totals(self, table: Floats | Codes) -> Floats:
        """Totals of the levels (K) from those of the cells."""
        return sums_by(self.codes, table, self.size + 1)[: self.size]

    def as_frame(self, before: Floats, after: Floats, occupied: Codes) -> pd.DataFrame:
        """The margin before and after a step beside its target, from totals and row counts of the cells."""
        return pd.DataFrame(
            {
                "margin": self.title,
                "level": list(self.levels),
                "n": self.totals(occupied),
                "before": self.totals(before),
                "after": self.totals(after),
                "target": self.target,
            }
        )


def margin_of(cells: Cells, by: Names, totals: Totals, table: Floats) -> Margin:
    """Match totals with the levels of the cells that carry weight (`table`, one total per cell).

    Raises `LevelNotInControls`, `LevelNotInSample`, `DuplicateControl`, `BadControl`.
    """
    by = tuple(names(by))
    target = _targets(by, totals)
    levels = tuple(target)
    position = {level: k for k, level in enumerate(levels)}
    of_cell, observed = coded(cells.table, by)
    occupied = sums_by(of_cell, cells.occupied, len(observed))
    matched = np.full(len(observed), len(levels), dtype=np.int64)
    for k, level in enumerate(observed.itertuples(index=False, name=None)):
        found = position.get(level)
        if found is not None:
            matched[k] = found
        elif occupied[k]:
            raise LevelNotInControls(" x ".join(by), _plain(level), int(occupied[k]))
    codes = matched[of_cell]
    margin = Margin(by, codes, tuple(_plain(level) for level in levels), np.array(list(target.values())))
    _refuse_empty(margin, table, cells.occupied)
    return margin


def check_agreement(margins: list[Margin]) -> None:
    """All margins must add up to the same population, to a millionth; else `ControlsDisagree`."""
    first = margins[0]
    for other in margins[1:]:
        a, b = float(first.target.sum()), float(other.target.sum())
        if abs(a - b) > 1e-6 * max(abs(a), abs(b)):
            raise ControlsDisagree(first.title, a, other.title, b)


def _refuse_empty(margin: Margin, table: Floats, occupied: Codes) -> None:
    empty = (margin.totals(table) <= 0) & (margin.target > 0)
    if empty.any():
        k = int(empty.argmax())
        near = partners(margin.levels, margin.totals(occupied), k)
        raise LevelNotInSample(margin.title, margin.levels[k], float(margin.target[k]), near)


def _targets(by: tuple[str, ...], totals: Totals) -> dict[tuple[Any, ...], float]:
    title = " x ".join(by)
    targets: dict[tuple[Any, ...], float] = {}
    for level, total in _pairs(by, totals):
        if level in targets:
            raise DuplicateControl(title, _plain(level))
        try:
            number = float(total)
        except (TypeError, ValueError):
            raise BadControl(
                title, f"the total of level {_plain(level)!r} is {total!r}, not a number"
            ) from None
        if not np.isfinite(number) or number < 0:
            raise BadControl(
                title, f"the total of level {_plain(level)!r} is {number!r}; it must be 0 or more"
            )
        targets[level] = number
    if not targets or sum(targets.values()) <= 0:
        raise BadControl(title, "the totals are empty or add up to nothing")
    return targets


def _pairs(by: tuple[str, ...], totals: Totals) -> list[tuple[tuple[Any, ...], Any]]:
    if isinstance(totals, pd.DataFrame):
        return _pairs_of_frame(by, totals)
    items = list(totals.items())
    pairs = [(level if isinstance(level, tuple) else (level,), total) for level, total in items]
    for level, _ in pairs:
        if len(level) != len(by):
            raise BadControl(" x ".join(by), f"level {level!r} must have {len(by)} part(s)")
    return pairs


def _pairs_of_frame(by: tuple[str, ...], totals: pd.DataFrame) -> list[tuple[tuple[Any, ...], Any]]:
    rest = [name for name in totals.columns if name not in by]
    value = "total" if "total" in rest else rest[0] if len(rest) == 1 else None
    if value is None or any(name not in totals.columns for name in by):
        raise BadControl(
            " x ".join(by),
            f"the table needs the columns {list(by)} and 'total', it has {list(totals.columns)}",
        )
    levels = totals[list(by)].itertuples(index=False, name=None)
    return list(zip(levels, totals[value], strict=True))


def _plain(level: tuple[Any, ...]) -> Any:
    return level[0] if len(level) == 1 else level
