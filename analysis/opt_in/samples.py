"""An opt-in sample beside its reference sample, with explanatory columns coded alike in both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Mask
from analysis.columns import coded, column, is_categorical
from analysis.errors import MissingValues, ModelNotFitted, NoOverlap
from analysis.models.formula import Formula, design_matrix, parse, plain_name
from analysis.weighted_sample import WeightedSample


@dataclass(frozen=True, eq=False)
class Samples:
    """Explanatory columns of the opt-in rows (n_opt_in, p) and of the reference rows (n_reference, p).

    `weight` (n_reference) are the reference's weights, 0 outside its domain; rows of weight 0 hold zeros.
    """

    opt_in: Floats
    reference: Floats
    weight: Floats
    names: tuple[str, ...]
    formula: str

    @property
    def sampled(self) -> Mask:
        """The reference rows that count."""
        return np.asarray(self.weight > 0)

    def factors(self, weight: Floats) -> Floats:
        """Replicate weights over the reference's own weights (n_reference)."""
        return np.divide(weight, self.weight, out=np.zeros(len(weight)), where=self.weight > 0)


def samples_of(opt_in: pd.DataFrame, reference: WeightedSample, formula: str) -> Samples:
    """Code the right side of a formula over both samples together.

    Raises `MissingValues`, `NoOverlap` where a level occurs in one sample only, and `ModelNotFitted` where
    columns are collinear in either sample.
    """
    parsed = parse(formula if "~" in formula else f"~ {formula}")
    weight = np.where(reference.domain_mask, reference.weight, 0.0)
    known = weight > 0
    parts = (opt_in, reference.data.loc[known])
    together = _joined(parts, _factors(parsed))
    _levels_meet(together, _factors(parsed), len(opt_in), _categories(parsed))
    matrix = design_matrix(together, parsed)
    of_reference = np.zeros((len(weight), matrix.values.shape[1]))
    of_reference[known] = matrix.values[len(opt_in) :]
    found = Samples(matrix.values[: len(opt_in)], of_reference, weight, matrix.names, formula)
    for x, name in ((found.opt_in, "opt-in"), (found.reference, "reference")):
        if np.linalg.matrix_rank(x) < x.shape[1]:
            raise ModelNotFitted(formula, f"columns are collinear in the {name} sample; drop one of them")
    return found


def _factors(formula: Formula) -> list[str]:
    plain = (plain_name(factor) for term in formula.terms for factor in term)
    return list(dict.fromkeys(plain))


def _categories(formula: Formula) -> set[str]:
    """Numeric columns that the formula takes as categories, C(a)."""
    return {plain_name(factor) for term in formula.terms for factor in term if factor != plain_name(factor)}


def _joined(parts: tuple[pd.DataFrame, pd.DataFrame], names: list[str]) -> pd.DataFrame:
    for data in parts:
        for name in names:
            unknown = column(data, name).isna().to_numpy()
            if unknown.any():
                raise MissingValues(name, int(unknown.sum()), data.index[int(unknown.argmax())])
    size = len(parts[0]) + len(parts[1])
    columns = {name: _stacked(parts[0][name], parts[1][name]) for name in names}
    return pd.DataFrame(columns, index=pd.RangeIndex(size))


def _stacked(first: pd.Series, second: pd.Series) -> pd.Series:
    """One column over both samples; pandas categories become plain values, lest unused levels count."""
    plain = [s.astype(s.cat.categories.dtype) if s.dtype == "category" else s for s in (first, second)]
    return pd.concat(plain, ignore_index=True)


def _levels_meet(data: pd.DataFrame, names: list[str], n_opt_in: int, categories: set[str]) -> None:
    for name in names:
        if name not in categories and not is_categorical(data[name]):
            continue
        codes, table = coded(data, [name])
        for rows, absent in ((codes[n_opt_in:], "opt-in"), (codes[:n_opt_in], "reference")):
            other = codes[:n_opt_in] if absent == "opt-in" else codes[n_opt_in:]
            lacking = np.setdiff1d(rows, other)
            if len(lacking):
                level = table[name].iloc[int(lacking[0])]
                raise NoOverlap(f"column {name!r}", f"level {level!r} has nobody in the {absent} sample")
