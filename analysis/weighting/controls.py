"""Control totals: read them in any tidy shape and match them with the sample, or say what does not match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from analysis.arrays import Codes, Floats, Names, counts_by, sums_by
from analysis.columns import coded, compact, names
from analysis.errors import (
    BadControl,
    ControlsDisagree,
    DuplicateControl,
    LevelNotInControls,
    LevelNotInSample,
    MissingValues,
)

Totals: TypeAlias = Mapping[Any, float] | pd.Series | pd.DataFrame


@dataclass(frozen=True, eq=False)
class Margin:
    """One set of control totals matched with the rows.

    `codes` (n) is the level of each row, -1 for rows without weight and level; `levels` and `target` (K).
    """

    name: tuple[str, ...]
    codes: Codes
    levels: tuple[Any, ...]
    target: Floats

    @property
    def title(self) -> str:
        return " x ".join(self.name)

    def totals(self, weight: Floats) -> Floats:
        """Weighted totals of the levels (K)."""
        kept = self.codes >= 0
        return sums_by(self.codes[kept], weight[kept], len(self.levels))

    def as_frame(self, before: Floats, after: Floats) -> pd.DataFrame:
        """The margin before and after a step beside its target."""
        return pd.DataFrame(
            {
                "margin": self.title,
                "level": list(self.levels),
                "before": self.totals(before),
                "after": self.totals(after),
                "target": self.target,
            }
        )


def margin_of(data: pd.DataFrame, by: Names, totals: Totals, weight: Floats) -> Margin:
    """Match totals with the levels of the rows that carry weight.

    Raises `LevelNotInControls`, `LevelNotInSample`, `DuplicateControl`, `BadControl`, `MissingValues`.
    """
    by = tuple(names(by))
    target = _targets(by, totals)
    codes, table = coded(data, by, allow_missing=True)
    _refuse_missing(data, by, codes, weight)
    observed = list(table.itertuples(index=False, name=None))
    counts = counts_by(codes[(codes >= 0) & (weight > 0)], len(observed))
    levels = tuple(target)
    position = {level: k for k, level in enumerate(levels)}
    lookup = np.full(len(observed) + 1, -1, dtype=np.int64)
    for k, level in enumerate(observed):
        found = position.get(level)
        if found is None and counts[k]:
            raise LevelNotInControls(" x ".join(by), _plain(level), int(counts[k]))
        lookup[k] = -1 if found is None else found
    margin = Margin(
        by, lookup[codes], tuple(_plain(level) for level in levels), np.array(list(target.values()))
    )
    _refuse_empty(margin, weight)
    return margin


def joint_cells(margins: Sequence[Margin]) -> tuple[Codes, Codes]:
    """The cells that margins make together: each row's cell, -1 outside, and the levels of each cell."""
    joint = np.zeros(len(margins[0].codes), dtype=np.int64)
    outside = np.zeros(len(joint), dtype=bool)
    for margin in margins:
        joint = joint * len(margin.target) + margin.codes
        outside |= margin.codes < 0
    sizes = [len(margin.target) for margin in margins]
    observed, cell = compact(joint, outside, int(np.prod(sizes)))
    levels = np.stack(np.unravel_index(observed, sizes), axis=1).astype(np.int64)
    return cell, levels


def check_agreement(margins: list[Margin]) -> None:
    """All margins must add up to the same population, to a millionth; else `ControlsDisagree`."""
    first = margins[0]
    for other in margins[1:]:
        a, b = float(first.target.sum()), float(other.target.sum())
        if abs(a - b) > 1e-6 * max(abs(a), abs(b)):
            raise ControlsDisagree(first.title, a, other.title, b)


def _refuse_missing(data: pd.DataFrame, by: tuple[str, ...], codes: Codes, weight: Floats) -> None:
    unknown = (codes < 0) & (weight > 0)
    if unknown.any():
        row = int(unknown.argmax())
        raise MissingValues(" x ".join(by), int(unknown.sum()), data.index[row])


def _refuse_empty(margin: Margin, weight: Floats) -> None:
    empty = (margin.totals(weight) <= 0) & (margin.target > 0)
    if empty.any():
        k = int(empty.argmax())
        near = [margin.levels[j] for j in (k - 1, k + 1) if 0 <= j < len(margin.levels) and not empty[j]]
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
