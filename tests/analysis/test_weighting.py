"""Nonresponse, post-stratification, raking and trimming: what they promise and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import Design, errors
from analysis.quality import r_indicator
from analysis.weighting.collapsing import partners


def sample() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    n = 240
    return pd.DataFrame(
        {
            "district": np.repeat(["d1", "d2", "d3"], n // 3),
            "area": np.repeat(np.arange(24), n // 24),
            "sex": rng.choice(["f", "m"], n),
            "age": rng.choice(["15-29", "30-49", "50+"], n),
            "responded": (rng.uniform(size=n) < 0.7).astype(int),
            "weight": rng.uniform(1.0, 3.0, n),
            "y": rng.normal(10, 3, n),
        }
    )


SEX = {"f": 260.0, "m": 240.0}
AGE = {"15-29": 150.0, "30-49": 200.0, "50+": 150.0}


def design(data: pd.DataFrame | None = None) -> Design:
    return Design(sample() if data is None else data, weight="weight", strata="district", clusters="area")


def test_respondents_take_over_their_class() -> None:
    before = design()
    after = before.adjust_nonresponse("responded", classes="district")
    weights, data = after.weights(), before.data
    assert (weights[data["responded"] == 0] == 0).all()
    for name, rows in data.groupby("district").groups.items():
        assert weights[rows].sum() == pytest.approx(data.loc[rows, "weight"].sum(), rel=1e-12), name


def test_a_class_without_respondents_is_named() -> None:
    silent = sample()
    silent.loc[silent["district"] == "d2", "responded"] = 0
    with pytest.raises(errors.NoRespondents, match=r"class 'd2' ?:? .*80 eligible|class 'd2': 80 eligible"):
        design(silent).adjust_nonresponse(classes="district")


def test_raking_meets_every_margin_and_keeps_its_stages() -> None:
    start = design().adjust_nonresponse("responded", classes="district")
    raked = start.rake({"sex": SEX, "age": AGE})
    for column, target in (("sex", SEX), ("age", AGE)):
        assert raked.weights().groupby(raked.data[column]).sum().to_dict() == pytest.approx(target, rel=1e-9)
    assert [record.name for record in raked.history] == ["design", "nonresponse", "rake"]
    assert raked.weights("design").equals(pd.Series(sample()["weight"], name="design_weight"))
    assert raked.weights("nonresponse").sum() == pytest.approx(sample()["weight"].sum())
    margins = raked.history[-1].margins
    assert margins is not None
    assert (margins["after"] - margins["target"]).abs().max() < 1e-6
    assert raked.history[-1].spread.kish_deff >= 1


def test_raking_to_one_margin_is_post_stratification() -> None:
    raked, cells = design().rake({"sex": SEX}), design().poststratify("sex", SEX)
    assert np.allclose(raked.weight, cells.weight, rtol=1e-12)
    left, right = raked.mean("y").iloc[0], cells.mean("y").iloc[0]
    assert left["se"] == pytest.approx(right["se"], rel=1e-9)


def test_controls_come_as_mapping_series_or_frame() -> None:
    series = pd.Series(SEX)
    frame = pd.DataFrame({"sex": ["m", "f"], "total": [240, 260]})
    joint = {("f", "15-29"): 80, ("f", "30-49"): 100, ("f", "50+"): 80}
    joint |= {("m", a): t for a, t in (("15-29", 70), ("30-49", 100), ("50+", 70))}
    weights = [design().poststratify("sex", totals).weight for totals in (SEX, series, frame)]
    assert np.array_equal(weights[0], weights[1])
    assert np.array_equal(weights[0], weights[2])
    assert design().poststratify(["sex", "age"], joint).weight.sum() == pytest.approx(500)


@pytest.mark.parametrize(
    ("margins", "error", "words"),
    [
        ({"sex": {"f": 260.0}}, errors.LevelNotInControls, ("'sex'", "'m'")),
        ({"sex": {**SEX, "x": 5.0}}, errors.LevelNotInSample, ("'x'", "5", "collapse")),
        ({"sex": {"f": -1.0, "m": 2.0}}, errors.BadControl, ("'f'", "-1")),
        ({"sex": {"f": float("nan"), "m": 2.0}}, errors.BadControl, ("'f'", "nan")),
        ({"sex": {"f": "many", "m": 2.0}}, errors.BadControl, ("'many'", "not a number")),
        ({"sex": {}}, errors.BadControl, ("empty",)),
        ({"sex": SEX, "age": {**AGE, "50+": 160.0}}, errors.ControlsDisagree, ("500", "510", "'age'")),
        (
            {"sex": pd.DataFrame({"sex": ["f", "m", "f"], "total": [1, 2, 3]})},
            errors.DuplicateControl,
            ("'f'", "more than once"),
        ),
        ({"sex": pd.DataFrame({"gender": ["f"], "total": [1]})}, errors.BadControl, ("['sex']",)),
    ],
)
def test_controls_that_are_refused(margins: Any, error: type[Exception], words: tuple[str, ...]) -> None:
    with pytest.raises(error) as caught:
        design().rake(margins)
    for word in words:
        assert word in str(caught.value)


def test_margins_that_cannot_both_hold_do_not_converge() -> None:
    data = sample()
    data["region"] = np.where(data["sex"] == "f", "north", "south")  # the margins contradict each other
    with pytest.raises(errors.NoConvergence) as caught:
        design(data).rake({"sex": SEX, "region": {"north": 200.0, "south": 300.0}}, max_iterations=50)
    fault = caught.value
    assert fault.margin in ("sex", "region")
    assert abs(fault.sample - fault.target) > 1
    assert f"{fault.target:.10g}" in str(fault)


def test_trimming_keeps_the_total_and_the_bounds() -> None:
    trimmed = design().trim(1.2, 2.5, strict=True)
    assert trimmed.weight.min() >= 1.2 - 1e-12
    assert trimmed.weight.max() <= 2.5 + 1e-12
    assert trimmed.weight.sum() == pytest.approx(sample()["weight"].sum(), rel=1e-12)


def test_trimming_to_an_impossible_mean_is_refused() -> None:
    with pytest.raises(errors.BadWeight, match="mean"):
        design().trim(0.1, 1.1, strict=True)


def test_calibrated_totals_have_no_error() -> None:
    raked = design().rake({"sex": SEX, "age": AGE})
    counts = raked.total("sex")
    assert (counts["se"] <= 1e-9 * counts["estimate"]).all()


def test_raking_by_r_differs_only_in_the_error() -> None:
    ours = design().rake({"sex": SEX, "age": AGE}).mean("y").iloc[0]
    theirs = design().rake({"sex": SEX, "age": AGE}, variance="r").mean("y").iloc[0]
    assert ours["estimate"] == theirs["estimate"]
    assert ours["se"] != theirs["se"]
    assert ours["se"] == pytest.approx(theirs["se"], rel=0.1)


def test_propensity_classes_spread_the_weight_evenly_and_keep_the_total() -> None:
    data = sample()
    chance = 0.3 + 0.5 * (data["sex"] == "f")
    data["responded"] = (np.random.default_rng(2).uniform(size=len(data)) < chance).astype(int)
    adjusted = design(data).adjust_nonresponse(method="propensity", formula="~ sex + age + district")
    assert adjusted.weight.sum() == pytest.approx(data["weight"].sum())
    margins = adjusted.history[-1].margins
    assert margins is not None
    assert 2 <= len(margins) <= 5
    assert margins["response_rate"].is_monotonic_increasing  # classes come in order of propensity
    by_sex = adjusted.weights().groupby(data["sex"]).sum() / data.groupby("sex")["weight"].sum()
    assert by_sex.to_numpy() == pytest.approx([1, 1], abs=0.15)


def test_propensity_needs_a_formula() -> None:
    with pytest.raises(errors.UnknownOption, match="formula"):
        design().adjust_nonresponse(method="propensity")


def test_a_class_without_respondents_names_its_neighbours() -> None:
    silent = sample()
    silent.loc[silent["district"] == "d2", "responded"] = 0
    with pytest.raises(errors.NoRespondents, match=r"such as 'd\d', 'd\d'"):
        design(silent).adjust_nonresponse(classes="district")


def test_a_step_records_its_factors_rows_and_margins() -> None:
    start = design()
    record = start.rake({"sex": SEX, "age": AGE}).history[-1]
    factor = start.rake({"sex": SEX, "age": AGE}).weight / start.weight
    assert list(record.factors) == ["p0", "p5", "p25", "p50", "p75", "p95", "p100"]
    assert (record.factors["p0"], record.factors["p100"]) == (factor.min(), factor.max())
    margins = record.margins
    assert margins is not None
    women = margins.set_index("level").loc["f"]
    data = start.data
    assert women["n"] == (data["sex"] == "f").sum()
    assert women["before"] == pytest.approx(data.loc[data["sex"] == "f", "weight"].sum())
    assert women["factor"] == pytest.approx(260 / women["before"])
    w = start.rake({"sex": SEX, "age": AGE}).weight
    assert record.spread.effective_n == pytest.approx(w.sum() ** 2 / (w**2).sum())
    assert record.spread.kish_deff == pytest.approx(1 + w.var() / w.mean() ** 2)


def test_calibration_counts_rows_of_levels_and_not_of_numbers() -> None:
    record = design().calibrate({"sex": SEX, "y": 5000.0}).history[-1]
    assert record.margins is not None
    rows = record.margins.set_index("level")["n"]
    assert rows["f"] == (sample()["sex"] == "f").sum()
    assert np.isnan(rows["total"])


def test_standardisation_shows_shares_before_and_after() -> None:
    record = design().standardise("age", {"15-29": 0.3, "30-49": 0.4, "50+": 0.3}, over="sex").history[-1]
    assert record.margins is not None
    assert record.margins["after"].to_numpy() == pytest.approx(record.margins["target"].to_numpy())
    assert record.margins.loc[0, "level"] == ("f", "15-29")
    data = sample().query("sex == 'f'")
    young = data.loc[data["age"] == "15-29", "weight"].sum() / data["weight"].sum()
    assert record.margins.loc[0, "before"] == pytest.approx(young)


def test_the_r_indicator_of_classes_is_that_of_the_quality_module() -> None:
    record = design().adjust_nonresponse(classes="district").history[-1]
    expected = r_indicator(sample(), "responded", "district", weight="weight")
    assert record.representativity is not None
    assert vars(record.representativity) == pytest.approx(vars(expected))
    assert design().trim(1.2, 2.5).history[-1].representativity is None


def test_the_r_indicator_of_a_model_uses_its_propensities() -> None:
    data = sample()
    record = design(data).adjust_nonresponse(method="propensity", formula="~ sex").history[-1]
    expected = r_indicator(data, "responded", "sex", weight="weight")  # a saturated model: the classes' rates
    assert record.representativity is not None
    assert record.representativity.r_indicator == pytest.approx(expected.r_indicator, rel=1e-6)


def test_small_cells_suggest_what_to_collapse() -> None:
    data = sample()
    data["age"] = np.where(np.arange(len(data)) < 4, "80+", data["age"])
    totals = {"15-29": 140.0, "30-49": 200.0, "50+": 130.0, "80+": 30.0}
    record = design(data).poststratify("age", totals).history[-1]
    small = record.small_cells(fewest=20)
    assert small["level"].tolist() == ["80+"]
    assert small.loc[0, "n"] == 4
    assert small.loc[0, "collapse_with"] == ("50+",)
    assert "4 row(s), fewer than 20" in small.loc[0, "reason"]
    extreme = record.small_cells(fewest=2, largest_factor=2.0)
    assert extreme["level"].tolist() == ["80+"]
    assert "factor" in extreme.loc[0, "reason"]
    assert design().rake({"sex": SEX}).history[-1].small_cells().empty
    assert design().trim(1.2, 2.5).history[-1].small_cells().empty


@pytest.mark.parametrize(
    ("sizes", "k", "expected"),
    [([5, 0, 3], 1, ["c", "a"]), ([0, 9, 3], 0, ["b"]), ([4, 0, 0, 2], 1, ["d", "a"]), ([0, 0], 0, [])],
)
def test_neighbours_in_order_the_smaller_first(sizes: list[int], k: int, expected: list[str]) -> None:
    assert partners("abcd"[: len(sizes)], np.array(sizes, dtype=float), k) == expected


@pytest.mark.parametrize("redistribute", ["equal", "proportional"])
def test_trimming_when_every_weight_is_outside(redistribute: Any) -> None:
    data = pd.DataFrame({"weight": [1.0, 2.0, 9.0, 12.0]})
    for strict in (False, True):
        trimmed = Design(data, weight="weight").trim(5, 7, strict=strict, redistribute=redistribute)
        assert trimmed.weight.sum() == pytest.approx(24)
    assert trimmed.weight.min() >= 5 - 1e-9
    assert trimmed.weight.max() <= 7 + 1e-9


@pytest.mark.parametrize("strict", [False, True])
def test_trimming_that_nobody_can_take_is_refused(strict: bool) -> None:
    with pytest.raises(errors.BadWeight, match="trim"):
        Design(pd.DataFrame({"weight": [8.0, 9.0]}), weight="weight").trim(1, 7, strict=strict)
