"""Pseudo-weights and doubly robust means: equations solved, errors counted, kinds kept apart."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from analysis import Design
from analysis.errors import (
    MissingValues,
    MixedSources,
    ModelNotFitted,
    NoOverlap,
    NotNumeric,
    SurveyError,
    UnknownOption,
)
from analysis.opt_in import (
    OptIn,
    OptInEstimate,
    ProbabilityEstimate,
    combine,
    probability_estimate,
    pseudo_weight,
)
from analysis.opt_in.participation import METHODS as PARTICIPATION
from analysis.opt_in.samples import samples_of
from analysis.opt_in.statistic import OptInMean, fitted_outcome, no_outcome
from analysis.small_area import from_design

METHODS = ("chen_li_wu", "elliott_valliant")


def samples(seed: int = 3, n: int = 300, m: int = 400) -> tuple[pd.DataFrame, Design]:
    """Opt-in rows that are younger and more often urban than the reference's 8 strata of 10 clusters."""
    rng = np.random.default_rng(seed)
    opt_in = pd.DataFrame({"age": rng.normal(39, 12, n), "urban": rng.choice(["yes", "no"], n, p=[0.7, 0.3])})
    reference = pd.DataFrame(
        {"age": rng.normal(44, 12, m), "urban": rng.choice(["yes", "no"], m, p=[0.4, 0.6])}
    )
    for data in (opt_in, reference):
        data["y"] = 2 + 0.1 * data["age"] + (data["urban"] == "yes") + rng.normal(0, 1, len(data))
        data["has"] = (rng.uniform(size=len(data)) < 1 / (1 + np.exp(data["y"] - 6))).astype(int)
    reference["stratum"] = np.arange(m) % 8
    reference["cluster"] = np.arange(m) % 80
    reference["w"] = rng.uniform(20, 60, m)
    return opt_in, Design(reference, weight="w", strata="stratum", clusters="cluster")


def weighted(method: str = "chen_li_wu") -> OptIn:
    return pseudo_weight(*samples(), "~ age + urban", method=method)


def by_hand(data: pd.DataFrame) -> np.ndarray:
    return np.column_stack([np.ones(len(data)), data["age"], data["urban"] == "yes"]).astype(float)


def test_pseudo_score_equations_agree_with_a_general_root_finder() -> None:
    opt_in, reference = samples()
    a, b = by_hand(opt_in), by_hand(reference.data)
    centre, scale = np.array([0, 40, 0]), np.array([1, 10, 1])  # the solver wants columns of like size
    a, b, d = (a - centre) / scale, (b - centre) / scale, reference.data["w"].to_numpy()

    def score(theta: np.ndarray) -> np.ndarray:
        return (a.sum(axis=0) - (d / (1 + np.exp(-b @ theta))) @ b) / len(a)

    solved = optimize.root(score, np.array([-4.0, 0.0, 0.0]), tol=1e-12)
    assert np.abs(score(solved.x)).max() < 1e-13
    weight = pseudo_weight(opt_in, reference, "~ age + urban").weights
    np.testing.assert_allclose(weight, 1 + np.exp(-a @ solved.x), rtol=1e-8)


def test_elliott_valliant_weights_in_classes_are_counts_of_the_reference() -> None:
    """With one class variable the weights are the reference's total over the opt-in count of the class."""
    opt_in, reference = samples()
    found = pseudo_weight(opt_in, reference, "~ urban", method="elliott_valliant")
    total = reference.data.groupby("urban")["w"].sum()
    np.testing.assert_allclose(
        found.weights, opt_in["urban"].map(total / opt_in["urban"].value_counts()), rtol=1e-9
    )


def test_chen_li_wu_agrees_with_it_there_since_both_are_saturated() -> None:
    a, b = (pseudo_weight(*samples(), "~ urban", method=method).weights for method in METHODS)
    np.testing.assert_allclose(a, b, rtol=1e-9)


def statistic(opt_in: pd.DataFrame, reference: Design, method: str, robust: bool) -> OptInMean:
    both, explained = (samples_of(opt_in, reference, f) for f in ("~ age + urban", "~ age"))
    y = opt_in["y"].to_numpy()
    outcome = fitted_outcome(explained, y, "gaussian") if robust else no_outcome(both)
    return OptInMean(both, PARTICIPATION[method], y, outcome)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("robust", [True, False])
class TestLinearisation:
    def test_of_reference_rows_is_the_derivative_by_their_weights(self, method: str, robust: bool) -> None:
        mean, weight = statistic(*samples(), method, robust), samples()[1].weight
        influence = mean.influence(weight).reference
        for row in (0, 17, 230):
            step = np.zeros(len(weight))
            step[row] = 1e-3 * weight[row]
            change = mean.value(weight + step) - mean.value(weight - step)
            assert change[0] / 2e-3 == pytest.approx(influence[row], rel=1e-4)

    def test_of_opt_in_rows_is_the_change_by_one_more_copy(self, method: str, robust: bool) -> None:
        """Both samples forty times over; one copy of a row more or less is a step of 1 / 40."""
        opt_in, reference = samples()
        many = pd.concat([opt_in] * 40, ignore_index=True)
        large = Design(pd.concat([reference.data] * 40, ignore_index=True), weight="w")
        influence = statistic(opt_in, reference, method, robust).influence(reference.weight).opt_in
        for row in (3, 101):
            more = pd.concat([many, many.iloc[[row]]], ignore_index=True)
            less = many.drop(index=row)
            after, before = (
                statistic(data, large, method, robust).value(large.weight) for data in (more, less)
            )
            assert (after - before)[0] * 20 == pytest.approx(influence[row], rel=1e-3)

    def test_agrees_with_replicates_of_the_reference(self, method: str, robust: bool) -> None:
        opt_in, reference = samples()
        found = [
            pseudo_weight(opt_in, design, "~ age + urban", method=method)
            for design in (reference, reference.to_replicates("jkn"))
        ]
        linear, replicated = (f.doubly_robust("y ~ age") if robust else f.mean("y") for f in found)
        assert replicated.variance_reference == pytest.approx(linear.variance_reference, rel=0.2)
        assert linear.se**2 == pytest.approx(linear.variance_opt_in + linear.variance_reference)


def test_doubly_robust_mean_is_the_formula_written_out() -> None:
    opt_in, reference = samples()
    beta = np.linalg.lstsq(by_hand(opt_in), opt_in["y"], rcond=None)[0]
    w, d = weighted().weights, reference.data["w"]
    residual = opt_in["y"] - by_hand(opt_in) @ beta
    expected = np.average(residual, weights=w) + np.average(by_hand(reference.data) @ beta, weights=d)
    assert weighted().doubly_robust("y ~ age + urban").estimate == pytest.approx(expected, rel=1e-10)


def test_scale_of_reference_weights_matters_to_participation_alone() -> None:
    opt_in, reference = samples()
    tenfold = Design(
        reference.data.assign(w=10 * reference.data["w"]), weight="w", strata="stratum", clusters="cluster"
    )
    found = [
        pseudo_weight(opt_in, design, "~ age", method="elliott_valliant").mean("y")
        for design in (reference, tenfold)
    ]
    assert found[0].estimate == pytest.approx(found[1].estimate, rel=1e-9)
    assert found[0].variance_reference == pytest.approx(found[1].variance_reference, rel=1e-7)


def test_rows_outside_the_reference_domain_do_not_count() -> None:
    opt_in, reference = samples()
    inside = (reference.data["stratum"] < 4).to_numpy()
    confined = pseudo_weight(opt_in, reference.domain(inside), "~ age + urban").mean("y")
    alone = Design(reference.data[inside], weight="w", strata="stratum", clusters="cluster")
    expected = pseudo_weight(opt_in, alone, "~ age + urban").mean("y")
    assert confined.estimate == pytest.approx(expected.estimate, rel=1e-10)
    assert confined.se == pytest.approx(expected.se, rel=1e-10)
    assert confined.n_reference == 200


def test_pseudo_likelihood_weighting_balances_the_samples() -> None:
    overlap = weighted().overlap
    assert overlap.balance["smd_before"].abs().max() > 0.3
    assert overlap.largest_smd < 0.1
    assert 0.5 < overlap.common_support <= 1
    assert overlap.spread.effective_n < 300
    p50 = overlap.propensities.set_index("source")["p50"]
    assert p50["opt_in"] > p50["reference"]


def test_share_of_a_category_equals_the_mean_of_its_indicator_with_limits_inside() -> None:
    opt_in, reference = samples()
    found = pseudo_weight(opt_in, reference, "~ age")
    assert found.mean("urban", category="yes").estimate == pytest.approx(
        pseudo_weight(opt_in.assign(u=opt_in["urban"] == "yes"), reference, "~ age").mean("u").estimate
    )
    share = found.doubly_robust("has ~ age", family="binomial", interval="logit")
    assert 0 < share.ci_low < share.estimate < share.ci_high < 1


class TestRefusals:
    def test_a_level_that_never_takes_part(self) -> None:
        opt_in, reference = samples()
        with pytest.raises(NoOverlap, match=r"'urban'.*level 'no' has nobody in the opt-in sample"):
            pseudo_weight(opt_in[opt_in["urban"] == "yes"], reference, "~ age + urban")

    def test_a_level_that_the_reference_lacks(self) -> None:
        opt_in, reference = samples()
        abroad = opt_in.assign(urban=opt_in["urban"].where(opt_in.index > 5, "abroad"))
        with pytest.raises(NoOverlap, match="'abroad' has nobody in the reference sample"):
            pseudo_weight(abroad, reference, "~ urban")

    def test_ranges_that_do_not_meet(self) -> None:
        opt_in, reference = samples()
        with pytest.raises(NoOverlap, match="column 'age'"):
            pseudo_weight(opt_in.assign(age=opt_in["age"] + 500), reference, "~ age")

    def test_samples_told_apart_by_two_columns_together(self) -> None:
        rng = np.random.default_rng(1)
        x = rng.uniform(0, 1, 200)
        opt_in = pd.DataFrame({"a": x, "b": x + 0.2 + 0.01 * rng.uniform(size=200)})
        data = pd.DataFrame({"a": x, "b": x - 0.2 - 0.01 * rng.uniform(size=200), "w": 10.0})
        with pytest.raises(NoOverlap, match=r"of the population|apart completely"):
            pseudo_weight(opt_in, Design(data, weight="w"), "~ a + b")

    def test_too_little_common_support(self) -> None:
        with pytest.raises(NoOverlap, match=r"less than 100\.0%"):
            pseudo_weight(*samples(), "~ age + urban", least_support=1.0)

    def test_more_participants_than_people(self) -> None:
        opt_in, reference = samples()
        unweighted = Design(reference.data.assign(w=0.5), weight="w")
        with pytest.raises(ModelNotFitted, match="reference weights"):
            pseudo_weight(opt_in, unweighted, "~ age")

    def test_missing_values_in_either_sample(self) -> None:
        opt_in, reference = samples()
        with pytest.raises(MissingValues, match="'age'"):
            pseudo_weight(opt_in.assign(age=opt_in["age"].where(opt_in.index != 7)), reference, "~ age")
        with pytest.raises(MissingValues, match="'y'"):
            pseudo_weight(opt_in.assign(y=opt_in["y"].where(opt_in.index != 7)), reference, "~ age").mean("y")

    def test_misused_arguments(self) -> None:
        opt_in, reference = samples()
        with pytest.raises(UnknownOption, match="method"):
            pseudo_weight(opt_in, reference, "~ age", method="raking")  # type: ignore[arg-type]
        with pytest.raises(SurveyError, match="at least 2"):
            pseudo_weight(opt_in.head(1), reference, "~ age")
        with pytest.raises(ModelNotFitted, match="collinear"):
            pseudo_weight(
                opt_in.assign(b=2 * opt_in["age"]),
                reference.with_columns({"b": 2 * reference.data["age"]}),
                "~ age + b",
            )
        with pytest.raises(NotNumeric, match="name the category"):
            weighted().mean("urban")


class TestKinds:
    def probability(self) -> ProbabilityEstimate:
        return probability_estimate(samples()[1].mean("y"))

    def test_each_result_says_what_it_is(self) -> None:
        opt_in, probability = weighted().mean("y"), self.probability()
        both = combine(opt_in, probability, "inverse_variance", covariance=0.0)
        assert (opt_in.source, probability.source, both.source) == ("opt_in", "probability", "combined")
        assert opt_in.to_frame()["source"].item() == "opt_in"
        assert both.to_frame()["source"].item() == "combined"

    def test_the_kind_cannot_be_changed_or_chosen(self) -> None:
        found = weighted().mean("y")
        with pytest.raises(FrozenInstanceError):
            found.source = "probability"  # type: ignore[misc, assignment]
        with pytest.raises((TypeError, ValueError), match="source"):
            replace(found, source="probability")  # type: ignore[arg-type]

    def test_kinds_do_not_pass_for_each_other(self) -> None:
        found = weighted().mean("y")
        with pytest.raises(MixedSources, match="source 'opt_in'"):
            probability_estimate(found.to_frame())
        with pytest.raises(MixedSources, match="OptInEstimate"):
            combine(found, found, "inverse_variance", covariance=0.0)  # type: ignore[arg-type]
        with pytest.raises(MixedSources, match="DataFrame"):
            combine(found, samples()[1].mean("y"), "inverse_variance", covariance=0.0)  # type: ignore[arg-type]
        with pytest.raises(MixedSources, match="2 rows"):
            probability_estimate(samples()[1].mean(["y", "has"]))
        with pytest.raises(MixedSources, match="'has'"):
            combine(weighted().mean("has"), self.probability(), "inverse_variance", covariance=0.0)
        with pytest.raises(TypeError):
            found + self.probability()  # type: ignore[operator]

    def test_method_must_be_named(self) -> None:
        with pytest.raises(UnknownOption, match="method"):
            combine(weighted().mean("y"), self.probability(), "average", covariance=0.0)  # type: ignore[arg-type]


class TestCombination:
    def pair(self, difference: float) -> tuple[OptInEstimate, ProbabilityEstimate]:
        opt_in = replace(weighted().mean("y"), estimate=10.0 + difference, se=1.0)
        return opt_in, ProbabilityEstimate("y", None, 10.0, 2.0, 40.0)

    def test_inverse_variance_is_the_textbook_composite(self) -> None:
        both = combine(*self.pair(1.0), "inverse_variance", covariance=0.0)
        assert both.opt_in_share == pytest.approx(0.8)
        assert both.estimate == pytest.approx(10.8)
        assert both.se == pytest.approx(np.sqrt(1 / (1 / 1 + 1 / 4)))
        assert both.rmse == both.se

    def test_inverse_mse_trusts_a_distant_opt_in_estimate_less(self) -> None:
        """A difference of 5 with variance 5 leaves a squared bias of 20: share 4 / (4 + 1 + 20)."""
        both = combine(*self.pair(5.0), "inverse_mse", covariance=0.0)
        assert both.opt_in_share == pytest.approx(4 / 25)
        assert both.opt_in_bias == pytest.approx(np.sqrt(20))
        assert both.rmse**2 == pytest.approx((4 / 25) ** 2 * 21 + (21 / 25) ** 2 * 4)
        assert both.ci_high - both.ci_low > 2 * 1.96 * both.se

    def test_inverse_mse_without_visible_bias_is_inverse_variance(self) -> None:
        a, b = (
            combine(*self.pair(1.0), method, covariance=0.0) for method in ("inverse_mse", "inverse_variance")
        )
        assert a.estimate == b.estimate

    def test_covariance_of_estimates_from_one_reference_sample(self) -> None:
        """Jackknife of the reference: the covariance of both estimates over the same replicates."""
        opt_in, reference = samples()
        found = pseudo_weight(opt_in, reference, "~ age + urban")
        replicated = pseudo_weight(opt_in, reference.to_replicates("jkn"), "~ age + urban")
        linear = found.covariance_with("y", outcome="y ~ age + urban")
        assert linear > 0
        assert replicated.covariance_with("y", outcome="y ~ age + urban") == pytest.approx(linear, rel=0.2)
        with pytest.raises(SurveyError, match="exceeds"):
            combine(*self.pair(1.0), "inverse_variance", covariance=9.0)


def test_an_opt_in_sample_is_no_probability_design() -> None:
    """Where a design is expected, the type says no; where an estimate is, its kind does."""
    opt_in = weighted()
    with pytest.raises(MixedSources, match="OptIn, not a probability design"):
        pseudo_weight(samples()[0], opt_in, "~ age")  # type: ignore[arg-type]
    with pytest.raises(MixedSources, match="OptIn, not a probability design"):
        from_design(opt_in, "y", "urban", pd.DataFrame(), pd.Series(dtype=float))  # type: ignore[arg-type]
    with pytest.raises(MixedSources, match="opt_in"):
        probability_estimate(opt_in.mean("y").to_frame())
    assert not hasattr(opt_in, "total")
    assert opt_in.mean("y").to_frame()["source"].tolist() == ["opt_in"]
