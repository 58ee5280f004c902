"""assessment.yaml: what is wrong is named with its entry and a remedy, before anything is kept."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from survey.assessment.plan import Assessment
from survey.assessment.reading import BadAssessment, read_assessment
from survey.process.plans import check_plans
from survey.rounds.service import load_questionnaire, read_plans
from tests.assessment.firms import DBI
from tests.questionnaires.library import instrument

Change = Callable[[dict[str, Any]], Any]


def put(*path: Any, to: Any) -> Change:
    """Set one entry of the document."""

    def change(document: Any) -> None:
        for name in path[:-1]:
            document = document[name]
        document[path[-1]] = to

    return change


def drop(name: str) -> Change:
    return lambda document: document.pop(name)


WRONG: list[tuple[Change, str]] = [
    (drop("pillars"), "thiếu mục 'pillars'"),
    (put("pilars", to=[]), "không có mục 'pilars'"),
    (put("address", to="../x"), "address: '../x' không dùng được"),
    (put("levels", to=[{"vi": "Một"}]), "có 1 tên mức cho 5 ngưỡng"),
    (put("levels", 0, to={"en": "None"}), "levels: thiếu lời tiếng Việt"),
    (put("pillars", 0, "short", to={"vi": "Hạ tầng", "công nghệ": None}), "lời 'công nghệ' không phải chữ"),
    (put("thresholds", to=[10, 20, 20, 60, 80]), "tăng dần"),
    (put("thresholds", to=[10, 20, 40, 60, 100]), "dưới 100"),
    (put("thresholds", to=[10, 20, "40%", 60, 80]), "'40%' không phải là số"),
    (put("thresholds", to=[10, 20, float("nan"), 60, 80]), "không phải là số"),
    (put("overall", to=[{"above": 20, "pillars": 4}]), "có 1 điều kiện cho 5 ngưỡng"),
    (put("overall", 4, "pillars", to=7), "overall, mức 5: không ai đạt được"),
    (put("overall", 4, "above", to=320), "overall, mức 5: không ai đạt được"),
    (put("overall", 0, "pillars", to=True), "số nguyên"),
    (put("pillars", to=[]), "ít nhất một mục"),
    (lambda d: d["pillars"].__delitem__(slice(2, 6)), "có 2 trụ cột"),
    (put("pillars", 0, "maximum", to=70), "cộng lại 65 điểm, không phải 70"),
    (put("pillars", 0, "criteria", 0, to="dbi_99"), "dbi_99: không phải câu hỏi chọn một"),
    (put("pillars", 0, "criteria", 0, to="employees"), "employees: không phải câu hỏi chọn một"),
    (put("pillars", 0, "criteria", 0, to="sector"), "'agriculture' không phải là số"),
    (put("pillars", 0, "criteria", 0, to="dbi_02"), "'dbi_02' dùng hai lần"),
    (put("pillars", 1, "criteria", 0, to="dbi_01"), "'dbi_01' dùng hai lần"),
    (put("pillars", 1, "code", to="customer"), "'customer' dùng hai lần"),
    (put("pillars", 0, "criteria", 0, to={"variable": "dbi_01", "weight": 0}), "bắt đầu từ 0"),
    (put("pillars", 0, "criteria", 0, to={"variable": "dbi_01", "scores": {"6": 1}}), "không có lựa chọn '6'"),
    (put("pillars", 0, "criteria", 0, to={"variable": "dbi_01", "wait": 2}), "không có mục 'wait'"),
    (put("pillars", 0, "advice", to=["text"]), "customer, advice: phải viết theo mức"),
    (put("pillars", 0, "advice", "x", to={"vi": "a"}), "mức x: 'x' phải là số nguyên"),
    (put("peers", "minimum", to=2), "peers, minimum: 2 phải là số nguyên từ 5"),
    (put("peers", "groups", to=["sector"]), "mỗi nhóm là một danh sách"),
    (put("peers", "groups", to=[["nobody"]]), "không có biến 'nobody'"),
    (put("peers", "unknown", to={"size_class": "unknown"}), "phải là các mã"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "told"), WRONG, ids=[told for _, told in WRONG])
def test_a_wrong_entry_is_named(change: Change, told: str) -> None:
    plans = copy.deepcopy(read_plans(DBI))
    change(plans["assessment"])
    with pytest.raises(BadAssessment, match=r"^assessment\.yaml, ") as fault:
        read_assessment(plans["assessment"], instrument("dbi-dnnvv"), plans["indicators"]["variables"])
    assert told in fault.value.message
    assert fault.value.remedy


@pytest.mark.parametrize("document", [[], "text", None, 5])
def test_what_is_no_mapping_is_refused(document: Any) -> None:
    with pytest.raises(BadAssessment):
        read_assessment(document, instrument("dbi-dnnvv"))


def test_variables_that_need_each_other_in_a_circle_are_refused() -> None:
    document = read_plans(DBI)["assessment"] | {"peers": {"minimum": 10, "groups": [["one"]]}}
    with pytest.raises(BadAssessment, match="không có biến 'one'"):
        read_assessment(document, instrument("dbi-dnnvv"), {"one": "${two}", "two": "${one}"})


def test_the_dbi_is_that_of_the_decision(plan: Assessment) -> None:
    assert [len(pillar.criteria) for pillar in plan.pillars] == [13, 1, 16, 13, 10, 7]
    assert (plan.maximum, plan.scale, plan.top, plan.address) == (320, 1, 5, "dbi")
    assert set(plan.asked) == {"sector", "employees", "revenue", "capital"}
    assert all({"vi", "en"} <= set(advice.text) for pillar in plan.pillars for advice in pillar.advice)


def test_the_file_is_kept_with_the_version_and_judged_by_questionnaire_check(app: Flask) -> None:
    plans = read_plans(DBI)
    assert "self-assessment by 6 pillars" in str(check_plans(instrument("dbi-dnnvv"), plans))
    with pytest.raises(BadAssessment):
        check_plans(instrument("dbi-dnnvv"), plans | {"assessment": {"title": {"vi": "x"}}})
    with app.app_context():
        assert load_questionnaire(DBI).assessment == plans["assessment"]
