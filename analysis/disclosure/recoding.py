"""Make microdata anonymous: compare ways to recode, and blank the fewest values in what is left unsafe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

import pandas as pd

from analysis.arrays import Mask, Names
from analysis.columns import column, names
from analysis.disclosure.microdata import AnonymityReport, anonymity
from analysis.errors import ColumnNotFound, UnknownOption

Recode = Mapping[Any, Any] | Callable[[pd.Series], pd.Series]


def compare_recodings(
    data: pd.DataFrame,
    quasi_identifiers: Names,
    recodings: Mapping[str, Mapping[str, Recode]],
    sensitive: str | None = None,
    k: int = 5,
    l: int = 2,  # noqa: E741  the literature's name
) -> pd.DataFrame:
    """Every combination of recodings, safest and least costly first.

    `recodings` gives for a column its named recodings: {"age": {"ten years": lambda s: s // 10 * 10}} or a
    mapping from old to new value; leaving a column as it is ("as is") is always tried. Columns: one per
    recoded column with the name of its recoding, k, l, groups, share_unsafe, and `loss`, the mean over the
    quasi-identifiers of the share of distinct levels that are gone (0 nothing, near 1 all). Raises
    `ColumnNotFound`, and `UnknownOption` for a mapping that leaves a level without a new value.
    """
    columns = names(quasi_identifiers)
    for name in recodings:
        if name not in columns:
            raise ColumnNotFound(name, columns)
    made = {name: _recoded(column(data, name), recodings[name]) for name in recodings}
    rows = []
    for choice in product(*made.values()):
        chosen = dict(zip(made, choice, strict=True))
        changed = data.assign(**{name: made[name][how] for name, how in chosen.items()})
        report = anonymity(changed, columns, sensitive, k, l)
        figures = {"k": report.k, "l": report.l, "groups": report.groups}
        rows.append(
            chosen | figures | {"share_unsafe": report.share_unsafe, "loss": _loss(data, changed, columns)}
        )
    return pd.DataFrame(rows).sort_values(["share_unsafe", "loss"], kind="stable", ignore_index=True)


def _recoded(series: pd.Series, ways: Mapping[str, Recode]) -> dict[str, pd.Series]:
    found = {"as is": series}
    for name, way in ways.items():
        new = way(series) if callable(way) else series.map(dict(way))
        lost = new.isna() & series.notna()
        if lost.any():
            raise UnknownOption(
                f"recoding {name!r} of {series.name!r}", series[lost].iloc[0], list(_keys(way))
            )
        found[name] = new
    return found


def _keys(way: Recode) -> Sequence[Any]:
    return [] if callable(way) else list(way)


def _loss(before: pd.DataFrame, after: pd.DataFrame, columns: list[str]) -> float:
    return sum(1 - after[name].nunique() / max(before[name].nunique(), 1) for name in columns) / len(columns)


@dataclass(frozen=True, eq=False)
class LocalSuppression:
    """`data` with values blanked, `blanked` per column, and the `report` on the result.

    A row that is still unsafe is one that no blanks can hide: leave it out of the release.
    """

    data: pd.DataFrame = field(repr=False)
    blanked: pd.Series
    report: AnonymityReport


def suppress_values(
    data: pd.DataFrame,
    quasi_identifiers: Names,
    sensitive: str | None = None,
    k: int = 5,
    l: int = 2,  # noqa: E741
) -> LocalSuppression:
    """Blank values in unsafe rows, one column at a time, then two, ..., until they hide among others.

    `quasi_identifiers` stand in the order in which they may go, the least needed first. A blank counts as a
    level of its own, so rows hide only among rows that were blanked alike (the cautious reading of local
    suppression, Hundepool et al. 2012, 3.3.5). Rows that were safe stay as they are. Raises as `anonymity`.
    """
    columns = names(quasi_identifiers)
    result = data.copy()
    for count in range(1, len(columns) + 1):
        for blanks in combinations(columns, count):
            unsafe = _unsafe(result, columns, sensitive, k, l)
            if not unsafe.any():
                break
            tried = _blanked(result, list(blanks), unsafe)
            hidden = unsafe & ~_unsafe(tried, columns, sensitive, k, l)
            result = _blanked(result, list(blanks), hidden)
    changed = pd.Series({c: int((result[c].isna() & data[c].notna()).sum()) for c in columns}, name="blanked")
    return LocalSuppression(result, changed, anonymity(result, columns, sensitive, k, l))


def _unsafe(data: pd.DataFrame, columns: list[str], sensitive: str | None, k: int, l: int) -> Mask:  # noqa: E741
    return anonymity(data, columns, sensitive, k, l).unsafe.to_numpy()


def _blanked(data: pd.DataFrame, columns: list[str], rows: Mask) -> pd.DataFrame:
    return data.assign(**{name: data[name].astype(object).mask(rows) for name in columns})
