"""What is estimated: one numeric column, or one indicator per level of a category."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.arrays import Floats
from analysis.columns import coded, column, is_categorical, raw_numeric
from analysis.errors import EmptyDomain, NotAProportion


@dataclass(frozen=True, eq=False)
class Item:
    """A variable, or one level of it, with its values (n), NaN where unknown.

    In a merged sample a row stands for several of the file: `values` are their weighted means, `variance`
    their weighted variance about it and `covariance` that with the values of their denominator.
    """

    variable: str
    level: Any
    values: NDArray[Any]
    variance: Floats | None = None
    covariance: Floats | None = None


def items_of(data: pd.DataFrame, variables: Sequence[str], categorical: Iterable[str] = ()) -> list[Item]:
    """Numeric columns as they are; text, categories, true/false and those named as one item per level."""
    wanted = set(categorical)
    found: list[Item] = []
    for name in variables:
        if name in wanted or is_categorical(column(data, name)):
            found.extend(indicators_of(data, name))
        else:
            found.append(Item(name, None, raw_numeric(data, name)))
    return found


def refuse_unknown(variables: Iterable[str], items: Iterable[Item]) -> None:
    """Raise `EmptyDomain` for a category that no row knows, which has no levels and so no items."""
    found = {item.variable for item in items}
    for name in variables:
        if name not in found:
            raise EmptyDomain(name)


def indicators_of(data: pd.DataFrame, name: str) -> list[Item]:
    """One 0/1 item per observed level."""
    codes, table = coded(data, [name], allow_missing=True)
    unknown = codes < 0
    found = []
    for k, level in enumerate(table[name]):
        values = (codes == k).astype(np.float64)
        values[unknown] = np.nan
        found.append(Item(name, level, values))
    return found


def proportion_items(
    data: pd.DataFrame, variables: Sequence[str], categorical: Iterable[str] = ()
) -> list[Item]:
    """A 0/1 or true/false column gives the share of 1; any other category the share of every level."""
    wanted = set(categorical)
    found: list[Item] = []
    for name in variables:
        series = column(data, name)
        if name in wanted or (is_categorical(series) and not pd.api.types.is_bool_dtype(series)):
            found.extend(indicators_of(data, name))
            continue
        values = raw_numeric(data, name)
        odd = ~(np.isnan(values) | (values == 0) | (values == 1))
        if odd.any():
            raise NotAProportion(name, float(values[odd][0]))
        found.append(Item(name, None, values))
    return found
