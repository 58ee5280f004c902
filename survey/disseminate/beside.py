"""What stands beside a figure and is never under its code: values from records, near figures, inputs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from survey.disseminate import service
from survey.disseminate.breakdowns import Breakdown, breakdowns_of
from survey.disseminate.models import Observation
from survey.registry.models import Indicator
from survey.registry.near import inputs_of, near_lines
from survey.registry.service import lines_of
from survey.registry.values.models import AdministrativeValue
from survey.registry.values.service import public_values
from survey.rounds.models import Purpose


@dataclass(frozen=True)
class NearValues:
    """Values of an administrative line that is near, and in which way it differs."""

    line: Indicator
    note: str
    values: Sequence[AdministrativeValue]


@dataclass(frozen=True)
class SurveyInput:
    """A survey's figure that goes into a compiled line: its total, its parts, or both."""

    note: str
    total: Observation | None
    parts: Sequence[Breakdown]

    @property
    def figures(self) -> list[Observation]:
        """All figures of it."""
        return [*filter(None, [self.total]), *(row.figure for part in self.parts for row in part.rows)]


@dataclass(frozen=True)
class Beside:
    """All that is shown beside: the line's own administrative values, near ones, near figures, inputs."""

    values: Sequence[AdministrativeValue]
    near: Sequence[NearValues]
    figures: Sequence[Observation]
    inputs: Sequence[SurveyInput]

    @property
    def synthetic(self) -> bool:
        """Whether something of it is simulated."""
        values = [*self.values, *(value for one in self.near for value in one.values)]
        figures = [*self.figures, *(o for one in self.inputs for o in one.figures)]
        return any(value.is_synthetic for value in values) or any(o.is_synthetic for o in figures)


def beside(line: Indicator | None, figure: Observation | None, lang: str = "vi") -> Beside:
    """What stands beside the page of a line, of a figure, or of both."""
    named = list(figure.definition.get("similar") or ()) if figure is not None else []
    near = {one.line.code: one for one in near_lines(line)} if line is not None else {}
    administrative = [one for one in lines_of([*near, *named]) if one.is_administrative]
    return Beside(
        values=public_values([line.code]) if line is not None and line.is_administrative else [],
        near=_near_values(administrative, {code: one.note for code, one in near.items()}),
        figures=_figures(line, near, figure) if line is not None and line.is_administrative else [],
        inputs=list(_inputs(line, lang)) if line is not None else [],
    )


def _near_values(lines: Iterable[Indicator], notes: dict[str, str]) -> list[NearValues]:
    lines = list(lines)
    values: dict[str, list[AdministrativeValue]] = {}
    for value in public_values(line.code for line in lines):
        values.setdefault(value.indicator.code, []).append(value)
    return [
        NearValues(line, notes.get(line.code, ""), values[line.code]) for line in lines if line.code in values
    ]


def _figures(line: Indicator, near: Iterable[str], figure: Observation | None) -> list[Observation]:
    """Survey figures of near lines, or whose definition calls this line similar; the latest of each."""
    codes = set(near)
    totals = [
        o
        for o in service.current(dimension=None)
        if o.purpose != Purpose.VERIFICATION
        and o is not figure
        and (o.registry_code in codes or line.code in (o.definition.get("similar") or ()))
    ]
    latest = {o.indicator: o for o in sorted(totals, key=lambda o: o.time_period)}
    return list(latest.values())


def _inputs(line: Indicator, lang: str) -> Iterable[SurveyInput]:
    for wanted in inputs_of(line):
        found = service.current(wanted.survey, indicator=wanted.indicator)
        period = max((o.time_period for o in found), default=None)
        latest = [o for o in found if o.time_period == period]
        if wanted.dimension:
            parts = [o for o in latest if o.dimension in (None, wanted.dimension)]
            shown = [one for one in breakdowns_of(parts, lang) if one.code == wanted.dimension]
            if shown:
                yield SurveyInput(wanted.note, None, shown)
        elif total := next((o for o in latest if o.dimension is None), None):
            yield SurveyInput(wanted.note, total, [])
