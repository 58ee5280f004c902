"""Communes from one call: what the model may use, benchmarks that hold, diagnostics that tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import Design, errors, small_area
from analysis.small_area import fay_herriot, from_design

COMMUNES = 40


def population(seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """People in clusters in 40 communes in 4 strata; use goes with the commune's share of urban homes."""
    rng = np.random.default_rng(seed)
    urban = rng.uniform(0, 1, COMMUNES)
    level = -1 + 2 * urban + rng.normal(0, 0.4, COMMUNES)
    homes = rng.integers(8, 16, COMMUNES)
    people = pd.DataFrame({"commune": np.repeat(np.arange(COMMUNES), homes * 40)})
    people["cluster"] = np.arange(len(people)) // 40
    people["stratum"] = people["commune"] % 4
    effect = rng.normal(0, 0.2, people["cluster"].max() + 1)[people["cluster"]]
    chance = 1 / (1 + np.exp(-level[people["commune"]] - effect))
    people["online"] = (rng.uniform(size=len(people)) < chance).astype(int)
    covariates = pd.DataFrame({"urban": urban}, index=range(COMMUNES))
    return people, covariates, people.groupby("commune").size()


def draw(people: pd.DataFrame, seed: int, left_out: tuple[int, ...] = (3, 17)) -> Design:
    """Three clusters in each commune but two, ten people in each."""
    rng = np.random.default_rng(seed)
    taken = people[~people["commune"].isin(left_out)]
    clusters = taken[["commune", "cluster"]].drop_duplicates()
    chosen = clusters.assign(_r=rng.uniform(size=len(clusters))).sort_values(["commune", "_r"])
    chosen = chosen[chosen.groupby("commune").cumcount() < 3]
    inside = people[people["cluster"].isin(chosen["cluster"])]
    order = inside.assign(_r=rng.uniform(size=len(inside))).sort_values(["cluster", "_r"])
    sample = order[order.groupby("cluster").cumcount() < 10].drop(columns="_r").reset_index(drop=True)
    count = clusters.groupby("commune").size()
    sample["w"] = sample["commune"].map(count) / 3 * 4.0
    return Design(sample, weight="w", strata="stratum", clusters="cluster")


def made(**options: object) -> small_area.SmallAreas:
    people, covariates, size = population()
    settings = {"unusable": "gvf"} | options
    return from_design(draw(people, 5), "online", "commune", covariates, size, **settings)


@pytest.mark.parametrize("method", ["difference", "ratio", "logit"])
@pytest.mark.parametrize("transform", ["none", "arcsine"])
def test_communes_add_up_to_the_direct_figure(method: str, transform: str) -> None:
    found = made(benchmark=method, transform=transform)
    areas = found.areas
    whole = (areas["estimate"] * areas["population"]).sum() / areas["population"].sum()
    assert whole == pytest.approx(found.target, rel=1e-12)
    assert areas["estimate"].between(0, 1).all()
    assert (areas["ci_low"] < areas["estimate"]).all() and (areas["estimate"] < areas["ci_high"]).all()


def test_communes_without_sample_are_synthetic_and_say_so() -> None:
    areas = made(benchmark=None).areas
    unsampled = areas.loc[[3, 17]]
    assert len(areas) == COMMUNES
    assert unsampled["basis"].tolist() == ["synthetic"] * 2
    assert unsampled["reason"].tolist() == ["no sample"] * 2
    assert (unsampled["gamma"] == 0).all()
    assert unsampled["estimate"].tolist() == unsampled["synthetic"].tolist()
    assert unsampled["se"].min() > areas["se"].median()
    assert (areas["basis"] == "eblup").sum() == COMMUNES - 2


def test_a_variance_that_cannot_be_used_is_refused_unless_the_way_out_is_named() -> None:
    people, covariates, size = population()
    design = draw(people, 5)
    all_no = design.data["online"].where(design.data["commune"] != 7, 0)
    flat = design.with_columns({"online": all_no})
    with pytest.raises(errors.UnsuitableDesign, match="7: the variance is zero"):
        from_design(flat, "online", "commune", covariates, size)
    synthetic = from_design(flat, "online", "commune", covariates, size, unusable="synthetic").areas.loc[7]
    assert (synthetic["basis"], synthetic["gamma"]) == ("synthetic", 0)
    smoothed = from_design(flat, "online", "commune", covariates, size, unusable="gvf").areas.loc[7]
    assert (smoothed["basis"], smoothed["variance_source"]) == ("eblup", "gvf")
    assert 0 < smoothed["gamma"] < 1
    angle = from_design(flat, "online", "commune", covariates, size, transform="arcsine").areas.loc[7]
    assert (angle["basis"], angle["variance_source"]) == ("eblup", "pooled_deff")
    assert 0 < angle["eblup"] < 0.35


def test_too_few_respondents_or_psus_are_not_usable() -> None:
    with pytest.raises(errors.UnsuitableDesign, match="fewer than 40 respondents"):
        made(minimum_n=40, unusable="refuse")
    with pytest.raises(errors.UnsuitableDesign, match="fewer than 4 PSUs"):
        made(minimum_psu=4, unusable="refuse")


def test_covariates_and_population_must_cover_every_area() -> None:
    people, covariates, size = population()
    design = draw(people, 5)
    with pytest.raises(errors.SurveyError, match="sampled area 12 has no row"):
        from_design(design, "online", "commune", covariates.drop(index=12), size)
    with pytest.raises(errors.SurveyError, match=r"look at \[9\]"):
        from_design(design, "online", "commune", covariates, size.drop(index=9))
    covariates.loc[4, "urban"] = np.nan
    with pytest.raises(errors.SurveyError, match="unknown in area 4"):
        from_design(design, "online", "commune", covariates, size, unusable="gvf")


def milk() -> pd.DataFrame:
    return pd.read_csv("tests/reference/data/milk.csv.gz")


def test_leverages_add_up_and_residuals_are_standard() -> None:
    fit = fay_herriot(milk(), "direct_est ~ C(major_area)", "vardir")
    table = small_area.area_diagnostics(fit)
    assert table["leverage"].sum() == pytest.approx(4)
    assert table["std_residual"].std() == pytest.approx(1, abs=0.2)
    assert (table["cv_gain"] < 1).mean() > 0.9
    by_hand = [cook_by_leaving_out(k) for k in (0, 20)]
    assert table["cook"].iloc[[0, 20]].to_numpy() == pytest.approx(by_hand, rel=1e-8)


def cook_by_leaving_out(k: int) -> float:
    """(b - b_k)' X'V^-1X (b - b_k) / p with the variance components held."""
    data = milk()
    fit = fay_herriot(data, "direct_est ~ C(major_area)", "vardir")
    inverse = 1 / (fit.sigma2_v + data["vardir"].to_numpy())
    kept = np.arange(len(data)) != k

    def beta(rows: np.ndarray) -> np.ndarray:
        x, w = fit.x[rows], inverse[rows]
        return np.linalg.solve(
            (x * w[:, None]).T @ x, (x * w[:, None]).T @ data["direct_est"].to_numpy()[rows]
        )

    gap = beta(np.full(len(data), True)) - beta(kept)
    return float(gap @ np.linalg.solve(fit.covariance, gap) / fit.x.shape[1])


def test_a_bad_area_and_a_wrong_model_are_noticed() -> None:
    data = milk()
    data.loc[5, "direct_est"] += 3
    fit = fay_herriot(data, "direct_est ~ C(major_area)", "vardir")
    assert small_area.area_diagnostics(fit)["std_residual"].abs().idxmax() == 5
    assert small_area.normality(fit).set_index("test")["p_value"]["shapiro_wilk"] < 0.001


def test_the_charts_draw() -> None:
    import vl_convert

    spec = small_area.diagnostic_charts(made()).to_json()
    drawn = vl_convert.vegalite_to_svg(spec)
    assert drawn.count("<svg") == 1
    assert "Cook's distance" in drawn


def test_only_a_design_is_taken() -> None:
    people, covariates, size = population()
    with pytest.raises(errors.MixedSources, match="DataFrame"):
        from_design(people, "online", "commune", covariates, size)  # type: ignore[arg-type]
