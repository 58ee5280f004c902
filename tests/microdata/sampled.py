"""A small household survey that people answered, weighted, estimated and published, to release microdata from."""

from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask

from survey.accounts.models import Role, User
from survey.accounts.service import add_user
from survey.cases.models import Case, Disposition
from survey.cases.service import add_sample, set_disposition
from survey.disseminate import service as dissemination
from survey.extensions import db
from survey.intake.models import Mode
from survey.intake.service import Arrival, submit
from survey.process import service as processing
from survey.process.models import Run
from survey.rounds.models import Purpose, Round
from tests.factories import field_survey
from tests.staff import PASSWORD

FORM = """
| survey   |                            |             |                                        |
|          | type                       | name        | label                                  |
|          | text                       | case_code   | Mã phiếu                               |
|          | select_one sex             | sex         | Giới tính                              |
|          | integer                    | age         | Tuổi                                   |
|          | select_one yes_no_dk       | smartphone  | Ông/bà có dùng điện thoại thông minh không? |
|          | select_multiple activity   | activities_on_the_internet_in_three_months | Ông/bà làm gì trên Internet? |
|          | integer                    | income      | Thu nhập tháng (nghìn đồng)            |
|          | text                       | remark      | Ông/bà muốn nói thêm điều gì?          |
|          | geopoint                   | place       | Vị trí                                 |
| choices  |                            |             |                                        |
|          | list_name                  | name        | label                                  |
|          | sex                        | male        | Nam                                    |
|          | sex                        | female      | Nữ                                     |
|          | yes_no_dk                  | yes         | Có                                     |
|          | yes_no_dk                  | no          | Không                                  |
|          | yes_no_dk                  | dont_know   | Không biết                             |
|          | activity                   | mail        | Thư điện tử                            |
|          | activity                   | news        | Đọc tin                                |
|          | activity                   | bank        | Ngân hàng                              |
| settings |                            |             |                                        |
|          | form_title                 | form_id     | version                                |
|          | Khảo sát điện thoại        | dien-thoai  | 1                                      |
"""
INDICATORS: dict[str, Any] = {
    "breakdowns": {
        "sex": {"label": {"vi": "Giới tính"}, "levels": {"male": {"vi": "Nam"}, "female": {"vi": "Nữ"}}},
        "age_group": {
            "label": {"vi": "Nhóm tuổi"},
            "levels": {"young": {"vi": "Dưới 40"}, "old": {"vi": "Từ 40"}},
        },
        "area_type": {
            "label": {"vi": "Nơi ở"},
            "levels": {"urban": {"vi": "Thành thị"}, "rural": {"vi": "Nông thôn"}},
        },
    },
    "variables": {"age_group": "if(${age} < 40, 'young', 'old')"},
    "indicators": [
        {
            "code": "smartphone-use",
            "level": "adult",
            "label": {"vi": "Tỷ lệ người từ 18 tuổi dùng điện thoại thông minh", "en": "Smartphone users"},
            "population": "${age} >= 18",
            "numerator": "${smartphone} = 'yes'",
            "breakdowns": ["sex", "area_type"],
        },
        {
            "code": "mean-income",
            "level": "adult",
            "estimand": "mean",
            "value": "${income}",
            "unit": {"code": "VND", "vi": "nghìn đồng"},
            "label": {"vi": "Thu nhập trung bình"},
        },
        {
            "code": "income-share-of-women",
            "level": "adult",
            "estimand": "ratio",
            "numerator": "if(${sex} = 'female', ${income}, 0)",
            "denominator": "${income}",
            "unit": "percent",
            "label": {"vi": "Phần thu nhập của nữ"},
        },
    ],
}
DESIGN: dict[str, Any] = {
    "title": {"vi": "Khảo sát điện thoại"},
    "ref_area": {"code": "86"},
    "case_variable": "case_code",
    "levels": {
        "adult": {
            "rows": "root",
            "design": {"strata": ["stratum"], "clusters": ["psu"]},
            "weighting": [
                {"step": "design_weight"},
                {"step": "nonresponse", "classes": ["stratum"]},
                {"step": "rake", "margins": ["sex"]},
            ],
        }
    },
    "quality": {"minimum_n": 1},
}
CONTROLS = [
    {"file": "controls.csv", "margin": "sex", "level": level, "total": total}
    for level, total in (("male", "1500"), ("female", "1700"))
]
STRATA, UNITS, PER_UNIT = 3, 5, 12


def published_run(app: Flask, folder: Path, purpose: Purpose = Purpose.DEMONSTRATION) -> int:
    """The number of a published run of 180 drawn people, of whom most answered; call within no context."""
    fielded = field_survey(app, FORM, folder=folder, purpose=purpose)
    with app.app_context():
        round_ = db.session.get_one(Round, fielded.round_id)
        version = round_.instrument_version
        version.indicators, version.design, version.controls = INDICATORS, DESIGN, CONTROLS
        add_sample(round_, {"method": "test"}, [_unit(number) for number in range(STRATA * UNITS * PER_UNIT)])
        _answer(round_)
        db.session.commit()
        lan, minh = person("lan"), person("minh")
        run = processing.request_run(round_, lan)
        db.session.commit()
        processing.execute(run.id)
        release = dissemination.propose(run, lan)
        dissemination.publish(release, minh)
        db.session.commit()
        return run.id


def person(username: str) -> User:
    """A statistician; the same one again by the same name."""
    found = db.session.query(User).filter_by(username=username).one_or_none()
    return found or add_user(username, f"Thống kê viên {username}", Role.STATISTICIAN, PASSWORD)


def run_of(number: int) -> Run:
    """The run of this number."""
    return db.session.get_one(Run, number)


def _unit(number: int) -> dict[str, Any]:
    unit = number // PER_UNIT
    return {
        "unit": f"ho-{number:04}",
        "stratum": f"huyen{unit // UNITS}",
        "psu": f"ap{unit}",
        "probability": 0.04 + 0.01 * (unit // UNITS),
        "area_type": "urban" if unit % 2 else "rural",
        "full_address": f"Số {number} đường Nguyễn Huệ",
    }


def _answer(round_: Round) -> None:
    chance = np.random.default_rng(7)
    for case in db.session.query(Case).filter_by(round_id=round_.id).order_by(Case.unit):
        if chance.random() < 0.1:
            set_disposition(case, Disposition.REFUSAL)
            continue
        age = int(chance.integers(16, 90))
        answers = {
            "case_code": case.code,
            "sex": "female" if chance.random() < 0.55 else "male",
            "age": age,
            "smartphone": "yes"
            if chance.random() < 0.9 - age / 150
            else chance.choice(["no", "dont_know"]).item(),
            "activities_on_the_internet_in_three_months": [
                c for c in ("mail", "news", "bank") if chance.random() < 0.5
            ],
            "income": int(chance.lognormal(8.5, 0.6)),
            "remark": f"Tôi là ông Nguyễn Văn {case.unit}",
        }
        submit(round_, Arrival(f"uuid:{case.unit}", answers, Mode.OPENROSA, case=case))
