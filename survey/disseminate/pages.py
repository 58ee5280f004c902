"""What the public pages show, gathered from published observations and the registry, and nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from markupsafe import Markup

from survey.cases.models import AreaKind
from survey.disseminate import history, service
from survey.disseminate.beside import Beside, beside
from survey.disseminate.breakdowns import Breakdown, breakdowns_of, domain_of
from survey.disseminate.charts import Caption, Point, Scale, trend_chart
from survey.disseminate.models import Observation
from survey.disseminate.territories import Territories, concept, territories_of
from survey.disseminate.wording import breakdown, in_language, question_labels, survey_title
from survey.registry.models import Indicator, IndicatorOwner
from survey.registry.service import find_indicator, owners_on, search
from survey.rounds.models import Purpose
from survey.text import plain


@dataclass(frozen=True)
class IndicatorPage:
    """One indicator: its figure, the registry line it is held against, and all that explains them."""

    code: str
    label: str
    line: Indicator | None
    owners: Sequence[IndicatorOwner]
    figure: Observation | None
    others: Sequence[Observation]
    breakdowns: Sequence[Breakdown]
    territories: Territories | None
    trend: Markup | None
    questions: dict[str, str]
    beside: Beside
    revisions: Sequence[history.Former] = ()
    withdrawn: Sequence[Observation] = ()


@dataclass(frozen=True)
class Dataset:
    """All published figures of one survey."""

    survey: str
    title: str
    figures: Sequence[Observation]


@dataclass(frozen=True)
class Topic:
    """Registry lines of one part of the documents, each with its published figure where there is one."""

    name: str
    lines: Sequence[tuple[Indicator, Observation | None]]


def provincial() -> list[Observation]:
    """Totals of the province's own surveys, latest period each, those held against a target first."""
    totals = [o for o in service.current() if o.dimension is None and o.purpose != Purpose.VERIFICATION]
    latest = {o.indicator: o for o in sorted(totals, key=lambda o: o.time_period)}
    return sorted(latest.values(), key=lambda o: (o.target is None, o.registry_code is None, o.id))


def datasets(lang: str = "vi") -> list[Dataset]:
    """The surveys with published figures, the province's own before those recomputed to verify."""
    figures = sorted(service.current(), key=lambda o: (o.purpose == Purpose.VERIFICATION, o.survey, o.id))
    return [
        Dataset(survey, survey_title(members[0], lang), members)
        for survey, members in ((key, list(group)) for key, group in groupby(figures, key=lambda o: o.survey))
    ]


def found(figures: Iterable[Observation], words: str) -> list[Observation]:
    """Figures whose names have every word, with or without diacritics."""
    wanted = plain(words).split()
    return [o for o in figures if all(word in _searched(o) for word in wanted)]


def _searched(figure: Observation) -> str:
    return plain(
        " ".join([figure.indicator, figure.registry_code or "", *figure.definition["label"].values()])
    )


def topics(words: str = "") -> list[Topic]:
    """The registry lines with every word, in the order of the documents."""
    figures = {o.registry_code: o for o in reversed(provincial()) if o.registry_code}
    lines = sorted(search(words), key=lambda line: line.group)  # stable: documents' order within a topic
    return [
        Topic(name, [(line, figures.get(line.code)) for line in members])
        for name, members in groupby(lines, key=lambda line: line.group)
    ]


def indicator_page(code: str, lang: str = "vi", today: date | None = None) -> IndicatorPage:
    """The page of an indicator code or of a registry line; raises `NotFound` when it is neither."""
    figures = service.current(indicator=code)
    withdrawn = history.withdrawn_of(code)
    named = next((o for o in (*figures, *withdrawn) if o.indicator == code), None)
    line = None if named else find_indicator(code)
    figures = figures or service.current(registry_code=code)
    figure = main_figure(figures)
    if line is None and (registered := (figure or named)) is not None and registered.registry_code:
        line = find_indicator(registered.registry_code)
    of_line = service.current(registry_code=line.code) if line else []
    described = figure or named
    label = in_language(described.definition["label"] if described else line.name if line else {}, lang)
    return IndicatorPage(
        code=code,
        label=label,
        line=line,
        owners=owners_on(line, today or date.today()) if line else [],
        figure=figure,
        others=_other_totals(of_line, figure),
        breakdowns=_breakdowns(figures, figure, lang),
        territories=territories_of(figures, figure),
        trend=_trend(figures, figure, label, lang),
        questions=_questions(figure, lang),
        beside=beside(line, figure, lang),
        revisions=history.revisions(figure) if figure else (),
        withdrawn=withdrawn,
    )


def main_figure(figures: Sequence[Observation]) -> Observation | None:
    """The latest total, of the definition that is held against the target where there is one."""
    totals = [o for o in figures if o.dimension is None]
    return max(
        totals, key=lambda o: (bool(o.definition.get("held_against_target")), o.time_period), default=None
    )


def _other_totals(figures: Sequence[Observation], figure: Observation | None) -> list[Observation]:
    """Other ways the same line is measured, such as other ages: never mixed, always shown."""
    if figure is None:
        return []
    same_period = [o for o in figures if o.dimension is None and o.time_period == figure.time_period]
    return [o for o in same_period if o.indicator != figure.indicator]


def _breakdowns(figures: Sequence[Observation], figure: Observation | None, lang: str) -> Sequence[Breakdown]:
    if figure is None:
        return []
    chosen = [
        o
        for o in figures
        if (o.indicator, o.time_period) == (figure.indicator, figure.time_period)
        and breakdown(o).get("areas") != AreaKind.PROVINCE_OLD  # stands in a table of its own
    ]
    return breakdowns_of(chosen, lang)


def _trend(
    figures: Sequence[Observation], figure: Observation | None, label: str, lang: str
) -> Markup | None:
    """The figure over its periods, once there are two; a changed definition begins a new series."""
    totals = [o for o in figures if figure and o.dimension is None and o.indicator == figure.indicator]
    if figure is None or len(totals) < 2:
        return None
    totals.sort(key=lambda o: o.time_period)
    before = [totals[0], *totals]
    points = [
        Point(o.time_period, o.obs_value, o.ci_low, o.ci_high, new_series=concept(o) != concept(previous))
        for previous, o in zip(before, totals, strict=False)
    ]
    scale = Scale(figure.unit.words(lang), figure.target, domain_of(totals), figure.unit.decimals)
    return trend_chart(points, Caption(label), scale, lang)


def _questions(figure: Observation | None, lang: str) -> dict[str, str]:
    if figure is None:
        return {}
    version = figure.release.run.round.instrument_version
    return question_labels(version, figure.definition.get("questions") or (), lang)
