"""R-indicator: how much response propensities vary (Schouten, Cobben and Bethlehem 2009)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Names, sums_by
from analysis.columns import coded, names
from analysis.weighting.recipes import response_mask


@dataclass(frozen=True)
class Representativity:
    """`r_indicator` = 1 - 2 S(propensity), 1 meaning that all classes respond alike.

    `coefficient_of_variation` is S / mean, the largest standardised bias of a mean of respondents.
    """

    r_indicator: float
    coefficient_of_variation: float
    response_rate: float


def r_indicator(
    data: pd.DataFrame, responded: str, classes: Names, weight: str | None = None
) -> Representativity:
    """From weighted response rates within classes of variables known for the whole sample."""
    answered = response_mask(data, responded).astype(np.float64)
    codes, table = coded(data, names(classes))
    weights = np.ones(len(data)) if weight is None else data[weight].to_numpy(dtype=np.float64)
    everyone = sums_by(codes, weights, len(table))
    rate = sums_by(codes, weights * answered, len(table)) / everyone
    return of_propensities(rate[codes], weights)


def of_propensities(propensity: Floats, weight: Floats) -> Representativity:
    """The same from propensities estimated in any other way."""
    total = float(weight.sum())
    mean = float(weight @ propensity) / total
    deviation = float(np.sqrt(weight @ (propensity - mean) ** 2 / max(total - 1, 1)))
    return Representativity(1 - 2 * deviation, deviation / mean if mean > 0 else float("nan"), mean)
