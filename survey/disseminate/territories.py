"""One indicator in the provinces of before the merger: what their plans aimed at, and what came before.

The merged province is no successor in numbers: its figures go on with nobody's series. A former province's do, where
the sample still tells which former province an answer is from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from survey.cases.areas import area_names
from survey.cases.models import AreaKind
from survey.disseminate.models import Observation
from survey.disseminate.wording import breakdown
from survey.process.concept import CONCEPT


@dataclass(frozen=True)
class Territory:
    """A former province's figures of one indicator by period, oldest first; None where there is none.

    `aimed_at` is the latest figure that is held against the target of the province's own plan.
    """

    code: str
    name: str
    figures: Sequence[Observation | None]

    @property
    def aimed_at(self) -> Observation | None:
        """The latest figure, if the plan that sets its target is this province's."""
        latest = self.figures[-1]
        return latest if latest is not None and latest.target is not None else None


@dataclass(frozen=True)
class Territories:
    """The former provinces side by side, over the periods that were measured in the same way."""

    periods: Sequence[str]
    rows: Sequence[Territory]


def concept(figure: Observation) -> list[object]:
    """What figures must share to be compared over time: what is counted, and in which territory."""
    return [*(figure.definition.get(name) for name in CONCEPT), *_area(figure)]


def territories_of(figures: Sequence[Observation], main: Observation | None) -> Territories | None:
    """The former provinces in the figures of an indicator; None where the sample does not tell them apart."""
    if main is None:
        return None
    same = [o for o in figures if o.indicator == main.indicator and _meaning(o) == _meaning(main)]
    placed = {(code, o.time_period): o for o in same if (code := _former_province(o))}
    periods = sorted({period for _, period in placed})
    if main.time_period not in periods:
        return None
    rows = [
        Territory(code, name, [placed.get((code, period)) for period in periods])
        for code, name in area_names(AreaKind.PROVINCE_OLD).items()
    ]
    return Territories(periods, [row for row in rows if any(row.figures)])


def _meaning(figure: Observation) -> list[object]:
    return [figure.definition.get(name) for name in CONCEPT]


def _former_province(figure: Observation) -> str:
    """The code of the former province that a figure is of: a level of a breakdown, or all that was surveyed."""
    if figure.dimension is not None:
        return str(figure.level) if breakdown(figure).get("areas") == AreaKind.PROVINCE_OLD else ""
    kind, code = _area(figure)
    return code if kind == AreaKind.PROVINCE_OLD else ""


def _area(figure: Observation) -> tuple[str, str]:
    area = figure.release.run.recipe["design"].get("ref_area") or {}
    return str(area.get("kind", "")), str(area.get("code", figure.ref_area))
