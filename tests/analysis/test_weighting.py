"""Nonresponse, post-stratification, raking and trimming: what they promise and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import Design, errors


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
