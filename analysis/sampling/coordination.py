"""Coordinated waves by permanent random numbers (Ohlsson 1995)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.arrays import Floats
from analysis.errors import SurveyError
from analysis.sampling.selection import Selection, inclusion_probabilities


def permanent_numbers(frame: pd.DataFrame, known: pd.Series | None = None, seed: int = 1) -> pd.Series:
    """A uniform number for each unit of the frame (by index), kept for life; new units get new ones.

    `known` holds the numbers of earlier waves by unit; units that left the frame are dropped. New units need a
    seed of their own wave. Numbers lie in [0, 1). Raises `SurveyError` where a unit is listed twice or a
    known number is outside.
    """
    if not frame.index.is_unique:
        raise SurveyError("the frame's index must identify its units")
    numbers = pd.Series(np.nan, index=frame.index, name="permanent_number", dtype=float)
    if known is not None:
        if not known.index.is_unique or not known.between(0, 1, inclusive="left").all():
            raise SurveyError("known numbers must lie in [0, 1), one for each unit")
        numbers.update(known)
    born = numbers.isna().to_numpy()
    numbers[born] = np.random.default_rng(seed).uniform(size=int(born.sum()))
    return numbers


def sequential(numbers: Floats, n: int, sizes: Floats | None = None, start: float = 0.0) -> Selection:
    """The n units whose permanent numbers come first after `start`, going round at 1.

    The same start gives overlapping waves, a later start rotates the sample. With `sizes`, sequential Poisson
    sampling (Ohlsson 1998): numbers are divided by the wanted probability. Two waves
    of n units whose starts lie a part of the sampling fraction n / N apart share about the rest of n. Raises
    `SurveyError` for numbers outside [0, 1), for n above the frame and for sizes as `pps_systematic` does.
    """
    if not 0 < n <= len(numbers):
        raise SurveyError(f"cannot draw {n} of {len(numbers)} units")
    if np.isnan(numbers).any() or (numbers < 0).any() or (numbers >= 1).any():
        raise SurveyError("permanent numbers must lie in [0, 1)")
    chance = np.full(len(numbers), n / len(numbers)) if sizes is None else inclusion_probabilities(sizes, n)
    shifted = (numbers - start) % 1.0
    with np.errstate(divide="ignore"):
        order = np.argsort(np.where(chance >= 1, -1.0, shifted / chance), kind="stable")
    return Selection(np.sort(order[:n]).astype(np.int64), chance, "sequential", None)
