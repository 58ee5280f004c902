"""Samples in stages: areas with probability proportional to size, households in them, one adult in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.arrays import Codes, Floats, counts_by
from analysis.columns import coded, complete_numeric
from analysis.errors import SurveyError
from analysis.sampling.selection import pps_systematic, simple_random, systematic

Part = tuple[Codes, float, float, int, int]  # rows, p1, p2, PSUs in the stratum, units in the PSU
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
    `n_within_population`, and the seed in `.attrs["seed"]`; `n_within` is cut to the PSU's size. Raises
    `SurveyError` for unknown strata, too few PSUs, and a size that is missing, negative or differs in a PSU.
    """
    if within not in WITHIN:
        raise SurveyError(f"within={within!r} is not known; use one of {', '.join(WITHIN)}")
    if n_within < 1:
        raise SurveyError(f"n_within is {n_within}; one or more units are drawn in each PSU")
    streams = np.random.default_rng(seed)
    units = _units(frame, psu, strata, size)
    _known(n_psu, units.strata)
    parts = []
    for stratum, members in units.by_stratum():
        wanted = n_psu if isinstance(n_psu, int) else n_psu.get(stratum)
        if wanted is None:
            raise SurveyError(f"n_psu has no number for stratum {stratum!r}")
        if not 0 < wanted <= len(members):
            raise SurveyError(f"stratum {stratum!r} has {len(members)} PSUs; {wanted} cannot be drawn")
        drawn = pps_systematic(units.size[members], wanted, _next_seed(streams))
        for position in drawn.chosen:
            rows = units.rows_of(int(members[position]))
            inner = WITHIN[within](len(rows), min(n_within, len(rows)), _next_seed(streams))
            p1 = float(drawn.probability[position])
            sizes = (len(members), len(rows))
            parts.append((rows[inner.chosen], p1, float(inner.probability[0]), *sizes))
    return _sample(frame, parts, seed)


def _known(n_psu: int | Mapping[Any, int], strata: list[object]) -> None:
    strange = [] if isinstance(n_psu, int) else [stratum for stratum in n_psu if stratum not in strata]
    if strange:
        raise SurveyError(f"n_psu names stratum {strange[0]!r}, which is not in the frame")


def _sample(
    frame: pd.DataFrame, parts: list[tuple[Codes, float, float, int, int]], seed: int
) -> pd.DataFrame:
    taken = [len(rows) for rows, *_ in parts]
    sample = frame.iloc[np.concatenate([rows for rows, *_ in parts])].copy()
    for k, name in enumerate(("p1", "p2", "n_psu_population", "n_within_population"), start=1):
        sample[name] = np.repeat([part[k] for part in parts], taken)
    sample["probability"] = sample["p1"] * sample["p2"]
    sample["design_weight"] = 1.0 / sample["probability"]
    sample.attrs["seed"] = seed
    return sample


@dataclass(frozen=True, eq=False)
class _Units:
    """PSUs in frame order: stratum and size of each, and the rows of the frame sorted by PSU."""

    strata: list[object]
    stratum: Codes
    size: Floats
    order: Codes
    start: Codes

    def by_stratum(self) -> Iterator[tuple[object, Codes]]:
        for code, label in enumerate(self.strata):
            yield label, np.flatnonzero(self.stratum == code).astype(np.int64)

    def rows_of(self, unit: int) -> Codes:
        return self.order[self.start[unit] : self.start[unit + 1]]


def _units(frame: pd.DataFrame, psu: str, strata: str | None, size: str | None) -> _Units:
    keys = [strata, psu] if strata else [psu]
    sorted_codes, table = coded(frame, keys)
    first = np.full(len(table), len(frame), dtype=np.int64)
    np.minimum.at(first, sorted_codes, np.arange(len(frame)))
    rank = np.empty(len(table), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(table))  # PSUs in the order of the list
    codes = rank[sorted_codes]
    counts = counts_by(codes, len(table))
    measure = counts.astype(np.float64)
    if size:
        values = complete_numeric(frame, size)
        measure[codes] = values
        if (measure[codes] != values).any():
            row = int((measure[codes] != values).argmax())
            raise SurveyError(f"size {size!r} differs within PSU {frame[psu].iloc[row]!r}")
    labels = sorted(set(table[strata])) if strata else ["(all)"]
    stratum = np.zeros(len(table), dtype=np.int64)
    if strata:
        stratum[rank] = pd.Index(labels).get_indexer(pd.Index(table[strata]))
    order = np.argsort(codes, kind="stable").astype(np.int64)
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return _Units(labels, stratum, measure, order, start)


def _next_seed(streams: np.random.Generator) -> int:
    return int(streams.integers(2**32))
