"""Calibration of weights to known totals, with bounds and with one factor per household where wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import Codes, Floats, counts_by, sums_by
from analysis.basis import Basis, solve_gram
from analysis.corrections import Residual
from analysis.errors import NoConvergence
from analysis.weighting.cells import Cells
from analysis.weighting.distances import Bound, Distance, distance_of
from analysis.weighting.feasibility import refuse_if_infeasible
from analysis.weighting.steps import Adjusted

RESCALE_ABOVE = 20.0  # weights this far below the population are first scaled up, as in R's grake()


@dataclass(frozen=True, eq=False)
class Calibrate:
    """New weights w g with X'(w g) = target and g = F(x'eta / sigma2) (Deville and Särndal 1992).

    `basis` holds X (rows, p), `target` (p), `labels` (p) the margin and level of each column; `unit` (n)
    makes g constant within units by calibrating their mean X and mean weight (Lemaître and Dufour 1987).
    `sigma2` (n) is the model variance of the regression, None for 1.
    """

    basis: Basis
    target: Floats
    labels: tuple[tuple[str, Any], ...]
    distance: str = "linear"
    bounds: tuple[float, float] = (-np.inf, np.inf)
    bounds_are_weights: bool = False
    sigma2: Floats | None = None
    unit: Codes | None = None
    tolerance: float = 1e-10
    max_iterations: int = 200
    name: str = "calibrate"

    def adjust(self, weight: Floats, strict: bool = True) -> Adjusted:
        base = weight if self.unit is None else _unit_means(weight, self.unit)
        g, iterations = self._factors(self.basis.by_cell(base), self._cell_sigma2(), strict)
        factor = self.basis.to_rows(g)
        calibrated = None if self.unit is None else factor * base
        adjusted = np.multiply(factor, weight, out=factor if self.basis.repeats_rows else None)
        if calibrated is None:
            calibrated = adjusted
        regression = base if self.sigma2 is None else base / self.sigma2
        return Adjusted(adjusted, Residual(self.basis, calibrated, regression, calibrated), iterations)

    def _factors(self, table: Floats, sigma2: Floats | float, strict: bool) -> tuple[Floats, int]:
        cells = _Cells(self.basis, table, sigma2)
        scale = self._prescale(cells)
        g, iterations = self._solve(cells, scale, strict)
        return g * scale if scale != 1.0 else g, iterations

    def _cell_sigma2(self) -> Floats | float:
        if self.sigma2 is None:
            return 1.0
        counted = self.basis.by_cell(np.ones(len(self.sigma2)))
        return self.basis.by_cell(self.sigma2) / np.maximum(counted, 1)

    @property
    def is_regression(self) -> bool:
        """Whether the weights are those of the regression estimator, without iteration."""
        return self.distance == "linear" and not np.isfinite(self.bounds).any()

    def _prescale(self, cells: _Cells) -> float:
        sample = cells.totals(np.ones(len(cells.weight)))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = self.target / sample
        ratio = ratio[np.isfinite(ratio)]
        return float(ratio.mean()) if len(ratio) and ratio.min() > RESCALE_ABOVE else 1.0

    def _solve(self, cells: _Cells, scale: float, strict: bool) -> tuple[Floats, int]:
        cells = _Cells(cells.basis, cells.weight * scale, cells.sigma2)
        distance = distance_of(self.distance, *self._limits(cells.weight))
        target = self._reachable(cells)
        eta = np.zeros(len(target))
        misfit = target - cells.totals(distance.g(cells.predictor(eta)))
        for iteration in range(1, self.max_iterations + 1):
            step = cells.newton_step(distance, eta, misfit)
            eta, misfit = _descend(cells, distance, eta, step, target, misfit)
            if _error(misfit, target) < self.tolerance:
                return distance.g(cells.predictor(eta)), iteration
        if strict:
            self._refuse(cells, target, misfit)
        return distance.g(cells.predictor(eta)), self.max_iterations

    def _limits(self, weight: Floats) -> tuple[Bound, Bound]:
        lower, upper = self.bounds
        if not self.bounds_are_weights:
            return lower, upper
        positive = np.where(weight > 0, weight, 1.0)
        return lower / positive, upper / positive

    def _reachable(self, cells: _Cells) -> Floats:
        """Targets of columns that have any weight (a replicate may have lost a level)."""
        present = np.diagonal(self.basis.cell_gram(cells.weight)) > 0
        return np.where(present, self.target, 0.0)

    def _refuse(self, cells: _Cells, target: Floats, misfit: Floats) -> None:
        limits = self._limits(cells.weight)
        refuse_if_infeasible(self.basis, cells.weight, limits, target, self.labels)
        worst = int((np.abs(misfit) / (1.0 + np.abs(target))).argmax())
        margin, level = self.labels[worst]
        raise NoConvergence(
            f"calibration ({self.distance})",
            self.max_iterations,
            margin,
            level,
            float(target[worst] - misfit[worst]),
            float(target[worst]),
        )

    def margins(self, before: Floats, after: Floats) -> pd.DataFrame | None:
        """Every control before and after beside its target; totals of numbers have no count of rows."""
        counts = self.basis.cell_totals(self.basis.by_cell((before > 0).astype(np.float64)))
        is_level = np.array([level != "total" for _, level in self.labels])
        return pd.DataFrame(
            {
                "margin": [margin for margin, _ in self.labels],
                "level": [level for _, level in self.labels],
                "n": np.where(is_level, np.rint(counts), np.nan),
                "before": self.basis.cell_totals(self.basis.by_cell(before)),
                "after": self.basis.cell_totals(self.basis.by_cell(after)),
                "target": self.target,
            }
        )


@dataclass(frozen=True, eq=False)
class _Cells:
    """Distinct rows of X with the weight and model variance of each."""

    basis: Basis
    weight: Floats
    sigma2: Floats | float

    def predictor(self, eta: Floats) -> Floats:
        return self.basis.predictor(eta) / self.sigma2

    def totals(self, g: Floats) -> Floats:
        return self.basis.cell_totals(self.weight * g)

    def newton_step(self, distance: Distance, eta: Floats, misfit: Floats) -> Floats:
        slope = self.weight * distance.slope(self.predictor(eta)) / self.sigma2
        return solve_gram(self.basis.cell_gram(slope), misfit[:, None])[:, 0]


def _descend(
    cells: _Cells, distance: Distance, eta: Floats, step: Floats, target: Floats, misfit: Floats
) -> tuple[Floats, Floats]:
    """Take the Newton step, halving it while the misfit grows."""
    before = _error(misfit, target)
    for _ in range(12):
        trial = target - cells.totals(distance.g(cells.predictor(eta + step)))
        if np.isfinite(trial).all() and _error(trial, target) < before:
            break
        step = step / 2
    return eta + step, target - cells.totals(distance.g(cells.predictor(eta + step)))


def _error(misfit: Floats, target: Floats) -> float:
    return float((np.abs(misfit) / (1.0 + np.abs(target))).max(initial=0.0))


def _unit_means(weight: Floats, unit: Codes) -> Floats:
    """The mean positive weight of each row's unit; zero where the row has none."""
    n_units = int(unit.max()) + 1
    active = weight > 0
    mean = sums_by(unit, weight, n_units) / np.maximum(counts_by(unit[active], n_units), 1)
    return np.where(active, mean[unit], 0.0)


@dataclass(frozen=True, eq=False)
class CellCalibrate(Calibrate):
    """Calibration whose auxiliary variables are all categorical: rows of a cell share their factor."""

    cells: Cells = field(kw_only=True)
    outside = 0.0

    def cell_factors(self, table: Floats, strict: bool) -> tuple[Floats, int]:
        g, iterations = self._factors(np.append(table, 0.0), 1.0, strict)
        return g[:-1], iterations
