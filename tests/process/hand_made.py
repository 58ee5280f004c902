"""A sample of eight households whose weights are computed by hand in the tests.

Stratum A: units 1 to 4 of PSUs a1 and a2, each with probability 1/10; unit 4 refused. Stratum B: units 5 to 8
of PSUs b1 and b2, each 1/20; nobody was met at unit 6. Unit 9 of a2 turned out to be a shop: ineligible.
"""

from typing import Any

import pandas as pd

from survey.cases.models import Disposition
from survey.process.recipe import Recipe, read_recipe
from survey.process.tables import CASES, KEY, ROOT, Tables

FORM = """
| survey   |                    |         |                         |
|          | type               | name    | label                   |
|          | integer            | members | Bao nhiêu người lớn?    |
|          | select_one sex     | sex     | Giới tính               |
|          | select_one yes_no  | uses    | Có dùng Internet không? |
| choices  |                    |         |                         |
|          | list_name          | name    | label                   |
|          | sex                | male    | Nam                     |
|          | sex                | female  | Nữ                      |
|          | yes_no             | yes     | Có                      |
|          | yes_no             | no      | Không                   |
| settings |                    |         |                         |
|          | form_title         | form_id | version                 |
|          | Mẫu tính tay       | tinh-tay | 1                      |
"""

# unit: stratum, PSU, probability, disposition
SAMPLE = {
    "1": ("A", "a1", 0.1, Disposition.COMPLETE),
    "2": ("A", "a1", 0.1, Disposition.COMPLETE),
    "3": ("A", "a2", 0.1, Disposition.COMPLETE),
    "4": ("A", "a2", 0.1, Disposition.REFUSAL),
    "5": ("B", "b1", 0.05, Disposition.COMPLETE),
    "6": ("B", "b1", 0.05, Disposition.NON_CONTACT),
    "7": ("B", "b2", 0.05, Disposition.COMPLETE),
    "8": ("B", "b2", 0.05, Disposition.COMPLETE),
    "9": ("A", "a2", 0.1, Disposition.INELIGIBLE),
}
# unit: members, sex, uses
ANSWERS = {
    "1": (1, "male", "yes"),
    "2": (2, "female", "no"),
    "3": (3, "female", "yes"),
    "5": (1, "male", "no"),
    "7": (2, "female", "yes"),
    "8": (1, "female", "no"),
}

DESIGN_WEIGHT = {"step": "design_weight"}
NONRESPONSE = {"step": "nonresponse", "classes": ["stratum"]}
WITHIN = {"step": "within_household", "size": "members"}
RAKE = {"step": "rake", "margins": ["sex", "stratum"]}

INDICATORS: dict[str, Any] = {
    "breakdowns": {
        "sex": {"label": {"vi": "Giới tính"}, "levels": {"male": {"vi": "Nam"}, "female": {"vi": "Nữ"}}}
    },
    "indicators": [
        {
            "code": "internet-use",
            "level": "adult",
            "label": {"vi": "Tỷ lệ người dùng Internet"},
            "definition": {"vi": "Người có dùng Internet chia cho tất cả."},
            "numerator": "${uses} = 'yes'",
            "breakdowns": ["sex"],
        }
    ],
}


def design(*steps: dict[str, Any], **quality: float) -> dict[str, Any]:
    """design.yaml with these weighting steps."""
    return {
        "ref_area": {"code": "86"},
        "levels": {
            "adult": {
                "rows": "root",
                "design": {"strata": ["stratum"], "clusters": ["psu"]},
                "weighting": list(steps),
            }
        },
        "quality": {"minimum_n": 1} | quality,
    }


def controls(margins: dict[str, dict[str, float]]) -> list[dict[str, str]]:
    """controls.csv with these totals."""
    return [
        {"file": "controls.csv", "margin": margin, "level": level, "total": str(total)}
        for margin, totals in margins.items()
        for level, total in totals.items()
    ]


def recipe(*steps: dict[str, Any], margins: dict[str, dict[str, float]] | None = None) -> Recipe:
    """The recipe of these steps."""
    return read_recipe(INDICATORS, design(*steps), controls(margins or {}))


def tables() -> Tables:
    """The microdata tables of the sample."""
    cases = [
        {
            "case_id": int(unit),
            "unit": unit,
            "stratum": stratum,
            "psu": psu,
            "probability": probability,
            "disposition": disposition,
            "responded": disposition == Disposition.COMPLETE,
        }
        for unit, (stratum, psu, probability, disposition) in SAMPLE.items()
    ]
    root = [
        {KEY: f"r{unit}", "case_id": int(unit), "members": members, "sex": sex, "uses": uses}
        for unit, (members, sex, uses) in ANSWERS.items()
    ]
    return {CASES: pd.DataFrame(cases), ROOT: pd.DataFrame(root).astype({"case_id": "Int64"})}
