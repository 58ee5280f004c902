"""What cannot be right is refused, by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import Design, errors
from analysis.disclosure import anonymity
from analysis.quality import Dispositions, cv_class, r_indicator


def survey(**changes: Any) -> pd.DataFrame:
    """Eight persons in two strata of two clusters each."""
    data = {
        "stratum": ["a"] * 4 + ["b"] * 4,
        "cluster": [1, 1, 2, 2, 3, 3, 4, 4],
        "weight": [2.0] * 4 + [3.0] * 4,
        "population": [10] * 4 + [20] * 4,
        "sex": ["f", "m"] * 4,
        "y": [1.0, 2.0, 4.0, 3.0, 5.0, 6.0, 8.0, 7.0],
        "online": [1, 0, 1, 1, 0, 0, 1, 0],
    }
    return pd.DataFrame({**data, **changes})


def design(data: pd.DataFrame | None = None, **options: Any) -> Design:
    chosen = {"weight": "weight", "strata": "stratum", "clusters": "cluster", **options}
    return Design(survey() if data is None else data, **chosen)


@pytest.mark.parametrize(
    ("changes", "options", "error", "words"),
    [
        ({"weight": [-1.0] + [2.0] * 7}, {}, errors.BadWeight, ("weight", "-1", "negative")),
        ({"weight": [0.0] * 8}, {}, errors.BadWeight, ("weight", "zero")),
        ({"weight": [np.nan] + [2.0] * 7}, {}, errors.MissingValues, ("weight", "1 missing")),
        ({"weight": [np.inf] + [2.0] * 7}, {}, errors.NotNumeric, ("weight", "inf")),
        ({"weight": ["two"] + ["2"] * 7}, {}, errors.NotNumeric, ("weight", "two")),
        ({"stratum": [None] + ["a"] * 7}, {}, errors.MissingValues, ("stratum",)),
        ({"cluster": [None] + [1] * 7}, {}, errors.MissingValues, ("cluster",)),
        ({}, {"weight": "absent"}, errors.ColumnNotFound, ("absent", "'y'")),
        (
            {},
            {"fpc": "population", "clusters": None, "lonely_psu": "ignore"},
            errors.UnknownOption,
            ("lonely_psu",),
        ),
        ({"population": [1] * 8}, {"fpc": "absent"}, errors.ColumnNotFound, ("absent",)),
        ({"population": [10, 11] * 4}, {"fpc": "population"}, errors.BadFpc, ("population", "differs")),
        (
            {"population": [1.5] * 8},
            {"fpc": "population"},
            errors.BadFpc,
            ("'a'", "more than its population"),
        ),
        ({"population": [0] * 8}, {"fpc": "population"}, errors.BadFpc, ("population", "not positive")),
        ({"population": [0.5] * 4 + [20] * 4}, {"fpc": "population"}, errors.BadFpc, ("0.5", "fractions")),
        ({"cluster": [1, 1, 2, 2] * 2}, {"nest": False}, errors.ClustersNotNested, ("cluster", "1")),
        ({"p": [0.0] * 8}, {"weight": None, "probability": "p"}, errors.BadWeight, ("p", "probability")),
    ],
)
def test_designs_that_are_refused(
    changes: dict[str, Any], options: dict[str, Any], error: type[Exception], words: tuple[str, ...]
) -> None:
    with pytest.raises(error) as caught:
        design(survey(**changes), **options)
    for word in words:
        assert word in str(caught.value)


def test_no_rows() -> None:
    with pytest.raises(errors.SurveyError, match="no rows"):
        design(survey().iloc[:0])


def test_a_stratum_with_one_cluster_names_itself() -> None:
    lonely = design(survey(cluster=[1, 1, 2, 2, 3, 3, 3, 3]))
    with pytest.raises(errors.LonelyPsu, match=r"stratum 'b'.*stage 1.*lonely_psu='certainty'"):
        lonely.mean("y")


def test_one_row_has_no_variance() -> None:
    with pytest.raises(errors.LonelyPsu):
        Design(survey().iloc[:1], weight="weight").mean("y")


def test_missing_answers_leave_as_a_domain_and_are_counted() -> None:
    gaps = survey(y=[np.nan, 2.0, 4.0, 3.0, 5.0, 6.0, 8.0, 7.0])
    row = design(gaps).mean("y").iloc[0]
    known = design(gaps).mean("y", where=gaps["y"].notna()).iloc[0]
    assert row["n"] == 7
    assert row["estimate"] == known["estimate"]
    assert row["se"] == known["se"]


def test_missing_answers_can_be_refused() -> None:
    gaps = survey(y=[np.nan, 2.0, 4.0, 3.0, 5.0, 6.0, 8.0, 7.0])
    with pytest.raises(errors.MissingValues, match="'y' has 1 missing"):
        design(gaps).mean("y", missing="fail")


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda d: d.mean("absent"), errors.ColumnNotFound, "absent"),
        (lambda d: d.ratio("sex", "y"), errors.NotNumeric, "'sex' must be numeric but holds 'f'"),
        (lambda d: d.mean("y", where=[False] * 8), errors.EmptyDomain, "where"),
        (lambda d: d.mean("y", where=[True] * 3), errors.SurveyError, "8 rows"),
        (lambda d: d.mean("y", ci="normal"), errors.UnknownOption, "ci='normal'"),
        (lambda d: d.mean("y", level=95), errors.UnknownOption, "level=95"),
        (lambda d: d.mean("y", deff="srs"), errors.UnknownOption, "deff='srs'"),
        (lambda d: d.proportion("y"), errors.NotAProportion, "'y' holds 2.0"),
        (lambda d: d.ratio("y", "zero"), errors.ZeroDenominator, "'zero'"),
        (lambda d: d.weights("raked"), errors.UnknownOption, "'design'"),
    ],
)
def test_requests_that_are_refused(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        call(design(survey(zero=[0.0] * 8)))
    assert words in str(caught.value)


def test_a_domain_where_nobody_answered_is_named() -> None:
    gaps = survey(y=[np.nan] * 4 + [5.0, 6.0, 8.0, 7.0])
    with pytest.raises(errors.EmptyDomain, match="'stratum': 'a'"):
        design(gaps).mean("y", by="stratum")


def test_equal_values_have_no_error_and_no_cv_problem() -> None:
    row = design(survey(y=[3.0] * 8)).mean("y").iloc[0]
    assert (row["estimate"], row["se"], row["ci_low"], row["ci_high"], row["cv"]) == (3.0, 0.0, 3.0, 3.0, 0.0)


def test_an_estimate_of_zero_has_no_cv() -> None:
    row = design(survey(y=[0.0] * 8)).mean("y").iloc[0]
    assert row["estimate"] == 0
    assert np.isnan(row["cv"])


@pytest.mark.parametrize("ci", ["logit", "beta", "likelihood", "asin", "wald"])
def test_a_share_of_nothing_gets_the_exact_limit(ci: str) -> None:
    row = design(survey(online=[0] * 8)).proportion("online", ci=ci).iloc[0]
    assert (row["estimate"], row["ci_low"]) == (0, 0)
    assert row["ci_high"] == pytest.approx(1 - 0.025 ** (1 / 8))


def test_no_degrees_of_freedom_gives_an_infinite_interval() -> None:
    certain = design(survey(cluster=[1] * 4 + [3] * 4), lonely_psu="adjust")
    row = certain.mean("y").iloc[0]
    assert row["df"] == 0
    assert (row["ci_low"], row["ci_high"]) == (-np.inf, np.inf)


def test_a_design_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="does not change"):
        design().weight = np.ones(8)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda d: anonymity(d, ["absent"]), errors.ColumnNotFound, "'absent'"),
        (lambda d: anonymity(d, ["sex"], sensitive="absent"), errors.ColumnNotFound, "'absent'"),
        (lambda d: cv_class(-0.1), errors.UnknownOption, "cv=-0.1"),
        (lambda d: Dispositions(complete="many"), errors.SurveyError, "'many'"),
        (lambda d: Dispositions(complete=5, refusal=float("inf")), errors.SurveyError, "refusal is inf"),
        (lambda d: r_indicator(d, "y", "sex"), errors.NotNumeric, "'y'"),
        (lambda d: r_indicator(d.assign(weight=-1.0), "online", "sex", "weight"), errors.BadWeight, "weight"),
        (
            lambda d: r_indicator(d.assign(weight=np.nan), "online", "sex", "weight"),
            errors.MissingValues,
            "weight",
        ),
    ],
)
def test_functions_beside_the_design_refuse_too(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        call(survey())
    assert words in str(caught.value)
