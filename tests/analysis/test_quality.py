"""Response rates, classes of precision and the R-indicator against their definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import Design, errors
from analysis.quality import Dispositions, cv_class, nonresponse_bias, r_indicator, response_rates


def test_aapor_rates_of_a_small_survey() -> None:
    cases = Dispositions(
        complete=500, partial=50, refusal=200, non_contact=100, other=50, unknown_household=100
    )
    rates = response_rates(cases, eligibility=0.5)
    assert rates["RR1"] == 500 / 1000
    assert rates["RR2"] == 550 / 1000
    assert rates["RR3"] == 500 / 950
    assert rates["RR4"] == 550 / 950
    assert rates["RR5"] == 500 / 900
    assert rates["RR6"] == 550 / 900


def test_dispositions_from_codes() -> None:
    codes = pd.Series([110, 110, 120, 210, 410])
    meaning = {110: "complete", 120: "partial", 210: "refusal", 410: "ineligible"}
    cases = Dispositions.from_codes(codes, meaning)
    assert (cases.complete, cases.partial, cases.refusal, cases.eligible) == (2, 1, 1, 4)
    with pytest.raises(errors.SurveyError, match="410"):
        Dispositions.from_codes(codes, {110: "complete", 120: "partial", 210: "refusal"})


def test_negative_dispositions_are_refused() -> None:
    with pytest.raises(errors.SurveyError, match="refusal"):
        Dispositions(complete=1, refusal=-1)


def test_equal_response_has_r_indicator_one() -> None:
    data = pd.DataFrame({"class": list("aabb"), "responded": [1, 0, 1, 0]})
    assert r_indicator(data, "responded", "class").r_indicator == 1


def test_unequal_response_lowers_it() -> None:
    data = pd.DataFrame(
        {"class": list("a" * 50 + "b" * 50), "responded": [1] * 40 + [0] * 10 + [1] * 10 + [0] * 40}
    )
    found = r_indicator(data, "responded", "class")
    assert found.r_indicator == pytest.approx(1 - 2 * 0.3 * np.sqrt(100 / 99))
    assert found.response_rate == pytest.approx(0.5)


@pytest.mark.parametrize(("cv", "name"), [(0.04, "very_good"), (0.16, "acceptable"), (0.5, "unreliable")])
def test_cv_classes(cv: float, name: str) -> None:
    assert cv_class(cv) == name
    assert cv_class(float("nan")) == "unreliable"


def test_kish_effective_size() -> None:
    spread = Design(pd.DataFrame({"w": [1.0, 1.0, 3.0]}), weight="w").spread
    assert spread.effective_n == pytest.approx(25 / 11)
    assert spread.kish_deff == pytest.approx(33 / 25)


def aapor_by_hand(outcomes: list[str], e: float) -> dict[str, float]:
    """The rates case by case, from what each case adds to the top and the bottom."""
    interviewed = {"RR1": ["complete"], "RR2": ["complete", "partial"]}
    unknown_counts = {"RR1": 1.0, "RR3": e, "RR5": 0.0}
    found = {}
    for first, second in (("RR1", "RR2"), ("RR3", "RR4"), ("RR5", "RR6")):
        bottom = sum(unknown_counts[first] if o.startswith("unknown") else 1.0 for o in outcomes)
        for name, tops in ((first, interviewed["RR1"]), (second, interviewed["RR2"])):
            found[name] = sum(o in tops for o in outcomes) / bottom
    return found


@pytest.mark.parametrize("e", [0.0, 0.35, 1.0])
def test_aapor_rates_case_by_case(e: float) -> None:
    counts = {"complete": 31, "partial": 7, "refusal": 22, "non_contact": 13, "other": 5}
    counts |= {"unknown_household": 17, "unknown_other": 4}
    outcomes = [name for name, n in counts.items() for _ in range(n)]
    rates = response_rates(Dispositions(**counts), eligibility=e)
    assert rates == pytest.approx(aapor_by_hand(outcomes, e))
    assert rates["RR1"] <= rates["RR3"] <= rates["RR5"]
    assert rates["RR2"] <= rates["RR4"] <= rates["RR6"]
    assert (rates["RR3"] == rates["RR5"]) == (e == 0)
    assert (rates["RR3"] == rates["RR1"]) == (e == 1)


def test_dispositions_refuse_what_they_do_not_know() -> None:
    with pytest.raises(errors.SurveyError, match="'done' is no disposition"):
        Dispositions.from_codes(pd.Series([1]), {1: "done"})
    with pytest.raises(errors.SurveyError, match="case 1 has no weight"):
        Dispositions.from_codes(pd.Series([1, 1]), {1: "complete"}, pd.Series([1.0], index=[0]))


def drawn(seed: int, slope: float) -> Design:
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"cluster": np.repeat(np.arange(40), 10), "urban": rng.choice(["yes", "no"], 400)})
    data["size"] = rng.normal(5, 1, 400) + rng.normal(0, 0.5, 40)[data["cluster"]]
    chance = 1 / (1 + np.exp(-0.5 - slope * (data["size"] - 5)))
    data["responded"] = (rng.uniform(size=400) < chance).astype(int)
    return Design(data.assign(w=1.0 + data["cluster"] % 2), weight="w", clusters="cluster")


def test_nonresponse_bias_is_the_difference_of_two_means() -> None:
    design = drawn(1, 0.8)
    found = nonresponse_bias(design, "responded", ["size", "urban"]).set_index(["variable", "level"])
    size = found.loc[("size", slice(None))].iloc[0]
    assert size["sample"] == pytest.approx(design.mean("size")["estimate"].item())
    assert size["respondents"] == pytest.approx(design.mean("size", by="responded")["estimate"].iloc[1])
    assert size["bias"] > 0 and size["p_value"] < 0.001
    shares = found.loc["urban"]
    assert shares["bias"].sum() == pytest.approx(0)
    assert shares["p_value"].iloc[0] == pytest.approx(shares["p_value"].iloc[1])
    jackknife = [nonresponse_bias_without(design, k) for k in range(40)]
    assert size["se"] == pytest.approx(
        np.sqrt(39 / 40 * np.sum((np.array(jackknife) - np.mean(jackknife)) ** 2)), rel=0.05
    )


def nonresponse_bias_without(design: Design, cluster: int) -> float:
    rest = design.data[design.data["cluster"] != cluster]
    means = [np.average(part["size"], weights=part["w"]) for part in (rest[rest["responded"] == 1], rest)]
    return means[0] - means[1]


def test_random_nonresponse_is_rarely_called_bias() -> None:
    p = [nonresponse_bias(drawn(seed, 0.0), "responded", "size")["p_value"].item() for seed in range(100)]
    assert np.mean(np.array(p) < 0.05) <= 0.12


def test_a_frame_that_does_not_know_is_refused() -> None:
    design = drawn(1, 0.0)
    with pytest.raises(errors.MissingValues, match="'size'"):
        nonresponse_bias(
            design.with_columns({"size": design.data["size"].where(design.data.index != 3)}),
            "responded",
            "size",
        )
