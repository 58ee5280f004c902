"""Combine an opt-in with a probability estimate: only by a named method, and never unnoticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.errors import MixedSources, SurveyError, UnknownOption
from analysis.opt_in.results import (
    CombinedEstimate,
    OptInEstimate,
    ProbabilityEstimate,
    limits,
    satterthwaite,
)


@dataclass(frozen=True)
class _Errors:
    """Variances of the opt-in and the probability estimate, their covariance, and their difference."""

    opt_in: float
    probability: float
    covariance: float
    difference: float

    @property
    def of_difference(self) -> float:
        return self.opt_in + self.probability - 2 * self.covariance

    def of_share(self, share: float) -> float:
        rest = 1 - share
        return share**2 * self.opt_in + rest**2 * self.probability + 2 * share * rest * self.covariance


def _no_bias(errors: _Errors) -> float:
    return 0.0


def _estimated_bias(errors: _Errors) -> float:
    """The root of what of the squared difference its variance does not explain, none if negative."""
    squared = max(errors.difference**2 - errors.of_difference, 0.0)
    return float(np.copysign(np.sqrt(squared), errors.difference))


BIASES: dict[str, Callable[[_Errors], float]] = {
    "inverse_variance": _no_bias,
    "inverse_mse": _estimated_bias,
}


def combine(
    opt_in: OptInEstimate,
    probability: ProbabilityEstimate,
    method: Literal["inverse_variance", "inverse_mse"],
    covariance: float,
    level: float = 0.95,
) -> CombinedEstimate:
    """The share of the opt-in estimate that makes the error of the composite least.

    "inverse_variance" takes both estimates as unbiased; "inverse_mse" takes the probability estimate as
    unbiased and adds to the opt-in variance the squared bias that the difference of the two shows (Elliott
    and Haviland 2007, Survey Methodology 33, 211-215). `covariance` of the two errors is 0 for independent
    samples; where the reference sample itself gives the probability estimate, see
    `OptIn.covariance_with`. Raises `MixedSources` for other kinds of estimates or other variables.
    """
    _same_target(opt_in, probability)
    if method not in BIASES:
        raise UnknownOption("method", method, tuple(BIASES))
    errors = _Errors(opt_in.se**2, probability.se**2, covariance, opt_in.estimate - probability.estimate)
    if covariance**2 > errors.opt_in * errors.probability * (1 + 1e-9):
        raise SurveyError(f"covariance={covariance:.6g} exceeds the product of the standard errors")
    bias = BIASES[method](errors)
    share = _best_share(errors, bias)
    estimate = share * opt_in.estimate + (1 - share) * probability.estimate
    se = float(np.sqrt(errors.of_share(share)))
    rmse = float(np.hypot(se, share * bias))
    parts = (share**2 * errors.opt_in, (1 - share) ** 2 * errors.probability)
    df = satterthwaite(parts, (opt_in.df, probability.df))
    low, high = limits(estimate, rmse, df, level, "wald")
    return CombinedEstimate(
        opt_in.variable,
        opt_in.level,
        estimate,
        se,
        rmse,
        low,
        high,
        df,
        method,
        share,
        bias,
        opt_in,
        probability,
    )


def _best_share(errors: _Errors, bias: float) -> float:
    """Minimises share^2 (V_A + bias^2) + (1 - share)^2 V_P + 2 share (1 - share) C, kept within 0 and 1."""
    whole = errors.of_difference + bias**2
    if whole <= 0:
        raise SurveyError("both estimates have the same error; there is nothing to gain by combining them")
    return float(np.clip((errors.probability - errors.covariance) / whole, 0.0, 1.0))


def _same_target(opt_in: object, probability: object) -> None:
    if not isinstance(opt_in, OptInEstimate):
        raise MixedSources(f"opt_in is a {type(opt_in).__name__}, not an OptInEstimate")
    if not isinstance(probability, ProbabilityEstimate):
        raise MixedSources(
            f"probability is a {type(probability).__name__}; name it with probability_estimate(table)"
        )
    a, b = (opt_in.variable, opt_in.level), (probability.variable, probability.level)
    if a[0] != b[0] or not _same_level(a[1], b[1]):
        raise MixedSources(f"the opt-in estimate is of {a!r}, the probability estimate of {b!r}")


def _same_level(first: object, second: object) -> bool:
    absent = [level is None or level != level for level in (first, second)]  # NaN differs from itself
    return all(absent) or (not any(absent) and first == second)
