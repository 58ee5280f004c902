"""Classes of precision by coefficient of variation."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from analysis.errors import UnknownOption

CV_CLASSES: tuple[tuple[float, str], ...] = (
    (0.05, "very_good"),
    (0.10, "good"),
    (0.165, "acceptable"),
    (0.333, "use_with_caution"),
    (math.inf, "unreliable"),
)


def cv_class(cv: float, limits: Sequence[tuple[float, str]] = CV_CLASSES) -> str:
    """The class of an estimate by its coefficient of variation (a share: 0.1 is 10 %).

    `limits` are pairs of an upper limit (share) and a name, ascending; 16.5 % and 33.3 % are Statistics
    Canada's. An unknown cv (estimate 0) counts as unreliable. Raises `UnknownOption` for a negative one.
    """
    if cv < 0:
        raise UnknownOption("cv", cv, "a share of 0 or more")
    if math.isnan(cv):
        return limits[-1][1]
    return next(name for limit, name in limits if cv <= limit)


def with_cv_class(estimates: pd.DataFrame, limits: Sequence[tuple[float, str]] = CV_CLASSES) -> pd.DataFrame:
    """A copy of a table of estimates with a column `cv_class`."""
    return estimates.assign(cv_class=[cv_class(cv, limits) for cv in estimates["cv"]])
