"""A run's estimates as one table an indicator: every domain of the plan, also the empty ones, sorted and filtered."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from werkzeug.datastructures import MultiDict

from survey import formats
from survey.process.estimation import shortfalls
from survey.process.figures import IndicatorTable, indicator_tables, step_labels
from survey.process.labels import Labels
from survey.process.methods.change import Change, changes_of
from survey.process.models import Estimate, Run
from survey.process.service import recipe_used

ALL, EMPTY = "tat-ca", "empty"
QUALITIES = ("good", "caution", "unpublishable", EMPTY)
SORTS: dict[str, Callable[[Estimate], float | None]] = {
    "value": lambda row: row.value,
    "se": lambda row: row.std_error,
    "cv": lambda row: row.cv,
    "n": lambda row: float(row.n),
    "deff": lambda row: row.deff,
}
SHORT: dict[str, Callable[[Estimate, Mapping[str, float]], str]] = {
    "limits": lambda row, limits: "mẫu không tới đủ hai đầu của khoảng tin cậy",
    "minimum_n": lambda row, limits: (
        f"n = {formats.number(row.n)}, dưới {formats.number(limits.get('minimum_n', 30))}"
    ),
    "cv_publish": lambda row, limits: (
        "CV không tính được vì ước lượng bằng 0"
        if row.cv is None
        else f"CV {formats.percent(100 * row.cv)}, quá {formats.percent(100 * limits['cv_publish'], 0)}"
    ),
}


@dataclass(frozen=True)
class Selection:
    """What the reader asked to see: an indicator or all, a quality class, an order within each breakdown."""

    indicator: str
    quality: str = ""
    sort: str = ""
    descending: bool = False

    @classmethod
    def of(cls, asked: "MultiDict[str, str]", indicators: list[str]) -> "Selection":
        """What an address asks for; what it names and is not there counts as not asked for."""
        sort = asked.get("sap", "")
        return cls(
            _known(asked.get("chi-tieu"), [ALL, *indicators], indicators[0] if indicators else ALL),
            _known(asked.get("chat-luong"), QUALITIES, ""),
            _known(sort.removeprefix("-"), tuple(SORTS), ""),
            sort.startswith("-"),
        )

    def ordered_by(self, column: str) -> "Selection":
        """The same in the order of a column; the column that it is in already turns round."""
        return replace(self, sort=column, descending=self.sort == column and not self.descending)

    @property
    def arguments(self) -> dict[str, str]:
        """As the address writes it."""
        sort = f"{'-' if self.descending else ''}{self.sort}" if self.sort else ""
        asked = {"chi-tieu": self.indicator, "chat-luong": self.quality, "sap": sort}
        return {name: value for name, value in asked.items() if value}

    @property
    def direction(self) -> str:
        """As `aria-sort` says it."""
        return "descending" if self.descending else "ascending"

    def takes(self, row: "Row") -> bool:
        """Whether the row is of the quality asked for."""
        return not self.quality or self.quality == row.quality


def _known(value: str | None, allowed: tuple[str, ...] | list[str], otherwise: str) -> str:
    return value if value is not None and value in allowed else otherwise


@dataclass(frozen=True)
class Row:
    """One domain: its estimate, or none where nobody in it was asked; what keeps it back; its change."""

    dimension: str
    level: str
    label: str
    estimate: Estimate | None
    reasons: tuple[str, ...] = ()
    change: Change | None = None

    @property
    def quality(self) -> str:
        """The estimate's class, or `empty`."""
        return self.estimate.quality if self.estimate else EMPTY


@dataclass(frozen=True)
class Group:
    """The rows of one breakdown; `label` is empty for the total."""

    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Listing:
    """One indicator's table as selected; `unchanged` says why no change is shown."""

    table: IndicatorTable
    groups: tuple[Group, ...]
    verdict: str | None
    unchanged: str = ""
    has_changes: bool = False

    @property
    def rows(self) -> Iterator[Row]:
        """All rows that are shown."""
        return (row for group in self.groups for row in group.rows)


def listings(
    run: Run, selection: Selection, targets: Mapping[str, float], verdicts: Mapping[str, str]
) -> list[Listing]:
    """The tables that were asked for; those without a row of the quality asked for are left out."""
    labels, limits, changes = step_labels(run), recipe_used(run).quality, changes_of(run)
    chosen = (
        table
        for table in indicator_tables(run, targets)
        if selection.indicator in (ALL, table.indicator.code)
    )
    made = (
        Listing(
            table,
            tuple(_groups(table, labels, limits, changes.by_domain(table.indicator.code), selection)),
            verdicts.get(table.indicator.code),
            changes.reason(table.indicator.code),
            bool(changes.by_domain(table.indicator.code)),
        )
        for table in chosen
    )
    return [listing for listing in made if listing.groups]


def _groups(
    table: IndicatorTable,
    labels: Labels,
    limits: Mapping[str, float],
    changes: Mapping[tuple[str, str], Change],
    selection: Selection,
) -> Iterator[Group]:
    for dimension, block in _dimensions(table):
        estimated = {line.estimate.level or "": line for line in block}
        names = {code: line.label for code, line in estimated.items()}
        every = {**(labels.levels.get(dimension, {}) if dimension else {}), **names}
        rows = [
            Row(
                dimension,
                code,
                label,
                estimated[code].estimate if code in estimated else None,
                _reasons(estimated[code].estimate, limits) if code in estimated else (),
                changes.get((dimension, code)),
            )
            for code, label in every.items()
        ]
        kept = tuple(row for row in _sorted(rows, selection) if selection.takes(row))
        if kept:
            yield Group(labels.dimension(dimension) if dimension else "", kept)


def _dimensions(table: IndicatorTable) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The total, then every breakdown of the plan, also one without any estimate."""
    found = {block.lines[0].estimate.dimension or "": block.lines for block in table.blocks}
    for dimension in ("", *table.indicator.breakdowns):
        yield dimension, found.get(dimension, ())


def _reasons(row: Estimate, limits: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(SHORT[name](row, limits) for name in shortfalls(row, limits))


def _sorted(rows: list[Row], selection: Selection) -> list[Row]:
    """In the plan's order, or by a column with what has no number there last."""
    if not selection.sort:
        return rows
    measure = SORTS[selection.sort]
    sign = -1.0 if selection.descending else 1.0

    def place(row: Row) -> float:
        value = measure(row.estimate) if row.estimate else None
        return sign * value if value is not None and math.isfinite(value) else math.inf

    return sorted(rows, key=place)


def frame(listed: list[Listing]) -> pd.DataFrame:
    """The same as a table for files: a row a domain, codes beside names, numbers as they were computed."""
    records = [
        _record(listing, group, row) for listing in listed for group in listing.groups for row in group.rows
    ]
    return pd.DataFrame(records)


def _record(listing: Listing, group: Group, row: Row) -> dict[str, Any]:
    indicator, e, change = listing.table.indicator, row.estimate, row.change
    total = e is not None and e.dimension is None
    return {
        "indicator": indicator.code,
        "label": listing.table.label,
        "registry": indicator.registry or "",
        "breakdown": row.dimension,
        "breakdown_label": group.label,
        "level": row.level,
        "level_label": row.label,
        "unit_measure": indicator.unit.code,
        **{name: getattr(e, name) if e else None for name in ESTIMATE_COLUMNS},
        "n": e.n if e else 0,
        "quality": row.quality,
        "reason": "; ".join(row.reasons) or ("" if e else "không có phiếu"),
        "target": listing.table.target if total else None,
        "verdict": (listing.verdict or "") if total else "",
        **{f"change_{name}": getattr(change, name) if change else None for name in CHANGE_COLUMNS},
    }


ESTIMATE_COLUMNS = ("value", "std_error", "ci_low", "ci_high", "cv", "df", "deff", "n_psu")
CHANGE_COLUMNS = ("before", "difference", "std_error", "ci_low", "ci_high", "p_value", "verdict")
