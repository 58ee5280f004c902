"""Replicate weights out to files and in again, also from files that others made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Names
from analysis.columns import column, complete_numeric, names
from analysis.errors import BadReplicates, UnknownOption, UnsuitableDesign
from analysis.replicates.conventions import NAMINGS, constants_of, listed, naming_of, numbered
from analysis.replicates.description import Description
from analysis.replicates.formats import read_table, write_table
from analysis.replicates.importing import imported
from analysis.replicates.replication import Replication
from analysis.structure import structure_of

if TYPE_CHECKING:
    from analysis.weighted_sample import WeightedSample


def write_replicates(
    design: WeightedSample, path: Path, convention: str, columns: Names | None
) -> pd.DataFrame:
    """Write data, final weight and replicate weights; returns the table as written."""
    variance = design.variance
    if not isinstance(variance, Replication):
        raise UnsuitableDesign(
            "write_replicates", "the design has no replicate weights; use to_replicates first"
        )
    naming = naming_of(convention)
    count = variance.weights.count
    titles = naming.columns(variance.method, count)
    kept = list(design.data.columns) if columns is None else names(columns)
    taken = {naming.weight, *titles}
    data = pd.DataFrame({name: column(design.data, name).array for name in kept if name not in taken})
    weights = np.stack([design.weight, *(variance.weights.column(r) for r in range(count))], axis=1)
    table = pd.concat([data, pd.DataFrame(weights, columns=[naming.weight, *titles])], axis=1)
    first = (design.strata[0] if design.strata else None, design.clusters[0] if design.clusters else None)
    complete = variance.stage is not None and all(name is None or name in data for name in first)
    df = variance.df
    if variance.stage is not None and not complete:
        df = design.degrees_of_freedom_of(np.ones(len(data), dtype=np.bool_))
    given = Description.of(variance, naming.weight, titles, df, data, first if complete else None)
    write_table(table, given.as_mapping(), path)
    return table


@dataclass(frozen=True, eq=False)
class Imported:
    """What a design is made of: data, the name of the weight, the variance, first-stage columns."""

    data: pd.DataFrame
    weight: str
    variance: Replication
    strata: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """What the caller says about a file; None leaves it to the file's description or the method."""

    method: str | None = None
    weight: str | None = None
    replicates: str | Sequence[str] | None = None
    scale: float | None = None
    rscales: float | Sequence[float] | Floats | None = None
    mse: bool | None = None
    df: float | None = None
    fay_rho: float | None = None
    allow_negative: bool = False

    def named(self) -> Request:
        """With the columns that a convention used as method implies, such as "acs"."""
        if self.method not in NAMINGS:
            return self
        naming = NAMINGS[self.method]
        return replace(
            self,
            method="sdr" if naming.count == 80 else self.method,
            weight=self.weight or naming.weight,
            replicates=self.replicates or naming.replicate,
        )


def read_replicates(source: Path | pd.DataFrame, request: Request) -> Imported:
    """Read a file, or take a frame, and check every replicate column."""
    data, found = (source, None) if isinstance(source, pd.DataFrame) else read_table(source)
    if found is not None and request == Request(allow_negative=request.allow_negative):
        return _described_design(data, Description.of_mapping(found, str(source)), request.allow_negative)
    return _named_design(data, request)


def _described_design(data: pd.DataFrame, given: Description, allow_negative: bool) -> Imported:
    if given.rows != len(data):
        raise BadReplicates(given.weight, f"the file has {len(data)} rows, its description {given.rows}")
    columns = listed([str(name) for name in data.columns], given.replicates)
    matrix = _checked(data, columns, allow_negative)
    variance = imported(data, matrix, given.scale, given.rscales, given.mse, given.df)
    strata, clusters = names(given.strata), names(given.clusters)
    stage = structure_of(data, strata, clusters, [], nest=True).stages[0] if given.first_stage else None
    kept = replace(variance, stage=stage, df_rule=given.df_rule, method=given.method, fay_rho=given.fay_rho)
    return Imported(data, given.weight, kept, tuple(strata), tuple(clusters))


def _named_design(data: pd.DataFrame, request: Request) -> Imported:
    asked, request = request.method, request.named()
    if request.method is None or request.weight is None or request.replicates is None:
        wanted = next(n for n in ("method", "weight", "replicates") if getattr(request, n) is None)
        raise UnknownOption(wanted, None, "its value, since the file does not describe its weights")
    present = [str(name) for name in data.columns]
    naming = NAMINGS.get(asked or "")
    count = naming.count if naming is not None and naming.replicate == request.replicates else None
    if isinstance(request.replicates, str):
        columns = numbered(present, request.replicates, count)
    else:
        columns = listed(present, list(request.replicates))
    matrix = _checked(data, columns, request.allow_negative)
    c = constants_of(
        request.method, len(columns), request.scale, request.rscales, request.mse, request.fay_rho
    )
    variance = imported(data, matrix, c.scale, c.rscales, c.mse, request.df)
    kept = replace(variance, method=request.method, fay_rho=request.fay_rho)
    return Imported(data, request.weight, kept)


def _checked(data: pd.DataFrame, columns: list[str], allow_negative: bool) -> Floats:
    """The weights (n, R). Raises `BadReplicates`, `MissingValues`, `NotNumeric` with the column's name."""
    matrix = np.column_stack([complete_numeric(data, name) for name in columns])
    negative = matrix < 0
    if negative.any() and not allow_negative:
        row, r = np.argwhere(negative)[0]
        raise BadReplicates(
            columns[r],
            f"{matrix[row, r]:.10g} is negative (row {data.index[row]!r}); "
            "where the maker of the file says so, as the American Community Survey does, pass allow_negative=True",
        )
    nothing = matrix.sum(axis=0) <= 0
    if nothing.any():
        raise BadReplicates(columns[int(nothing.argmax())], "its weights add up to nothing")
    return matrix
