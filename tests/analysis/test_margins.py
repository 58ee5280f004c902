"""Predictive margins: against R's svypredmeans, and against derivations of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import Design, errors

DATA = "tests/reference/data/"

# R 4.2.2, survey 4.1-1, s <- svydesign(id=~1, strata=~stype, weights=~pw, fpc=~fpc, data=apistrat):
# svypredmeans(svyglm(api00 ~ ell + meals, design=s), ~stype)
R_SCORES = {
    "E": (687.86209285599, 10.038225675318),
    "H": (559.56781063837, 12.350002045785),
    "M": (627.40267507448, 11.682227618813),
}
# svypredmeans(svyglm(I(sch.wide == "Yes") ~ meals + mobility, design=s, family=quasibinomial()), ~stype)
R_TARGETS_MET = {
    "E": (0.91100862491992, 0.029401478550538),
    "H": (0.49141824030363, 0.077395146930981),
    "M": (0.70729583632774, 0.060767885939125),
}


def schools() -> Design:
    data = pd.read_csv(DATA + "apistrat.csv.gz")
    data["met"] = data["sch.wide"] == "Yes"
    return Design(data, weight="pw", strata="stype", fpc="fpc")


def clustered() -> Design:
    data = pd.read_csv(DATA + "apiclus1.csv.gz")
    data["met"] = data["sch.wide"] == "Yes"
    return Design(data, weight="pw", clusters="dnum")


@pytest.mark.parametrize(
    ("formula", "family", "expected"),
    [
        ("api00 ~ ell + meals + stype", "gaussian", R_SCORES),
        ("met ~ meals + mobility + stype", "binomial", R_TARGETS_MET),
    ],
)
def test_margins_are_those_of_r(formula: str, family: Any, expected: dict[str, tuple[float, float]]) -> None:
    table = schools().glm(formula, family).margins("stype", variance="r").set_index("level")
    for level, (estimate, se) in expected.items():
        assert table.loc[level, "estimate"] == pytest.approx(estimate, rel=1e-9)
        assert table.loc[level, "se"] == pytest.approx(se, rel=2e-6)  # R stops its iterations at 1e-8


def test_margins_of_the_factor_alone_are_the_means_of_its_groups() -> None:
    means = schools().mean("api00", by="stype")
    margins = schools().glm("api00 ~ stype").margins("stype")
    for column in ("estimate", "se"):
        assert margins[column].to_numpy() == pytest.approx(means[column].to_numpy(), rel=1e-10)
    assert np.asarray(margins.attrs["vcov"]) == pytest.approx(np.asarray(means.attrs["vcov"]), abs=1e-9)


def by_hand(data: pd.DataFrame, weight: np.ndarray) -> np.ndarray:
    """Margins of stype in a linear model, from the normal equations."""
    levels = ["E", "H", "M"]
    x = np.column_stack([np.ones(len(data)), data["ell"], *(data["stype"] == s for s in levels[1:])]).astype(
        float
    )
    beta = np.linalg.solve((x * weight[:, None]).T @ x, x.T @ (weight * data["api00"]))
    mean_ell = weight @ data["ell"] / weight.sum()
    return np.array(
        [beta[0] + beta[1] * mean_ell + (0 if s == "E" else beta[1 + levels.index(s)]) for s in levels]
    )


def test_the_joint_error_is_that_of_a_delete_one_jackknife_by_hand() -> None:
    """Each district left out in turn and everything fitted anew, with nothing of the library but the data."""
    design = clustered()
    data, weight = design.data, design.weight
    districts = data["dnum"].unique()
    n = len(districts)
    left_out = [by_hand(data, np.where(data["dnum"] == d, 0.0, weight * n / (n - 1))) for d in districts]
    centred = np.stack(left_out) - np.mean(left_out, axis=0)
    jackknife = np.sqrt((n - 1) / n * (centred**2).sum(axis=0))

    model = "api00 ~ ell + stype"
    replicated = design.to_replicates("jk1").glm(model).margins("stype")
    assert replicated["estimate"].to_numpy() == pytest.approx(by_hand(data, weight), rel=1e-10)
    assert replicated["se"].to_numpy() == pytest.approx(jackknife, rel=1e-8)


def test_the_joint_error_is_the_numerical_influence_of_every_row() -> None:
    """The linearised error from derivatives by each row's weight, taken numerically."""
    design = clustered()
    data, weight = design.data, design.weight
    step = 1e-4
    influence = np.stack(
        [
            (by_hand(data, weight + step * row) - by_hand(data, weight - step * row)) / (2 * step)
            for row in np.eye(len(data))
        ]
    )
    by_district = pd.DataFrame(influence * weight[:, None]).groupby(data["dnum"]).sum().to_numpy()
    n = len(by_district)
    centred = by_district - by_district.mean(axis=0)
    expected = n / (n - 1) * centred.T @ centred
    found = design.glm("api00 ~ ell + stype").margins("stype")
    assert np.asarray(found.attrs["vcov"]) == pytest.approx(expected, rel=1e-5)


def test_logistic_margins_by_linearisation_come_near_the_jackknife() -> None:
    design, model = schools(), "met ~ meals + mobility + stype"
    linear = design.glm(model, "binomial").margins("stype")
    jackknife = design.to_replicates("jkn").glm(model, "binomial").margins("stype")
    assert linear["estimate"].to_numpy() == pytest.approx(jackknife["estimate"].to_numpy(), rel=1e-9)
    assert linear["se"].to_numpy() == pytest.approx(jackknife["se"].to_numpy(), rel=0.05)


def test_differences_use_the_covariance_of_the_margins() -> None:
    design = schools()
    model = design.glm("met ~ meals + stype", "binomial")
    margins, differences = model.margins("stype"), model.differences("stype", reference="M")
    assert differences["level"].tolist() == ["E", "H"]
    contrast = design.compare(margins, {"E": 1, "M": -1}).iloc[0]
    row = differences.iloc[0]
    assert row["estimate"] == pytest.approx(contrast["estimate"], rel=1e-12)
    assert row["se"] == pytest.approx(contrast["se"], rel=1e-9)
    assert row["p_value"] == pytest.approx(contrast["p_value"], rel=1e-6)


def test_a_difference_in_a_linear_model_is_its_coefficient() -> None:
    model = schools().glm("api00 ~ ell + meals + stype")
    coefficients = model.coefficients.set_index("term")
    differences = model.differences("stype").set_index("level")
    for level in ("H", "M"):
        for column in ("estimate", "se"):
            assert differences.loc[level, column] == pytest.approx(coefficients.loc[f"stype{level}", column])


def test_columns_can_be_fixed() -> None:
    model = schools().glm("api00 ~ ell + meals + stype")
    coefficients = model.coefficients.set_index("term")["estimate"]
    at = {"ell": 10, "meals": 50}
    table = model.margins("stype", at=at)
    expected = coefficients["(Intercept)"] + 10 * coefficients["ell"] + 50 * coefficients["meals"]
    assert table["estimate"][0] == pytest.approx(expected)
    overall = model.margins()
    assert overall["estimate"][0] == pytest.approx(schools().mean("api00")["estimate"][0])
    assert overall["se"][0] == pytest.approx(schools().mean("api00")["se"][0])


def test_margins_of_a_domain_average_over_the_domain() -> None:
    model = schools().glm("api00 ~ ell + met", where=lambda d: d["stype"] == "E")
    elementary = schools().data.query("stype == 'E'")
    table = model.margins("met")
    assert table["n"].tolist() == [100, 100]
    slope = model.coefficients.set_index("term")["estimate"]["ell"]
    start = model.coefficients.set_index("term")["estimate"]["(Intercept)"]
    assert table["estimate"][0] == pytest.approx(start + slope * elementary["ell"].mean())


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda m: m.margins("meals_typo"), errors.UnknownOption, "'meals_typo'"),
        (lambda m: m.margins("stype", at={"ell": "many"}), errors.NotNumeric, "'ell'"),
        (lambda m: m.margins("stype", at={"ell": float("nan")}), errors.NotNumeric, "'ell'"),
        (lambda m: m.margins("ell", at={"stype": "X"}), errors.UnknownOption, "'X'"),
        (lambda m: m.margins("stype", at={"stype": "E"}), errors.SurveyError, "at="),
        (lambda m: m.margins("stype", variance="taylor"), errors.UnknownOption, "variance"),
        (lambda m: m.differences("stype", reference="X"), errors.UnknownOption, "reference"),
    ],
)
def test_margins_that_are_refused(call: Callable[[Any], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        call(schools().glm("api00 ~ ell + stype"))
    assert words in str(caught.value)
