"""`PartitionedDesign`: a design whose rows stay in Parquet files or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Names, Where
from analysis.columns import ROWS, names
from analysis.design import Design, Lonely
from analysis.errors import ColumnNotFound, NotFromSums, SurveyError
from analysis.items import Item
from analysis.partitions.merging import DOMAIN, MOST, ROW, WEIGHT, Function, Merged, Reading
from analysis.partitions.sources import DaskSource, Source, source_of
from analysis.partitions.writing import FACTOR, Fetching, Writing, empty_folder
from analysis.weighted_sample import WeightedSample
from analysis.weighting.steps import Record, WeightingStep

if TYPE_CHECKING:
    from analysis.estimates import Options

NEEDS_ROWS = {"data": "this method", "weight": "the weight of each row", "variance": "this method"}


@dataclass(frozen=True, eq=False)
class Planned:
    """A change that is made to every sample of merged rows, and the columns it looks at."""

    columns: tuple[str, ...]
    change: Callable[[Design], Design]
    replicates: bool = False


@dataclass(frozen=True, eq=False)
class StepSummary:
    """A weighting step: its name, iterations, and its controls before and after beside their targets."""

    name: str
    iterations: int = 0
    margins: pd.DataFrame | None = field(default=None, repr=False)


class PartitionedDesign(Design):
    """A design on Parquet files or a Dask data frame; `Design(data, ...)` makes one.

    Each estimate is one pass: rows that share unit, domain and weighting cell are merged in every partition,
    the merged rows of all partitions are merged again, and the estimators for frames in memory run on them.
    Results agree with those to rounding; memory holds one partition per process and the merged rows, at most
    `most` of them (`keeping`). Means, totals, proportions, ratios and population variances work, with
    replicates too, and weighting by columns; `where` and new columns are functions of a partition's frame.
    Anything else raises `NotFromSums`; `compute` brings named columns into memory for it.
    """

    def __init__(
        self,
        data: Any,
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
        source = source_of(data)
        options: dict[str, Any] = {"nest": nest, "lonely_psu": lonely_psu, "pps": pps}
        options |= {
            "lonely_in_domains": lonely_in_domains,
            "pps_variance": pps_variance,
            "residuals": residuals,
        }
        self.__dict__.update(
            source=source,
            strata=tuple(names(strata)),
            clusters=tuple(names(clusters)),
            fpc=tuple(names(fpc)),
            own_weight=weight,
            probability=probability,
            options=options,
            plan=(),
            conditions=(),
            derived=(),
            most=MOST,
            history=(StepSummary("design"),),
        )
        for name in [*names(weight), *names(probability), *self.strata, *self.clusters, *self.fpc]:
            if name not in source.columns:
                raise ColumnNotFound(name, source.columns)
        if weight is not None and probability is not None:
            raise SurveyError("give weight or probability, not both")
        if weight is None and probability is None and not self.fpc:
            raise SurveyError(
                "give weight or probability, or fpc for every stage, so that weights are defined"
            )

    source: Source
    fpc: tuple[str, ...]
    own_weight: str | None
    probability: str | None
    options: Mapping[str, Any]
    plan: tuple[Planned, ...]
    conditions: tuple[Function, ...]
    derived: tuple[tuple[str, Function], ...]
    most: int

    def __getattr__(self, name: str) -> Any:
        if name in NEEDS_ROWS:
            raise NotFromSums(NEEDS_ROWS[name])
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __repr__(self) -> str:
        return f"<Design on {self.source!r}, {' > '.join(record.name for record in self.history)}>"

    @property
    def degrees_of_freedom(self) -> float:
        """PSUs minus strata in the domain, from one pass."""
        return self._sample(self._pass(self._reading(()))).degrees_of_freedom

    def domain(self, where: Where) -> Self:
        """The same design with estimates confined to a domain, a function of the data or a Dask Series."""
        if where is None:
            return self
        if isinstance(self.source, DaskSource) and type(where).__module__.startswith("dask"):
            name = f"(where {len(self.conditions)})"
            marked = DaskSource(self.source.frame.assign(**{name: where}))
            return self._with(source=marked, conditions=(*self.conditions, lambda data: data[name]))
        if not callable(where):
            raise SurveyError(
                "where must be a function of the data here, such as lambda d: d['age'] >= 15, because the "
                "rows are read in partitions"
            )
        return self._with(conditions=(*self.conditions, where))

    def with_columns(self, columns: Mapping[str, Any]) -> Self:
        """The same design with columns computed from others by functions of a partition's frame."""
        fixed = [name for name, function in columns.items() if not callable(function)]
        if fixed:
            raise SurveyError(
                f"column {fixed[0]!r} must be a function of the data, because rows are read in parts"
            )
        return self._with(derived=(*self.derived, *columns.items()))

    def keeping(self, most: int) -> Self:
        """The same design with another limit on the merged rows held in memory (about 100 bytes each)."""
        return self._with(most=most)

    def itemised(
        self,
        read: Callable[[pd.DataFrame], list[Item]],
        columns: Sequence[str],
        options: Options,
        paired: bool = False,
        squares: bool = False,
    ) -> tuple[WeightedSample, list[Item]]:
        reading = self._reading(
            options.by,
            read=read,
            squares=squares,
            paired=paired and squares,
            each_known=options.missing == "fail",
        )
        merged = self._pass(reading, columns)
        return self._sample(merged), merged.items()

    def weighted(
        self,
        columns: Sequence[str],
        recipe: Callable[[pd.DataFrame, Floats], WeightingStep],
        row_by_row: str | None = None,
    ) -> Self:
        """Run a weighting step on the cells of its columns (one pass) and repeat it before each estimate."""
        if row_by_row is not None:
            raise NotFromSums(row_by_row)
        if self.conditions:
            raise NotFromSums("weighting within a domain")

        def change(sample: Design) -> Design:
            return sample.apply(recipe(sample.data, sample.weight))

        planned = self._with(plan=(*self.plan, Planned(tuple(columns), change)))
        return planned._with(history=tuple(_summary(record) for record in planned._cells()[1].history))

    def apply(self, step: WeightingStep) -> Self:
        """Refused: a prepared step belongs to rows in memory."""
        raise NotFromSums("a prepared weighting step")

    def to_replicates(self, *args: Any, **options: Any) -> Self:
        """Replicate weights in place of linearisation, as `Design.to_replicates`; later steps are redone on them."""

        def change(sample: Design) -> Design:
            return sample.to_replicates(*args, **options)

        return self._with(plan=(*self.plan, Planned((), change, replicates=True)))

    def factors(self) -> pd.DataFrame:
        """By what each weighting cell's weights are multiplied: its columns and `factor`."""
        cells = self._factors()
        return cells.rename(columns={FACTOR: "factor"})

    def write_weights(
        self, folder: str | Path, name: str | None = None, columns: Sequence[str] | None = None
    ) -> int:
        """Write the rows with their weights to Parquet files in a new folder; returns the number of rows.

        The weight is the column `name` (by default the last step's, such as "rake_weight"); `columns` None
        keeps all others. On a cluster every worker must see the folder.
        """
        name = f"{self.history[-1].name}_weight" if name is None else name
        task = Writing(
            self._factors(),
            empty_folder(folder),
            name,
            self.own_weight,
            self.probability,
            None if columns is None else tuple(columns),
            self.derived,
        )
        return self.source.reduce(None, task, task.merge)

    def compute(self, columns: Sequence[str] = ()) -> Design:
        """The design in memory with all rows and these columns beside its own, for what sums do not give."""
        planned = [name for step in self.plan for name in step.columns]
        own = [*names(self.own_weight), *names(self.probability), *self.strata, *self.clusters, *self.fpc]
        wanted = tuple(dict.fromkeys([*own, *planned, *columns]))
        fetching = Fetching(wanted, self.conditions, self.derived)
        data = self.source.reduce(self._needed(wanted), fetching, fetching.merge)
        design = Design(
            data, self.own_weight, self.probability, self.strata, self.clusters, self.fpc, **self.options
        )
        return self._finished(design)

    def _reading(self, by: Sequence[str], structural: bool = True, **options: Any) -> Reading:
        planned = [name for step in self.plan for name in step.columns]
        stages = self._stages if structural else 0
        structure = [*self.strata[:stages], *self.clusters[:stages], *self.fpc[:stages]]
        return Reading(
            tuple(structure),
            tuple(dict.fromkeys([*planned, *by])),
            self.own_weight,
            self.probability,
            where=self.conditions,
            derived=self.derived,
            by_row=structural and not self.clusters,
            most=self.most,
            **options,
        )

    def _pass(self, reading: Reading, columns: Sequence[str] = ()) -> Merged:
        own = [*names(self.own_weight), *names(self.probability)]
        needed = self._needed([*own, *reading.complete, *reading.keys, *columns])
        return self.source.reduce(needed, reading, reading.merge)

    def _needed(self, columns: Sequence[str]) -> list[str] | None:
        """The columns to read: all where functions of the data are called."""
        if self.conditions or self.derived:
            return None
        wanted = list(dict.fromkeys(columns))
        for name in wanted:
            if name not in self.source.columns:
                raise ColumnNotFound(name, self.source.columns)
        return wanted

    @property
    def _stages(self) -> int:
        """The stages that estimates look at: the first, and those below it whose population sizes are known."""
        if self.own_weight is None and self.probability is None:
            return max(1, len(self.clusters))
        if any(step.replicates for step in self.plan):
            return 1
        return max(1, len(self.fpc))

    def _sample(self, merged: Merged, structural: bool = True) -> Design:
        """The merged rows as a design in memory, all planned steps done."""
        stages = self._stages if structural else 0
        data = merged.frame()
        if self.own_weight is None and self.probability is None:
            design = Design(data, None, None, *self._structure(stages), **self.options)
            weight = design.weight * data[ROWS].to_numpy()
            design = design._with(weight=weight, history=(Record("design", weight),))
        else:
            pps = {} if structural else {"pps": None}
            design = Design(data, WEIGHT, None, *self._structure(stages), **{**self.options, **pps})
        return self._finished(design, structural)

    def _structure(self, stages: int) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        return self.strata[:stages], self.clusters[:stages], self.fpc[:stages]

    def _finished(self, design: Design, structural: bool = True) -> Design:
        for step in self.plan:
            if structural or not step.replicates:
                design = step.change(design)
        return design.domain(design.data[DOMAIN]) if self.conditions else design

    def _cells(self) -> tuple[Merged, Design]:
        """The weighting cells and the design of them; with the units where weights follow from fractions."""
        structural = self.own_weight is None and self.probability is None
        everyone = self._with(conditions=())
        merged = everyone._pass(everyone._reading((), structural))
        return merged, everyone._sample(merged, structural)

    def _factors(self) -> pd.DataFrame:
        merged, sample = self._cells()
        keys = merged.frame().drop(columns=[WEIGHT, ROWS, ROW], errors="ignore")
        before = merged.weight
        factor = np.divide(sample.weight, before, out=np.zeros(len(before)), where=before > 0)
        return keys.assign(**{FACTOR: factor}).drop_duplicates(list(keys.columns), ignore_index=True)


def _summary(record: Record) -> StepSummary:
    return StepSummary(record.name, record.iterations, record.margins)
