"""Anonymity of microdata: k-anonymity (Sweeney 2002) and l-diversity (Machanavajjhala et al. 2007)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.arrays import Names, counts_by
from analysis.columns import coded, column, names
from analysis.errors import SurveyError, UnknownOption


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
        """The share of rows (0 to 1) in groups below the wanted k or l."""
        return float(self.unsafe.mean())


def anonymity(
    data: pd.DataFrame,
    quasi_identifiers: Names,
    sensitive: str | None = None,
    k: int = 5,
    l: int = 2,  # noqa: E741
) -> AnonymityReport:
    """How well rows hide among others with the same quasi-identifiers; missing values count as a level.

    `k` and `l` are the wanted group size and number of distinct values of `sensitive` in a group (Sweeney
    2002; Machanavajjhala et al. 2007, distinct l-diversity). Raises `SurveyError` for data without rows,
    `ColumnNotFound`, and `UnknownOption` for k or l below 1.
    """
    columns = names(quasi_identifiers)
    for name, wanted in (("k", k), ("l", l)):
        if wanted < 1:
            raise UnknownOption(name, wanted, "a whole number of 1 or more")
    if not len(data) or not columns:
        raise SurveyError("anonymity needs one or more rows and quasi-identifiers")
    for name in [*columns, *names(sensitive)]:
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
