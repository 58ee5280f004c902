"""How much response propensities vary (Schouten, Cobben and Bethlehem 2009)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Floats


@dataclass(frozen=True)
class Representativity:
    """`r_indicator` = 1 - 2 S(propensity), 1 meaning that all classes respond alike.

    `coefficient_of_variation` is S / mean, the largest standardised bias of a mean of respondents; both, and
    `response_rate` (weighted), are numbers from 0 to 1.
    """

    r_indicator: float
    coefficient_of_variation: float
    response_rate: float


def of_propensities(propensity: Floats, weight: Floats) -> Representativity:
    """From response propensities (n), estimated in any way, and design weights (n)."""
    total = float(weight.sum())
    mean = float(weight @ propensity) / total
    deviation = float(np.sqrt(weight @ (propensity - mean) ** 2 / max(total - 1, 1)))
    return Representativity(1 - 2 * deviation, deviation / mean if mean > 0 else float("nan"), mean)
