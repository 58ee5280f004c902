"""Response propensities by weighted logistic regression, for classes of nonrespondents."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.arrays import Floats
from analysis.errors import ModelNotFitted
from analysis.models.families import BINOMIAL, link_of
from analysis.models.fitting import Glm
from analysis.models.formula import design_matrix, parse
from analysis.weighting.nonresponse import ResponseClasses, quantile_classes, response_cells
from analysis.weighting.recipes import response_mask


def propensities(data: pd.DataFrame, weight: Floats, responded: str, formula: str) -> Floats:
    """The estimated chance to respond of every row (n), from "~ age + district" known for all of them."""
    answered = response_mask(data, responded).astype(np.float64)
    x = design_matrix(data, parse(formula if "~" in formula else f"~ {formula}"))
    unknown = ~x.known & (weight > 0)
    if unknown.any():
        raise ModelNotFitted(formula, f"{int(unknown.sum())} sampled row(s) lack an explanatory value")
    values = np.where(x.known[:, None], x.values, 0.0)
    model = Glm(values, answered, BINOMIAL, link_of("logit"), formula, float(weight[weight > 0].mean()))
    return model.mean(model.value(weight))


def propensity_classes(
    data: pd.DataFrame, weight: Floats, responded: str, formula: str, n_classes: int, variance: str
) -> ResponseClasses:
    """Classes of about equal weighted size by estimated propensity (Little 1986; five by default).

    Classes are kept as found here when replicates redo the adjustment.
    """
    chance = propensities(data, weight, responded, formula)
    codes = quantile_classes(chance, weight, n_classes)
    labels = tuple(f"propensity class {k + 1}" for k in range(int(codes.max()) + 1))
    return response_cells(response_mask(data, responded), codes, labels, weight, variance, chance=chance)
