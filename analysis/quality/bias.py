"""Nonresponse bias against the frame: what respondents differ in from all who were drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from analysis.arrays import Floats, Mask, Names
from analysis.columns import names
from analysis.errors import MissingValues, NoRespondents
from analysis.estimation import Estimation
from analysis.items import items_of, refuse_unknown
from analysis.weighting.recipes import response_mask

SCORE = "(bias score)"


def nonresponse_bias(
    design: Estimation, responded: str, variables: Names, categorical: Names | None = None
) -> pd.DataFrame:
    """The bias of respondents' means of columns that the frame knows for the whole sample.

    `design` holds all drawn units with their design weights, `responded` is 0/1. A row per variable (and
    level of a category): `sample` and `respondents`, the two means in the unit of the variable, `bias` =
    respondents - sample, `relative_bias` (a share of the sample's mean), `se` of the bias by linearisation
    over the design, `t` and two-sided `p_value` (Groves 2006, Public Opinion Quarterly 70, 646-675).
    Raises `NoRespondents`, `EmptyDomain` or `MissingValues` where the frame does not know a value, `NotNumeric`.
    """
    answered = response_mask(design.data, responded)
    weight = np.where(design.domain_mask, design.weight, 0.0)
    if not weight[answered].sum() > 0:
        raise NoRespondents("(all)", int((weight > 0).sum()))
    items = items_of(design.data, names(variables), names(categorical))
    refuse_unknown(names(variables), items)
    rows = []
    for item in items:
        values = np.asarray(item.values, dtype=np.float64)
        _complete(design, item.variable, values, weight > 0)
        sample, respondents, score = _bias(values, answered, weight)
        se = float(design.with_columns({SCORE: score}).total(SCORE)["se"].iloc[0])
        rows.append((item.variable, item.level, sample, respondents, se))
    table = pd.DataFrame(rows, columns=["variable", "level", "sample", "respondents", "se"])
    return _tested(table, design.degrees_of_freedom)


def _complete(design: Estimation, name: str, values: Floats, drawn: Mask) -> None:
    unknown = np.isnan(values) & drawn
    if unknown.any():
        raise MissingValues(name, int(unknown.sum()), design.data.index.tolist()[int(unknown.argmax())])


def _bias(values: Floats, answered: Mask, weight: Floats) -> tuple[float, float, Floats]:
    """Both means, and the scores (n) whose weighted total is the linearised bias."""
    known = np.nan_to_num(values)
    sample = float(weight @ known / weight.sum())
    given = weight * answered
    respondents = float(given @ known / given.sum())
    score = answered * (known - respondents) / given.sum() - (known - sample) / weight.sum()
    return sample, respondents, np.asarray(np.where(weight > 0, score, 0.0))


def _tested(table: pd.DataFrame, df: float) -> pd.DataFrame:
    bias, se = table["respondents"] - table["sample"], table["se"].where(table["se"] > 0)
    t = bias / se
    return pd.DataFrame(
        {
            **{name: table[name] for name in ("variable", "level", "sample", "respondents")},
            "bias": bias,
            "relative_bias": bias / table["sample"].where(table["sample"] != 0),
            "se": table["se"],
            "t": t,
            "p_value": 2 * stats.t.sf(t.abs(), df),
        }
    )
