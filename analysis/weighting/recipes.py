"""Turn column names and tables of totals into weighting steps ready to run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Mask
from analysis.basis import Basis
from analysis.columns import coded, complete_numeric, names, numeric
from analysis.errors import BadControl, MissingValues, NotNumeric, UnsuitableDesign
from analysis.weighting.calibrate import Calibrate
from analysis.weighting.controls import Margin, Totals, check_agreement, margin_of
from analysis.weighting.model import (
    INTERCEPT,
    NumericControl,
    Term,
    control_number,
    controls_basis,
    unit_basis,
)
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


def calibrate(
    data: pd.DataFrame,
    weight: Floats,
    totals: Mapping[Any, Any],
    by_unit: list[str],
    model_variance: str | None,
    **options: Any,
) -> Calibrate:
    """Read the controls: numbers are totals of a column (or of ones, "(Intercept)"), tables are margins."""
    if not totals:
        raise UnsuitableDesign("calibrate", "no totals were given")
    terms = [_term(data, weight, key, value) for key, value in totals.items()]
    margins = [term for term in terms if isinstance(term, Margin)]
    if margins:
        check_agreement(margins)
    unit = coded(data, by_unit)[0] if by_unit else None
    sigma2 = None if model_variance is None else complete_numeric(data, model_variance)
    if sigma2 is not None and (sigma2 <= 0).any():
        raise BadControl(str(model_variance), "a model variance must be positive")
    basis, labels, target = controls_basis(terms, weight)
    if unit is not None:
        basis = unit_basis(basis, unit, weight)
    elif sigma2 is not None or options.get("bounds_are_weights"):
        basis = Basis(basis.rows())
    return Calibrate(basis, target, labels, sigma2=sigma2, unit=unit, **options)


def _term(data: pd.DataFrame, weight: Floats, key: Any, value: Any) -> Term:
    if key in INTERCEPT:
        return NumericControl("(Intercept)", np.ones(len(data)), float(value))
    if isinstance(value, Mapping | pd.Series | pd.DataFrame):
        return margin_of(data, names(key), value, weight)
    (name,) = names(key)
    values = numeric(data, name)
    unknown = np.isnan(values) & (weight > 0)
    if unknown.any():
        raise MissingValues(name, int(unknown.sum()), data.index[int(unknown.argmax())])
    return NumericControl(name, np.nan_to_num(values), control_number(name, value))


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
