"""`Design`: survey data together with how they were sampled and weighted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from analysis.arrays import Floats, Names
from analysis.columns import complete_numeric, names
from analysis.database import read_sql
from analysis.errors import BadWeight, NotFromSums, SurveyError
from analysis.estimation import Estimation
from analysis.pps import pair_weights
from analysis.replicates.exchange import Request, read_replicates, write_replicates
from analysis.replicates.importing import imported, replicated
from analysis.replicates.making import Recipe
from analysis.structure import Structure, structure_of
from analysis.taylor import LonelyRule
from analysis.variance import Linearisation
from analysis.weighting.methods import Weighting

ReplicateMethod = Literal[
    "brr",
    "fay",
    "jk1",
    "jkn",
    "jk2",
    "bootstrap",
    "rao_wu",
    "preston",
    "sdr",
    "acs",
    "acs_household",
    "ipums",
    "ipums_household",
]
Lonely = Literal["fail", "certainty", "adjust", "average", "average_r", "remove"]


class Design(Weighting, Estimation):
    """A sample with its weights, strata, clusters and population sizes; nothing in it ever changes.

    `weight` or `probability` name a column (without either, weights come from `fpc`); `strata`,
    `clusters` and `fpc` name one column per stage, first stage first; no clusters means that every row
    is its own unit. `fpc` holds population counts of units (above 1) or sampling fractions; later stages
    enter the variance only while every stage above has its fpc. With `nest` cluster ids may start again
    in every stratum. `lonely_psu` says what a stratum with a single unit does, as R's survey.lonely.psu, where
    "average" refuses and "average_r" gives NaN if there is no other stratum to average over;
    `lonely_in_domains` extends adjust and average to strata with one unit left in a domain. `pps`
    treats `fpc` as unequal inclusion probabilities (see `analysis.pps`). After several
    weighting steps errors rest on residuals of the last step first; residuals="r" takes the first one first,
    and none with a matrix of pairs (`pps` other than "brewer"), as R does. Weighting methods return a new design.

    In place of a pandas frame `data` may be a Dask data frame, a path to Parquet files or a pyarrow data set:
    the rows then stay where they are and the design is a `PartitionedDesign`.
    """

    def __new__(cls, data: Any = None, *args: Any, **options: Any) -> Design:
        if cls is not Design or data is None or isinstance(data, pd.DataFrame):
            return super().__new__(cls)
        from analysis.partitions.design import PartitionedDesign  # pyarrow and Dask only where they are used

        return super().__new__(PartitionedDesign)

    def __init__(
        self,
        data: pd.DataFrame | Any,
        weight: str | None = None,
        probability: str | None = None,
        strata: Names | None = None,
        clusters: Names | None = None,
        fpc: Names | None = None,
        nest: bool = True,
        lonely_psu: Lonely = "fail",
        lonely_in_domains: bool = False,
        pps: Literal["brewer", "overton", "hartley_rao"] | Floats | None = None,
        pps_variance: Literal["ht", "yg"] = "ht",
        residuals: Literal["nested", "r"] = "nested",
    ) -> None:
        if not len(data):
            raise SurveyError("the data have no rows")
        lonely = LonelyRule(lonely_psu, lonely_in_domains)
        unequal = pps is not None
        structure = structure_of(data, names(strata), names(clusters), names(fpc), nest, unequal)
        first_weight = _first_weight(data, weight, probability, structure)
        pairs = None if pps is None else pair_weights(structure.stages[0], pps, pps_variance)
        self._fill(data, first_weight, Linearisation(structure, lonely, (), pairs, residuals))
        self.__dict__.update(strata=tuple(names(strata)), clusters=tuple(names(clusters)))

    @classmethod
    def from_sql(
        cls,
        source: str,
        connection: Any,
        variables: Names,
        weight: str | None = None,
        probability: str | None = None,
        strata: Names | None = None,
        clusters: Names | None = None,
        fpc: Names | None = None,
        chunk_rows: int = 50_000,
        **options: Any,
    ) -> Design:
        """A design over the rows of a database, reading only `variables` and the columns of the design.

        `source` is a table ("answers", "survey.answers") or a SELECT; `connection` an SQLAlchemy connection
        or engine, or one of sqlite3. Rows come `chunk_rows` at a time; the order is the database's unless a
        SELECT orders them. `options` are those of `Design`. See `analysis.database.read_sql` for the types.
        """
        design_columns = [weight, probability, *names(strata), *names(clusters), *names(fpc)]
        needed = [*names(variables), *(name for name in design_columns if name is not None)]
        data = read_sql(source, connection, needed, chunk_rows)
        return cls(data, weight, probability, strata, clusters, fpc, **options)

    @classmethod
    def from_replicates(
        cls,
        data: pd.DataFrame,
        weight: str,
        replicates: pd.DataFrame | Floats | Sequence[str],
        scale: float = 1.0,
        rscales: float | Sequence[float] | Floats = 1.0,
        mse: bool = False,
        df: float | None = None,
    ) -> Design:
        """A design from ready-made replicate weights: column names, or a frame or matrix (n, R) of weights.

        The weights hold the final weight already ("combined" in R), n rows and R columns, in units of the
        population. The variance is scale * sum of rscales * squared deviations, about the estimate (mse) or
        the replicates' mean (Wolter 2007, 3 and 4). `df` None takes the rank of the replicate weights less
        one. Raises `BadWeight`, `MissingValues`, and `SurveyError` for a matrix of another shape. See
        `read_replicates` for files, methods by name and checks of every column.
        """
        if not isinstance(data, pd.DataFrame):
            raise NotFromSums("from_replicates")
        method = imported(data, replicates, scale, rscales, mse, df)
        design = cls.__new__(cls)
        design._fill(data, checked_weight(weight, complete_numeric(data, weight)), method)
        design.__dict__.update(strata=(), clusters=())
        return design

    @classmethod
    def read_replicates(
        cls,
        source: str | Path | pd.DataFrame,
        method: ReplicateMethod | None = None,
        weight: str | None = None,
        replicates: str | Sequence[str] | None = None,
        scale: float | None = None,
        rscales: float | Sequence[float] | Floats | None = None,
        mse: bool | None = None,
        df: float | None = None,
        fay_rho: float | None = None,
        allow_negative: bool = False,
    ) -> Design:
        """A design from a file (.csv, .parquet, .dta) or frame that holds replicate weights.

        A file of `write_replicates` needs nothing else. For others name the method, which fills in scale,
        rscales and mse as R's svrepdesign and Stata's svyset do ("jkn" needs rscales, "fay" its rho), the
        weight, and the replicates: a list of columns, or what stands before their numbers, such as "brrw".
        "acs", "acs_household", "ipums" and "ipums_household" imply successive differences and the names.
        Raises `BadReplicates` for a column that is missing, extra, out of order, negative or empty.
        """
        request = Request(method, weight, replicates, scale, rscales, mse, df, fay_rho, allow_negative)
        given = source if isinstance(source, pd.DataFrame) else Path(source)
        found = read_replicates(given, request)
        design = cls.__new__(cls)
        values = checked_weight(found.weight, complete_numeric(found.data, found.weight))
        design._fill(found.data, values, found.variance)
        design.__dict__.update(strata=found.strata, clusters=found.clusters)
        return design

    def write_replicates(
        self,
        path: str | Path,
        convention: Literal["r", "stata", "acs", "acs_household", "ipums", "ipums_household"] = "r",
        columns: Names | None = None,
    ) -> pd.DataFrame:
        """Write data, final weight and replicate weights to .csv, .parquet or .dta; returns the table.

        `columns` of the data (all by default) come first, then the weights under the names of the convention:
        final_weight, rep_1, ... ("r"); pw, brrw1, jkw1, bsrw1 or sdrw1, ... ("stata"); PWGTP, PWGTP1, ...
        ("acs"); a column of the data with such a name is replaced. Method, scale, rscales, mse, df and rho go
        into the schema metadata of Parquet, else into `<file>.json`, so that `read_replicates` gives the same
        estimates. Raises `UnsuitableDesign` for a design without replicates.
        """
        return write_replicates(self, Path(path), convention, columns)

    def to_replicates(
        self,
        method: Literal["jk1", "jkn", "brr", "fay", "bootstrap", "rao_wu", "preston", "sdr"] = "jkn",
        replicates: int = 200,
        seed: int = 1,
        fay_rho: float = 0.5,
        mse: bool = False,
        df_rule: Literal["design", "rank"] = "design",
        redo: bool = True,
    ) -> Design:
        """Replicate weights in place of linearisation; every weighting step is redone on each of them.

        "preston" (R's mrbbootstrap) counts the population sizes of all stages, the jackknives and "sdr"
        those of the first, the others none. `replicates` and `seed` are for the bootstraps; "sdr"
        (successive differences of PSUs in the order of their ids) makes at most about `replicates`. Degrees of
        freedom are PSUs less strata, or by df_rule="rank" R's rank of the replicate weights less one. With `redo`
        False the present weights are resampled as they are, as R's as.svrepdesign does: errors then miss what
        earlier weighting steps gained.
        Raises `LonelyPsu` unless the design was made with lonely_psu="certainty" or "remove" (for "jkn" also
        "adjust" or "average"), `UnsuitableDesign` where the method asks for other strata, `UnknownOption`.
        """
        recipe = Recipe(replicates, seed, fay_rho, df_rule=df_rule)
        return self._with(variance=replicated(self.variance, self.history, method, recipe, mse, redo))


def _first_weight(
    data: pd.DataFrame, weight: str | None, probability: str | None, structure: Structure
) -> Floats:
    given = row_weight(data, weight, probability)
    if given is None:
        return structure.inverse_fractions()
    return given if weight is None else checked_weight(weight, given)


def row_weight(data: pd.DataFrame, weight: str | None, probability: str | None) -> Floats | None:
    """The weights (n) that the rows carry; None where they follow from the sampling fractions."""
    if weight is not None and probability is not None:
        raise SurveyError("give weight or probability, not both")
    if weight is not None:
        return _not_negative(weight, complete_numeric(data, weight))
    if probability is not None:
        chance = complete_numeric(data, probability)
        if (chance <= 0).any() or (chance > 1).any():
            wrong = chance[(chance <= 0) | (chance > 1)][0]
            raise BadWeight(probability, f"{wrong:.10g} is not a probability above 0 and up to 1")
        return 1.0 / chance
    return None


def _not_negative(name: str, weight: Floats) -> Floats:
    if (weight < 0).any():
        raise BadWeight(name, f"{weight[weight < 0][0]:.10g} is negative (row {int((weight < 0).argmax())})")
    return weight


def checked_weight(name: str, weight: Floats) -> Floats:
    """Refuse negative weights and weights that add up to nothing."""
    if not _not_negative(name, weight).sum() > 0:
        raise BadWeight(name, "they add up to zero")
    return weight
