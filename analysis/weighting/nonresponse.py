"""Nonresponse adjustment by weighting classes, given or formed from response propensities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import Codes, Floats, Mask, sums_by
from analysis.basis import IndicatorBasis
from analysis.columns import rows_by
from analysis.corrections import Residual
from analysis.errors import NoRespondents, UnknownOption
from analysis.weighting.cells import Cells
from analysis.weighting.collapsing import partners
from analysis.weighting.steps import Adjusted

VARIANCES = ("linearised", "fixed")


@dataclass(frozen=True, eq=False)
class ResponseClasses:
    """Within each class respondents take over the weight of nonrespondents, who get weight zero.

    Cells are class by response: `classes` (cells) are codes into `labels`, `answered` (cells) tells which
    cell responded. The default variance counts that response rates are estimated (Särndal, Swensson and
    Wretman 1992, 15.6); "fixed" treats the new weights as given. `chance` (n) holds the propensities that the
    classes were cut from, where there is a model.
    """

    cells: Cells
    classes: Codes
    answered: Mask
    labels: tuple[Any, ...]
    variance: str = "linearised"
    chance: Floats | None = None
    name: str = "nonresponse"
    outside = 0.0

    def __post_init__(self) -> None:
        if self.variance not in VARIANCES:
            raise UnknownOption("variance", self.variance, VARIANCES)

    def adjust(self, weight: Floats, strict: bool = True) -> Adjusted:
        factor, _ = self.cell_factors(self.cells.sums(weight), strict)
        adjusted = weight * self.cells.to_rows(factor)
        return Adjusted(adjusted, self._correction(weight, adjusted))

    def cell_factors(self, table: Floats, strict: bool) -> tuple[Floats, int]:
        everyone, respondents = self._totals(table), self._totals(np.where(self.answered, table, 0.0))
        lost = (everyone > 0) & (respondents <= 0)
        if strict and lost.any():
            k = int(lost.argmax())
            answers = self._totals(np.where(self.answered, self.cells.occupied, 0))
            sampled = int(self.cells.occupied[self.classes == k].sum())
            raise NoRespondents(self.labels[k], sampled, partners(self.labels, answers, k))
        factor = np.divide(everyone, respondents, out=np.zeros(len(everyone)), where=respondents > 0)
        return np.where(self.answered, factor[self.classes], 0.0), 0

    def _totals(self, table: Floats) -> Floats:
        return sums_by(self.classes, table, len(self.labels))

    def propensity(self, weight: Floats) -> Floats:
        """The modelled chance to respond of each row, or the weighted response rate of its class."""
        if self.chance is not None:
            return self.chance
        table = self.cells.sums(weight)
        everyone, answering = self._totals(table), self._totals(np.where(self.answered, table, 0.0))
        rate = np.divide(answering, everyone, out=np.zeros(len(everyone)), where=everyone > 0)
        return self.cells.to_rows(rate[self.classes])

    def _correction(self, weight: Floats, adjusted: Floats) -> Residual | None:
        if self.variance == "fixed":
            return None
        levels = np.append(self.classes, len(self.labels))[:, None]
        basis = IndicatorBasis(self.cells.cell, levels, (len(self.labels),))
        answering = weight * self.cells.to_rows(self.answered.astype(np.float64))
        return Residual(basis, adjusted, answering, adjusted - weight)

    def margins(self, before: Floats, after: Floats) -> pd.DataFrame | None:
        """Each class with its sampled and responding weight and its response rate."""
        table = self.cells.sums(before)
        everyone, answering = self._totals(table), self._totals(np.where(self.answered, table, 0.0))
        rate = np.divide(answering, everyone, out=np.zeros(len(everyone)), where=everyone > 0)
        return pd.DataFrame(
            {
                "margin": "response class",
                "level": list(self.labels),
                "n": self._totals(np.where(self.answered, self.cells.occupied, 0)).astype(np.int64),
                "before": answering,
                "after": self._totals(self.cells.sums(after)),
                "target": everyone,
                "response_rate": rate,
            }
        )


def response_cells(
    responded: Mask,
    classes: Codes,
    labels: tuple[Any, ...],
    weight: Floats,
    variance: str,
    chance: Floats | None = None,
    counts: Codes | None = None,
) -> ResponseClasses:
    """Prepare the adjustment: rows by class and response; `counts` (n) are those of a merged sample."""
    joint = classes * 2 + responded
    occupied = rows_by(np.where(weight > 0, joint, -1), counts, 2 * len(labels))
    number = np.arange(2 * len(labels))
    table = pd.DataFrame({"class": [labels[k // 2] for k in number], "responded": number % 2})
    answered = np.asarray(number % 2 == 1)
    return ResponseClasses(Cells(joint, table, occupied), number // 2, answered, labels, variance, chance)


def quantile_classes(propensity: Floats, weight: Floats, n_classes: int) -> Codes:
    """Classes of about equal weighted size in order of propensity (Rosenbaum and Rubin 1984: five)."""
    order = np.argsort(propensity, kind="stable")
    share = np.cumsum(weight[order]) / weight.sum()
    cuts = [propensity[order][np.searchsorted(share, q)] for q in np.arange(1, n_classes) / n_classes]
    classes = np.searchsorted(np.unique(cuts), propensity, side="left")
    return np.unique(classes, return_inverse=True)[1].astype(np.int64)
