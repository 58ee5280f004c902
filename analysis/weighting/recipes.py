"""Turn column names and tables of totals into weighting steps ready to run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Mask
from analysis.basis import Basis
from analysis.columns import coded, complete_numeric, names, row_counts
from analysis.errors import BadControl, NotNumeric, UnsuitableDesign
from analysis.weighting.calibrate import Calibrate, CellCalibrate
from analysis.weighting.cells import cells_of
from analysis.weighting.controls import Totals, check_agreement, margin_of
from analysis.weighting.model import columns_of, controls_of, unit_basis
from analysis.weighting.nonresponse import ResponseClasses, response_cells
from analysis.weighting.poststratify import Poststratify, Standardise
from analysis.weighting.rake import Rake
from analysis.weighting.trim import Trim


def poststratify(data: pd.DataFrame, weight: Floats, by: list[str], totals: Totals) -> Poststratify:
    cells = cells_of(data, by, weight)
    return Poststratify(cells, margin_of(cells, by, totals, cells.sums(weight)))


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
    cells = cells_of(data, columns_of(margins), weight)
    table = cells.sums(weight)
    matched = [margin_of(cells, names(by), totals, table) for by, totals in margins.items()]
    check_agreement(matched)
    return Rake(cells, tuple(matched), tolerance, max_iterations, variance)


def calibrate(
    data: pd.DataFrame,
    weight: Floats,
    totals: Mapping[Any, Any],
    by_unit: list[str],
    model_variance: str | None,
    **options: Any,
) -> Calibrate:
    if not totals:
        raise UnsuitableDesign("calibrate", "no totals were given")
    controls = controls_of(data, weight, totals)
    sigma2 = None if model_variance is None else complete_numeric(data, model_variance)
    if sigma2 is not None and (sigma2 <= 0).any():
        raise BadControl(str(model_variance), "a model variance must be positive")
    labels, target = controls.labels, controls.target
    by_rows = sigma2 is not None or bool(options.get("bounds_are_weights"))
    if by_unit:
        unit = coded(data, by_unit)[0]
        basis: Basis = controls.indicators() if controls.categorical else controls.dense(len(data))
        averaged = unit_basis(basis, unit, weight)
        return Calibrate(averaged, target, labels, sigma2=sigma2, unit=unit, **options)
    if by_rows or not controls.categorical or controls.cells is None:
        return Calibrate(controls.dense(len(data)), target, labels, sigma2=sigma2, **options)
    return CellCalibrate(controls.indicators(), target, labels, cells=controls.cells, **options)


def standardise(
    data: pd.DataFrame, weight: Floats, by: list[str], shares: Totals, over: list[str]
) -> Standardise:
    """Rows whose population is unknown keep their weights."""
    inside = weight if not over else np.where(data[over].isna().any(axis=1).to_numpy(), 0.0, weight)
    cells = cells_of(data, [*over, *by], inside)
    margin = margin_of(cells, by, shares, cells.sums(inside))
    if abs(float(margin.target.sum()) - 1.0) > 1e-6:
        raise BadControl(margin.title, f"the shares add up to {margin.target.sum():.10g}, not 1")
    population = coded(cells.table, over)[0] if over else np.zeros(cells.count, dtype=np.int64)
    return Standardise(cells, population, margin.codes, margin.target)


def trim(lower: float, upper: float, strict: bool, redistribute: str) -> Trim:
    return Trim(lower, upper, strict, redistribute)


def response_classes(
    data: pd.DataFrame, weight: Floats, responded: str, classes: list[str], variance: str
) -> ResponseClasses:
    answered, counts = response_mask(data, responded), row_counts(data)
    if not classes:
        everyone = np.zeros(len(data), dtype=np.int64)
        return response_cells(answered, everyone, ("(all)",), weight, variance, counts=counts)
    codes, table = coded(data, classes)
    labels = tuple(row if len(row) > 1 else row[0] for row in table.itertuples(index=False, name=None))
    return response_cells(answered, codes, labels, weight, variance, counts=counts)


def response_mask(data: pd.DataFrame, responded: str) -> Mask:
    """Who responded, from a complete 0/1 or true/false column."""
    values = complete_numeric(data, responded)
    odd = (values != 0) & (values != 1)
    if odd.any():
        raise NotNumeric(responded, float(values[odd][0]))
    return np.asarray(values == 1, dtype=np.bool_)
