"""Risk of re-identification in a sample: how many of the population share each row's quasi-identifiers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import hyp2f1

from analysis.arrays import Floats, Names, counts_by, sums_by
from analysis.columns import coded, column, complete_numeric, names
from analysis.errors import BadWeight, SurveyError

MANY = 40  # in the sample: from here on the series needs no hypergeometric function


@dataclass(frozen=True, eq=False)
class RiskReport:
    """`risk` (n, 0 to 1) is each row's chance to be re-identified by somebody who knows its quasi-identifiers.

    `uniques` counts the rows that are alone in the sample, `expected` is the sum of the risks, `highest` the
    greatest.
    """

    risk: pd.Series = field(repr=False)
    uniques: int
    expected: float
    highest: float


def reidentification_risk(data: pd.DataFrame, quasi_identifiers: Names, weight: str) -> RiskReport:
    """Individual risk by Benedetti and Franconi (1998), as mu-Argus and sdcMicro estimate it.

    With f rows of a combination in the sample and the sum of their weights F, the population count given f is
    taken as negative binomial with p = f/F, and the risk as the mean of 1/count: (p^f / f) 2F1(f, f; f+1; 1-p).
    Missing values count as a level. Raises `SurveyError` without rows or quasi-identifiers, `ColumnNotFound`,
    `MissingValues`, and `BadWeight` for weights that are not above 0.
    """
    columns = names(quasi_identifiers)
    if not len(data) or not columns:
        raise SurveyError("risk needs one or more rows and quasi-identifiers")
    for name in columns:
        column(data, name)
    weights = complete_numeric(data, weight)
    if not (weights > 0).all():
        raise BadWeight(weight, f"{weights[~(weights > 0)][0]:.10g} is not above 0")
    filled = data[columns].astype(object).where(data[columns].notna(), "(missing)").astype(str)
    codes, table = coded(filled, columns)
    count = counts_by(codes, len(table)).astype(np.float64)
    share = np.minimum(count / sums_by(codes, weights, len(table)), 1.0)
    risk = individual_risk(count, share)[codes]
    return RiskReport(
        pd.Series(risk, index=data.index, name="risk"),
        int((count == 1).sum()),
        float(risk.sum()),
        float(risk.max()),
    )


def individual_risk(count: Floats, share: Floats) -> Floats:
    """The mean of 1/population count for sample counts f (1 or more) and sampled shares p (above 0, up to 1)."""
    few = np.minimum(count, MANY)
    exact = share**few / few * hyp2f1(few, few, few + 1.0, 1.0 - share)
    approximate = share / (count - (1.0 - share))
    return np.where(share >= 1.0, 1.0 / count, np.where(count > MANY, approximate, np.minimum(exact, 1.0)))
