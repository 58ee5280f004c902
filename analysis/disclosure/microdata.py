"""Anonymity of microdata: k-anonymity (Sweeney 2002) and l-diversity (Machanavajjhala et al. 2007)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.arrays import Names, counts_by
from analysis.columns import coded, column, names


@dataclass(frozen=True, eq=False)
class AnonymityReport:
    """`k` is the size of the smallest group that shares all quasi-identifiers, `groups` their number.

    `l` is the fewest distinct sensitive values in a group; `unsafe` (n) marks rows in groups below the wanted
    k or l.
    """

    k: int
    l: int | None  # noqa: E741  the literature's name
    groups: int
    unsafe: pd.Series = field(repr=False)

    @property
    def share_unsafe(self) -> float:
        return float(self.unsafe.mean())


def anonymity(
    data: pd.DataFrame,
    quasi_identifiers: Names,
    sensitive: str | None = None,
    k: int = 5,
    l: int = 2,  # noqa: E741
) -> AnonymityReport:
    """How well rows hide among others with the same quasi-identifiers; missing values count as a level."""
    columns = names(quasi_identifiers)
    for name in columns if sensitive is None else [*columns, sensitive]:
        column(data, name)
    filled = data[columns].astype(object).where(data[columns].notna(), "(missing)").astype(str)
    codes, table = coded(filled, columns)
    size = counts_by(codes, len(table))
    unsafe = size[codes] < k
    diversity = None
    if sensitive is not None:
        levels = pd.factorize(data[sensitive], use_na_sentinel=False)[0]
        pairs = np.unique(codes * (levels.max() + 1) + levels) // (levels.max() + 1)
        distinct = counts_by(pairs, len(table))
        diversity = int(distinct.min())
        unsafe = unsafe | (distinct[codes] < l)
    return AnonymityReport(
        int(size.min()), diversity, len(table), pd.Series(unsafe, index=data.index, name="unsafe")
    )
