"""Valid objects from nothing: a test names only what matters to it."""

from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

from flask import Flask
from sqlalchemy import select

from survey.cases.models import Case
from survey.cases.service import add_sample
from survey.config import PROJECT
from survey.extensions import db
from survey.instrument import Instrument
from survey.rounds.models import Purpose
from survey.rounds.service import ensure_round, instrument_of, load_questionnaire, open_round

HOUSEHOLD = PROJECT / "questionnaires" / "ict-ho-gia-dinh"


@dataclass(frozen=True)
class Fielded:
    """An open round: what its addresses need, and its cases' codes with their tokens."""

    survey: str
    round_id: int
    project_token: str
    instrument: Instrument
    cases: dict[str, str] = field(default_factory=dict)


def field_survey(
    app: Flask,
    form: str | Path = HOUSEHOLD,
    *,
    code: str | None = None,
    units: int = 0,
    purpose: Purpose = Purpose.TEST,
    design: dict[str, Any] | None = None,
    folder: Path | None = None,
) -> Fielded:
    """Bring a questionnaire in (a path, or Markdown that is written to `folder`) and open a round."""
    with app.app_context():
        version = load_questionnaire(_path(form, folder), code)
        if design is not None:
            version.design = design
        round_ = ensure_round(version, "r1", purpose=purpose, time_period="2026")
        open_round(round_)
        if units:
            add_sample(round_, {"method": "test"}, [_unit(number) for number in range(units)])
        db.session.commit()
        return Fielded(
            survey=version.survey.code,
            round_id=round_.id,
            project_token=round_.project_token,
            instrument=instrument_of(version),
            cases=dict(
                db.session.execute(
                    select(Case.code, Case.token).where(Case.round_id == round_.id).order_by(Case.unit)
                ).all()
            ),
        )


def _path(form: str | Path, folder: Path | None) -> Path:
    if isinstance(form, Path):
        return form
    assert folder is not None, "an inline questionnaire needs folder=tmp_path"
    path = folder / "form.md"
    path.write_text(dedent(form), encoding="utf-8")
    return path


def _unit(number: int) -> dict[str, Any]:
    return {
        "unit": f"u{number:04}",
        "stratum": "855",
        "psu": f"p{number // 10}",
        "probability": 0.01,
        "area_type": "rural",
    }
