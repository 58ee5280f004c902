"""Linear comparisons of estimates that share a covariance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis import intervals
from analysis.arrays import Floats
from analysis.covariance import Covariance
from analysis.errors import SurveyError, UnknownOption

Contrast = Mapping[Any, float] | Sequence[float]


def compare(
    estimates: pd.DataFrame, contrast: Contrast, df: float, level: float, joint: bool = True
) -> pd.DataFrame:
    """A linear combination of the rows of a table of estimates, such as {"urban": 1, "rural": -1}.

    Keys are what tells the rows apart: the value of the `by` column, variable or level, or a tuple of those
    that vary, in the order of the columns; a sequence gives one coefficient per row. `joint` False takes the
    rows as uncorrelated, as R's svyby does for domains. Returns one row with estimate, se, ci_low, ci_high,
    df, t and p_value.
    """
    covariance = estimates.attrs.get("vcov")
    if not isinstance(covariance, Covariance) or len(covariance) != len(estimates):
        raise SurveyError("compare needs a whole table of estimates, as a method returned it")
    coefficients = _coefficients(estimates, contrast)
    value = float(coefficients @ estimates["estimate"].to_numpy(dtype=np.float64))
    matrix = covariance if joint else Covariance.of_matrix(np.diag(covariance.variances))
    se = float(matrix.of_linear(coefficients[None, :]).standard_errors[0])
    return comparison(value, se, df, level)


def comparison(value: float, se: float, df: float, level: float) -> pd.DataFrame:
    """One row: an estimate with its interval and the test that it is zero."""
    low, high = intervals.symmetric(np.array([value]), np.array([se]), "t", level, np.array([df]))
    t = float(intervals.t_ratio(np.array([value]), np.array([se]))[0])
    return pd.DataFrame(
        {
            "estimate": [value],
            "se": [se],
            "ci_low": low,
            "ci_high": high,
            "df": [df],
            "t": [t],
            "p_value": [float(2 * intervals.t_tail(abs(t), df))],
        }
    )


def _coefficients(estimates: pd.DataFrame, contrast: Contrast) -> Floats:
    if not isinstance(contrast, Mapping):
        given = np.asarray(contrast, dtype=np.float64)
        if given.shape != (len(estimates),):
            raise SurveyError(f"the contrast has {given.shape} coefficients for {len(estimates)} estimates")
        return given
    labels = row_labels(estimates)
    result = np.zeros(len(estimates))
    for key, coefficient in contrast.items():
        found = [k for k, label in enumerate(labels) if label == key]
        if len(found) != 1:
            raise UnknownOption("contrast", key, labels)
        result[found[0]] = coefficient
    return result


def row_labels(estimates: pd.DataFrame) -> list[Any]:
    """What tells each row apart: the identifying columns that vary, as a value or a tuple."""
    columns = list(estimates.columns)
    identifying = columns[: columns.index("level") + 1]
    varying = [name for name in identifying if estimates[name].nunique(dropna=False) > 1] or ["variable"]
    rows = estimates[varying].itertuples(index=False, name=None)
    return [row[0] if len(row) == 1 else row for row in rows]
