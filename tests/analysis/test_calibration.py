"""Calibration beyond the reference cases: households, bounds, faults."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import Design, errors


def households() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    sizes = rng.integers(1, 6, 60)
    n = int(sizes.sum())
    return pd.DataFrame(
        {
            "stratum": np.repeat(np.repeat(["a", "b", "c"], 20), sizes),
            "hh": np.repeat(np.arange(60), sizes),
            "w": np.repeat(rng.uniform(5, 15, 60), sizes),
            "sex": rng.choice(["f", "m"], n),
            "age": rng.integers(0, 90, n),
            "y": rng.normal(size=n),
        }
    )


def design(data: pd.DataFrame | None = None) -> Design:
    return Design(households() if data is None else data, weight="w", strata="stratum", clusters="hh")


SEX = {"f": 900.0, "m": 950.0}


def test_one_weight_per_household_meets_the_totals_of_persons() -> None:
    result = design().calibrate({"sex": SEX, "age": 80_000.0}, by_unit="hh")
    weights, data = result.weights(), result.data
    assert (weights.groupby(data["hh"]).nunique() == 1).all()
    assert weights.groupby(data["sex"]).sum().to_dict() == pytest.approx(SEX)
    assert (weights * data["age"]).sum() == pytest.approx(80_000)


def test_weights_of_one_are_scaled_up_before_bounds_apply() -> None:
    data = households().assign(w=1.0)
    scaled = {level: 100 * total for level, total in SEX.items()}
    result = design(data).calibrate({"sex": scaled}, distance="logit", bounds=(0.5, 2.0))
    assert result.weights().groupby(data["sex"]).sum().to_dict() == pytest.approx(scaled)


def test_contradicting_controls_are_explained() -> None:
    with pytest.raises(errors.InfeasibleControls) as caught:
        design().calibrate({"sex": SEX, "age": 800_000.0}, distance="logit", bounds=(0.3, 3.0))
    assert {margin for margin, *_ in caught.value.conflicts} <= {"sex", "age"}
    assert "widen the bounds" in str(caught.value)


@pytest.mark.parametrize(
    ("totals", "options", "error", "words"),
    [
        ({}, {}, errors.UnsuitableDesign, "no totals"),
        ({"sex": SEX}, {"distance": "chi"}, errors.UnknownOption, "distance='chi'"),
        ({"sex": SEX}, {"bounds": (1.1, 2.0)}, errors.UnknownOption, "lower < 1 < upper"),
        ({"sex": SEX}, {"distance": "logit"}, errors.UnknownOption, "two finite limits"),
        ({"age": "many"}, {}, errors.BadControl, "'many', not a number"),
        ({"age": np.inf}, {}, errors.BadControl, "inf"),
        ({"absent": 3.0}, {}, errors.ColumnNotFound, "absent"),
        ({"sex": {"f": 900.0}}, {}, errors.LevelNotInControls, "'m'"),
        ({"sex": SEX}, {"model_variance": "sex"}, errors.NotNumeric, "'sex'"),
    ],
)
def test_calibrations_that_are_refused(
    totals: Any, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as caught:
        design().calibrate(totals, **options)
    assert words in str(caught.value)


def test_an_unknown_auxiliary_value_is_named() -> None:
    data = households()
    data["age"] = data["age"].astype(float)
    data.loc[7, "age"] = np.nan
    with pytest.raises(errors.MissingValues, match=r"'age' has 1 missing value.*row 7"):
        design(data).calibrate({"age": 80_000.0})


def test_collinear_controls_are_no_obstacle() -> None:
    data = households().assign(one=1.0)
    once = design(data).calibrate({"sex": SEX}).weight
    twice = design(data).calibrate({"(Intercept)": 1850.0, "sex": SEX, "one": 1850.0}).weight
    assert once == pytest.approx(twice)


def test_the_variance_of_raking_is_near_the_replayed_jackknife() -> None:
    start = design().rake({"sex": SEX, "stratum": {"a": 600.0, "b": 600.0, "c": 650.0}})
    linear, replayed = start.mean("y").iloc[0], start.to_replicates("jkn").mean("y").iloc[0]
    assert linear["estimate"] == pytest.approx(replayed["estimate"], rel=1e-12)
    assert linear["se"] == pytest.approx(replayed["se"], rel=0.05)


def test_replicates_replay_nonresponse_and_raking() -> None:
    data = households()
    data["responded"] = (np.random.default_rng(1).uniform(size=len(data)) < 0.8).astype(int)
    start = design(data).adjust_nonresponse(classes="stratum").rake({"sex": SEX})
    replicated = start.to_replicates("rao_wu", replicates=50, seed=4)
    weights = replicated.variance.weights
    for r in (0, 17, 49):
        sums = pd.Series(weights.column(r)).groupby(data["sex"]).sum()
        assert sums.to_dict() == pytest.approx(SEX)
        assert (weights.column(r)[data["responded"] == 0] == 0).all()
