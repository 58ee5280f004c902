"""The methodology and quality report of a survey in the structure of ESS's SIMS 2.0 (Single Integrated Metadata
Structure; concepts S.1 to S.19), filled from what was published and from the run behind it."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from statistics import median

from survey import formats
from survey.disseminate.models import Observation
from survey.disseminate.wording import survey_title
from survey.errors import NotFound
from survey.process.fieldwork import outcomes_by_stratum, outcomes_of
from survey.process.labels import Labels, labels_of
from survey.process.models import Run
from survey.process.recipe import Recipe
from survey.process.service import recipe_used
from survey.reports.document import Report, Section, Table
from survey.reports.frame import framed
from survey.reports.published import published_on
from survey.reports.quality_words import CONCEPTS, STEPS, WORDS
from survey.rounds.service import instrument_of
from survey.text import in_language


def quality_report(survey: str, year: int, day: date, lang: str = "vi") -> Report:
    """What a reader must know to judge a survey's figures; raise `NotFound` where none were published."""
    figures = [figure for figure in published_on(day, year) if figure.survey == survey]
    if not figures:
        raise NotFound(
            f"Khảo sát {survey} chưa có số liệu năm {year} công bố đến ngày {formats.date(day)}.",
            "Chọn năm hoặc khảo sát khác, hoặc công bố số liệu trước.",
        )
    run = figures[0].release.run
    facts = _facts(figures, run, lang)
    sections = [
        Section(
            f"{title} ({code})", [text.format(**facts) for text in texts], _tables(code, figures, run, lang)
        )
        for code, (title, texts) in CONCEPTS[lang].items()
    ]
    subject = WORDS[lang]["subject"].format(title=survey_title(figures[0], lang), year=year)
    return framed(subject, sections, figures, day, lang)


def _facts(figures: Sequence[Observation], run: Run, lang: str) -> dict[str, str]:
    """All that the sentences of the report name."""
    recipe, round_ = recipe_used(run), run.round
    design = recipe.document["design"]
    release = figures[0].release
    outcomes = outcomes_of(round_)
    states = Counter(figure.obs_status for figure in figures)
    words = WORDS[lang]
    labels = labels_of(round_.instrument_version, recipe, lang)
    return {
        "title": survey_title(figures[0], lang),
        "population": in_language(design.get("population"), lang),
        "questions": formats.number(len(instrument_of(round_.instrument_version).questions), lang=lang),
        "indicators": formats.number(len(recipe.indicators), lang=lang),
        "breakdowns": ", ".join(labels.dimension(code).lower() for code in recipe.breakdowns)
        or words["none"],
        "levels": ", ".join(recipe.levels),
        "period": round_.time_period,
        "fieldwork": _between(round_.opened_at, round_.closed_at, lang),
        "decision": round_.decision_number or words["none"],
        "minimum_n": formats.number(recipe.quality.get("minimum_n", 30), lang=lang),
        "cv_publish": _share(recipe.quality.get("cv_publish"), lang),
        "cv_caution": _share(recipe.quality.get("cv_caution"), lang),
        "sampled": formats.number(outcomes.sampled, lang=lang),
        "complete": formats.number(outcomes.complete, lang=lang),
        "response_rate": formats.percent(outcomes.response_rate, 1, lang),
        "figures": formats.number(len(figures), lang=lang),
        "caution": formats.number(states["U"], lang=lang),
        "withheld": formats.number(states["L"], lang=lang),
        "median_cv": _share(_median_cv(figures), lang),
        "rules": formats.number(len(run.edits), lang=lang),
        "failed": formats.number(sum(rule["failed"] for rule in run.edits), lang=lang),
        "steps": _steps(recipe, labels, lang),
        "controls": _controls(recipe, lang),
        "published": formats.date(release.published_at, lang),
        "lag": _lag(run, release.published_at, lang),
        "code_version": run.code_version,
        "snapshot": run.snapshot.hash[:16] if run.snapshot else "",
        "run": str(run.id),
        "survey": round_.survey.code,
    }


def _tables(code: str, figures: Sequence[Observation], run: Run, lang: str) -> list[Table]:
    """The tables of a concept; most have none."""
    if code == "S.13.2":
        return [_sampling_errors(figures, lang)]
    if code == "S.13.3":
        return [_response(run, lang), *_edits(run, lang)]
    return []


def _sampling_errors(figures: Sequence[Observation], lang: str) -> Table:
    words = WORDS[lang]
    rows = [
        [
            in_language(figure.definition["label"], lang),
            formats.measure(figure.obs_value, figure.unit.words(lang), figure.unit.decimals, lang),
            formats.number(figure.std_error, figure.unit.decimals + 1, lang),
            _share(figure.cv, lang),
            formats.number(figure.deff, 2, lang),
            formats.number(figure.n, lang=lang),
        ]
        for figure in figures
        if figure.dimension is None
    ]
    return Table(
        words["errors"],
        words["errors_columns"].split("|"),
        rows,
        (44, 14, 12, 10, 10, 10),
        frozenset(range(1, 6)),
    )


def _response(run: Run, lang: str) -> Table:
    words = WORDS[lang]
    labels = labels_of(run.round.instrument_version, recipe_used(run), lang)
    rows = [
        [
            labels.level("stratum", stratum),
            formats.number(outcomes.sampled, lang=lang),
            formats.number(outcomes.complete, lang=lang),
            formats.percent(outcomes.response_rate, 1, lang),
        ]
        for stratum, outcomes in outcomes_by_stratum(run.round).items()
    ]
    return Table(
        words["response"], words["response_columns"].split("|"), rows, (49, 17, 17, 17), frozenset({1, 2, 3})
    )


def _edits(run: Run, lang: str) -> list[Table]:
    words = WORDS[lang]
    rows = [
        [in_language(rule.get("message"), lang) or rule["code"], words[rule["severity"]],
         formats.number(rule["failed"], lang=lang)]
        for rule in run.edits
    ]  # fmt: skip
    columns = words["edits_columns"].split("|")
    return [Table(words["edits"], columns, rows, (64, 18, 18), frozenset({2}))] if rows else []


def _steps(recipe: Recipe, labels: Labels, lang: str) -> str:
    """The weighting of each level in words."""
    told = []
    for name, level in recipe.levels.items():
        steps = [STEPS[lang].get(step["step"], step["step"]) + _by(step, labels) for step in level.steps]
        told.append(f"{name}: {'; '.join(steps)}")
    return ". ".join(told)


def _by(step: dict[str, object], labels: Labels) -> str:
    names = step.get("classes") or step.get("margins") or []
    assert isinstance(names, list)
    return f" ({', '.join(labels.dimension(str(name)).lower() for name in names)})" if names else ""


def _controls(recipe: Recipe, lang: str) -> str:
    if "source" not in recipe.controls:
        return WORDS[lang]["none"]
    return "; ".join(sorted({str(source) for source in recipe.controls["source"]}))


def _median_cv(figures: Sequence[Observation]) -> float | None:
    known = [figure.cv for figure in figures if figure.cv is not None]
    return median(known) if known else None


def _share(value: float | None, lang: str) -> str:
    return formats.percent(None if value is None else 100 * value, 1, lang)


def _between(start: date | None, end: date | None, lang: str) -> str:
    return f"{formats.date(start, lang)} – {formats.date(end, lang)}" if end else formats.date(start, lang)


def _lag(run: Run, published: date | None, lang: str) -> str:
    """Days from the end of collection to publication."""
    if run.round.closed_at is None or published is None:
        return WORDS[lang]["open"]
    return WORDS[lang]["days"].format(formats.number((published - run.round.closed_at).days, lang=lang))
