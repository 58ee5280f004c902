"""Explain a calibration that cannot succeed: which controls contradict each other within the bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import optimize, sparse

from analysis.arrays import Floats
from analysis.basis import Basis, DenseBasis, IndicatorBasis
from analysis.errors import InfeasibleControls
from analysis.weighting.distances import Bound

LARGEST_PROBLEM = 200_000  # cells; beyond it the linear programme would take too long to be an explanation


def refuse_if_infeasible(
    basis: Basis,
    weight: Floats,
    bounds: tuple[Bound, Bound],
    target: Floats,
    labels: tuple[tuple[str, Any], ...],
) -> None:
    """Raise `InfeasibleControls` when no weights within the bounds meet the targets.

    Minimises the total relative shortfall by linear programming; controls left with one are in conflict.
    """
    cells, p = len(weight), basis.p
    if cells > LARGEST_PROBLEM:
        return
    scale = 1.0 + np.abs(target)
    slacks = sparse.eye_array(p)
    controls = sparse.hstack([_matrix(basis, weight, scale), slacks, -slacks])
    cost = np.concatenate([np.zeros(cells), np.ones(2 * p)])
    lower, upper = (np.broadcast_to(np.asarray(b, dtype=np.float64), (cells,)) for b in bounds)
    limits = optimize.Bounds(
        np.concatenate([lower, np.zeros(2 * p)]), np.concatenate([upper, np.full(2 * p, np.inf)])
    )
    wanted = optimize.LinearConstraint(controls, target / scale, target / scale)
    solution = optimize.milp(cost, bounds=limits, constraints=wanted)
    if solution.x is None or float(solution.fun) < 1e-9:
        return
    slack = solution.x[cells : cells + p] - solution.x[cells + p :]
    conflicts = [
        (margin, level, float(slack[k] * scale[k]), float(target[k]))
        for k, (margin, level) in enumerate(labels)
        if abs(slack[k]) > 1e-9
    ]
    raise InfeasibleControls(conflicts)


def _matrix(basis: Basis, weight: Floats, scale: Floats) -> sparse.csr_array:
    """X' diag(weight), each control divided by its scale (p, cells)."""
    if isinstance(basis, IndicatorBasis):
        levels = basis.levels
        blocks = []
        for m, size in enumerate(basis.sizes):
            inside = levels[:, m] < size
            where = (levels[inside, m], np.flatnonzero(inside))
            blocks.append(sparse.coo_array((weight[inside], where), shape=(size, len(levels))))
        return sparse.csr_array(sparse.vstack(blocks).multiply(1 / scale[:, None]))
    assert isinstance(basis, DenseBasis)
    return sparse.csr_array((basis.profiles * weight[:, None] / scale).T)
