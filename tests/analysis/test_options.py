"""Options of estimates and models: empty domains, counts, degrees of freedom, offsets, links, moment estimates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from analysis import Design
from analysis.errors import EmptyDomain, LonelyPsu, UnknownOption
from analysis.models.families import LINKS
from analysis.quantiles.rules import Sorted, rule_of
from analysis.small_area import fay_herriot, nested_error


def survey() -> pd.DataFrame:
    """Three strata of four clusters of four rows; z is unknown in all of district c and in some other rows."""
    rng = np.random.default_rng(3)
    data = pd.DataFrame(
        {
            "stratum": np.repeat(["p", "q", "r"], 16),
            "cluster": np.repeat(np.arange(12), 4),
            "district": np.tile(["a", "b", "c", "a"], 12),
            "w": rng.uniform(1, 3, 48),
            "z": rng.normal(5, 1, 48),
            "hours": rng.uniform(1, 9, 48),
            "visits": rng.poisson(4, 48),
            "sex": np.tile(["f", "m"], 24),
        }
    )
    data.loc[(data["district"] == "c") | (data.index % 11 == 0), "z"] = np.nan
    return data


def design(data: pd.DataFrame | None = None) -> Design:
    return Design(survey() if data is None else data, weight="w", strata="stratum", clusters="cluster")


@pytest.mark.parametrize("replicated", [False, True])
@pytest.mark.parametrize("method", ["mean", "total"])
def test_a_domain_without_known_values_can_stay_in_the_table(method: str, replicated: bool) -> None:
    sample = design().to_replicates("jkn") if replicated else design()
    estimate = getattr(sample, method)
    with pytest.raises(EmptyDomain):
        estimate("z", by="district")
    table = estimate(["z", "hours"], by="district", empty="keep", deff=True)
    assert table["district"].tolist() == ["a", "a", "b", "b", "c", "c"]
    assert table["variable"].tolist() == ["z", "hours"] * 3
    assert table["n"].tolist()[-2:] == [0, 0]
    assert table[["estimate", "se", "ci_low", "deff"]].iloc[-2:].isna().all().all()
    filled = estimate(["z", "hours"], by="district", deff=True, where=lambda data: data["district"] != "c")
    columns = ["estimate", "se", "ci_low", "ci_high", "deff", "n", "df"]
    pd.testing.assert_frame_equal(table[columns].iloc[:4], filled[columns], check_dtype=False)
    covariance = np.asarray(table.attrs["vcov"])
    assert covariance[:4, :4] == pytest.approx(np.asarray(filled.attrs["vcov"]))
    assert np.isnan(covariance[4:]).all()


def test_nothing_known_at_all_is_an_error_even_so() -> None:
    with pytest.raises(EmptyDomain):
        design().mean("z", where=lambda data: data["district"] == "c", by="sex", empty="keep")
    with pytest.raises(UnknownOption, match="empty"):
        design().mean("z", empty="zero")  # type: ignore[arg-type]


def test_the_population_variance_of_replicates_may_keep_the_count_of_the_sample() -> None:
    sample = design().to_replicates("jkn")
    fixed = sample.population_variance("hours", count="r").iloc[0]
    own = sample.population_variance("hours").iloc[0]
    assert fixed["estimate"] == own["estimate"]
    # every replicate leaves out 4 of 48 rows
    assert own["se"] == pytest.approx(fixed["se"] * (44 / 43) / (48 / 47))


def test_the_population_variance_counts_known_rows_or_all() -> None:
    known = design().population_variance("z", by="district", where=lambda data: data["district"] != "c")
    counted = design().population_variance(
        "z", by="district", where=lambda data: data["district"] != "c", count="r"
    )
    data = survey()
    rows = data.groupby("district").size()[["a", "b"]].to_numpy()
    n = known["n"].to_numpy()
    assert (n < rows).all()
    assert counted["estimate"].to_numpy() == pytest.approx(
        known["estimate"].to_numpy() * (rows / (rows - 1)) / (n / (n - 1))
    )


def test_degrees_of_freedom_can_be_given_to_models_and_tests() -> None:
    sample = design()
    assert sample.glm("z ~ hours", df=30).df_residual == 29
    assert sample.ttest("z", "sex", df=30).df_denominator == 29
    given = sample.crosstab("sex", "district", df=30).test
    usual = sample.crosstab("sex", "district").test
    assert given.df_denominator == pytest.approx(usual.df_denominator * 30 / 9)
    assert given.statistic == usual.statistic


def test_an_offset_is_taken_from_the_response_of_a_linear_model() -> None:
    data = survey().assign(rest=lambda d: d["z"] - 2 * d["hours"], shift=lambda d: 2 * d["hours"])
    with_offset = design(data).glm("z ~ sex", offset="shift")
    plain = design(data).glm("rest ~ sex")
    columns = ["estimate", "se", "p_value"]
    pd.testing.assert_frame_equal(with_offset.coefficients[columns], plain.coefficients[columns], rtol=1e-9)
    assert with_offset.deviance == pytest.approx(plain.deviance)
    assert with_offset.null_deviance == pytest.approx(plain.null_deviance)


def test_an_offset_of_log_exposure_models_a_rate() -> None:
    data = survey().assign(exposure=lambda d: np.log(d["hours"]))
    fit = design(data).glm("visits ~ 1", "poisson", offset="exposure")
    rate = design(data).ratio("visits", "hours").iloc[0]
    row = fit.coefficients.iloc[0]
    assert np.exp(row["estimate"]) == pytest.approx(rate["estimate"])
    assert row["se"] * rate["estimate"] == pytest.approx(rate["se"])
    margin = fit.margins().iloc[0]
    assert margin["estimate"] == pytest.approx(design(data).mean("visits")["estimate"].iloc[0])


@pytest.mark.parametrize("name", LINKS)
def test_a_link_its_inverse_and_its_slope_agree(name: str) -> None:
    link, mu = LINKS[name], np.array([0.15, 0.4, 0.85])
    eta = link.function(mu)
    assert link.inverse(eta) == pytest.approx(mu)
    step = 1e-6
    assert link.slope(eta) == pytest.approx(
        (link.inverse(eta + step) - link.inverse(eta - step)) / (2 * step), rel=1e-6
    )


@pytest.mark.parametrize(
    ("family", "link"), [("inverse_gaussian", None), ("poisson", "sqrt"), ("gamma", "inverse_square")]
)
def test_an_intercept_is_the_link_of_the_mean(family: str, link: str | None) -> None:
    fit = design().glm("hours ~ 1", family, link)  # type: ignore[arg-type]
    chosen = LINKS[link or "inverse_square"]
    mean = design().mean("hours").iloc[0]
    row = fit.coefficients.iloc[0]
    assert float(chosen.inverse(row["estimate"])) == pytest.approx(mean["estimate"])
    assert row["se"] * abs(float(chosen.slope(row["estimate"]))) == pytest.approx(mean["se"], rel=1e-6)


def test_lonely_strata_without_company_have_no_variance_only_by_name() -> None:
    data = survey()
    data = data[(data["stratum"] != "r") | (data["cluster"] == 11)]
    options = {"weight": "w", "strata": "stratum", "clusters": "cluster"}
    with pytest.raises(LonelyPsu):
        Design(data, lonely_psu="average", **options).mean("hours", by="stratum")
    table = Design(data, lonely_psu="average_r", **options).mean("hours", by="stratum")
    assert table[["se", "ci_low", "ci_high"]].iloc[2].isna().all()
    assert not np.isnan(table["estimate"].iloc[2])
    certain = Design(data, lonely_psu="certainty", **options).mean("hours", by="stratum")
    assert table["se"].iloc[:2].to_numpy() == pytest.approx(certain["se"].iloc[:2].to_numpy())


def test_hf4_as_in_r_goes_below_the_smallest_value() -> None:
    data = Sorted.of(np.array([10.0, 20.0, 40.0]), np.array([1.0, 1.0, 2.0]))
    assert rule_of("hf4")(data, 0.125) == 10
    assert rule_of("hf4_r")(data, 0.125) == pytest.approx(5)
    for p in (0.25, 0.4, 0.75):
        assert rule_of("hf4_r")(data, p) == pytest.approx(rule_of("hf4")(data, p))


def areas() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    x = rng.uniform(0, 4, 30)
    d = rng.uniform(0.2, 0.8, 30)
    y = 1 + 2 * x + rng.normal(0, 1, 30) + rng.normal(0, np.sqrt(d))
    return pd.DataFrame({"y": y, "x": x, "d": d, "same": 0.4})


def test_moment_estimates_of_fay_and_herriot() -> None:
    data = areas()
    fit = fay_herriot(data, "y ~ x", "d", "fh")
    x = np.column_stack([np.ones(30), data["x"]])
    inverse = 1 / (fit.sigma2_v + data["d"].to_numpy())
    residual = data["y"].to_numpy() - x @ fit.coefficients["estimate"].to_numpy()
    assert residual**2 @ inverse == pytest.approx(28)
    by_residuals = np.linalg.lstsq(x, data["y"].to_numpy(), rcond=None)[1][0] / 28 - 0.4
    for method in ("fh", "pr"):
        found = fay_herriot(data, "y ~ x", "same", method)  # type: ignore[arg-type]
        assert found.sigma2_v == pytest.approx(by_residuals)
        reml = fay_herriot(data, "y ~ x", "same")
        assert found.areas["mse"].to_numpy() == pytest.approx(reml.areas["mse"].to_numpy(), rel=1e-6)


def test_the_nested_error_model_by_maximum_likelihood() -> None:
    rng = np.random.default_rng(8)
    area = np.repeat(np.arange(8), [2, 3, 4, 5, 3, 4, 6, 3])
    x = rng.uniform(0, 3, len(area))
    y = 2 + x + rng.normal(0, 1, 8)[area] + rng.normal(0, 0.7, len(area))
    data = pd.DataFrame({"area": area, "x": x, "y": y})
    means = data.groupby("area")[["x"]].mean()
    same = area[:, None] == area[None, :]
    columns = np.column_stack([np.ones(len(x)), x])

    def loss(logs: np.ndarray) -> float:
        v = np.exp(logs[0]) * same + np.exp(logs[1]) * np.eye(len(x))
        solved = np.linalg.solve(v, columns)
        beta = np.linalg.solve(columns.T @ solved, solved.T @ y)
        return float(-stats.multivariate_normal.logpdf(y, columns @ beta, v))

    best = optimize.minimize(loss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    fit = nested_error(data, "y ~ x", "area", means, method="ml")
    assert [fit.sigma2_u, fit.sigma2_e] == pytest.approx(np.exp(best.x), rel=1e-5)
    restricted = nested_error(data, "y ~ x", "area", means)
    assert fit.sigma2_u < restricted.sigma2_u
    # the correction of the bias brings the errors back to those of the restricted likelihood
    assert fit.areas["mse"].to_numpy() == pytest.approx(restricted.areas["mse"].to_numpy(), rel=0.15)
    with pytest.raises(UnknownOption, match="method"):
        nested_error(data, "y ~ x", "area", means, method="mm")  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", ["adjust", "average"])
def test_a_jackknife_counts_lonely_units_as_the_linearised_total_does(rule: str) -> None:
    data = survey()
    data = data[(data["stratum"] != "r") | (data["cluster"] == 11)]
    lonely = Design(data, weight="w", strata="stratum", clusters="cluster", lonely_psu=rule)  # type: ignore[arg-type]
    replicated = lonely.to_replicates("jkn", mse=True).total("hours")["se"].iloc[0]
    linearised = lonely.total("hours")["se"].iloc[0]
    units = (data["w"] * data["hours"]).groupby(data["stratum"]).sum()
    if rule == "average":  # by strata there, by units here
        assert replicated == pytest.approx(linearised * np.sqrt((9 / 8) / (3 / 2)))
    else:  # the unit against the mean of the other strata, in place of zero
        gap = units["r"] - units[["p", "q"]].mean()
        assert replicated**2 - linearised**2 == pytest.approx(gap**2 * 2 / 3 - units["r"] ** 2)


def test_replicates_of_the_weights_as_they_are() -> None:
    raked = design().poststratify("sex", {"f": 60, "m": 50})
    redone, fixed = raked.to_replicates("jkn"), raked.to_replicates("jkn", redo=False)
    assert redone.total("sex", categorical="sex")["se"].to_numpy() == pytest.approx([0, 0], abs=1e-9)
    given = design(survey().assign(w=raked.weight)).to_replicates("jkn")
    assert fixed.total("hours")["se"].iloc[0] == pytest.approx(given.total("hours")["se"].iloc[0])


def test_residuals_in_the_order_of_r_change_errors_after_two_steps_only() -> None:
    def errors(residuals: str, steps: int) -> float:
        sample = Design(survey(), weight="w", strata="stratum", clusters="cluster", residuals=residuals)  # type: ignore[arg-type]
        weighted = sample.poststratify("sex", {"f": 60, "m": 50})
        if steps == 2:
            weighted = weighted.poststratify("district", {"a": 50, "b": 30, "c": 30})
        return float(weighted.mean("hours")["se"].iloc[0])

    assert errors("r", 1) == errors("nested", 1)
    assert errors("r", 2) != pytest.approx(errors("nested", 2), rel=1e-6)
    with pytest.raises(UnknownOption, match="residuals"):
        errors("reverse", 1)


def test_without_an_intercept_the_null_model_has_no_coefficient() -> None:
    fit = design().glm("hours ~ 0 + visits")
    data = survey()
    assert fit.null_deviance == pytest.approx(data["w"] @ data["hours"] ** 2 / data["w"].mean())
