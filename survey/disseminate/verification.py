"""Real surveys recomputed by this service: our figures beside those published and those of R."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from markupsafe import Markup

from survey.disseminate import service
from survey.disseminate.breakdowns import Breakdown, breakdowns_of, domain_of
from survey.disseminate.charts import Caption, Point, Scale, comparison_chart
from survey.disseminate.models import Observation
from survey.disseminate.wording import in_language, survey_title
from survey.formats import rounded
from survey.rounds.models import Purpose

OTHER = {"vi": "{} công bố", "en": "published by {}"}
EXACT = 15
"""Decimals beyond which a double holds nothing; equal numbers agree to all of them."""


@dataclass(frozen=True)
class Beside:
    """One of our numbers beside the same number of another."""

    ours: float
    theirs: float

    @property
    def decimals_agreed(self) -> int:
        """How many decimals both have in common: 3 when they differ by less than 0.001."""
        apart = abs(self.ours - self.theirs)
        return EXACT if apart == 0 else max(0, min(EXACT, math.floor(-math.log10(apart))))


@dataclass(frozen=True)
class Comparison:
    """One indicator: our total, the published figure and the reference computed by other software."""

    figure: Observation
    label: str

    @property
    def published(self) -> dict[str, Any]:
        """`value`, `decimals` and `source`; empty where nothing was published."""
        return dict(self.figure.definition.get("published") or {})

    @property
    def reference(self) -> dict[str, Any]:
        """`estimate`, `std_error`, `deff` and `by`; empty where nothing was computed."""
        return dict(self.figure.definition.get("reference") or {})

    @property
    def as_published(self) -> float | None:
        """Our figure rounded as the published one is."""
        if not self.published or self.figure.obs_value is None:
            return None
        return float(rounded(self.figure.obs_value, self.published["decimals"]))

    @property
    def equals_published(self) -> bool:
        """Whether ours, rounded like the published figure, is the published figure."""
        return self.as_published is not None and self.as_published == self.published["value"]

    @property
    def beside_reference(self) -> dict[str, Beside]:
        """Our estimate, standard error and design effect beside the reference's."""
        ours = {
            "estimate": self.figure.obs_value,
            "std_error": self.figure.std_error,
            "deff": self.figure.deff,
        }
        return {
            name: Beside(value, float(self.reference[name]))
            for name, value in ours.items()
            if name in self.reference and value is not None
        }


@dataclass(frozen=True)
class Verification:
    """One survey recomputed, and one of its indicators by area."""

    survey: str
    title: str
    attribution: str
    population: str
    comparisons: Sequence[Comparison]
    chart: Markup
    chosen: Comparison
    breakdowns: Sequence[Breakdown]

    @property
    def lineage(self) -> dict[str, Any]:
        """Of the run behind all its figures."""
        return self.chosen.figure.lineage


def verifications(chosen: str = "", lang: str = "vi") -> list[Verification]:
    """Every survey recomputed; `chosen` is the indicator shown by area, else the first one published."""
    figures = service.current(purpose=Purpose.VERIFICATION)
    return [
        _verification(survey, list(members), chosen, lang)
        for survey, members in groupby(
            sorted(figures, key=lambda o: (o.survey, o.id)), key=lambda o: o.survey
        )
    ]


def _verification(survey: str, figures: Sequence[Observation], chosen: str, lang: str) -> Verification:
    totals = [o for o in figures if o.dimension is None]
    comparisons = [Comparison(o, in_language(o.definition["label"], lang)) for o in totals]
    shown = _chosen(comparisons, chosen)
    run = shown.figure.release.run
    design = run.recipe["design"]
    title = survey_title(shown.figure, lang)
    return Verification(
        survey=survey,
        title=title,
        attribution=in_language(design.get("attribution") or {}, lang),
        population=in_language(design.get("population") or {}, lang),
        comparisons=comparisons,
        chart=_chart(comparisons, title, lang),
        chosen=shown,
        breakdowns=breakdowns_of([o for o in figures if o.indicator == shown.figure.indicator], lang),
    )


def _chosen(comparisons: Sequence[Comparison], code: str) -> Comparison:
    wanted = [c for c in comparisons if c.figure.indicator == code]
    return next(iter([*wanted, *(c for c in comparisons if c.published), *comparisons]))


def _chart(comparisons: Sequence[Comparison], title: str, lang: str) -> Markup:
    points = [
        Point(c.label, c.figure.obs_value, c.figure.ci_low, c.figure.ci_high, c.published.get("value"))
        for c in comparisons
    ]
    sources = {str(c.published["source"]).partition(",")[0] for c in comparisons if c.published}
    other = OTHER.get(lang, OTHER["vi"]).format(" / ".join(sorted(sources)))
    scale = Scale(comparisons[0].figure.unit.words(lang), domain=domain_of([c.figure for c in comparisons]))
    return comparison_chart(points, Caption(title), other, scale, lang)
