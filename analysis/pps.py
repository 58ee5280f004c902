"""Variance under unequal probability sampling without replacement, from joint inclusion probabilities.

Row i of the result pairs unit i with unit j by 1 - p_i p_j / p_ij, the weight of their scores' product in the
Horvitz-Thompson variance; Yates and Grundy's form subtracts the row sums on the diagonal.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis.arrays import Codes, Floats
from analysis.errors import SurveyError, UnknownOption, UnsuitableDesign
from analysis.structure import Stage

LARGEST = 20_000  # units; the matrix of pairs has the square of this many entries
VARIANCES = ("ht", "yg")


def pair_weights(stage: Stage, pps: str | Floats, variance: str) -> Floats | None:
    """The matrix (units, units) of pair weights, or None for Brewer's approximation, which needs no pairs.

    `pps` is "brewer", "overton" (Overton 1985), "hartley_rao" (with the population's sum of squared
    probabilities estimated from the sample) or the matrix of joint inclusion probabilities of the sampled
    units in data order. `variance` is "ht" (Horvitz-Thompson) or "yg" (Yates-Grundy).
    """
    if variance not in VARIANCES:
        raise UnknownOption("pps_variance", variance, VARIANCES)
    if stage.fraction is None:
        raise UnsuitableDesign("pps", "give fpc, the inclusion probability of each unit")
    if isinstance(pps, str) and pps == "brewer":
        if variance != "ht":
            raise UnsuitableDesign("pps_variance", "Brewer's approximation has no pairs for Yates and Grundy")
        return None
    if stage.n_units > LARGEST:
        raise UnsuitableDesign("pps", f"{stage.n_units} units make too many pairs; use pps='brewer'")
    if isinstance(pps, str):
        if pps not in APPROXIMATIONS:
            raise UnknownOption("pps", pps, ("brewer", *APPROXIMATIONS, "a matrix of joint probabilities"))
        pairs = APPROXIMATIONS[pps](stage.fraction, stage)
    else:
        pairs = _from_joint(np.asarray(pps, dtype=np.float64), stage)
    return pairs if variance == "ht" else pairs - np.diag(pairs.sum(axis=1))


def _from_joint(joint: Floats, stage: Stage) -> Floats:
    if joint.shape != (stage.n_units, stage.n_units) or not np.allclose(joint, joint.T):
        raise SurveyError(f"joint probabilities must be symmetric, one row for each of {stage.n_units} units")
    if (joint <= 0).any():
        i, j = np.argwhere(joint <= 0)[0]
        raise SurveyError(f"joint probability of units {i} and {j} is {joint[i, j]:.10g}, not positive")
    probability = np.diagonal(joint)
    return _with_diagonal(1.0 - np.outer(probability, probability) / joint, probability)


def _overton(probability: Floats, stage: Stage) -> Floats:
    n = stage.sampled[stage.stratum_of][:, None]
    mean = np.add.outer(probability, probability) / 2
    return _within_strata(1.0 - (n - mean) / np.maximum(n - 1, 1), probability, stage)


def _hartley_rao(probability: Floats, stage: Stage) -> Floats:
    n = stage.sampled[stage.stratum_of][:, None]
    squares = np.bincount(stage.stratum_of, probability)[stage.stratum_of][:, None] / n
    both = np.add.outer(probability, probability)
    return _within_strata(1.0 - (n - both + squares) / np.maximum(n - 1, 1), probability, stage)


def _within_strata(pairs: Floats, probability: Floats, stage: Stage) -> Floats:
    same: Codes = stage.stratum_of
    return _with_diagonal(np.where(same[:, None] == same[None, :], pairs, 0.0), probability)


def _with_diagonal(pairs: Floats, probability: Floats) -> Floats:
    np.fill_diagonal(pairs, 1.0 - probability)
    return pairs


APPROXIMATIONS: dict[str, Callable[[Floats, Stage], Floats]] = {
    "overton": _overton,
    "hartley_rao": _hartley_rao,
}
