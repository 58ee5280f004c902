"""Estimates that carry their kind, so that no reader takes one for another."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import special

from analysis import intervals
from analysis.arrays import Floats
from analysis.errors import MixedSources, NotAProportion, UnknownOption

INTERVALS = ("wald", "logit")


@dataclass(frozen=True)
class OptInEstimate:
    """A mean from an opt-in sample; valid only as far as its models are, unlike a design-based estimate.

    `variance_reference` and `variance_opt_in` add up to se^2; `unweighted` is the plain mean of the opt-in
    rows; `effective_n` is Kish's for the pseudo-weights; `df` is Satterthwaite's.
    """

    variable: str
    level: Any
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    df: float
    method: str
    variance_reference: float
    variance_opt_in: float
    unweighted: float
    effective_n: float
    n_opt_in: int
    n_reference: int
    source: Literal["opt_in"] = field(default="opt_in", init=False)

    def to_frame(self) -> pd.DataFrame:
        """One row with a column per field, `source` among them."""
        return pd.DataFrame([asdict(self)])


@dataclass(frozen=True)
class ProbabilityEstimate:
    """A design-based estimate, named as such before it may be combined with an opt-in one."""

    variable: str
    level: Any
    estimate: float
    se: float
    df: float
    source: Literal["probability"] = field(default="probability", init=False)


@dataclass(frozen=True)
class CombinedEstimate:
    """share * opt-in + (1 - share) * probability estimate, by a named method.

    `se` counts sampling error alone; `rmse` adds the share of the opt-in estimate's estimated bias, and the
    limits are estimate -/+ t * rmse.
    """

    variable: str
    level: Any
    estimate: float
    se: float
    rmse: float
    ci_low: float
    ci_high: float
    df: float
    method: str
    opt_in_share: float
    opt_in_bias: float
    opt_in: OptInEstimate
    probability: ProbabilityEstimate
    source: Literal["combined"] = field(default="combined", init=False)

    def to_frame(self) -> pd.DataFrame:
        """One row without the two parts, `source` among its columns."""
        shown = [f.name for f in fields(self) if f.name not in ("opt_in", "probability")]
        return pd.DataFrame([{name: getattr(self, name) for name in shown}])


def probability_estimate(table: pd.DataFrame) -> ProbabilityEstimate:
    """The single row of a table from `Design.mean` or `Design.proportion`.

    Raises `MixedSources` for more rows, and for tables that are not design-based.
    """
    if len(table) != 1:
        raise MixedSources(f"a table of {len(table)} rows was given where one estimate is needed")
    row = table.iloc[0]
    if row.get("source", "probability") != "probability":
        raise MixedSources(f"a table with source {row['source']!r} was given as a probability estimate")
    numbers = (float(row["estimate"]), float(row["se"]), float(row["df"]))
    return ProbabilityEstimate(str(row["variable"]), row["level"], *numbers)


def limits(estimate: float, se: float, df: float, level: float, interval: str) -> tuple[float, float]:
    """estimate -/+ t * se, or the same on the logit scale for a share."""
    if interval not in INTERVALS:
        raise UnknownOption("interval", interval, INTERVALS)
    if interval == "wald":
        return _symmetric(estimate, se, df, level)
    if not 0 < estimate < 1:
        raise NotAProportion("estimate", estimate)
    low, high = _symmetric(float(special.logit(estimate)), se / (estimate * (1 - estimate)), df, level)
    return float(special.expit(low)), float(special.expit(high))


def _symmetric(estimate: float, se: float, df: float, level: float) -> tuple[float, float]:
    low, high = intervals.symmetric(_vector(estimate), _vector(se), "t", level, _vector(df))
    return float(low[0]), float(high[0])


def _vector(value: float) -> Floats:
    return np.array([value], dtype=np.float64)


def satterthwaite(variances: tuple[float, float], df: tuple[float, float]) -> float:
    """Degrees of freedom of a sum of independent variances (Satterthwaite 1946); none left where one has none."""
    spread = sum(v**2 / d if d > 0 else np.inf for v, d in zip(variances, df, strict=True) if v > 0)
    return float(sum(variances) ** 2 / spread) if spread > 0 else float("inf")
