"""R-indicator: how much response propensities vary (Schouten, Cobben and Bethlehem 2009)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.arrays import Names, sums_by
from analysis.columns import coded, complete_numeric, names
from analysis.errors import BadWeight
from analysis.weighting.recipes import response_mask
from analysis.weighting.representativity import Representativity, of_propensities


def r_indicator(
    data: pd.DataFrame, responded: str, classes: Names, weight: str | None = None
) -> Representativity:
    """From weighted response rates within classes of variables known for the whole sample (n rows).

    Raises `MissingValues` or `NotNumeric` for a response that is not 0/1, a class or weight with gaps,
    `BadWeight` for weights that are negative or add up to nothing.
    """
    answered = response_mask(data, responded).astype(np.float64)
    codes, table = coded(data, names(classes))
    weights = np.ones(len(data)) if weight is None else complete_numeric(data, weight)
    if (weights < 0).any() or not weights.sum() > 0:
        raise BadWeight(weight or "(ones)", "they are negative or add up to nothing")
    everyone = sums_by(codes, weights, len(table))
    answering = sums_by(codes, weights * answered, len(table))
    rate = np.divide(answering, everyone, out=np.zeros(len(table)), where=everyone > 0)
    return of_propensities(rate[codes], weights)
