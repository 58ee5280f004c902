"""The further steps of design.yaml, against the hand and against `analysis` called directly."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from flask import Flask

from analysis import Design
from survey.extensions import db
from survey.process import service
from survey.process.recipe import BadRecipe, Recipe, read_recipe
from survey.process.tables import CASES, KEY, ROOT, Tables
from survey.process.weighting import check_steps, weighted_design
from survey.rounds.models import Round
from tests.process import hand_made
from tests.process.hand_made import DESIGN_WEIGHT, INDICATORS, NONRESPONSE, RAKE, WITHIN, controls
from tests.staff import read, signed_in, statistician, words

PROPENSITY = {"step": "nonresponse", "method": "propensity", "formula": "~ age + stratum", "groups": 4}
TOTALS = {
    "sex": {"male": 2100.0, "female": 2300.0},
    "stratum": {"A": 2400.0, "B": 2000.0},
    "sex:stratum": {"male:A": 1100.0, "female:A": 1300.0, "male:B": 1000.0, "female:B": 1000.0},
    "members": {"": 12000.0},
}


def plan(*steps: dict[str, Any], design: dict[str, Any] | None = None) -> Recipe:
    """The recipe of steps, under a design if one is given."""
    document = hand_made.design(*steps)
    document["levels"]["adult"]["design"] = design or {"strata": ["stratum"], "clusters": ["psu"]}
    return read_recipe(INDICATORS, document, controls(TOTALS))


def drawn(chance: float = 0.1, unit: str = "unit") -> Tables:
    """400 cases in two strata, forty units of ten; older people answer more often."""
    rng = np.random.default_rng(5)
    number = np.arange(400)
    age = rng.integers(18, 80, 400)
    answered = rng.random(400) < 0.4 + age / 160
    cases = pd.DataFrame(
        {
            "case_id": number,
            "unit": [f"u{n}" for n in number],
            "stratum": np.where(number < 220, "A", "B"),
            "psu": [f"p{n // 10}" for n in number] if unit == "psu" else [f"u{n}" for n in number],
            "probability": chance,
            "psus": np.where(number < 220, 44, 18),
            "people": 25,
            "disposition": np.where(answered, "1.1", "2.2"),
            "responded": answered,
            "age": age,
        }
    )
    root = pd.DataFrame(
        {
            KEY: [f"r{n}" for n in number],
            "case_id": pd.array(number, dtype="Int64"),
            "members": pd.array(rng.integers(1, 5, 400), dtype="Int64"),
            "sex": rng.choice(["male", "female"], 400),
            "uses": np.where(rng.random(400) < 0.3 + age / 200, "yes", "no"),
        }
    )
    return {CASES: cases, ROOT: root[answered].reset_index(drop=True)}


def answers(tables: Tables) -> pd.DataFrame:
    """The respondents with what the frame knows of them."""
    return tables[ROOT].merge(tables[CASES].drop(columns="responded"), on="case_id")


def run(tables: Tables, recipe: Recipe) -> tuple[Design, list[dict[str, Any]]]:
    return weighted_design(tables, recipe.levels["adult"], recipe)


def users(design: Design) -> pd.Series:
    """The estimated number of users with its error."""
    return design.with_columns({"one": (design.data["uses"] == "yes").astype(float)}).total("one").iloc[0]


# Population sizes


def test_an_enumeration_has_only_the_error_of_those_that_did_not_answer() -> None:
    tables = drawn(chance=1.0)
    single = {"strata": ["stratum"], "clusters": ["psu"], "fpc": ["probability"]}
    design, _ = run(tables, plan(DESIGN_WEIGHT, NONRESPONSE, design=single))
    found = users(design)
    variance = 0.0
    for stratum, size in (("A", 220), ("B", 180)):
        told = answers(tables)
        uses = told[told["stratum"] == stratum]["uses"] == "yes"
        n = len(uses)
        variance += size**2 * (1 - n / size) * uses.astype(float).var(ddof=1) / n
    assert found["se"] == pytest.approx(np.sqrt(variance), rel=1e-10)


def test_an_enumeration_that_all_answered_has_no_error() -> None:
    tables = drawn(chance=1.0)
    everybody = tables[CASES]["responded"]
    tables[CASES] = tables[CASES][everybody].assign(probability=1.0)
    single = {"strata": ["stratum"], "clusters": ["psu"], "fpc": ["probability"]}
    design, _ = run(tables, plan(DESIGN_WEIGHT, NONRESPONSE, design=single))
    assert users(design)["se"] == 0


def test_a_sample_of_a_known_share_is_the_finite_population_design_of_those_who_answered() -> None:
    tables = drawn(chance=0.5)
    counted = {"strata": ["stratum"], "clusters": ["psu"], "fpc": ["number"]}
    tables[CASES]["number"] = np.where(tables[CASES]["stratum"] == "A", 440, 360)
    by_counts, _ = run(tables, plan(DESIGN_WEIGHT, NONRESPONSE, design=counted))
    by_shares, _ = run(tables, plan(DESIGN_WEIGHT, NONRESPONSE, design={**counted, "fpc": ["probability"]}))
    data = answers(tables)
    n = data.groupby("stratum")["unit"].transform("size")
    direct = Design(data.assign(w=data["number"] / n), weight="w", strata="stratum", fpc="number")
    assert users(by_counts)["se"] == pytest.approx(users(direct)["se"], rel=1e-12)
    assert users(by_shares)["se"] == pytest.approx(users(direct)["se"], rel=1e-12)


def test_each_stage_has_its_population_and_silent_units_above_the_last_one_stay() -> None:
    tables = drawn(chance=0.2, unit="psu")
    silent = tables[CASES]["psu"] == "p3"
    tables[CASES].loc[silent, ["responded", "disposition"]] = [False, "2.2"]
    tables[ROOT] = tables[ROOT][~tables[ROOT]["case_id"].isin(range(30, 40))].reset_index(drop=True)
    staged = {"strata": ["stratum"], "clusters": ["psu", "case_id"], "fpc": ["psus", "people"]}
    design, _ = run(tables, plan(DESIGN_WEIGHT, NONRESPONSE, design=staged))
    rows = pd.concat([answers(tables), tables[CASES][silent].assign(uses="no")], ignore_index=True)
    n = rows[rows["responded"].isna()].groupby("stratum")["unit"].size()
    factor = pd.Series({"A": 220 / n["A"], "B": 180 / n["B"]})
    rows["w"] = np.where(rows["responded"].isna(), 5 * rows["stratum"].map(factor), 0.0)
    direct = Design(rows, weight="w", strata=["stratum"], clusters=["psu", "case_id"], fpc=["psus", "people"])
    assert users(design)["estimate"] == pytest.approx(users(direct)["estimate"], rel=1e-12)
    assert users(design)["se"] == pytest.approx(users(direct)["se"], rel=1e-12)


def test_more_population_sizes_than_stages_are_refused() -> None:
    with pytest.raises(BadRecipe, match="'fpc' có 2 cột cho 1 giai đoạn"):
        plan(DESIGN_WEIGHT, design={"clusters": ["psu"], "fpc": ["psus", "people"]})


def test_a_misspelled_part_of_the_design_is_refused() -> None:
    with pytest.raises(BadRecipe, match="không có mục 'cluster'"):
        plan(DESIGN_WEIGHT, design={"cluster": ["psu"]})


# Nonresponse


def test_propensity_groups_are_those_of_the_library() -> None:
    tables = drawn()
    design, (_, step) = run(tables, plan(DESIGN_WEIGHT, PROPENSITY))
    cases = tables[CASES].assign(w=10.0)
    direct = Design(cases, weight="w", strata="stratum", clusters="psu").adjust_nonresponse(
        "responded", method="propensity", formula="~ age + stratum", n_classes=4
    )
    expected = dict(zip(cases["case_id"], direct.weights(), strict=True))
    found = dict(zip(design.data["case_id"], design.weights(), strict=True))
    assert found == pytest.approx(expected)
    assert [group["propensity_class"] for group in step["classes"]] == [1, 2, 3, 4]
    assert sum(group["size"] for group in step["classes"]) == 400
    shares = [group["mean"] for group in step["classes"]]
    assert shares[0] < shares[-1]
    assert step["sum"] == pytest.approx(4000)


# Calibration


def test_poststratification_is_a_ratio_within_each_cell() -> None:
    tables = drawn()
    design, log = run(
        tables, plan(DESIGN_WEIGHT, NONRESPONSE, {"step": "poststratify", "by": ["sex", "stratum"]})
    )
    sums = design.data.assign(w=design.weights()).groupby(["sex", "stratum"])["w"].sum()
    assert {":".join(cell): total for cell, total in sums.items()} == pytest.approx(TOTALS["sex:stratum"])
    (met,) = log[-1]["margins"]
    assert {level["level"]: level["after"] for level in met["levels"]} == pytest.approx(TOTALS["sex:stratum"])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"distance": "raking"},
        {"distance": "logit", "bounds": [0.5, 2.5]},
        {"distance": "linear", "bounds": [0.5, 2.5], "by_unit": "psu"},
    ],
)
def test_calibration_meets_margins_and_numbers_as_the_library_does(options: dict[str, Any]) -> None:
    tables = drawn(unit="psu")
    step = {"step": "calibrate", "margins": ["sex", "stratum"], "totals": ["members"], **options}
    design, log = run(tables, plan(DESIGN_WEIGHT, NONRESPONSE, step))
    data = answers(tables)
    n = data.groupby("stratum")["unit"].transform("size")
    start = Design(
        data.assign(
            w=10 * np.where(data["stratum"] == "A", 220, 180) / n, members=data["members"].astype(float)
        ),
        weight="w",
        strata="stratum",
        clusters="psu",
    )
    direct = start.calibrate(
        {"sex": TOTALS["sex"], "stratum": TOTALS["stratum"], "members": 12000.0}, **options
    )
    assert design.weights()[: len(data)].to_numpy() == pytest.approx(direct.weights().to_numpy(), rel=1e-8)
    assert users(design)["se"] == pytest.approx(users(direct)["se"], rel=1e-6)
    met = {margin["margin"]: margin["levels"] for margin in log[-1]["margins"]}
    assert met["members"] == [
        {"level": "members", "before": pytest.approx((start.weights() * start.data["members"]).sum()),
         "after": pytest.approx(12000), "target": 12000.0}
    ]  # fmt: skip
    assert [level["after"] for level in met["sex"]] == pytest.approx([2100, 2300])
    assert log[-1]["method"] == options


def test_weights_are_cut_and_the_rest_takes_over() -> None:
    """Six weights 10, 20, 30, 20, 40, 20: 40 is cut to 30, and the five others take 2 each, also the one at 30."""
    plain = plan(DESIGN_WEIGHT, WITHIN, {"step": "trim", "upper": 30})
    design, log = weighted_design(hand_made.tables(), plain.levels["adult"], plain)
    found = dict(zip(design.data["case_id"].astype(str), design.weights(), strict=True))
    assert {case: found[case] for case in hand_made.ANSWERS} == pytest.approx(
        {"1": 12, "2": 22, "3": 32, "5": 22, "7": 30, "8": 22}
    )
    assert log[-1]["outside"] == 1
    assert log[-1]["limits"] == {"upper": 30.0}
    assert log[-1]["sum"] == pytest.approx(log[-2]["sum"])


def test_trimmed_weights_are_raked_again_on_the_same_design() -> None:
    tables = drawn()
    steps = (DESIGN_WEIGHT, NONRESPONSE, WITHIN, RAKE, {"step": "trim", "upper": 20, "strict": True}, RAKE)
    design, log = run(tables, plan(*steps))
    assert [record.name for record in design.history] == ["design", "rake", "trim", "rake"]
    assert log[4]["max"] <= 20 + 1e-9
    for met in log[5]["margins"]:
        for level in met["levels"]:
            assert level["after"] == pytest.approx(level["target"])
        assert sum(level["before"] for level in met["levels"]) == pytest.approx(log[4]["sum"])


# Refusals


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (
            [DESIGN_WEIGHT, {**RAKE, "margin": ["sex"]}],
            r"bước 2 \(rake\): không có mục 'margin'.*margins, controls",
        ),
        ([{"step": "design_weight", "by": ["sex"]}], "không có mục 'by'.*không có mục nào"),
        ([DESIGN_WEIGHT, {"step": "rake"}], "thiếu mục 'margins'.*danh sách tên biến"),
        ([DESIGN_WEIGHT, {"step": "rake", "margins": "sex"}], "mục 'margins' có giá trị 'sex'.*danh sách"),
        ([DESIGN_WEIGHT, {"step": "nonresponse"}], "thiếu mục 'classes'"),
        (
            [DESIGN_WEIGHT, {"step": "nonresponse", "method": "magic"}],
            "mục 'method' có giá trị 'magic'.*propensity",
        ),
        ([DESIGN_WEIGHT, {"step": "nonresponse", "method": "propensity"}], "thiếu mục 'formula'"),
        ([DESIGN_WEIGHT, {**PROPENSITY, "classes": ["stratum"]}], "không có mục 'classes'.*formula"),
        ([DESIGN_WEIGHT, {**NONRESPONSE, "formula": "~ age"}], "không có mục 'formula'.*classes"),
        ([DESIGN_WEIGHT, {"step": "calibrate"}], "thiếu mục 'margins' hoặc 'totals'"),
        (
            [DESIGN_WEIGHT, {"step": "calibrate", "totals": ["members"], "bounds": [2, 3]}],
            "mục 'bounds'.*quanh 1",
        ),
        (
            [DESIGN_WEIGHT, {"step": "calibrate", "totals": ["members"], "distance": "l1"}],
            "mục 'distance'.*logit",
        ),
        ([DESIGN_WEIGHT, {"step": "trim", "strict": True}], "thiếu mục 'lower' hoặc 'upper'"),
        ([DESIGN_WEIGHT, {"step": "trim", "upper": "5"}], "mục 'upper' có giá trị '5'.*lớn hơn 0"),
        ([DESIGN_WEIGHT, RAKE, NONRESPONSE], r"bước 3 \(nonresponse\): đứng sai thứ tự"),
        ([DESIGN_WEIGHT, DESIGN_WEIGHT], r"bước 2 \(design_weight\): đứng sai thứ tự"),
    ],
)
def test_a_step_that_is_told_something_wrong_is_refused(steps: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(BadRecipe) as refusal:
        check_steps(plan(*steps).levels["adult"])
    assert "design.yaml, adult" in refusal.value.message
    assert re.search(said, f"{refusal.value.message} {refusal.value.remedy}")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"step": "calibrate", "totals": ["height"]}, "không có cột height"),
        ({"step": "calibrate", "totals": ["sex"]}, "chỉ có một dòng"),
        ({"step": "calibrate", "margins": ["sex"], "by_unit": "house"}, "không có cột house"),
        ({"step": "poststratify", "by": ["sex", "height"]}, "không có biên 'sex:height'"),
        ({"step": "within_household", "size": "adults"}, "không có cột adults"),
    ],
)
def test_a_step_that_names_what_is_not_there_is_refused(step: dict[str, Any], said: str) -> None:
    with pytest.raises(BadRecipe, match=said):
        run(drawn(), plan(DESIGN_WEIGHT, step))


def test_pages_tell_what_the_steps_are_told_and_what_they_did(app: Flask, field: Any) -> None:
    propensity = {"step": "nonresponse", "method": "propensity", "formula": "~ probability", "groups": 2}
    fielded = field(DESIGN_WEIGHT, propensity, WITHIN, {"step": "trim", "upper": 50})
    with app.app_context():
        run = service.request_run(db.session.get_one(Round, fielded.round_id), statistician())
        db.session.commit()
        service.execute(run.id)
        address = f"/process/run/{run.id}"
    browser = signed_in(app, "lan")
    plan_page = words(read(browser, fielded.address))
    assert "xác suất trả lời theo: ~ probability" in plan_page and "không quá: 50" in plan_page
    done = words(read(browser, address))
    assert "Cắt trọng số quá lớn, quá nhỏ" in done
    assert "1 trọng số ngoài giới hạn không quá 50,0, phần bị cắt chia đều" in done
    assert "Xác suất trả lời, nhóm 1" in done
