"""Samples in stages: areas with probability proportional to size, households in them, one adult in each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.columns import column, complete_numeric
from analysis.errors import SurveyError
from analysis.sampling.selection import pps_systematic, simple_random, systematic

WITHIN = {"systematic": systematic, "simple_random": simple_random}


def two_stage(
    frame: pd.DataFrame,
    psu: str,
    n_psu: int | Mapping[Any, int],
    n_within: int,
    strata: str | None = None,
    size: str | None = None,
    within: Literal["systematic", "simple_random"] = "systematic",
    seed: int = 1,
) -> pd.DataFrame:
    """Draw PSUs by PPS systematic sampling within strata, then `n_within` units of each PSU.

    `frame` lists the second-stage units (households) in an order that is kept; `size` names a measure of
    size that is constant in a PSU (default: its number of units); `n_psu` is a number per stratum or for all.
    Returns the drawn rows with `p1`, `p2`, `probability`, `design_weight`, `n_psu_population` and
    `n_within_population`, and the seed in `.attrs["seed"]`.
    """
    if within not in WITHIN:
        raise SurveyError(f"within={within!r} is not known; use one of {', '.join(WITHIN)}")
    streams = np.random.default_rng(seed)
    psus = _psus(frame, psu, strata, size)
    parts = []
    for stratum, units in psus.groupby("stratum", sort=True, dropna=False):
        wanted = n_psu if isinstance(n_psu, int) else n_psu.get(stratum)
        if wanted is None:
            raise SurveyError(f"n_psu has no number for stratum {stratum!r}")
        drawn = pps_systematic(units["size"].to_numpy(), wanted, _next_seed(streams))
        for position in drawn.chosen:
            unit = units.iloc[int(position)]
            rows = frame.loc[unit["rows"]]
            inner = WITHIN[within](len(rows), min(n_within, len(rows)), _next_seed(streams))
            parts.append(
                rows.iloc[inner.chosen].assign(
                    p1=float(drawn.probability[position]),
                    p2=inner.probability[inner.chosen],
                    n_psu_population=len(units),
                    n_within_population=len(rows),
                )
            )
    sample: pd.DataFrame = pd.concat(parts)
    sample["probability"] = sample["p1"] * sample["p2"]
    sample["design_weight"] = 1.0 / sample["probability"]
    sample.attrs["seed"] = seed
    return sample


def _psus(frame: pd.DataFrame, psu: str, strata: str | None, size: str | None) -> pd.DataFrame:
    """One row per PSU in frame order: its stratum, size and the labels of its rows."""
    if not frame.index.is_unique:
        raise SurveyError("the frame's index must be unique; reset it first")
    keys = pd.DataFrame({"psu": column(frame, psu)})
    keys["stratum"] = column(frame, strata) if strata else "(all)"
    if keys.isna().any().any():
        raise SurveyError(f"{psu!r} and {strata!r} must be known for every row of the frame")
    keys["size"] = complete_numeric(frame, size) if size else 1.0
    grouped = keys.groupby(["stratum", "psu"], sort=False)
    table = grouped["size"].agg(["sum", "min", "max"])
    if size and (table["min"] != table["max"]).any():
        wrong = table.index[(table["min"] != table["max"]).to_numpy()][0]
        raise SurveyError(f"size {size!r} differs within PSU {wrong[1]!r} of stratum {wrong[0]!r}")
    table["size"] = table["max"] if size else table["sum"]
    table["rows"] = pd.Series({key: labels.to_numpy() for key, labels in grouped.groups.items()}).reindex(
        table.index
    )
    return table.reset_index()[["stratum", "psu", "size", "rows"]]


def _next_seed(streams: np.random.Generator) -> int:
    return int(streams.integers(2**32))


def one_adult(
    persons: pd.DataFrame, household: str, age: str = "age", minimum_age: int = 15, seed: int = 1
) -> pd.DataFrame:
    """One person of `minimum_age` or older from each household, all eligible ones equally likely.

    Stands for the Kish grid and, when birthdays are spread evenly, for the last-birthday rule (Kish 1949;
    Salmon and Nichols 1983). Returns the chosen rows with `n_eligible` and `p3` = 1 / n_eligible.
    """
    eligible = persons[complete_numeric(persons, age) >= minimum_age]
    if not len(eligible):
        raise SurveyError(f"nobody in {age!r} is {minimum_age} or older")
    draw = pd.Series(np.random.default_rng(seed).uniform(size=len(eligible)), index=eligible.index)
    groups = draw.groupby(eligible[household])
    chosen = eligible.loc[np.sort(groups.idxmax().to_numpy())].copy()
    chosen["n_eligible"] = chosen[household].map(groups.size()).astype(int)
    chosen["p3"] = 1.0 / chosen["n_eligible"]
    return chosen
