"""What calibration does to the variance: scores are replaced by residuals from the auxiliary variables.

Deville and Särndal (1992): every calibration estimator has the variance of the regression estimator, so the
score of a row becomes weight times its residual from the weighted regression on the controls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from analysis.arrays import Codes, Floats
from analysis.basis import Basis, solve_gram
from analysis.scores import Scores


class Correction(Protocol):
    """Turns the scores before a weighting step into those after it."""

    def apply(self, scores: Scores) -> Scores: ...


@dataclass(frozen=True, eq=False)
class Residual:
    """Replace score a z by a z - r X b, with b the regression of z on X under weights q.

    `adjusted` a is the weight after the step, `regression` q the weight before it; `removed` r is a
    for known totals, and a - q where the totals are themselves estimated from the sample (nonresponse).
    """

    basis: Basis
    adjusted: Floats
    regression: Floats
    removed: Floats

    def apply(self, scores: Scores) -> Scores:
        multiplier = np.divide(
            self.regression, self.adjusted, out=np.zeros(len(self.adjusted)), where=self.adjusted != 0
        )
        right = scores.cross(self.basis, multiplier)
        per_cell = self.basis.by_cell(self.regression)
        if self.basis.is_partition:
            size = self.basis.cell_totals(per_cell)[:, None]
            coefficients = np.divide(right, size, out=np.zeros_like(right), where=size != 0)
        else:
            coefficients = solve_gram(self.basis.cell_gram(per_cell), right)
        return scores.minus(self.basis, self.removed, coefficients)


@dataclass(frozen=True, eq=False)
class MarginSweeps:
    """R survey's own treatment of rake(): ten sweeps removing the unweighted mean of z in each margin class.

    Kept to reproduce R's figures; the regression residual (`Residual`) is the sound choice.
    """

    margins: tuple[Codes, ...]
    adjusted: Floats
    sweeps: int = 10

    def apply(self, scores: Scores) -> Scores:
        rows = scores.dense()
        positive = self.adjusted != 0
        z = np.divide(rows, self.adjusted[:, None], out=np.zeros_like(rows), where=positive[:, None])
        for _ in range(self.sweeps):
            for codes in self.margins:
                z -= _class_means(z, codes)
        return Scores.of_rows(z * self.adjusted[:, None])


def _class_means(z: Floats, codes: Codes) -> Floats:
    n_codes = int(codes.max()) + 1
    counts = np.maximum(np.bincount(codes, minlength=n_codes), 1)
    sums = Scores.of_rows(z).sums(codes, n_codes)
    return np.asarray((sums / counts[:, None])[codes])
