"""What a weighting step is, what it returns, and the record that the design keeps of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd

from analysis.arrays import Floats
from analysis.corrections import Correction


@dataclass(frozen=True, eq=False)
class Adjusted:
    """Weights after a step, and how the step changes the variance."""

    weight: Floats
    correction: Correction | None = None
    iterations: int = 0


class WeightingStep(Protocol):
    """One step of the weighting recipe, ready to run on any set of weights of the same rows."""

    @property
    def name(self) -> str: ...

    def adjust(self, weight: Floats, strict: bool = True) -> Adjusted:
        """New weights; `strict` False tolerates cells that a replicate left empty."""
        ...

    def margins(self, before: Floats, after: Floats) -> pd.DataFrame | None:
        """Controls before and after beside their targets."""
        ...


@dataclass(frozen=True)
class WeightSpread:
    """How uneven weights are: Kish's design effect 1 + cv^2 and effective size n / deff (Kish 1965, 11.7)."""

    n: int
    total: float
    smallest: float
    median: float
    largest: float
    kish_deff: float
    effective_n: float


def weight_spread(weight: Floats) -> WeightSpread:
    """Describe the positive weights."""
    positive = weight[weight > 0]
    if not len(positive):
        return WeightSpread(0, 0.0, 0.0, 0.0, 0.0, float("nan"), 0.0)
    n, total = len(positive), float(positive.sum())
    deff = n * float(positive @ positive) / total**2
    return WeightSpread(
        n, total, float(positive.min()), float(np.median(positive)), float(positive.max()), deff, n / deff
    )


@dataclass(frozen=True, eq=False)
class Record:
    """One line of a design's history: the step, the weights it gave and their diagnostics.

    `factors` summarises new over old weight at the quantiles 0, 5, 25, 50, 75, 95 and 100 %.
    """

    name: str
    weight: Floats = field(repr=False)
    spread: WeightSpread
    factors: dict[str, float] = field(default_factory=dict)
    margins: pd.DataFrame | None = field(default=None, repr=False)
    iterations: int = 0
    step: WeightingStep | None = field(default=None, repr=False)


def record_of(step: WeightingStep, before: Floats, adjusted: Adjusted) -> Record:
    """Describe a step that turned `before` into `adjusted`."""
    return Record(
        step.name,
        adjusted.weight,
        weight_spread(adjusted.weight),
        _factors(before, adjusted.weight),
        step.margins(before, adjusted.weight),
        adjusted.iterations,
        step,
    )


def _factors(before: Floats, after: Floats) -> dict[str, float]:
    kept = (before > 0) & (after > 0)
    if not kept.any():
        return {}
    quantiles = (0, 5, 25, 50, 75, 95, 100)
    values = np.percentile(after[kept] / before[kept], quantiles)
    return {f"p{q}": float(v) for q, v in zip(quantiles, values, strict=True)}
