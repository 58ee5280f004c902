"""Every line of the registry that a survey can measure has a questionnaire that measures it."""

import re
from collections import Counter

from survey.config import PROJECT
from tests.questionnaires.library import NAMES, document, sheet

BY_SURVEY = {"individual survey", "household survey", "business survey", "household-business survey"}
LINES = {row["id"]: row for row in sheet(PROJECT / "survey" / "registry" / "data" / "indicators.csv")}
MEASURABLE = [code for code, row in LINES.items() if row["measurable_by"] in BY_SURVEY]
INDICATORS = [(name, entry) for name in NAMES for entry in document(name, "indicators")["indicators"]]

MEASURED = {
    "KH54-06": ("doanh-nghiep-so", "sme-easy-platforms-and-einvoices"),
    "KH54-07": ("ho-kinh-doanh", "household-business-easy-platforms-and-einvoices"),
    "KH54-08": ("doanh-nghiep-so", "sme-informed"),
    "KH54-09": ("doanh-nghiep-so", "sme-platform-trial"),
    "KH54-10": ("doanh-nghiep-so", "sme-ecommerce"),
    "KH54-11": ("doanh-nghiep-so", "sme-website"),
    "KH54-18": ("ict-ho-gia-dinh", "online-shopping-12m"),
    "KH54-25": ("doanh-nghiep-so", "sme-marketplace"),
    "KH54-34": ("ict-ho-gia-dinh", "household-fibre"),
    "KH54-37": ("ict-ho-gia-dinh", "smartphone-use"),
    "KH54-38": ("ict-ho-gia-dinh", "epayment-account"),
    "KH54-39": ("ict-ho-gia-dinh", "digital-identity"),
    "KH54-46": ("ky-nang-so", "online-learning-or-job-search"),
    "KH54-47": ("ict-ho-gia-dinh", "medical-record-and-cashless-fee"),
    "KH54-53": ("doanh-nghiep-so", "enterprise-mobile-orders"),
    "TV-02": ("doanh-nghiep-so", "sme-platform-use"),
    "TV-09": ("doanh-nghiep-so", "enterprise-informed"),
    "TV-19a": ("hai-long-dvc", "dvc-satisfaction-people"),
    "TV-25": ("doanh-nghiep-so", "trade-econtract"),
    "TV-26a": ("doanh-nghiep-so", "sme-platform-use-tv26a"),
    "TV-27": ("ict-ho-gia-dinh", "digital-economy-labour"),
    "TV-29": ("ict-ho-gia-dinh", "epayment-account-tv29"),
    "TV-30": ("ict-ho-gia-dinh", "smartphone-ownership-18plus"),
    "TV-31": ("ict-ho-gia-dinh", "digital-signature"),
    "TV-32": ("ky-nang-so", "digital-skills-training"),
    "TV-33": ("ict-ho-gia-dinh", "household-internet"),
    "TV-34": ("ky-nang-so", "basic-protection"),
    "TV-35": ("ict-ho-gia-dinh", "online-public-services"),
    "TV-36": ("ict-ho-gia-dinh", "telehealth"),
    "TV-50a": ("doanh-nghiep-so", "sme-smedx-6-months"),
    "TV-50b": ("doanh-nghiep-so", "sme-smedx-6-months-2030"),
    "TV-51": ("doanh-nghiep-so", "industrial-park-platform-use"),
    "618-02": ("ky-nang-so", "essential-services-all"),
    "618-08": ("ky-nang-so", "essential-services-all-2030"),
    "VQ-10": ("ict-ho-gia-dinh", "smartphone-ownership"),
    "VQ-11": ("ict-ho-gia-dinh", "epayment-account-vq11"),
    "KH43-03": ("ict-ho-gia-dinh", "internet-use"),
    "KH43-05a": ("ict-ho-gia-dinh", "digital-identity-18plus"),
    "KH43-05b": ("ict-ho-gia-dinh", "digital-account-18plus"),
    "KH43-05c": ("ict-ho-gia-dinh", "digital-device-18plus"),
    "KH43-05d": ("ky-nang-so", "digital-skills-training-18plus"),
    "KH43-10": ("dbi-dnnvv", "dbi1970-level-0"),
}


def test_the_registry_has_42_lines_that_surveys_measure() -> None:
    assert len(MEASURABLE) == 42


def test_each_of_them_has_a_questionnaire_and_an_indicator() -> None:
    assert sorted(MEASURED) == sorted(MEASURABLE)
    there = {(entry["registry"], name, entry["code"]) for name, entry in INDICATORS}
    assert [line for line, measured in MEASURED.items() if (line, *measured) not in there] == []


def test_indicators_name_only_lines_of_the_registry() -> None:
    named = {line for _, entry in INDICATORS for line in [entry["registry"], *entry.get("similar", [])]}
    assert named - {None} - set(LINES) == set()


def test_codes_are_unique_in_the_whole_library() -> None:
    codes = Counter(entry["code"] for _, entry in INDICATORS)
    assert [code for code, times in codes.items() if times > 1] == []


def test_at_most_one_indicator_is_held_against_a_line_and_the_line_has_a_target() -> None:
    held = Counter(entry["registry"] for _, entry in INDICATORS if entry["held_against_target"])
    assert [line for line, times in held.items() if times > 1] == []
    assert [line for line in held if not re.fullmatch(r"[\d.]+", LINES[line or ""]["target_value"])] == []


def test_lines_whose_definition_is_open_are_held_by_nobody() -> None:
    """A rule or a reading is missing in the document, or the survey's population differs."""
    held = {entry["registry"] for _, entry in INDICATORS if entry["held_against_target"]}
    open_ = {
        *("618-02", "618-08", "TV-19a", "TV-27", "TV-34", "TV-50a", "TV-50b"),
        *("KH54-34", "KH54-39", "KH54-46", "KH54-47", "KH54-52", "VQ-10", "VQ-11"),
        *("KH43-03", "KH43-05a", "KH43-05b", "KH43-05c", "KH43-05d", "KH43-10"),
    }
    assert open_ & held == set()
    assert set(MEASURABLE) - held == open_ - {"KH54-52"}
