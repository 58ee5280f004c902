"""Which records break which edits, computed on whole columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Mask
from analysis.columns import column
from analysis.editing.edits import CategoricalEdit, Categories, Combination, Domain, Edit
from analysis.errors import BadEdit, NotNumeric

# A gap this small comes of rounding in sums of floats, not of a respondent.
ABSOLUTE, RELATIVE = 1e-6, 1e-12
GAPS = {
    "<=": lambda left, bound: left - bound,
    ">=": lambda left, bound: bound - left,
    "==": lambda left, bound: np.abs(left - bound),
}


def violations(edits: Sequence[Edit], data: pd.DataFrame) -> pd.DataFrame:
    """One column of bool an edit, one row a record: True where the edit fails.

    An edit that needs a missing value cannot be judged and is False there; `outside_domain` finds the
    missing values. Gaps of at most 1e-6 + 1e-12 of the largest term pass. Raises `ColumnNotFound`,
    `NotNumeric` for text in a linear edit, `BadEdit` for a name used twice.
    """
    check_names(edits)
    return pd.DataFrame({edit.name: _fails(edit, data) for edit in edits}, index=data.index, dtype=bool)


def outside_domain(domains: Mapping[str, Domain], data: pd.DataFrame) -> pd.DataFrame:
    """One column of bool a field, one row a record: True where a value is missing or not in its domain."""
    return pd.DataFrame(
        {name: ~_inside(domain, column(data, name)) for name, domain in domains.items()},
        index=data.index,
        dtype=bool,
    )


def check_names(edits: Sequence[Edit]) -> None:
    """Refuse two edits of one name: reports would not tell them apart."""
    seen: set[str] = set()
    for edit in edits:
        if edit.name in seen:
            raise BadEdit(edit.name, "the name is used twice; give every edit its own")
        seen.add(edit.name)


def _fails(edit: Edit, data: pd.DataFrame) -> Mask:
    if isinstance(edit, CategoricalEdit):
        return _within(edit.excluded, data)
    terms = [number * _numbers(data, name) for name, number in edit.coefficients.items()]
    largest = np.maximum.reduce([np.abs(term) for term in (*terms, np.full(len(data), edit.bound))])
    gap = GAPS[edit.op](np.sum(terms, axis=0), edit.bound)
    failed: Mask = (gap > ABSOLUTE + RELATIVE * largest) & _within(edit.when, data)
    return failed


def _within(combination: Combination, data: pd.DataFrame) -> Mask:
    """Where every field has one of its listed values; a missing value is none of them."""
    found: Mask = np.ones(len(data), np.bool_)
    for name, values in combination.items():
        series = column(data, name)
        found &= (series.isin(list(values)) & series.notna()).to_numpy(np.bool_)
    return found


def _inside(domain: Domain, series: pd.Series) -> pd.Series:
    if isinstance(domain, Categories):
        return series.isin(list(domain.values)) & series.notna()
    numbers = pd.to_numeric(series, errors="coerce").astype("float64")
    inside = numbers.between(domain.low, domain.high)
    return inside & (numbers == numbers.round()) if domain.integer else inside


def _numbers(data: pd.DataFrame, name: str) -> Floats:
    series = column(data, name)
    try:
        return pd.to_numeric(series).to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        wrong = series[pd.to_numeric(series, errors="coerce").isna() & series.notna()]
        raise NotNumeric(name, wrong.iloc[0] if len(wrong) else series.dtype) from None
