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
    """From weighted response rates within classes of variables known for the whole sample.

    `data` has a row per drawn unit, `responded` is 0/1, `classes` columns whose combinations are the classes,
    `weight` the design weights (equal without). Not adjusted for the bias of small samples, so the fewer
    units a class has, the lower the indicator (Schouten, Cobben and Bethlehem 2009, Survey Methodology 35,
    101-113). Raises `MissingValues`, `NotNumeric` for a response that is not 0/1, `BadWeight`.
    """
    answered = response_mask(data, responded).astype(np.float64)
    codes, table = coded(data, names(classes))
    weights = np.ones(len(data)) if weight is None else complete_numeric(data, weight)
    if (weights < 0).any() or not weights.sum() > 0:
        raise BadWeight(weight or "(ones)", "they are negative or add up to nothing")
    everyone = sums_by(codes, weights, len(table))
    rate = np.divide(
        sums_by(codes, weights * answered, len(table)), everyone, out=np.zeros(len(table)), where=everyone > 0
    )
    return of_propensities(rate[codes], weights)
