"""Where a figure comes from: what is written down when it is published, and the page that shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from survey.cases.models import Case
from survey.disseminate import history
from survey.disseminate.models import Observation, Release, Reproduction
from survey.disseminate.wording import (
    breakdowns_in,
    domain_name,
    in_language,
    question_labels,
    survey_title,
)
from survey.errors import NotFound
from survey.extensions import db
from survey.formats import LOCAL_TIME
from survey.intake.models import Response, ResponseStatus, Source
from survey.process.fieldwork import outcomes_of
from survey.process.recipes.lineage import totals_used
from survey.process.service import LARGEST_ID
from survey.registry.models import Indicator
from survey.rounds.models import Round

VARIABLES = {"stratum": "tầng", "psu": "địa bàn", "area_type": "thành thị, nông thôn"}
"""Names of what a sample always has, where the plan gives none."""


def lineage_of(release: Release) -> dict[str, Any]:
    """Everything needed to find and recompute a release's figures, and to judge them: frozen with each."""
    run = release.run
    version = run.round.instrument_version
    proposer, signer = release.proposed_by, release.approved_by
    assert run.snapshot is not None
    assert proposer is not None
    assert signer is not None
    return {
        "survey": run.round.survey.code,
        "round": run.round.code,
        "purpose": run.round.purpose,
        "instrument": {"form_id": version.form_id, "version": version.version, "hash": version.hash},
        "snapshot": {
            "hash": run.snapshot.hash,
            "rows": run.snapshot.rows,
            "taken_at": run.snapshot.taken_at.isoformat(),
        },
        "recipe_hash": run.recipe_hash,
        "recipe": run.recipe_number,
        "controls": [asdict(used) for used in totals_used(run.recipe.get("controls", ()))],
        "editing": run.editing,
        "code_version": run.code_version,
        "run": run.id,
        "proposed_by": proposer.full_name,
        "proposed_at": _iso(release.proposed_at),
        "published_by": signer.full_name,
        "approved_at": _iso(release.approved_at),
        "embargo_until": _iso(release.embargo_until),
        "sample": sample_of(run.round),
        "edits": {
            "rules": len(run.edits),
            "failed": sum(rule["failed"] for rule in run.edits if rule["severity"] == "error"),
        },
    }


def sample_of(round_: Round) -> dict[str, Any]:
    """How many units were drawn and answered, between which days; no unit is named.

    `response_rate` is AAPOR's RR1 in percent. A round of microdata that were brought in has no drawn units here.
    """
    drawn = select(func.count(), func.count(Case.psu.distinct()), func.count(Case.stratum.distinct())).where(
        Case.round_id == round_.id
    )
    answered = select(func.count(), func.min(Response.submitted_at), func.max(Response.submitted_at)).where(
        Response.round_id == round_.id,
        Response.status == ResponseStatus.COMPLETE,
        Response.source == Source.SAMPLE,
    )
    units, psus, strata = db.session.execute(drawn).one()
    complete, first, last = db.session.execute(answered).one()
    return {
        "units": units,
        "psus": psus,
        "strata": strata,
        "complete": complete,
        "first_day": _day(first),
        "last_day": _day(last),
        "response_rate": outcomes_of(round_).response_rate,
    }


def _day(moment: datetime | None) -> str | None:
    return moment.astimezone(LOCAL_TIME).date().isoformat() if moment else None


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


@dataclass(frozen=True)
class Step:
    """A weighting step: its name in design.yaml, and by what it goes, in words."""

    name: str
    by: str


@dataclass(frozen=True)
class NumberPage:
    """All that is told of one number; `domain` is the group it is of, empty for everybody."""

    figure: Observation
    label: str
    domain: str
    survey: str
    population: str
    line: Indicator | None
    questions: dict[str, str]
    steps: Sequence[Step]
    former: Sequence[history.Former]
    present: Observation | None
    check: Reproduction | None

    @property
    def first_day(self) -> date | None:
        """Of the fieldwork."""
        return _read_day(self.figure, "first_day")

    @property
    def last_day(self) -> date | None:
        """Of the fieldwork."""
        return _read_day(self.figure, "last_day")

    @property
    def moment_of_snapshot(self) -> datetime:
        """When the answers were copied."""
        return datetime.fromisoformat(self.figure.lineage["snapshot"]["taken_at"])

    def moment(self, name: str) -> datetime | None:
        """A time in the lineage; None in figures from before it was kept."""
        text = self.figure.lineage.get(name)
        return datetime.fromisoformat(text) if text else None


def _read_day(figure: Observation, name: str) -> date | None:
    text = (figure.lineage.get("sample") or {}).get(name)
    return date.fromisoformat(text) if text else None


def find_number(number: int) -> Observation:
    """The figure of this number, also one that was replaced or withdrawn; raise `NotFound`."""
    found = db.session.get(Observation, number) if number <= LARGEST_ID else None
    if found is None:
        raise NotFound(
            f"Không có số liệu số {number}.", "Mở từ trang của chỉ tiêu, hoặc xem /api/v1/observations."
        )
    return found


def number_page(number: int, lang: str = "vi") -> NumberPage:
    """The lineage page of one number; raise `NotFound`."""
    figure = find_number(number)
    run = figure.release.run
    return NumberPage(
        figure=figure,
        label=in_language(figure.definition["label"], lang),
        domain=domain_name(figure, lang),
        survey=survey_title(figure, lang),
        population=in_language(run.recipe["design"].get("population") or {}, lang),
        line=_line(figure),
        questions=question_labels(
            run.round.instrument_version, figure.definition.get("questions") or (), lang
        ),
        steps=_steps(figure, lang),
        former=history.former_figures(figure),
        present=history.present(figure),
        check=db.session.get(Reproduction, figure.id),
    )


def _line(figure: Observation) -> Indicator | None:
    return db.session.scalar(select(Indicator).where(Indicator.code == figure.registry_code))


def _steps(figure: Observation, lang: str) -> Sequence[Step]:
    """The weighting steps of the figure's level as its recipe gives them."""
    level = str(figure.definition.get("level", ""))
    plan = figure.release.run.recipe["design"]["levels"].get(level) or {}
    named = {
        name: in_language(entry.get("label") or {}, lang) for name, entry in breakdowns_in(figure).items()
    }
    return [Step(str(step["step"]), _by(step, named)) for step in plan.get("weighting") or ()]


def _by(step: Mapping[str, Any], named: Mapping[str, str]) -> str:
    """Classes or margins by their names: `giới tính × thành thị, nông thôn; huyện (cũ)`."""
    crossed = [str(entry).split(":") for key in ("classes", "margins") for entry in step.get(key) or ()]
    return "; ".join(
        " × ".join((named.get(name) or VARIABLES.get(name, name)).lower() for name in one) for one in crossed
    )


def as_json(page: NumberPage) -> dict[str, Any]:
    """The same for programs; the numbers of what was withdrawn are not told."""
    figure, release = page.figure, page.figure.release
    return {
        "id": figure.id,
        "indicator": figure.indicator,
        "registry_code": figure.registry_code,
        "label": figure.definition["label"],
        "survey": figure.survey,
        "ref_area": figure.ref_area,
        "time_period": figure.time_period,
        "breakdown": figure.dimension,
        "level": figure.level,
        **numbers_of(figure),
        "n": figure.n,
        "unit_measure": figure.unit_measure,
        "synthetic": figure.is_synthetic,
        "current": figure.current,
        "published_at": _iso(figure.published_at),
        "revised": figure.revised,
        "revision_note": release.revision_note or None,
        "withdrawn": withdrawal_of(figure),
        "present": page.present.id if page.present else None,
        "replaces": [
            {"id": former.figure.id, **numbers_of(former.figure), "note": former.note}
            for former in page.former
        ],
        "definition": figure.definition,
        "population": page.population,
        "questions": page.questions,
        "weighting": [{"step": step.name, "by": step.by} for step in page.steps],
        "lineage": figure.lineage,
        "reproduce": f"khaosat reproduce {figure.id}",
        "reproduced": _checked(page.check),
    }


NUMBERS = ("obs_value", "std_error", "ci_low", "ci_high", "cv", "deff")


def numbers_of(figure: Observation) -> dict[str, float | None]:
    """What a figure says; nothing once it was withdrawn."""
    gone = figure.is_withdrawn
    return {name: None if gone else getattr(figure, name) for name in NUMBERS}


def withdrawal_of(figure: Observation) -> dict[str, Any] | None:
    """When and why a figure was taken back; None for one that stands or was replaced."""
    if not figure.is_withdrawn:
        return None
    return {"at": _iso(figure.release.withdrawn_at), "note": figure.release.public_note}


def _checked(check: Reproduction | None) -> dict[str, Any] | None:
    if check is None:
        return None
    return {
        "at": _iso(check.checked_at),
        "agrees": check.agrees,
        "difference": check.difference,
        "code_version": check.code_version,
    }
