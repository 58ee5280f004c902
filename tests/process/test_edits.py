"""Edit rules of a questionnaire: what they count, whom they name, and how wrong rules are refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from survey.demo.population import synthesize
from survey.demo.respondents import visit
from survey.instrument import compile_expression, read_xlsform
from survey.process.edits import BadEditRules, EditRule, check_edits, load_edits, read_edits
from survey.process.recipe import Level, _level
from survey.process.tables import KEY, ROOT, Tables, tables_of

FORM = Path(__file__).parents[2] / "questionnaires" / "ict-ho-gia-dinh"
LEVELS = {
    "household": Level("household", None, (), (), None, (), "fail"),
    "person": Level("person", "members", (), (), None, (), "fail"),
}
RULE = {
    "code": "adults-fit",
    "level": "household",
    "must": "${adults} <= ${size}",
    "severity": "error",
    "message": {"vi": "Quá nhiều người lớn.", "en": "Too many adults."},
}
TABLES: Tables = {
    ROOT: pd.DataFrame({KEY: ["a", "b", "c", "d"], "adults": [2, 5, 1, None], "size": [4, 4, 1, 3]}).astype(
        {"adults": "Int64", "size": "Int64"}
    ),
    "members": pd.DataFrame(
        {KEY: ["a", "a", "b"], "instance": [1, 2, 1], "number": pd.array([1, 9, 4], dtype="Int64")}
    ),
}


def rules(**changes: Any) -> tuple[EditRule, ...]:
    return read_edits({"edits": [RULE | changes]}, LEVELS)


def test_failures_are_counted_and_named() -> None:
    report = check_edits(rules(when="${adults} != ''"), TABLES)
    assert report.counts.to_dict("records") == [
        {
            "code": "adults-fit",
            "level": "household",
            "severity": "error",
            "checked": 3,
            "failed": 1,
            "share": 1 / 3,
        }
    ]
    assert report.affected[["code", KEY]].values.tolist() == [["adults-fit", "b"]]
    assert report.affected["instance"].isna().all()
    assert report.errors == 1


def test_an_empty_answer_fails_unless_when_guards_it() -> None:
    assert check_edits(rules(), TABLES).affected[KEY].tolist() == ["b", "d"]


def test_a_rule_of_a_repeat_sees_the_response_and_names_the_instance() -> None:
    report = check_edits(rules(level="person", must="${number} <= ${size}", severity="warning"), TABLES)
    assert report.affected[[KEY, "instance"]].values.tolist() == [["a", 2]]
    assert report.errors == 0


def test_a_rule_that_nobody_comes_under_has_no_share() -> None:
    counts = check_edits(rules(when="${size} > 100"), TABLES).counts
    assert counts["checked"].tolist() == [0]
    assert np.isnan(counts["share"]).all()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"must": "${adults} <= "}, "adults-fit, must"),
        ({"when": "nofunction(1)"}, "không có hàm nofunction()"),
        ({"severity": "fatal"}, "severity 'fatal'"),
        ({"level": "village"}, "level 'village' không có trong design.yaml"),
        ({"message": {"en": "no"}}, "message thiếu tiếng Việt"),
        ({"must": None}, "thiếu mục must"),
        ({"unless": "true()"}, "không có mục 'unless'"),
    ],
)
def test_a_bad_rule_is_refused_with_file_code_cause_and_remedy(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadEditRules) as caught:
        rules(**changes)
    assert caught.value.message.startswith("edits.yaml, adults-fit")
    assert said in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize("document", [None, [], {"edits": None}, {"edits": ["x"]}])
def test_a_document_without_rules_is_refused(document: Any) -> None:
    with pytest.raises(BadEditRules, match=r"edits\.yaml"):
        read_edits(document, LEVELS)


def test_a_code_used_twice_is_refused() -> None:
    with pytest.raises(BadEditRules, match="adults-fit: mã này dùng hai lần"):
        read_edits({"edits": [RULE, RULE]}, LEVELS)


def test_an_unknown_variable_is_named_when_the_rule_runs() -> None:
    with pytest.raises(BadEditRules, match="adults-fit: bảng không có cột adutls"):
        check_edits(rules(must="${adutls} > 0"), TABLES)


def test_a_folder_without_rules_has_none_and_broken_yaml_is_refused(tmp_path: Path) -> None:
    assert load_edits(tmp_path, LEVELS) == ()
    (tmp_path / "edits.yaml").write_text("edits: [", encoding="utf-8")
    with pytest.raises(BadEditRules, match="không đọc được"):
        load_edits(tmp_path, LEVELS)


# -- the household survey's own rules --------------------------------------------------------------


@pytest.fixture(scope="module")
def household_rules() -> tuple[EditRule, ...]:
    design = yaml.safe_load((FORM / "design.yaml").read_text(encoding="utf-8"))
    levels = {name: _level(name, entry) for name, entry in design["levels"].items()}
    return load_edits(FORM, levels)


@pytest.fixture(scope="module")
def respondents() -> Tables:
    population = synthesize()
    households = np.random.default_rng(11).choice(len(population.households), 1500, replace=False)
    visits = [visit(population, int(row), "AB12CD34") for row in households]
    answers = {f"uuid:{seen.household}": seen.answers for seen in visits if seen.answers is not None}
    return tables_of(read_xlsform(FORM), answers)


def test_synthetic_respondents_break_no_rule_of_severity_error(
    household_rules: tuple[EditRule, ...], respondents: Tables
) -> None:
    report = check_edits(household_rules, respondents)
    assert report.errors == 0, report.affected
    assert len(report.counts) == 12
    assert (report.counts["checked"] > 0).all()


@pytest.mark.parametrize(
    ("code", "answers"),
    [
        ("adults-within-household", {"adults_15plus": 6, "household_size": 4}),
        ("large-household", {"household_size": 16}),
        ("smartphone-without-phone", {"smartphone_own": "yes", "mobile_phone_own": "no"}),
        ("own-phone-not-used", {"mobile_phone_own": "yes", "mobile_phone_use": "no"}),
        ("bought-online-never-online", {"online_purchase": "over_12", "internet_last_use": "never"}),
        ("bought-after-last-online", {"online_purchase": "m3", "internet_last_use": "m3_12"}),
        (
            "purchase-activity-without-purchase",
            {"internet_activities": "news purchase", "online_purchase": "over_12"},
        ),
        ("wallet-payment-without-wallet", {"online_purchase_payment": "mobile_money", "mobile_money": "no"}),
        (
            "cashless-without-account",
            {"bank_account": "no", "ewallet": "no", "mobile_money": "no", "cashless_payments": "water shop"},
        ),
        ("proxy-in-one-adult-household", {"answered_by": "proxy", "adults_15plus": 1}),
        ("platform-job-offline", {"job_platform": "yes", "internet_last_use": "over_12"}),
        ("record-viewed-never-online", {"health_record": "viewed", "internet_last_use": "never"}),
    ],
)
def test_each_rule_finds_the_contradiction_it_is_for(
    household_rules: tuple[EditRule, ...], respondents: Tables, code: str, answers: dict[str, Any]
) -> None:
    table = respondents[ROOT].iloc[[0]].copy()
    for name, value in answers.items():
        table[name] = pd.array([value], dtype=table[name].dtype)
    assert code in set(check_edits(household_rules, {ROOT: table}).affected["code"])


def test_every_rule_speaks_both_languages_of_existing_variables(
    household_rules: tuple[EditRule, ...],
) -> None:
    questions = set(read_xlsform(FORM).questions)
    for rule in household_rules:
        assert set(rule.message) == {"vi", "en"}
        assert compile_expression(rule.must).variables | compile_expression(rule.when).variables <= questions
