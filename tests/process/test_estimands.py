"""Means, totals, ratios and medians as indicators, against the hand: weights 10 in stratum A and 20 in B.

Members are 1, 2, 3 in A and 1, 2, 1 in B; those of units 1, 3 and 7 use the Internet.
"""

import re
from math import isnan
from typing import Any

import pytest
from flask import Flask

from survey.extensions import db
from survey.process import service
from survey.process.estimation import Figure, estimate_indicator
from survey.process.recipe import BadRecipe, Recipe, read_recipe
from survey.process.tables import ROOT
from survey.process.units import unit_of
from survey.process.weighting import weighted_design
from survey.rounds.models import Round
from tests.process import hand_made
from tests.process.hand_made import DESIGN_WEIGHT
from tests.process.test_weighting_steps import drawn
from tests.staff import read, signed_in, statistician

PERSONS = {"code": "PS", "vi": "người", "en": "persons"}
USERS = "if(${uses} = 'yes', ${members}, 0)"


def entry(estimand: str, **more: Any) -> dict[str, Any]:
    """An indicator of this estimand."""
    return {
        "code": "members",
        "level": "adult",
        "label": {"vi": "Số người lớn"},
        "definition": {"vi": "Số người lớn của hộ."},
        "estimand": estimand,
        **more,
    }


def plan(indicator: dict[str, Any]) -> Recipe:
    return read_recipe(
        {**hand_made.INDICATORS, "indicators": [indicator]}, hand_made.design(DESIGN_WEIGHT), []
    )


def figures(indicator: dict[str, Any], unknown: int | None = None) -> list[Figure]:
    """The figures of the hand-made sample; `unknown` is a unit that did not tell its members."""
    recipe, tables = plan(indicator), hand_made.tables()
    told = tables[ROOT]["members"].astype("Int64")
    tables[ROOT]["members"] = told.mask(tables[ROOT]["case_id"] == (unknown or 0))
    design, _ = weighted_design(tables, recipe.levels["adult"], recipe)
    return list(estimate_indicator(design, recipe.indicators[0], recipe))


def test_a_total_adds_up_and_its_error_is_that_of_the_units() -> None:
    """Unit totals are 30 and 30 in A, 20 and 60 in B: two units a stratum add the square of their difference."""
    (total,) = figures(entry("total", value="${members}", unit=PERSONS))
    assert total.value == pytest.approx(140)
    assert total.std_error == pytest.approx(40)


def test_a_mean_is_in_the_unit_of_its_number_also_by_group() -> None:
    total, female, male = figures(entry("mean", value="${members}", unit=PERSONS, breakdowns=["sex"]))
    assert total.value == pytest.approx(140 / 90)
    assert (female.level, female.value) == ("female", pytest.approx((20 + 30 + 40 + 20) / 60))
    assert (male.level, male.value, male.n) == ("male", pytest.approx(30 / 30), 2)


def test_a_ratio_of_totals_is_not_the_mean_of_ratios() -> None:
    (ratio,) = figures(entry("ratio", numerator=USERS, denominator="${members}", unit="percent"))
    assert ratio.value == pytest.approx(100 * 80 / 140)


def test_a_ratio_may_have_a_unit_of_its_own() -> None:
    unit = {"code": "PS", "vi": "người mỗi hộ"}
    (ratio,) = figures(entry("ratio", numerator="${members}", denominator="1", unit=unit))
    assert ratio.value == pytest.approx(140 / 90)


def test_a_median_has_half_the_weight_up_to_it() -> None:
    """Members 1 carry 50 of 90, so the median is 1; among women 20 of 60, 2 brings 50."""
    total, female, _ = figures(entry("median", value="${members}", unit=PERSONS, breakdowns=["sex"]))
    assert (total.value, female.value) == (1, 2)


def test_who_did_not_tell_the_number_is_no_part_of_the_figure() -> None:
    (mean,) = figures(entry("mean", value="${members}", unit=PERSONS), unknown=3)
    assert (mean.value, mean.n) == (pytest.approx(110 / 80), 5)
    (ratio,) = figures(entry("ratio", numerator=USERS, denominator="${members}", unit="percent"), unknown=3)
    assert (ratio.value, ratio.n) == (pytest.approx(100 * 50 / 110), 5)


def test_a_median_whose_limits_the_sample_does_not_reach_is_not_published() -> None:
    (few,) = figures(entry("median", value="${members}", unit=PERSONS))
    assert isnan(few.ci_low) and few.quality == "unpublishable"


def test_a_median_has_woodruffs_interval() -> None:
    recipe, tables = plan(entry("median", value="${members}", unit=PERSONS)), drawn()
    design, _ = weighted_design(tables, recipe.levels["adult"], recipe)
    (median,) = estimate_indicator(design, recipe.indicators[0], recipe)
    direct = design.with_columns({"told": design.data["members"].astype(float)}).quantile("told", 0.5).iloc[0]
    assert (median.value, median.ci_low, median.ci_high) == tuple(direct[["estimate", "ci_low", "ci_high"]])
    assert median.ci_low <= median.value <= median.ci_high
    assert median.n == tables[ROOT].shape[0]


@pytest.mark.parametrize(
    ("indicator", "said"),
    [
        (entry("mode", value="${members}", unit=PERSONS), "không có estimand 'mode'.*median"),
        (entry("mean", unit=PERSONS), "thiếu mục 'value'"),
        (entry("mean", value="${members}"), "thiếu mục 'unit'"),
        (entry("mean", value="${members}", numerator="1", unit=PERSONS), "không dùng mục 'numerator'.*value"),
        (entry("ratio", numerator="${members}", unit=PERSONS), "thiếu mục 'denominator'"),
        (entry("share", numerator="${uses} = 'yes'", unit=PERSONS), "tính bằng phần trăm"),
        (entry("mean", value="${members}", unit="hours"), "`unit` phải là percent hoặc"),
        (entry("mean", value="${members}", unit=PERSONS, decimals=1.5), "`decimals` phải là số nguyên"),
        (entry("mean", value="${members} +", unit=PERSONS), "Sửa biểu thức"),
    ],
)
def test_a_wrong_indicator_says_what_is_wrong(indicator: dict[str, Any], said: str) -> None:
    with pytest.raises(BadRecipe) as refusal:
        plan(indicator)
    told = f"{refusal.value.message} {refusal.value.remedy}"
    assert told.startswith("indicators.yaml, members") and re.search(said, told)


def test_a_variable_that_is_not_there_is_named() -> None:
    with pytest.raises(BadRecipe, match=r"members: number\(\$\{rooms\}\): không có biến rooms"):
        figures(entry("mean", value="${rooms}", unit=PERSONS))


def test_units_are_told_in_the_readers_language() -> None:
    unit = unit_of({"unit": PERSONS, "decimals": 0})
    assert (unit.words(), unit.words("en"), unit.code, unit.decimals) == ("người", "persons", "PS", 0)
    assert (unit_of({}).words(), unit_of({}).code, unit_of({"unit": "percent"}).decimals) == ("%", "PT", 1)


def test_the_runs_page_writes_each_figure_with_its_unit_and_decimals(app: Flask, field: Any) -> None:
    fielded = field(DESIGN_WEIGHT)
    with app.app_context():
        round_ = db.session.get_one(Round, fielded.round_id)
        made = entry("total", value="${members} * 1000", unit=PERSONS, decimals=0, breakdowns=["sex"])
        shares = hand_made.INDICATORS["indicators"]
        round_.instrument_version.indicators = {**hand_made.INDICATORS, "indicators": [made, *shares]}
        run = service.request_run(round_, statistician())
        db.session.commit()
        service.execute(run.id)
        run_id = run.id
    page = read(signed_in(app, "lan"), f"/process/run/{run_id}").text_content()
    assert "140.000\N{NO-BREAK SPACE}người" in page
    assert "30.000\N{NO-BREAK SPACE}người" in page
    assert "140.000,0" not in page
