"""Response rates, classes of precision and the R-indicator against their definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import Design, errors
from analysis.quality import Dispositions, cv_class, r_indicator, response_rates


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
