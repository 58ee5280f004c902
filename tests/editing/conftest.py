"""A round with rules, a run that looked its data over, and a browser of a statistician."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.accounts.models import Role, User
from survey.cases.models import Case
from survey.cases.service import add_sample
from survey.extensions import db
from survey.intake.models import Mode, Response
from survey.intake.service import Arrival, submit
from survey.process import service
from survey.rounds.models import Round
from tests.factories import field_survey
from tests.process.conftest import queue_tables, work_off
from tests.staff import signed_in

__all__ = ["queue_tables", "work_off"]

FORM = """
| survey   |                    |          |                          |               |                     |             |
|          | type               | name     | label                    | relevant      | constraint          | calculation |
|          | integer            | size     | Hộ có mấy người?         |               | . >= 1 and . <= 30  |             |
|          | integer            | adults   | Mấy người lớn?           |               | . >= 0              |             |
|          | calculate          | children |                          |               |                     | ${size} - ${adults} |
|          | select_one yes_no  | net      | Có dùng Internet không?  |               |                     |             |
|          | select_multiple ad | for      | Dùng để làm gì?          | ${net} = 'yes' |                    |             |
|          | text               | remark   | Ghi chú                  |               |                     |             |
|          | begin_repeat       | member   | Thành viên               |               |                     |             |
|          | integer            | age      | Bao nhiêu tuổi?          |               | . <= 120            |             |
|          | select_one yes_no  | works    | Có đi làm không?         |               |                     |             |
|          | end_repeat         |          |                          |               |                     |             |
| choices  |                    |          |                          |
|          | list_name          | name     | label                    |
|          | yes_no             | yes      | Có                       |
|          | yes_no             | no       | Không                    |
|          | ad                 | news     | Đọc tin                  |
|          | ad                 | shop     | Mua hàng                 |
| settings |                    |          |                          |
|          | form_title         | form_id  | version                  |
|          | Hộ và người        | ho-nguoi | 1                        |
"""
ADDRESS = "/process/ho-nguoi/r1"
DESK = f"{ADDRESS}/sua"


def rule(code: str, must: str, when: str = "true()", level: str = "household", **more: Any) -> dict[str, Any]:
    return {
        "code": code, "level": level, "when": when, "must": must, "severity": "error",
        "message": {"vi": f"Sai {code}."},
    } | more  # fmt: skip


EDITS: dict[str, Any] = {
    "edits": [
        rule("adults-fit", "${adults} >= 1 and ${adults} <= ${size}"),
        rule("shop-online", "selected(${for}, 'shop')", "${net} = 'yes'", severity="warning"),
        rule("children-work", "${works} != 'yes'", "${age} < 6", level="person"),
    ]
}
DESIGN: dict[str, Any] = {
    "levels": {
        "household": {"rows": "root", "weighting": [{"step": "design_weight"}]},
        "person": {"rows": {"repeat": "member"}, "weighting": [{"step": "design_weight"}]},
    },
    "quality": {"minimum_n": 1},
}
INDICATORS: dict[str, Any] = {
    "indicators": [
        {
            "code": "size-mean", "level": "household", "label": {"vi": "Số người bình quân"}, "estimand": "mean",
            "value": "${adults}", "unit": {"code": "PS", "vi": "người"},
        },
        {
            "code": "online", "level": "household", "label": {"vi": "Tỷ lệ hộ dùng Internet"},
            "numerator": "${net} = 'yes'",
        },
    ]
}  # fmt: skip
GOOD: dict[str, Any] = {
    "size": 4, "adults": 2, "net": "yes", "for": ["news", "shop"],
    "member": [{"age": 30, "works": "yes"}, {"age": 5, "works": "no"}],
}  # fmt: skip
BAD = GOOD | {"size": 3, "adults": 5, "member": [{"age": 4, "works": "yes"}]}


@dataclass(frozen=True)
class Household:
    """The fielded round, the last run that looked, and the responses' ids by their keys."""

    round_id: int
    run_id: int
    ids: dict[str, str]


@pytest.fixture
def household(app: Flask, tmp_path: Any) -> Household:
    """Six households: `uuid:0` and `uuid:1` have more adults than people and a child at work."""
    return make_household(app, tmp_path)


def make_household(app: Flask, folder: Any, design: dict[str, Any] | None = None, **more: Any) -> Household:
    """The same with other plans, or answers by key on top."""
    fielded = field_survey(app, FORM, folder=folder)
    with app.app_context():
        round_ = db.session.get_one(Round, fielded.round_id)
        version = round_.instrument_version
        version.design, version.indicators = design or DESIGN, INDICATORS
        version.edits = more.pop("edits", EDITS)
        units = [
            {"unit": f"u{n}", "stratum": "AB"[n % 2], "psu": f"p{n}", "probability": 0.1} for n in range(6)
        ]
        add_sample(round_, {"method": "test"}, units)
        cases = db.session.scalars(select(Case).where(Case.round_id == round_.id).order_by(Case.unit))
        for number, case in enumerate(cases):
            answers = (BAD if number < 2 else GOOD) | more.get(f"u{number}", {})
            answers = {name: value for name, value in answers.items() if value is not None}
            submit(round_, Arrival(f"uuid:{number}", answers, Mode.OPENROSA, case=case))
        db.session.commit()
        ids = {
            key: str(number)
            for key, number in db.session.execute(select(Response.instance_id, Response.id)).all()
        }
        return Household(round_.id, run(round_), ids)


def run(round_: Round) -> int:
    """A finished run of the round as it is now."""
    user = db.session.scalar(select(User).where(User.username == "may")) or _machine()
    made = service.request_run(round_, user)
    db.session.commit()
    service.execute(made.id)
    return made.id


def _machine() -> User:
    from tests.staff import statistician

    return statistician("may")


@pytest.fixture
def lan(app: Flask) -> FlaskClient:
    """A statistician's browser."""
    return signed_in(app, "lan", Role.STATISTICIAN)


Made = Callable[..., Household]
