"""A weighted sample: data with weights, a way to measure errors, and the history of both."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Mask, Where
from analysis.columns import mask_of
from analysis.errors import UnknownOption
from analysis.items import Item
from analysis.variance import VarianceMethod
from analysis.weighting.narrow import Narrow
from analysis.weighting.steps import Record, WeightingStep, WeightSpread, weight_spread

if TYPE_CHECKING:
    from analysis.estimates import Options


class WeightedSample:
    """What every design holds: rows, their weights (n), the variance method, and the weighting history."""

    data: pd.DataFrame
    weight: Floats
    variance: VarianceMethod
    history: tuple[Record, ...]
    strata: tuple[str, ...]
    clusters: tuple[str, ...]

    def _fill(self, data: pd.DataFrame, weight: Floats, variance: VarianceMethod) -> None:
        record = Record("design", weight)
        state = {"data": data, "weight": weight, "variance": variance, "history": (record,), "_domain": None}
        self.__dict__.update(state)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a Design does not change; {name!r} cannot be set")

    def _with(self, **changes: Any) -> Self:
        changed = copy.copy(self)
        changed.__dict__.update(changes)
        return changed

    def __repr__(self) -> str:
        steps = " > ".join(record.name for record in self.history)
        return f"<Design of {len(self.data)} rows, {steps}, effective n {self.spread.effective_n:.1f}>"

    @property
    def domain_mask(self) -> Mask:
        """The rows that estimates are about (n)."""
        domain: Mask | None = self.__dict__["_domain"]
        return np.ones(len(self.data), dtype=np.bool_) if domain is None else domain

    @property
    def spread(self) -> WeightSpread:
        """How uneven the current weights are (Kish)."""
        return weight_spread(np.where(self.domain_mask, self.weight, 0.0))

    @property
    def degrees_of_freedom(self) -> float:
        """PSUs minus strata (or the rank of the replicate weights, less one) in the domain."""
        return self.degrees_of_freedom_of(self.domain_mask)

    def degrees_of_freedom_of(self, rows: Mask) -> float:
        """The same for any set of rows (n)."""
        group = np.where(rows, 0, -1).astype(np.int64)
        return float(self.variance.degrees_of_freedom(self.weight, group, 1)[0])

    def weights(self, stage: str | int | None = None) -> pd.Series:
        """The weights after a stage, by the name in `history` (the latest of that name) or its number.

        A Series of n values with the index of the data, named after the stage; None gives the present weights.
        Raises `UnknownOption` for a stage that did not take place.
        """
        if stage is None:
            return pd.Series(self.weight, index=self.data.index, name=f"{self.history[-1].name}_weight")
        found = [
            record
            for k, record in enumerate(self.history)
            if stage in (record.name, k, k - len(self.history))
        ]
        if not found:
            raise UnknownOption("stage", stage, [record.name for record in self.history])
        return pd.Series(found[-1].weight, index=self.data.index, name=f"{found[-1].name}_weight")

    def with_columns(self, columns: Mapping[str, Any]) -> Self:
        """The same design with columns (n values each) added to its data; weights and variance stay."""
        return self._with(data=self.data.assign(**columns))

    def domain(self, where: Where) -> Self:
        """The same design with estimates confined to a domain; other rows still count for the variance."""
        mask = mask_of(self.data, where)
        return self if mask is None else self._with(_domain=self.domain_mask & mask)

    def itemised(
        self,
        read: Callable[[pd.DataFrame], list[Item]],
        columns: Sequence[str],
        options: Options,
        paired: bool = False,
        squares: bool = False,
    ) -> tuple[WeightedSample, list[Item]]:
        """The sample to estimate from and the items that `read` finds in its `columns`.

        `paired` says that the second half of the items are the denominators of the first, `squares` that
        the spread of values is needed.
        """
        return self, read(self.data)

    def weighted(
        self,
        columns: Sequence[str],
        recipe: Callable[[pd.DataFrame, Floats], WeightingStep],
        row_by_row: str | None = None,
    ) -> Self:
        """Run a weighting step that looks at `columns` and, where `row_by_row` names it, at single weights.

        In a domain the step is about the domain's rows alone; the others leave for good, at weight 0.
        """
        domain: Mask | None = self.__dict__["_domain"]
        outside = domain is not None and bool((self.weight[~domain] != 0).any())
        sample = self.apply(Narrow(self.domain_mask)) if outside else self
        return sample.apply(recipe(sample.data, sample.weight))

    def apply(self, step: WeightingStep) -> Self:
        """Run one prepared weighting step and write it into the history."""
        adjusted = step.adjust(self.weight)
        record = Record(step.name, adjusted.weight, self.weight, step, adjusted.iterations)
        return self._with(
            weight=adjusted.weight,
            variance=self.variance.after(step, adjusted),
            history=(*self.history, record),
        )
