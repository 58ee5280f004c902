"""Makes published figures from nothing: a round, a run with given estimates, two people who sign."""

from datetime import UTC, datetime
from typing import Any

from survey.accounts.models import Role, User
from survey.disseminate import service
from survey.disseminate.models import Observation
from survey.extensions import db
from survey.process.models import Estimate, Run, RunStatus, Snapshot
from survey.rounds.models import InstrumentVersion, Purpose, Round, Survey

SHEETS = {
    "survey": [
        {
            "type": "select_one yes_no",
            "name": "smartphone_use",
            "label::Tiếng Việt (vi)": "Ông/bà có dùng không?",
        },
        {"type": "select_one sex", "name": "sex", "label::Tiếng Việt (vi)": "Giới tính"},
        {"type": "select_one place", "name": "agglomerate", "label::Tiếng Việt (vi)": "Vùng"},
    ],
    "choices": [
        {"list_name": "yes_no", "name": "yes", "label::Tiếng Việt (vi)": "Có"},
        {"list_name": "yes_no", "name": "no", "label::Tiếng Việt (vi)": "Không"},
        {"list_name": "sex", "name": "male", "label::Tiếng Việt (vi)": "Nam giới"},
        {"list_name": "sex", "name": "female", "label::Tiếng Việt (vi)": "Nữ giới"},
        {"list_name": "place", "name": "2", "label::Español (es)": "Gran La Plata"},
        {"list_name": "place", "name": "7", "label::Español (es)": "Posadas"},
    ],
    "settings": [{}],
}
BREAKDOWNS = {
    "sex": {"label": {"vi": "Giới tính"}, "levels": {"male": {"vi": "Nam"}, "female": {"vi": "Nữ"}}},
    "age_group": {"label": {"vi": "Tuổi"}, "levels": {"60+": {"vi": "Từ 60"}, "15-29": {"vi": "15–29"}}},
    "district": {"label": {"vi": "Huyện (cũ)"}, "areas": "district_old"},
    "agglomerate": {"label": {"vi": "Vùng đô thị"}},
}


def indicator(code: str = "smartphone-use", **more: Any) -> dict[str, Any]:
    """An entry of indicators.yaml."""
    return {
        "code": code,
        "level": "adult",
        "label": {"vi": "Tỷ lệ người từ 15 tuổi sử dụng điện thoại thông minh", "en": "Smartphone users"},
        "definition": {"vi": "Người từ 15 tuổi có dùng điện thoại thông minh."},
        "numerator": "${smartphone_use} = 'yes'",
        "population": "${age} >= 15",
        "missing": "keep",
        "reference_period": "P3M",
        "age": "15+",
        "registry": "KH54-37",
        "held_against_target": True,
        "questions": ["smartphone_use"],
    } | more


def estimate(value: float = 72.4, code: str = "smartphone-use", **more: Any) -> Estimate:
    """One figure of a run; its interval is two standard errors either way unless given."""
    se = more.get("std_error", 1.2)
    given: dict[str, Any] = {
        "indicator": code,
        "value": value,
        "std_error": se,
        "ci_low": value - 2 * se,
        "ci_high": value + 2 * se,
        "cv": se / value,
        "df": 100.0,
        "deff": 1.8,
        "n": 2000,
        "n_psu": 120,
        "quality": "good",
    }
    return Estimate(**given | more)


def publish(
    *estimates: Estimate,
    indicators: list[dict[str, Any]] | None = None,
    purpose: Purpose = Purpose.DEMONSTRATION,
    survey: str = "ict-ho-gia-dinh",
    time_period: str = "2026",
    design: dict[str, Any] | None = None,
    at: datetime = datetime(2026, 11, 30, 3, 0, tzinfo=UTC),
) -> list[Observation]:
    """Publish the estimates as a round of a survey, proposed by one statistician and signed by another."""
    run = make_run(
        *estimates,
        indicators=indicators,
        purpose=purpose,
        survey=survey,
        time_period=time_period,
        design=design,
    )
    release = service.propose(run, _statistician("lan", "Lan"))
    observations = service.publish(release, _statistician("minh", "Minh"), now=at)
    for observation in observations:
        observation.published_at = at
    db.session.commit()
    return observations


def make_run(
    *estimates: Estimate,
    indicators: list[dict[str, Any]] | None = None,
    purpose: Purpose = Purpose.DEMONSTRATION,
    survey: str = "ict-ho-gia-dinh",
    time_period: str = "2026",
    design: dict[str, Any] | None = None,
) -> Run:
    """A finished run with these estimates, which nobody has put forward."""
    recipe = {
        "indicators": {"indicators": indicators or [indicator()], "breakdowns": BREAKDOWNS},
        "design": {"levels": {"adult": {}}, "ref_area": {"code": "86"}} | (design or {}),
        "controls": [],
    }
    run = _run(survey, time_period, purpose, recipe)
    run.estimates = list(estimates) or [estimate()]
    db.session.add(run)
    db.session.flush()
    return run


def another_run(run: Run, *estimates: Estimate) -> Run:
    """A later finished run of the same round."""
    later = Run(
        round=run.round,
        snapshot=run.snapshot,
        recipe=run.recipe,
        recipe_hash=run.recipe_hash,
        code_version=run.code_version,
        status=RunStatus.DONE,
        finished_at=run.finished_at,
    )
    later.estimates = list(estimates) or [estimate()]
    db.session.add(later)
    db.session.flush()
    return later


def _run(survey: str, time_period: str, purpose: Purpose, recipe: dict[str, Any]) -> Run:
    title = {"vi": f"Khảo sát {survey}"}
    version = InstrumentVersion(
        survey=db.session.query(Survey).filter_by(code=survey).one_or_none()
        or Survey(code=survey, title=title),
        form_id=survey,
        version=time_period,
        hash=f"instrument {survey} {time_period}",
        sheets=SHEETS,
        xml=b"<h:html/>",
    )
    held = Round(
        survey=version.survey,
        instrument_version=version,
        code=time_period,
        title=title,
        purpose=purpose,
        time_period=time_period,
        project_token=f"{survey}-{time_period}",
    )
    snapshot = Snapshot(round=held, hash=f"snapshot {survey} {time_period}", folder="-", rows={"root": 2000})
    return Run(
        round=held,
        snapshot=snapshot,
        recipe=recipe,
        recipe_hash="recipe",
        code_version="code",
        status=RunStatus.DONE,
        finished_at=datetime(2026, 11, 29, tzinfo=UTC),
    )


def _statistician(username: str, name: str) -> User:
    found = db.session.query(User).filter_by(username=username).one_or_none()
    if found is None:
        found = User(username=username, full_name=name, role=Role.STATISTICIAN, password_hash="-")
        db.session.add(found)
        db.session.flush()
    return found
