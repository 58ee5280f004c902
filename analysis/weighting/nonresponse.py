"""Nonresponse adjustment by weighting classes, given or formed from response propensities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import Codes, Floats, Mask, sums_by
from analysis.basis import Basis
from analysis.corrections import Residual
from analysis.errors import NoRespondents, UnknownOption
from analysis.weighting.steps import Adjusted

VARIANCES = ("linearised", "fixed")


@dataclass(frozen=True, eq=False)
class ResponseClasses:
    """Within each class respondents take over the weight of nonrespondents, who get weight zero.

    `classes` (n) are codes, `labels` their names. The default variance counts that class response rates are
    estimated (Särndal, Swensson and Wretman 1992, 15.6); "fixed" treats the new weights as given.
    """

    responded: Mask
    classes: Codes
    labels: tuple[Any, ...]
    variance: str = "linearised"
    name: str = "nonresponse"

    def __post_init__(self) -> None:
        if self.variance not in VARIANCES:
            raise UnknownOption("variance", self.variance, VARIANCES)

    def adjust(self, weight: Floats, strict: bool = True) -> Adjusted:
        answering = np.where(self.responded, weight, 0.0)
        everyone, respondents = self._totals(weight), self._totals(answering)
        lost = (everyone > 0) & (respondents <= 0)
        if strict and lost.any():
            k = int(lost.argmax())
            raise NoRespondents(self.labels[k], int(np.sum((self.classes == k) & (weight > 0))))
        factor = np.divide(everyone, respondents, out=np.zeros(len(everyone)), where=respondents > 0)
        adjusted = answering * factor[self.classes]
        return Adjusted(adjusted, self._correction(weight, answering, adjusted))

    def _totals(self, weight: Floats) -> Floats:
        return sums_by(self.classes, weight, len(self.labels))

    def _correction(self, weight: Floats, answering: Floats, adjusted: Floats) -> Residual | None:
        if self.variance == "fixed":
            return None
        basis = Basis.of_cells(self.classes, len(self.labels))
        return Residual(basis, adjusted, answering, adjusted - weight)

    def margins(self, before: Floats, after: Floats) -> pd.DataFrame | None:
        """Each class with its sampled and responding weight and its response rate."""
        answering = self._totals(np.where(self.responded, before, 0.0))
        everyone = self._totals(before)
        return pd.DataFrame(
            {
                "margin": "response class",
                "level": list(self.labels),
                "before": answering,
                "after": self._totals(after),
                "target": everyone,
                "response_rate": np.divide(
                    answering, everyone, out=np.zeros(len(everyone)), where=everyone > 0
                ),
            }
        )


def quantile_classes(propensity: Floats, weight: Floats, n_classes: int) -> Codes:
    """Classes of about equal weighted size in order of propensity (Rosenbaum and Rubin 1984: five)."""
    order = np.argsort(propensity, kind="stable")
    share = np.cumsum(weight[order]) / weight.sum()
    cuts = [propensity[order][np.searchsorted(share, q)] for q in np.arange(1, n_classes) / n_classes]
    classes = np.searchsorted(np.unique(cuts), propensity, side="left")
    return np.unique(classes, return_inverse=True)[1].astype(np.int64)
