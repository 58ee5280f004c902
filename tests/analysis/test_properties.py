"""What must hold for any survey: hypothesis draws small stratified cluster samples."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Design

settings.register_profile("surveys", deadline=None, max_examples=25, derandomize=True)
settings.load_profile("surveys")


@st.composite
def surveys(draw: st.DrawFn, psus: st.SearchStrategy[int] | None = None) -> pd.DataFrame:
    """Rows of 2 to 4 strata, each with some clusters of 1 to 4 persons."""
    count = st.integers(2, 4) if psus is None else psus
    shape = [[draw(st.integers(1, 4)) for _ in range(draw(count))] for _ in range(draw(st.integers(2, 4)))]
    rows = [(h, c) for h, sizes in enumerate(shape) for c, size in enumerate(sizes) for _ in range(size)]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = len(rows)
    data = pd.DataFrame(rows, columns=["stratum", "cluster"])
    data["w"] = rng.uniform(0.5, 20, n)
    data["y"] = rng.normal(5, 2, n).round(3)
    data["x"] = rng.uniform(1, 3, n)
    data["sex"] = rng.choice(["f", "m"], n)
    data["age"] = rng.choice(["young", "old"], n)
    data["factor"] = rng.uniform(0.8, 1.3, n)
    return data


def design(data: pd.DataFrame) -> Design:
    return Design(data, weight="w", strata="stratum", clusters="cluster")


def margin(data: pd.DataFrame, column: str) -> dict[str, float]:
    """Totals that some weights close to the present ones meet."""
    return (data["w"] * data["factor"]).groupby(data[column]).sum().to_dict()


def figures(table: pd.DataFrame) -> np.ndarray:
    return table[["estimate", "se", "ci_low", "ci_high", "df"]].to_numpy(dtype=float)


@given(surveys())
def test_raked_weights_meet_all_margins(data: pd.DataFrame) -> None:
    wanted = {name: margin(data, name) for name in ("sex", "age")}
    raked = design(data).rake(wanted)
    assert (raked.weight > 0).all()
    for name, totals in wanted.items():
        assert raked.weights().groupby(data[name]).sum().to_dict() == pytest.approx(totals, rel=1e-8)


@given(surveys(), st.sampled_from(["linear", "raking", "logit"]))
def test_calibrated_weights_meet_totals_within_bounds(data: pd.DataFrame, distance: str) -> None:
    totals = {
        "sex": margin(data, "sex"),
        "age": margin(data, "age"),
        "x": float((data["w"] * data["factor"] * data["x"]).sum()),
    }
    bounds = (0.5, 2.0)  # the factors that made the totals lie well inside
    result = design(data).calibrate(totals, distance=distance, bounds=bounds)
    g = result.weight / data["w"].to_numpy()
    assert g.min() >= 0.5 - 1e-9
    assert g.max() <= 2.0 + 1e-9
    assert (result.weight * data["x"]).sum() == pytest.approx(totals["x"], rel=1e-8)
    for name in ("sex", "age"):
        assert result.weights().groupby(data[name]).sum().to_dict() == pytest.approx(totals[name], rel=1e-8)


@given(surveys(), st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(data: pd.DataFrame, seed: int) -> None:
    shuffled = data.sample(frac=1, random_state=np.random.default_rng(seed)).reset_index(drop=True)
    for column, by in (("y", None), ("y", "sex"), ("age", None)):
        left = figures(design(data).mean(column, by=by))
        assert left == pytest.approx(figures(design(shuffled).mean(column, by=by)), rel=1e-9, abs=1e-12)
    quantiles = [design(d).quantile("y", [0.25, 0.5])["estimate"].tolist() for d in (data, shuffled)]
    assert quantiles[0] == quantiles[1]
    raked = [design(d).rake({"sex": margin(d, "sex"), "age": margin(d, "age")}) for d in (data, shuffled)]
    assert figures(raked[0].total("y")) == pytest.approx(figures(raked[1].total("y")), rel=1e-7, abs=1e-7)


@given(surveys(), st.floats(0.001, 1000))
def test_the_scale_of_weights_matters_to_totals_only(data: pd.DataFrame, scale: float) -> None:
    scaled = data.assign(w=data["w"] * scale)
    assert figures(design(data).mean("y")) == pytest.approx(figures(design(scaled).mean("y")), rel=1e-9)
    ratio = figures(design(scaled).ratio("y", "x"))
    assert figures(design(data).ratio("y", "x")) == pytest.approx(ratio, rel=1e-9)
    plain, larger = design(data).total("y"), design(scaled).total("y")
    assert larger["estimate"][0] == pytest.approx(plain["estimate"][0] * scale, rel=1e-9)
    assert larger["se"][0] == pytest.approx(plain["se"][0] * scale, rel=1e-9, abs=1e-9)


@given(surveys())
def test_splitting_a_row_within_its_cluster_changes_nothing(data: pd.DataFrame) -> None:
    halves = data.assign(w=data["w"] / 2)
    doubled = pd.concat([halves, halves], ignore_index=True)
    for column in ("y", "sex"):
        left, right = design(data).mean(column, by="age"), design(doubled).mean(column, by="age")
        assert figures(left) == pytest.approx(figures(right), rel=1e-9, abs=1e-12)
        assert (2 * left["n"] == right["n"]).all()


@given(surveys())
def test_domain_totals_add_up_with_their_covariance(data: pd.DataFrame) -> None:
    whole = design(data).total("y").iloc[0]
    parts = design(data).total("y", by=["sex", "age"])
    assert parts["estimate"].sum() == pytest.approx(whole["estimate"], rel=1e-9)
    variance = np.asarray(parts.attrs["vcov"]).sum()
    assert variance == pytest.approx(whole["se"] ** 2, rel=1e-8, abs=1e-8)


@given(surveys())
def test_a_domain_by_mask_is_the_domain_by_column(data: pd.DataFrame) -> None:
    by = design(data).mean("y", by="sex")
    for _, row in by.iterrows():
        alone = design(data).mean("y", where=data["sex"] == row["sex"]).iloc[0]
        assert (alone["estimate"], alone["se"]) == pytest.approx((row["estimate"], row["se"]), rel=1e-9)
        assert alone["df"] == row["df"]


@given(surveys())
def test_the_jackknife_of_a_total_is_its_linearised_variance(data: pd.DataFrame) -> None:
    taylor = design(data).total(["y", "x"])
    jackknife = design(data).to_replicates("jkn").total(["y", "x"])
    assert np.asarray(jackknife.attrs["vcov"]) == pytest.approx(
        np.asarray(taylor.attrs["vcov"]), rel=1e-8, abs=1e-8
    )


@given(surveys(psus=st.just(2)), st.sampled_from([("brr", 0.5), ("fay", 0.3), ("fay", 0.7)]))
def test_balanced_replicates_of_a_total_are_its_linearised_variance(
    data: pd.DataFrame, method: tuple[str, float]
) -> None:
    taylor = design(data).total("y").iloc[0]
    balanced = design(data).to_replicates(method[0], fay_rho=method[1]).total("y").iloc[0]
    assert balanced["se"] == pytest.approx(taylor["se"], rel=1e-8)


@given(surveys())
def test_post_stratification_is_regression_on_the_cells(data: pd.DataFrame) -> None:
    totals = margin(data, "sex")
    cells = figures(design(data).poststratify("sex", totals).mean("y"))
    regression = figures(design(data).calibrate({"sex": totals}).mean("y"))
    assert cells == pytest.approx(regression, rel=1e-7, abs=1e-9)


@given(surveys())
def test_proportions_of_all_levels_add_up_to_one_without_error(data: pd.DataFrame) -> None:
    table = design(data).mean("sex")
    assert table["estimate"].sum() == pytest.approx(1)
    assert np.asarray(table.attrs["vcov"]).sum() == pytest.approx(0, abs=1e-12)


@given(surveys(), st.sampled_from(["logit", "beta", "likelihood", "asin"]))
def test_limits_of_proportions_stay_between_zero_and_one(data: pd.DataFrame, ci: str) -> None:
    table = design(data).proportion("sex", ci=ci)
    assert (table["ci_low"] >= 0).all()
    assert (table["ci_high"] <= 1).all()
    assert (table["ci_low"] <= table["estimate"] + 1e-12).all()
    assert (table["estimate"] <= table["ci_high"] + 1e-12).all()


@given(surveys(), st.sampled_from([f"hf{k}" for k in range(1, 10)]))
def test_quantiles_grow_with_the_probability_and_stay_in_range(data: pd.DataFrame, rule: str) -> None:
    found = design(data).quantile("y", [0.0, 0.1, 0.5, 0.9, 1.0], rule=rule)["estimate"].to_numpy()
    assert (np.diff(found) >= 0).all()
    assert data["y"].min() <= found[0]
    assert found[-1] <= data["y"].max()


@given(surveys(), st.sampled_from(["linear", "raking"]))
def test_nonresponse_and_calibration_keep_and_meet_totals(data: pd.DataFrame, distance: str) -> None:
    answered = data.assign(responded=np.where(data.groupby("sex").cumcount() % 3 == 1, 0, 1))
    adjusted = design(answered).adjust_nonresponse("responded", "sex")
    before = design(answered).weights().groupby(data["sex"]).sum()
    assert adjusted.weights().groupby(data["sex"]).sum().to_numpy() == pytest.approx(
        before.to_numpy(), rel=1e-9
    )
    met = adjusted.calibrate({"sex": margin(data, "sex")}, distance=distance)
    assert met.weights().groupby(data["sex"]).sum().to_dict() == pytest.approx(margin(data, "sex"), rel=1e-8)


@given(surveys(), st.floats(0.6, 0.9), st.floats(1.2, 2.0))
def test_trimming_keeps_the_total_and_the_bounds(data: pd.DataFrame, low: float, high: float) -> None:
    mean = data["w"].mean()
    trimmed = design(data).trim(low * mean, high * mean, strict=True)
    assert trimmed.weight.sum() == pytest.approx(data["w"].sum(), rel=1e-9)
    assert low * mean - 1e-9 <= trimmed.weight.min()
    assert trimmed.weight.max() <= high * mean + 1e-9


@given(surveys(), st.integers(0, 2**32 - 1), st.floats(0.01, 100))
def test_models_and_tests_do_not_see_order_or_scale(data: pd.DataFrame, seed: int, scale: float) -> None:
    order = np.random.default_rng(seed).permutation(len(data))
    changed = data.iloc[order].reset_index(drop=True).assign(w=lambda d: d["w"] * scale)
    for formula in ("y ~ x", "x ~ y"):
        left, right = (design(d).glm(formula).coefficients for d in (data, changed))
        columns = ["estimate", "se"]
        assert left[columns].to_numpy() == pytest.approx(right[columns].to_numpy(), rel=1e-6, abs=1e-9)


@given(surveys())
def test_domain_totals_add_up_in_replicates_and_after_calibration(data: pd.DataFrame) -> None:
    raked = design(data).rake({"sex": margin(data, "sex")})
    for d in (raked, raked.to_replicates("jkn"), raked.to_replicates("rao_wu", replicates=20)):
        whole, parts = d.total("y").iloc[0], d.total("y", by=["age", "sex"])
        assert parts["estimate"].sum() == pytest.approx(whole["estimate"], rel=1e-9)
        variance = np.asarray(parts.attrs["vcov"]).sum()
        assert variance == pytest.approx(whole["se"] ** 2, rel=1e-6, abs=1e-6)


@given(surveys())
def test_splitting_a_row_changes_no_model_quantile_or_raked_total(data: pd.DataFrame) -> None:
    halves = data.assign(w=data["w"] / 2)
    doubled = pd.concat([halves, halves], ignore_index=True)
    wanted = {"sex": margin(data, "sex")}
    pairs = [
        (design(data).rake(wanted).total("y"), design(doubled).rake(wanted).total("y")),
        (design(data).ratio("y", "x"), design(doubled).ratio("y", "x")),
        (
            design(data).to_replicates("jkn").mean("y", by="sex"),
            design(doubled).to_replicates("jkn").mean("y", by="sex"),
        ),
    ]
    for left, right in pairs:
        assert figures(left) == pytest.approx(figures(right), rel=1e-7, abs=1e-9)
    quantiles = [design(d).quantile("y", [0.25, 0.5])["estimate"].tolist() for d in (data, doubled)]
    assert quantiles[0] == quantiles[1]


@given(surveys(), st.sampled_from([0.1, 0.5]))
def test_a_jackknife_with_population_sizes_is_taylor_with_them(data: pd.DataFrame, fraction: float) -> None:
    """Also exact: every PSU of a stratum has the same correction."""
    sampled = data.groupby("stratum")["cluster"].transform("nunique")
    counted = Design(
        data.assign(N=np.ceil(sampled / fraction)), weight="w", strata="stratum", clusters="cluster", fpc="N"
    )
    taylor, jackknife = counted.total("y"), counted.to_replicates("jkn").total("y")
    assert jackknife["se"].item() == pytest.approx(taylor["se"].item(), rel=1e-8)


@given(surveys(psus=st.just(2)))
def test_successive_differences_of_pairs_are_the_linearised_variance(data: pd.DataFrame) -> None:
    taylor, sdr = design(data).total("y"), design(data).to_replicates("sdr").total("y")
    assert sdr["se"].item() == pytest.approx(taylor["se"].item(), rel=1e-8)


@given(surveys())
def test_replicates_are_centred_on_the_estimate_of_a_total(data: pd.DataFrame) -> None:
    """A linear estimator's jackknife and SDR replicates average to it, so that mse changes nothing."""
    for method in ("jkn", "sdr"):
        plain = design(data).to_replicates(method).total("y")["se"].item()
        about = design(data).to_replicates(method, mse=True).total("y")["se"].item()
        if method == "sdr" or data.groupby("stratum")["cluster"].nunique().nunique() == 1:
            assert about == pytest.approx(plain, rel=1e-7)
        else:
            assert about >= plain * (1 - 1e-9)


@given(surveys())
def test_margins_average_to_the_mean_of_a_saturated_model(data: pd.DataFrame) -> None:
    shares = design(data).mean("sex")["estimate"].to_numpy()
    if len(shares) < 2 or data["cluster"].nunique() < 2:
        return
    table = design(data).glm("y ~ sex").margins("sex")
    assert table["estimate"].to_numpy() @ shares == pytest.approx(design(data).mean("y")["estimate"].item())
