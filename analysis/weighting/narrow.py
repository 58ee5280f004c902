"""Leave the rows outside a domain at weight zero before a weighting step that is about the domain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Mask
from analysis.weighting.steps import Adjusted


@dataclass(frozen=True, eq=False)
class Narrow:
    """Weights stay within `inside` (n) and are zero elsewhere; the rows still count for the variance."""

    inside: Mask
    name: str = "domain"

    def adjust(self, weight: Floats, strict: bool = True) -> Adjusted:
        return Adjusted(np.where(self.inside, weight, 0.0))

    def margins(self, before: Floats, after: Floats) -> pd.DataFrame | None:
        return None
