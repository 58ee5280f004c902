"""Bring columns of all partitions into memory, or write partitions with their weights to Parquet files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.arrays import Floats
from analysis.columns import column, truth_of
from analysis.design import row_weight
from analysis.errors import SurveyError
from analysis.partitions.merging import DOMAIN, Function, below, with_derived

FACTOR = "(factor)"


@dataclass(frozen=True, eq=False)
class Fetching:
    """Some columns of a partition, with the domain as one more where there are conditions."""

    columns: tuple[str, ...]
    where: tuple[Function, ...]
    derived: tuple[tuple[str, Function], ...]

    def __call__(self, part: pd.DataFrame, number: int) -> pd.DataFrame:
        part = with_derived(part, self.derived)
        found = pd.DataFrame({name: column(part, name) for name in self.columns})
        if self.where:
            found[DOMAIN] = np.logical_and.reduce([truth_of(part, condition) for condition in self.where])
        return found

    def merge(self, parts: list[pd.DataFrame]) -> pd.DataFrame:
        return pd.DataFrame({name: below([part[name] for part in parts]) for name in parts[0].columns})


@dataclass(frozen=True, eq=False)
class Writing:
    """Write a partition with its weights as one Parquet file; returns the number of rows.

    `cells` has a row per combination of its columns with the `FACTOR` by which the rows' own weights (1
    where they have none) are multiplied. `columns` None writes all.
    """

    cells: pd.DataFrame
    folder: str
    name: str
    weight: str | None
    probability: str | None
    columns: tuple[str, ...] | None
    derived: tuple[tuple[str, Function], ...]

    def __call__(self, part: pd.DataFrame, number: int) -> int:
        part = with_derived(part, self.derived)
        base = row_weight(part, self.weight, self.probability)
        factor = self._factor(part)
        written = part if self.columns is None else part[list(self.columns)]
        written = written.assign(**{self.name: factor if base is None else base * factor})
        written.to_parquet(Path(self.folder) / f"part-{number:05}.parquet", index=False)
        return len(part)

    def merge(self, written: list[int]) -> int:
        return sum(written)

    def _factor(self, part: pd.DataFrame) -> Floats:
        keys = [name for name in self.cells.columns if name != FACTOR]
        if not keys:
            return np.ones(len(part))
        found = part[keys].reset_index(drop=True).merge(self.cells, how="left", on=keys)[FACTOR]
        if len(found) != len(part) or found.isna().any():
            raise SurveyError(f"the data changed while weights were written: new combinations of {keys}")
        return found.to_numpy(dtype=np.float64)


def empty_folder(folder: str | Path) -> str:
    """A folder without files, made where it does not exist; else `SurveyError`."""
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    if any(path.iterdir()):
        raise SurveyError(f"the folder {str(folder)!r} is not empty; name a new one")
    return str(path.resolve())
