"""Pseudo-weights of an opt-in sample from the chance to take part, estimated beside a reference sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.arrays import Floats
from analysis.errors import ModelNotFitted
from analysis.models.families import BINOMIAL, POISSON, link_of
from analysis.models.fitting import Glm
from analysis.opt_in.samples import Samples

MAX_ITERATIONS = 100
MAX_HALVINGS = 30


@dataclass(frozen=True, eq=False)
class Participation:
    """Pseudo-weights and how they depend on the coefficients of the participation model.

    `weight` (n_opt_in) = f(eta) with eta = X coefficients; `slope` (n_opt_in) is its derivative; the errors
    of the coefficients are the sums of `opt_in_influence` (n_opt_in, p) and `reference_influence`
    (n_reference, p) over the rows.
    """

    coefficients: Floats
    weight: Floats
    slope: Floats
    opt_in_influence: Floats
    reference_influence: Floats


Method = Callable[[Samples, Floats], Participation]


def chen_li_wu(samples: Samples, weight: Floats) -> Participation:
    """Pseudo-likelihood: the score sum_A x - sum_B d pi(x) x = 0 with logit pi = x theta; weights 1 / pi.

    Chen, Li and Wu (2020, JASA 115, 2011-2021, eq. 5 and 6). `weight` d (n_reference) are the reference's.
    """
    theta = pseudo_likelihood(samples, weight)
    inverse_odds = np.exp(-(samples.opt_in @ theta))
    chance = special.expit(samples.reference @ theta)
    information = _information(samples.reference, weight * chance * (1 - chance))
    return Participation(
        theta,
        1 + inverse_odds,
        -inverse_odds,
        _solved(information, samples.opt_in),
        -_solved(information, samples.reference * (weight * chance)[:, None]),
    )


def pseudo_likelihood(samples: Samples, weight: Floats) -> Floats:
    """The root of the pseudo-score (p) by Newton steps, halved while the pseudo-likelihood would fall.

    The log pseudo-likelihood sum_A x theta - sum_B d log(1 + exp(x theta)) is concave, so its root is
    unique; it runs off to infinity where a group has more participants than the reference has people.
    """
    target = samples.opt_in.sum(axis=0)
    theta = np.zeros(samples.opt_in.shape[1])
    for _ in range(MAX_ITERATIONS):
        chance = special.expit(samples.reference @ theta)
        score = target - samples.reference.T @ (weight * chance)
        information = _information(samples.reference, weight * chance * (1 - chance))
        step = _newton_step(information, score, samples, weight)
        theta = _uphill(theta, step, samples, weight, target)
        if float(score @ step) < 1e-16 * len(samples.opt_in):
            return theta
    raise _unsolved(samples, weight, score)


def _information(x: Floats, weight: Floats) -> Floats:
    return np.asarray((x * weight[:, None]).T @ x)


def _solved(information: Floats, rows: Floats) -> Floats:
    return np.asarray(np.linalg.solve(information, rows.T).T, dtype=np.float64)


def _newton_step(information: Floats, score: Floats, samples: Samples, weight: Floats) -> Floats:
    scale = np.sqrt(np.diagonal(information))
    if not (scale > 0).all():
        raise _unsolved(samples, weight, score)
    scaled = information / np.outer(scale, scale)
    if np.linalg.cond(scaled) > 1e13:
        raise _unsolved(samples, weight, score)
    return np.asarray(np.linalg.solve(scaled, score / scale) / scale)


def _uphill(theta: Floats, step: Floats, samples: Samples, weight: Floats, target: Floats) -> Floats:
    def likelihood(at: Floats) -> float:
        return float(target @ at - weight @ np.logaddexp(0, samples.reference @ at))

    here = likelihood(theta)
    for _ in range(MAX_HALVINGS):
        if likelihood(theta + step) >= here - 1e-12 * abs(here):
            break
        step = step / 2
    return theta + step


def _unsolved(samples: Samples, weight: Floats, score: Floats) -> ModelNotFitted:
    scale = np.abs(samples.reference).T @ weight
    k = int(np.argmax(np.abs(score) / np.where(scale > 0, scale, 1.0)))
    return ModelNotFitted(
        samples.formula,
        f"the pseudo-likelihood has no maximum; at {samples.names[k]!r} participants exceed what the "
        f"reference weights allow by {score[k]:.6g}: drop the term, merge levels or check that the "
        f"reference weights (sum {weight.sum():.6g}) add up to the population",
    )


def elliott_valliant(samples: Samples, weight: Floats) -> Participation:
    """Inverse propensity odds times the reference weight expected at x: weights E(d | x) (1 - p) / p.

    Elliott and Valliant (2017, Statistical Science 32, 249-264, section 3): P(A | x) is proportional to
    P(B | x) p / (1 - p), with p the chance that a row of the two samples put together is an opt-in one
    (unweighted logistic regression). 1 / P(B | x) = E(d | x, B) comes from a log-linear regression of the
    reference weights on x. Replicate weights enter as factors on the reference rows; calibration of the
    reference is not felt in d itself. Overlap of the two samples counts as negligible.
    """
    factor = samples.factors(weight)
    odds = propensity_model(samples)
    rows = np.concatenate([np.ones(len(samples.opt_in)), factor])
    level = weight_model(samples)
    coefficients = level.value(factor) - odds.value(rows)
    of_odds, of_level = odds.scores(rows).dense(), level.scores(factor).dense()
    pseudo_weight = np.exp(samples.opt_in @ coefficients)
    n = len(samples.opt_in)
    return Participation(coefficients, pseudo_weight, pseudo_weight, -of_odds[:n], of_level - of_odds[n:])


def weight_model(samples: Samples) -> Glm:
    """The log-linear regression of the reference weights on x.

    Its deviance is measured against their sum: it can be zero but for rounding, as in a stratified sample.
    """
    total = float(samples.weight.sum())
    return Glm(samples.reference, samples.weight, POISSON, link_of("log"), samples.formula, total)


def propensity_model(samples: Samples) -> Glm:
    """The logistic regression of being an opt-in row among the rows of both samples."""
    x = np.vstack([samples.opt_in, samples.reference])
    z = np.concatenate([np.ones(len(samples.opt_in)), np.zeros(len(samples.reference))])
    return Glm(x, z, BINOMIAL, link_of("logit"), samples.formula)


METHODS: dict[str, Method] = {"chen_li_wu": chen_li_wu, "elliott_valliant": elliott_valliant}
