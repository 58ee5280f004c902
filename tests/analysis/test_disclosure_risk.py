"""Re-identification risk of microdata, against the closed forms of its series and against simulation."""

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure import reidentification_risk
from analysis.disclosure.risk import MANY, individual_risk
from analysis.errors import BadWeight, ColumnNotFound, MissingValues, SurveyError


@pytest.mark.parametrize("p", [0.001, 0.05, 0.5, 0.99])
def test_the_closed_forms_for_one_and_two_rows(p):
    # the integral of the series term by term, by hand
    one = p / (1 - p) * np.log(1 / p)
    two = p / (1 - p) ** 2 * (p * np.log(p) + 1 - p)
    found = individual_risk(np.array([1.0, 2.0]), np.array([p, p]))
    assert found == pytest.approx([one, two], rel=1e-9)


def test_the_mean_of_one_over_a_negative_binomial_count():
    f, p = 3, 0.04
    drawn = f + np.random.default_rng(1).negative_binomial(f, p, 400_000)
    assert individual_risk(np.array([3.0]), np.array([p]))[0] == pytest.approx(np.mean(1 / drawn), rel=0.01)


def test_the_series_and_its_approximation_meet():
    p = np.array([0.1, 0.1])
    below, above = individual_risk(np.array([MANY, MANY + 1.0]), p)
    assert above < below and above == pytest.approx(below * MANY / (MANY + 1), rel=0.01)


def test_a_sample_of_everybody_is_as_risky_as_its_groups_are_small():
    data = pd.DataFrame({"sex": ["m", "m", "f"], "weight": 1.0})
    report = reidentification_risk(data, ["sex"], "weight")
    assert report.risk.tolist() == [0.5, 0.5, 1.0] and report.uniques == 1
    assert report.expected == pytest.approx(2.0) and report.highest == 1.0


def test_weights_lower_the_risk_and_blanks_are_a_level():
    data = pd.DataFrame({"age": [1.0, None, None], "weight": [100.0, 50.0, 50.0]})
    report = reidentification_risk(data, "age", "weight")
    assert report.uniques == 1 and report.risk[0] == pytest.approx(0.01 / 0.99 * np.log(100))
    assert report.risk[1] == report.risk[2] < report.risk[0]


@pytest.mark.parametrize(
    ("data", "names", "fault"),
    [
        ({"sex": ["m"], "weight": [0.0]}, ["sex"], BadWeight),
        ({"sex": ["m"], "weight": [None]}, ["sex"], MissingValues),
        ({"sex": ["m"], "weight": [2.0]}, ["age"], ColumnNotFound),
        ({"sex": ["m"], "weight": [2.0]}, [], SurveyError),
    ],
)
def test_what_cannot_be_judged_is_refused(data, names, fault):
    with pytest.raises(fault):
        reidentification_risk(pd.DataFrame(data), names, "weight")
