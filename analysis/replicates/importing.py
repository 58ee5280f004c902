"""Replicate variance from weights that came with the data, or made from a linearised design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.arrays import Floats
from analysis.columns import complete_numeric
from analysis.errors import BadWeight, SurveyError, UnsuitableDesign
from analysis.replicates.making import Recipe, make_factors
from analysis.replicates.multistage import preston
from analysis.replicates.replication import Replication
from analysis.replicates.weights import Layer, ReplicateWeights
from analysis.variance import Linearisation, VarianceMethod
from analysis.weighting.steps import Adjusted, Record


def imported(
    data: pd.DataFrame,
    replicates: pd.DataFrame | Floats | Sequence[str],
    scale: float,
    rscales: float | Sequence[float] | Floats,
    mse: bool,
    df: float | None,
) -> Replication:
    """Check and keep replicate weights (n, R)."""
    matrix = _matrix(data, replicates)
    multipliers = np.broadcast_to(np.asarray(rscales, dtype=np.float64), (matrix.shape[1],))
    if not scale > 0 or (multipliers < 0).any() or not np.isfinite(multipliers).all():
        raise SurveyError(f"scale {scale!r} must be positive and rscales 0 or more")
    return Replication(ReplicateWeights.of_matrix(matrix), float(scale), np.array(multipliers), mse, df)


def _matrix(data: pd.DataFrame, replicates: pd.DataFrame | Floats | Sequence[str]) -> Floats:
    if isinstance(replicates, pd.DataFrame):
        matrix = np.column_stack([complete_numeric(replicates, str(name)) for name in replicates.columns])
    elif isinstance(replicates, np.ndarray):
        matrix = np.asarray(replicates, dtype=np.float64)
    else:
        matrix = np.column_stack([complete_numeric(data, name) for name in replicates])
    if matrix.ndim != 2 or len(matrix) != len(data) or matrix.shape[1] < 2:
        raise SurveyError(f"replicate weights have shape {matrix.shape} for {len(data)} rows of data")
    odd = ~np.isfinite(matrix).all(axis=0)
    if odd.any():
        raise BadWeight("replicates", f"column {int(odd.argmax())} is not finite")
    return matrix


def replicated(
    variance: VarianceMethod,
    history: tuple[Record, ...],
    method: str,
    recipe: Recipe,
    mse: bool,
    redo: bool = True,
) -> Replication:
    """Replicates of the design weights, then every recorded weighting step on each of them; or of the last ones."""
    if not isinstance(variance, Linearisation):
        raise UnsuitableDesign("to_replicates", "the design has no strata and clusters to resample")
    allowed = replace(recipe, lonely=variance.lonely.name)
    stage = variance.structure.stages[0]
    if method == "preston":
        unit, made = preston(variance.structure, allowed)
    else:
        unit, made = stage.unit, make_factors(stage, method, allowed)
    start, steps = (history[0], history[1:]) if redo else (history[-1], ())
    weights = ReplicateWeights(start.weight, (Layer(unit, made.factors),))
    rho = recipe.fay_rho if method == "fay" else None
    result = Replication(weights, made.scale, made.rscales, mse, None, stage, recipe.df_rule, method, rho)
    for record in steps:
        if record.step is not None:
            result = result.after(record.step, Adjusted(record.weight))
    return result
