"""Sample sizes that reach a wanted precision for a proportion or a mean."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

from analysis.errors import UnknownOption


@dataclass(frozen=True)
class SampleSize:
    """`respondents` needed, and `selected` units to draw so that so many answer (counts)."""

    respondents: int
    selected: int


def size_for_cv(
    cv: float,
    proportion: float | None = None,
    mean: float | None = None,
    sd: float | None = None,
    deff: float = 1.0,
    response_rate: float = 1.0,
    population: float = math.inf,
) -> SampleSize:
    """Units for a coefficient of variation `cv` (0.1 is 10 %) of a proportion, or of a mean with its `sd`.

    `deff` is the design effect, `response_rate` the share that answers, `population` N a count.
    n0 = deff S^2 / (cv * estimate)^2, then n0 / (1 + n0 / N) (Cochran 1977, 4.4-4.6). Raises `UnknownOption`
    for a number out of its range.
    """
    centre, variance = _moments(proportion, mean, sd)
    return _sized(variance, _positive("cv", cv) * abs(centre), deff, response_rate, population)


def size_for_margin(
    margin: float,
    proportion: float | None = None,
    mean: float | None = None,
    sd: float | None = None,
    level: float = 0.95,
    deff: float = 1.0,
    response_rate: float = 1.0,
    population: float = math.inf,
) -> SampleSize:
    """Units for an interval of half-width `margin` (same units as the estimate) at a confidence `level`.

    The normal distribution; the other arguments, the source and the errors as in `size_for_cv`.
    """
    _, variance = _moments(proportion, mean, sd)
    multiplier = float(stats.norm.ppf(0.5 + level / 2))
    return _sized(variance, _positive("margin", margin) / multiplier, deff, response_rate, population)


def _moments(proportion: float | None, mean: float | None, sd: float | None) -> tuple[float, float]:
    if proportion is not None:
        if not 0 < proportion < 1:
            raise UnknownOption("proportion", proportion, "a number between 0 and 1")
        return proportion, proportion * (1 - proportion)
    if sd is None:
        raise UnknownOption("sd", sd, "the standard deviation, or give proportion")
    return (1.0 if mean is None else mean), _positive("sd", sd) ** 2


def _positive(name: str, value: float) -> float:
    if not value > 0:
        raise UnknownOption(name, value, "a positive number")
    return value


def _sized(
    variance: float, standard_error: float, deff: float, response_rate: float, population: float
) -> SampleSize:
    if not 0 < response_rate <= 1:
        raise UnknownOption("response_rate", response_rate, "a share above 0 and up to 1")
    _positive("standard error", standard_error)
    wanted = _positive("deff", deff) * variance / standard_error**2
    needed = wanted / (1 + wanted / population)
    respondents = math.ceil(needed - 1e-9)
    return SampleSize(respondents, min(math.ceil(needed / response_rate - 1e-9), int(min(population, 2**62))))
