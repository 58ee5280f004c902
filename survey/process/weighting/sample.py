"""The design of a level: its rows with the drawn units that did not answer, strata, units and their numbers."""

import numpy as np
import pandas as pd

from analysis import Design
from survey.process.recipe import BadRecipe, Level
from survey.process.weighting.state import WEIGHT, Weighting

ANSWERED = "responded"


def design_of(work: Weighting, weight: str = WEIGHT) -> Design:
    """The rows of the level under its design, with the weights of a column."""
    level = work.level
    _refuse_unknown(work.data, level, (*level.strata, *level.clusters, *level.fpc), "bảng")
    data = work.data.assign(**{weight: work.data[weight].astype(float)})
    return Design(
        _with_fractions(_with_silent(data, work, weight), work),
        weight=weight,
        strata=list(level.strata),
        clusters=list(level.clusters),
        fpc=list(level.fpc),
        nest=True,
        lonely_psu=level.lonely_psu,  # type: ignore[arg-type]
    )


def _refuse_unknown(table: pd.DataFrame, level: Level, names: tuple[str, ...], what: str) -> None:
    missing = [name for name in names if name not in table]
    if missing:
        raise BadRecipe(
            f"design.yaml, {level.name}: {what} không có cột {', '.join(missing)}.", "Sửa `design:`."
        )


def _with_silent(data: pd.DataFrame, work: Weighting, weight: str) -> pd.DataFrame:
    """The respondents' rows followed by the cases that did not answer, with weight 0.

    Units in which nobody answered were drawn all the same: without them a stratum seems to have fewer units
    than it has, and the error comes out wrong or, with one unit left, not at all.
    """
    if work.sample.empty or work.level.repeat:
        return data
    silent = work.sample[~work.sample["case_id"].isin(data["case_id"])]
    if work.level.fpc:
        silent = _silent_above(silent, data, work.level)
    rows = silent[[name for name in silent if name in data and name != weight]].assign(**{weight: 0.0})
    return pd.concat([data, rows.astype({"case_id": "Int64"})], ignore_index=True) if len(rows) else data


def _silent_above(silent: pd.DataFrame, data: pd.DataFrame, level: Level) -> pd.DataFrame:
    """With population sizes, only the cases of units above the last stage in which nobody answered.

    At the last stage, answering counts as one more random selection within its stratum: n of N units answered,
    so an enumeration still has the error of those that did not (Särndal, Swensson and Wretman 1992, 15.6).
    """
    above = _above(level)
    if not above:
        return silent.iloc[:0]
    there = set(data[above].astype(str).itertuples(index=False, name=None))
    keys = silent[above].astype(str).itertuples(index=False, name=None)
    return silent[[key not in there for key in keys]]


def _above(level: Level) -> list[str]:
    """Strata and units that lead to the last stage whose population size is known; none for a single stage."""
    stages = len(level.fpc) - 1
    return [*level.strata[:stages], *level.clusters[:stages]]


def _with_fractions(data: pd.DataFrame, work: Weighting) -> pd.DataFrame:
    """The data with the sampling fraction of the last stage times the share of its units that answered.

    Population counts stay: the units that answered are counted against them.
    """
    if not work.level.fpc or work.sample.empty:
        return data
    name = work.level.fpc[-1]
    fraction = data[name].astype(float)
    if (fraction > 1).any():
        return data
    return data.assign(**{name: fraction * _answering(data, work)})


def _answering(data: pd.DataFrame, work: Weighting) -> "pd.Series[float]":
    """For every row the share of the last stage's units in its stratum in which somebody answered; 1 where none."""
    level, stage = work.level, len(work.level.fpc) - 1
    within = [*level.strata[: stage + 1], *level.clusters[:stage]]
    unit = level.clusters[stage] if stage < len(level.clusters) else "case_id"
    _refuse_unknown(work.sample, level, (*within, unit), "mẫu")
    cases = work.sample.assign(_everywhere=0)
    keys = ["_everywhere", *within]
    answered = cases.groupby([*keys, unit], observed=True)[ANSWERED].any()
    shares = answered.groupby(keys).mean().rename("_share").reset_index()
    joined = data.assign(_everywhere=0)[keys].merge(shares, on=keys, how="left", validate="m:1")
    share = joined["_share"].to_numpy(dtype=float)
    return pd.Series(np.where(share > 0, share, 1.0), index=data.index)
