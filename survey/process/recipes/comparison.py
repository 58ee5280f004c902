"""Two runs side by side: what became of the weights, and what of the figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from survey.errors import NotFound
from survey.process.charts import Axis, axis
from survey.process.folders import run_folder
from survey.process.labels import labels_of
from survey.process.models import Estimate, Run
from survey.process.recipe import Indicator, Recipe
from survey.process.service import recipe_used
from survey.process.tables import KEY
from survey.process.weighting.diagnostics import distribution, spread
from survey.text import in_language

CELLS = 40
WEIGHT = "final_weight"
KEYS = (KEY, "instance")

Verdicts = Mapping[str, str]


@dataclass(frozen=True)
class Cell:
    """A square of the plane with the share, of the fullest square, of the units in it; percent of the width."""

    x: float
    y: float
    size: float
    fullness: float


@dataclass(frozen=True)
class WeightsCompared:
    """The final weights of one table in both runs, over the units that both have."""

    level: str
    a: Mapping[str, Any]
    b: Mapping[str, Any]
    common: int
    only_a: int
    only_b: int
    ratios: Mapping[str, Any] | None
    correlation: float | None
    scale: Axis
    plane: tuple[Cell, ...]


@dataclass(frozen=True)
class Pair:
    """One figure in both runs; a side is None where its run has none. `verdicts` are those against the target."""

    indicator: Indicator
    label: str
    group: str
    a: Estimate | None
    b: Estimate | None
    verdicts: tuple[str | None, str | None] = (None, None)

    @property
    def difference(self) -> float | None:
        """Second less first, in the unit of the indicator: percentage points for percentages."""
        return self.b.value - self.a.value if self.a and self.b else None

    @property
    def se_change(self) -> float | None:
        """How much larger the standard error became, in percent."""
        if not self.a or not self.b or not self.a.std_error:
            return None
        return 100.0 * (self.b.std_error / self.a.std_error - 1.0)

    @property
    def in_errors(self) -> float:
        """The difference in standard errors of the first; what only one run has comes before everything."""
        if self.difference is None:
            return float("inf")
        error = self.a.std_error if self.a else 0.0
        return abs(self.difference) / error if error else (float("inf") if self.difference else 0.0)

    @property
    def is_turned(self) -> bool:
        """Whether the verdict against the target is another one."""
        return self.verdicts[0] != self.verdicts[1]


@dataclass(frozen=True)
class Comparison:
    """Two runs of a round, the first one's figures against the second one's."""

    a: Run
    b: Run
    weights: tuple[WeightsCompared, ...]
    pairs: tuple[Pair, ...]

    @property
    def is_same_data(self) -> bool:
        """Whether nothing but the recipe (and the program) can have made the differences."""
        return self.a.snapshot_id is not None and self.a.snapshot_id == self.b.snapshot_id

    @property
    def turned(self) -> int:
        """How many figures are judged otherwise against their target."""
        return sum(pair.is_turned for pair in self.pairs)


def compare(a: Run, b: Run, verdicts: tuple[Verdicts, Verdicts] = ({}, {})) -> Comparison:
    """Compare two finished runs; `verdicts` are met, not_met or undecided by indicator, for each run."""
    recipes = recipe_used(a), recipe_used(b)
    pairs = sorted(_pairs(a, b, recipes, verdicts), key=lambda pair: (not pair.is_turned, -pair.in_errors))
    return Comparison(a, b, tuple(_weights(a, b, recipes)), tuple(pairs))


def _weights(a: Run, b: Run, recipes: tuple[Recipe, Recipe]) -> Iterable[WeightsCompared]:
    for level in recipes[0].levels:
        if level in recipes[1].levels:
            yield compare_weights(level, weights_of(a, level), weights_of(b, level))


def weights_of(run: Run, level: str) -> "pd.Series[float]":
    """The final weights of a run's table, by unit; raise `NotFound` where the file is gone."""
    path = run_folder(run) / f"weights-{level}.parquet"
    if not path.exists():
        raise NotFound(
            f"Lượt {run.id} không còn tệp trọng số của bảng {level}.", "Tính lại lượt đó rồi so sánh."
        )
    table = pd.read_parquet(path)
    return table.set_index([name for name in KEYS if name in table])[WEIGHT].astype(float)


def compare_weights(level: str, a: "pd.Series[float]", b: "pd.Series[float]") -> WeightsCompared:
    """Both series by unit; ratios are second over first."""
    both = pd.concat([a.rename("a"), b.rename("b")], axis=1, join="inner")
    first, second = both["a"].to_numpy(float), both["b"].to_numpy(float)
    scale = axis([0.0, *a, *b], least=0.0)
    varied = len(both) > 1 and np.ptp(first) > 0 and np.ptp(second) > 0
    return WeightsCompared(
        level=level,
        a=spread(a, None),
        b=spread(b, None),
        common=len(both),
        only_a=len(a) - len(both),
        only_b=len(b) - len(both),
        ratios=distribution(second / first),
        correlation=float(np.corrcoef(first, second)[0, 1]) if varied else None,
        scale=scale,
        plane=plane(first, second, scale),
    )


def plane(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64], scale: Axis) -> tuple[Cell, ...]:
    """The units as squares of a plane, first across and second upward: a million points are no picture."""
    ends = [scale.low, scale.high]
    counts, _, _ = np.histogram2d(first, second, bins=CELLS, range=[ends, ends])
    size, fullest = 100.0 / CELLS, counts.max() or 1.0
    return tuple(
        Cell(x * size, 100.0 - (y + 1) * size, size, float(np.sqrt(counts[x, y] / fullest)))
        for x, y in zip(*np.nonzero(counts), strict=True)
    )


Domain = tuple[str, str | None, str | None]


def _pairs(
    a: Run, b: Run, recipes: tuple[Recipe, Recipe], verdicts: tuple[Verdicts, Verdicts]
) -> Iterable[Pair]:
    sides: tuple[dict[Domain, Estimate], ...] = tuple(
        {(row.indicator, row.dimension, row.level): row for row in run.estimates} for run in (a, b)
    )
    known = {each.code: each for recipe in reversed(recipes) for each in recipe.indicators}
    labels = labels_of(b.round.instrument_version, recipes[1])
    for domain in dict.fromkeys([*sides[0], *sides[1]]):
        code, dimension, level = domain
        group = f"{labels.dimension(dimension)}: {labels.level(dimension, level or '')}" if dimension else ""
        judged = (verdicts[0].get(code), verdicts[1].get(code)) if dimension is None else (None, None)
        yield Pair(
            indicator=known[code],
            label=in_language(known[code].label, "vi"),
            group=group,
            a=sides[0].get(domain),
            b=sides[1].get(domain),
            verdicts=judged,
        )
