"""Hot deck within classes and nearest donor; every imputed value keeps a flag and its donor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from analysis.arrays import Codes, Mask, Names
from analysis.columns import coded, column, complete_numeric, names
from analysis.errors import NoRespondents


@dataclass(frozen=True, eq=False)
class Imputed:
    """A completed column: `values`, the `flag` of rows that were missing, the row label of each `donor`."""

    values: pd.Series
    flag: pd.Series
    donor: pd.Series

    def into(self, data: pd.DataFrame) -> pd.DataFrame:
        """The data with the completed column and its flag beside it, named <column>_imputed."""
        return data.assign(**{str(self.values.name): self.values, f"{self.values.name}_imputed": self.flag})


def hot_deck(
    data: pd.DataFrame,
    variable: str,
    classes: Names,
    weight: str | None = None,
    seed: int = 1,
    repeats: int = 1,
) -> list[Imputed]:
    """Random donors from the same class, drawn in proportion to `weight`.

    With `repeats` above 1 the donors of each repeat are first resampled (the approximate Bayesian bootstrap
    of Rubin and Schenker 1986), so that `combine` counts the error of imputing; with one, `imputed_mean` does.
    Returns one `Imputed` per repeat, n rows each, in the unit of the variable. Raises `NoRespondents` for a
    class that has nobody to give, `ColumnNotFound`, `MissingValues` in a class or the weight.
    """
    missing = column(data, variable).isna().to_numpy(dtype=np.bool_)
    codes, labels = _classes(data, classes)
    chance = np.ones(len(data)) if weight is None else complete_numeric(data, weight)
    groups = _takers_and_givers(codes, missing, len(labels))
    for k, (takers, givers) in enumerate(groups):
        if len(takers) and not chance[givers].sum() > 0:
            raise NoRespondents(labels[k], len(takers))
    rng = np.random.default_rng(seed)
    results = []
    for _ in range(repeats):
        donor = np.arange(len(data))
        for takers, givers in groups:
            if not len(takers):
                continue
            p = chance[givers] / chance[givers].sum()
            pool = rng.choice(givers, len(givers), p=p) if repeats > 1 else givers
            donor[takers] = rng.choice(pool, len(takers), p=None if repeats > 1 else p)
        results.append(_imputed(data, variable, missing, donor))
    return results


def nearest_donor(
    data: pd.DataFrame, variable: str, distance: Names, classes: Names | None = None
) -> Imputed:
    """The donor of the same class that is nearest on standardised numeric columns (the first of equals).

    `distance` names complete numeric columns, each divided by its standard deviation over all n rows, so that
    the Euclidean distance has no unit (Chen and Shao 2000). Donors are used as often as they are nearest;
    `combine` and `imputed_mean` do not count the error of this method. Raises `NoRespondents`,
    `MissingValues` and `NotNumeric`.
    """
    missing = column(data, variable).isna().to_numpy(dtype=np.bool_)
    codes, labels = _classes(data, classes)
    points = np.column_stack([complete_numeric(data, name) for name in names(distance)])
    spread = points.std(axis=0)
    points = points / np.where(spread > 0, spread, 1.0)
    donor = np.arange(len(data))
    for k, (takers, givers) in enumerate(_takers_and_givers(codes, missing, len(labels))):
        if len(takers) and not len(givers):
            raise NoRespondents(labels[k], len(takers))
        if len(takers):
            donor[takers] = givers[cKDTree(points[givers]).query(points[takers])[1]]
    return _imputed(data, variable, missing, donor)


def _takers_and_givers(codes: Codes, missing: Mask, n_classes: int) -> list[tuple[Codes, Codes]]:
    """Rows of each class that lack the value, and rows that have it."""
    return [
        (np.flatnonzero((codes == k) & missing), np.flatnonzero((codes == k) & ~missing))
        for k in range(n_classes)
    ]


def _classes(data: pd.DataFrame, classes: Names | None) -> tuple[Codes, list[object]]:
    if not names(classes):
        return np.zeros(len(data), dtype=np.int64), ["(all)"]
    codes, table = coded(data, names(classes))
    return codes, list(table.itertuples(index=False, name=None))


def _imputed(data: pd.DataFrame, variable: str, missing: Mask, donor: Codes) -> Imputed:
    values = data[variable].iloc[donor].set_axis(data.index)
    labels = pd.Series(data.index[donor], index=data.index, name="donor").where(missing)
    return Imputed(values, pd.Series(missing, index=data.index, name="imputed"), labels)
