"""Turn column names and tables of totals into weighting steps ready to run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Mask
from analysis.columns import coded, complete_numeric, names
from analysis.errors import BadControl, NotNumeric, UnsuitableDesign
from analysis.weighting.controls import Totals, check_agreement, margin_of
from analysis.weighting.nonresponse import ResponseClasses
from analysis.weighting.poststratify import Poststratify, Standardise
from analysis.weighting.rake import Rake, rake_of
from analysis.weighting.trim import Trim


def poststratify(data: pd.DataFrame, weight: Floats, by: list[str], totals: Totals) -> Poststratify:
    return Poststratify(margin_of(data, by, totals, weight))


def rake(
    data: pd.DataFrame,
    weight: Floats,
    margins: Mapping[Any, Totals],
    tolerance: float,
    max_iterations: int,
    variance: str,
) -> Rake:
    if not margins:
        raise UnsuitableDesign("rake", "no margins were given")
    matched = [margin_of(data, names(by), totals, weight) for by, totals in margins.items()]
    check_agreement(matched)
    return rake_of(matched, tolerance, max_iterations, variance)


def standardise(
    data: pd.DataFrame, weight: Floats, by: list[str], shares: Totals, over: list[str]
) -> Standardise:
    margin = margin_of(data, by, shares, weight)
    if abs(float(margin.target.sum()) - 1.0) > 1e-6:
        raise BadControl(margin.title, f"the shares add up to {margin.target.sum():.10g}, not 1")
    population = coded(data, over, allow_missing=True)[0] if over else np.zeros(len(data), dtype=np.int64)
    return Standardise(population, margin.codes, margin.target)


def trim(lower: float, upper: float, strict: bool, redistribute: str) -> Trim:
    return Trim(lower, upper, strict, redistribute)


def response_classes(
    data: pd.DataFrame, weight: Floats, responded: str, classes: list[str], variance: str
) -> ResponseClasses:
    answered = response_mask(data, responded)
    if not classes:
        return ResponseClasses(answered, np.zeros(len(data), dtype=np.int64), ("(all)",), variance)
    codes, table = coded(data, classes)
    labels = tuple(row if len(row) > 1 else row[0] for row in table.itertuples(index=False, name=None))
    return ResponseClasses(answered, codes, labels, variance)


def response_mask(data: pd.DataFrame, responded: str) -> Mask:
    """Who responded, from a complete 0/1 or true/false column."""
    values = complete_numeric(data, responded)
    odd = (values != 0) & (values != 1)
    if odd.any():
        raise NotNumeric(responded, float(values[odd][0]))
    return np.asarray(values == 1, dtype=np.bool_)
