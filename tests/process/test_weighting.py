"""Weights step by step against the hand: every expected number is an expression one can check on paper."""

from math import sqrt

import pytest

from analysis import SurveyError
from survey.process.recipe import BadRecipe, Recipe
from survey.process.tables import CASES, ROOT
from survey.process.weighting import weighted_design
from tests.process.hand_made import DESIGN_WEIGHT, NONRESPONSE, RAKE, WITHIN, recipe, tables

# Stratum A: four eligible of weight 10, three answered. Stratum B: four of weight 20, three answered.
A, B = 10 * 4 / 3, 20 * 4 / 3


def weights(plan: Recipe) -> dict[str, float]:
    """Final weights by unit."""
    design, _ = weighted_design(tables(), plan.levels["adult"], plan)
    found = zip(design.data["case_id"].astype(str), design.weights(), strict=True)
    return {case: weight for case, weight in found if weight > 0}  # the silent stay in the design with 0


def test_the_design_weight_is_the_inverse_of_the_probability() -> None:
    expected = {"1": 10, "2": 10, "3": 10, "5": 20, "7": 20, "8": 20}
    assert weights(recipe(DESIGN_WEIGHT)) == pytest.approx(expected)


def test_respondents_carry_the_eligible_who_did_not_answer_in_their_class() -> None:
    """The ineligible unit 9 leaves with its weight: stratum A keeps 40, not 50."""
    expected = {"1": A, "2": A, "3": A, "5": B, "7": B, "8": B}
    assert weights(recipe(DESIGN_WEIGHT, NONRESPONSE)) == pytest.approx(expected)


def test_the_selected_person_stands_for_the_members_of_the_household() -> None:
    expected = {"1": A, "2": 2 * A, "3": 3 * A, "5": B, "7": 2 * B, "8": B}
    assert weights(recipe(DESIGN_WEIGHT, NONRESPONSE, WITHIN)) == pytest.approx(expected)


def test_raking_to_one_margin_is_a_ratio_within_each_level() -> None:
    plan = recipe(DESIGN_WEIGHT, NONRESPONSE, WITHIN, {"step": "rake", "margins": ["sex"]},
                  margins={"sex": {"male": 100, "female": 200}})  # fmt: skip
    men, women = 100 / (A + B), 200 / (5 * A + 3 * B)
    expected = {
        "1": A * men, "2": 2 * A * women, "3": 3 * A * women, "5": B * men, "7": 2 * B * women, "8": B * women,
    }  # fmt: skip
    assert weights(plan) == pytest.approx(expected)


def test_raking_to_two_margins_keeps_the_odds_ratio_of_the_table() -> None:
    """With both margins given, a 2 x 2 table is fixed by its odds ratio, which raking does not change.

    Cells before: men in A: A, women in A: 5A, men in B: B, women in B: 3B; odds ratio (A * 3B) / (5A * B) = 0.6.
    x men in A solve x (80 + x) = 0.6 (120 - x)(100 - x) for the margins 100, 200 and 120, 180.
    """
    plan = recipe(DESIGN_WEIGHT, NONRESPONSE, WITHIN, RAKE,
                  margins={"sex": {"male": 100, "female": 200}, "stratum": {"A": 120, "B": 180}})  # fmt: skip
    x = (-212 + sqrt(212**2 + 4 * 0.4 * 7200)) / 0.8
    found = weights(plan)
    assert found["1"] == pytest.approx(x, rel=1e-8)
    assert found["5"] == pytest.approx(100 - x, rel=1e-8)
    assert found["2"] == pytest.approx((120 - x) * 2 / 5, rel=1e-8)
    assert found["7"] == pytest.approx((80 + x) * 2 / 3, rel=1e-8)


def test_a_unit_in_which_nobody_answered_still_counts_for_the_error() -> None:
    """Nobody in b1 answered: stratum B was drawn with two units all the same, so its error can be estimated."""
    data = tables()
    data[CASES].loc[data[CASES]["psu"] == "b1", ["responded", "disposition"]] = [False, "2.2"]
    data[ROOT] = data[ROOT][data[ROOT]["case_id"] != 5]
    plan = recipe(DESIGN_WEIGHT, NONRESPONSE)
    design, _ = weighted_design(data, plan.levels["adult"], plan)
    total = design.with_columns({"one": 1.0}).total("one")
    # Stratum A: unit totals 2A and A; stratum B: 0 and 80. Variance between two units: (difference) squared.
    assert total["estimate"][0] == pytest.approx(3 * A + 80)
    assert total["se"][0] == pytest.approx(sqrt(A**2 + 80**2))


def test_the_log_tells_what_each_step_did() -> None:
    plan = recipe(DESIGN_WEIGHT, NONRESPONSE, WITHIN, {"step": "rake", "margins": ["sex"]},
                  margins={"sex": {"male": 100, "female": 200}})  # fmt: skip
    _, (given, nonresponse, within, rake) = weighted_design(tables(), plan.levels["adult"], plan)
    assert [step["sum"] for step in (given, nonresponse, within, rake)] == pytest.approx(
        [130, 120, 6 * A + 4 * B, 300]
    )
    assert nonresponse["classes"] == [
        {"stratum": "A", "size": 4, "mean": 0.75},
        {"stratum": "B", "size": 4, "mean": 0.75},
    ]
    assert nonresponse["kish_deff"] == pytest.approx(6 * (3 * A**2 + 3 * B**2) / (3 * A + 3 * B) ** 2)
    assert nonresponse["effective_n"] == pytest.approx(6 / nonresponse["kish_deff"])
    assert (within["factors"]["low"], within["factors"]["high"]) == pytest.approx((1, 3))
    assert sum(within["factors"]["counts"]) == 6
    men, women = rake["margins"][0]["levels"]
    assert men == {
        "level": "male",
        "before": pytest.approx(A + B),
        "after": pytest.approx(100),
        "target": 100,
    }
    assert women["after"] == pytest.approx(200)


def test_a_class_in_which_nobody_answered_is_refused() -> None:
    data = tables()
    data[CASES].loc[data[CASES]["stratum"] == "B", "responded"] = False
    plan = recipe(DESIGN_WEIGHT, NONRESPONSE)
    with pytest.raises(SurveyError, match=r"B.*no respondent"):
        weighted_design(data, plan.levels["adult"], plan)


@pytest.mark.parametrize(
    ("steps", "margins", "said"),
    [
        ([{"step": "magic"}], {}, "không có bước 'magic'"),
        ([RAKE], {}, "Bắt đầu `weighting:` bằng bước design_weight"),
        ([NONRESPONSE], {}, "Bắt đầu `weighting:` bằng bước design_weight"),
        ([DESIGN_WEIGHT, RAKE], {}, "Không có tệp controls.csv"),
        (
            [DESIGN_WEIGHT, {"step": "rake", "margins": ["height"]}],
            {"height": {"tall": 1}},
            "không có cột height",
        ),
        ([DESIGN_WEIGHT, {"step": "rake", "margins": ["sex"]}], {"age": {"old": 1}}, "không có biên 'sex'"),
        ([], {}, "không có cột trọng số"),
    ],
)
def test_a_wrong_plan_says_what_is_wrong(steps: list, margins: dict, said: str) -> None:  # type: ignore[type-arg]
    plan = recipe(*steps, margins=margins)
    with pytest.raises(BadRecipe, match=said):
        weighted_design(tables(), plan.levels["adult"], plan)


def test_controls_for_a_level_that_nobody_answered_are_refused() -> None:
    plan = recipe(DESIGN_WEIGHT, {"step": "rake", "margins": ["sex"]},
                  margins={"sex": {"male": 100, "female": 200, "unknown": 5}})  # fmt: skip
    with pytest.raises(SurveyError, match="unknown"):
        weighted_design(tables(), plan.levels["adult"], plan)


def test_controls_that_describe_different_populations_are_refused() -> None:
    plan = recipe(DESIGN_WEIGHT, RAKE,
                  margins={"sex": {"male": 100, "female": 200}, "stratum": {"A": 120, "B": 900}})  # fmt: skip
    with pytest.raises(SurveyError, match="same population"):
        weighted_design(tables(), plan.levels["adult"], plan)
