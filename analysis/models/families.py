"""Families and links of generalised linear models (McCullagh and Nelder 1989)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from analysis.arrays import Floats
from analysis.errors import UnknownOption

Function = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Link:
    """eta = function(mu), its inverse, and d mu / d eta."""

    function: Function
    inverse: Function
    slope: Function


@dataclass(frozen=True)
class Family:
    """Variance function, unit deviance d(y, mu), start for mu from y and weights, usual link, range of y."""

    variance: Function
    deviance: Callable[[Floats, Floats], Floats]
    start: Callable[[Floats, Floats], Floats]
    link: str
    valid: Callable[[Floats], bool]
    range: str


def _positive(mu: Floats) -> Floats:
    return np.maximum(mu, 1e-10)


def _share(mu: Floats) -> Floats:
    return np.clip(mu, 1e-15, 1 - 1e-15)


LINKS: dict[str, Link] = {
    "identity": Link(lambda mu: mu, lambda eta: eta, np.ones_like),
    "log": Link(np.log, lambda eta: np.exp(np.minimum(eta, 700)), lambda eta: np.exp(np.minimum(eta, 700))),
    "logit": Link(special.logit, special.expit, lambda eta: special.expit(eta) * special.expit(-eta)),
    "probit": Link(stats.norm.ppf, stats.norm.cdf, stats.norm.pdf),
    "cloglog": Link(
        lambda mu: np.log(-np.log1p(-mu)),
        lambda eta: -np.expm1(-np.exp(np.minimum(eta, 30))),
        lambda eta: np.exp(np.minimum(eta, 30) - np.exp(np.minimum(eta, 30))),
    ),
    "inverse": Link(lambda mu: 1 / mu, lambda eta: 1 / eta, lambda eta: -1 / eta**2),
    "inverse_square": Link(lambda mu: mu**-2.0, lambda eta: eta**-0.5, lambda eta: -(eta**-1.5) / 2),
    "sqrt": Link(np.sqrt, np.square, lambda eta: 2 * eta),
    "cauchit": Link(
        stats.cauchy.ppf,
        lambda eta: _share(stats.cauchy.cdf(eta)),
        stats.cauchy.pdf,
    ),
}


def _binomial_deviance(y: Floats, mu: Floats) -> Floats:
    mu = _share(mu)
    return np.asarray(2 * (special.xlogy(y, y / mu) + special.xlogy(1 - y, (1 - y) / (1 - mu))))


def _poisson_deviance(y: Floats, mu: Floats) -> Floats:
    return np.asarray(2 * (special.xlogy(y, y / _positive(mu)) - (y - mu)))


def _gamma_deviance(y: Floats, mu: Floats) -> Floats:
    return np.asarray(-2 * (np.log(y / _positive(mu)) - (y - mu) / _positive(mu)))


GAUSSIAN = Family(
    np.ones_like, lambda y, mu: (y - mu) ** 2, lambda y, w: y, "identity", lambda y: True, "any numbers"
)
BINOMIAL = Family(
    lambda mu: _share(mu) * (1 - _share(mu)),
    _binomial_deviance,
    lambda y, w: (w * y + 0.5) / (w + 1),
    "logit",
    lambda y: bool(((y >= 0) & (y <= 1)).all()),
    "numbers from 0 to 1",
)
POISSON = Family(
    _positive,
    _poisson_deviance,
    lambda y, w: y + 0.1,
    "log",
    lambda y: bool((y >= 0).all()),
    "numbers of 0 or more",
)
GAMMA = Family(
    lambda mu: mu**2,
    _gamma_deviance,
    lambda y, w: y,
    "inverse",
    lambda y: bool((y > 0).all()),
    "positive numbers",
)
INVERSE_GAUSSIAN = Family(
    lambda mu: mu**3,
    lambda y, mu: (y - mu) ** 2 / (y * mu**2),
    lambda y, w: y,
    "inverse_square",
    lambda y: bool((y > 0).all()),
    "positive numbers",
)
FAMILIES: dict[str, Family] = {
    "gaussian": GAUSSIAN,
    "binomial": BINOMIAL,
    "quasibinomial": BINOMIAL,
    "poisson": POISSON,
    "quasipoisson": POISSON,
    "gamma": GAMMA,
    "inverse_gaussian": INVERSE_GAUSSIAN,
}


def family_of(name: str) -> Family:
    """The family of that name; the quasi families are the same, since dispersion is always estimated."""
    if name not in FAMILIES:
        raise UnknownOption("family", name, tuple(FAMILIES))
    return FAMILIES[name]


def link_of(name: str) -> Link:
    if name not in LINKS:
        raise UnknownOption("link", name, tuple(LINKS))
    return LINKS[name]
