"""Trim extreme weights and give what was cut to the other units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import Floats
from analysis.errors import BadWeight, UnknownOption
from analysis.weighting.steps import Adjusted

REDISTRIBUTIONS = ("equal", "proportional")


@dataclass(frozen=True, eq=False)
class Trim:
    """Keep weights within [lower, upper]; the total of the weights does not change.

    What is cut goes to the untrimmed rows in equal amounts (R's trimWeights) or in proportion to their
    weights; `strict` repeats until no weight is outside. Rows of weight zero take no part.
    """

    lower: float
    upper: float
    strict: bool = False
    redistribute: str = "equal"
    name: str = "trim"

    def __post_init__(self) -> None:
        if not self.lower < self.upper:
            raise UnknownOption("lower", self.lower, f"a number below upper={self.upper}")
        if self.redistribute not in REDISTRIBUTIONS:
            raise UnknownOption("redistribute", self.redistribute, REDISTRIBUTIONS)

    def adjust(self, weight: Floats, strict: bool = True) -> Adjusted:
        active = weight != 0
        if strict and self.strict:
            self._refuse_impossible(weight[active])
        trimmed = weight.copy()
        trimmed[active] = self._trim(weight[active])
        if strict:
            self._refuse_unmet(weight[active], trimmed[active])
        return Adjusted(trimmed)

    def _trim(self, weight: Floats) -> Floats:
        for _ in range(1000 if self.strict else 1):
            outside = (weight < self.lower) | (weight > self.upper)
            clipped = np.clip(weight, self.lower, self.upper)
            cut = float((weight - clipped).sum())
            takers = ~outside
            if outside.all():  # those at the other limit have room for what was cut
                takers = weight < self.lower if cut > 0 else weight > self.upper
            if not outside.any() or not takers.any():
                break
            share = np.ones(len(weight)) if self.redistribute == "equal" else weight
            weight = np.where(takers, clipped + cut * share / share[takers].sum(), clipped)
        return weight

    def _refuse_unmet(self, before: Floats, after: Floats) -> None:
        """With all weights outside on the same side nobody can take what is cut."""
        slack = 1e-9 * max(float(np.abs(before).max(initial=0.0)), 1.0)
        unmet = (after < self.lower - slack) | (after > self.upper + slack)
        stuck = np.array_equal(before, after) or self.strict
        if unmet.any() and stuck:
            value = after[unmet][0]
            raise BadWeight("trim", f"{value:.10g} cannot be brought within [{self.lower}, {self.upper}]")

    def _refuse_impossible(self, weight: Floats) -> None:
        mean = float(weight.mean())
        if not self.lower <= mean <= self.upper:
            raise BadWeight("trim", f"their mean {mean:.10g} lies outside [{self.lower}, {self.upper}]")

    def margins(self, before: Floats, after: Floats) -> pd.DataFrame | None:
        return None
