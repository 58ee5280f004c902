"""Replicate weights: Hadamard matrices, imports, faults, bootstraps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis import Design, errors
from analysis.replicates.hadamard import hadamard
from analysis.replicates.ranks import pivoted_rank


@pytest.mark.parametrize("minimum", [1, 2, 3, 4, 5, 9, 13, 17, 21, 26, 29, 33, 37, 45, 61, 85, 125])
def test_hadamard_matrices_are_orthogonal_and_not_too_large(minimum: int) -> None:
    matrix = hadamard(minimum)
    order = len(matrix)
    assert minimum <= order <= minimum + 11
    assert np.array_equal(matrix @ matrix.T, order * np.eye(order, dtype=int))
    assert (matrix[0] == 1).all()
    assert (matrix[:, 0] == 1).all()


def survey(psus: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    rows = [(h, c) for h in range(6) for c in range(psus) for _ in range(5)]
    data = pd.DataFrame(rows, columns=["h", "c"])
    data["w"] = rng.uniform(1, 3, len(data))
    data["y"] = rng.normal(size=len(data)) + rng.normal(size=psus * 6).repeat(5)
    return data


def design(psus: int = 4) -> Design:
    return Design(survey(psus), weight="w", strata="h", clusters="c")


@pytest.mark.parametrize("method", ["rao_wu", "bootstrap"])
def test_bootstraps_come_near_the_linearised_error(method: str) -> None:
    taylor = design().mean("y").iloc[0]["se"]
    found = design().to_replicates(method, replicates=4000, seed=2).mean("y").iloc[0]["se"]
    assert found == pytest.approx(taylor, rel=0.08)


def test_successive_differences_estimate_the_order_of_a_list() -> None:
    """With a strong trend along the list the error is far below that of a random order."""
    n = 100
    data = pd.DataFrame({"w": np.ones(n), "y": np.arange(n) + np.random.default_rng(0).normal(size=n)})
    random_order = Design(data, weight="w").mean("y").iloc[0]["se"]
    in_order = Design(data, weight="w").to_replicates("sdr").mean("y").iloc[0]["se"]
    assert in_order < 0.6 * random_order


def test_replicates_out_and_in_again_give_the_same_error() -> None:
    made = design().to_replicates("jkn")
    weights = np.stack([made.variance.weights.column(r) for r in range(24)], axis=1)
    frame = pd.DataFrame(weights, columns=[f"rep{r}" for r in range(24)])
    data = pd.concat([survey(), frame], axis=1)
    back = Design.from_replicates(data, "w", list(frame.columns), scale=1.0, rscales=3 / 4)
    left, right = made.mean("y", by="h"), back.mean("y", by="h")
    assert left["se"].to_numpy() == pytest.approx(right["se"].to_numpy())
    assert left["df"].tolist() == right["df"].tolist()


def test_a_replicate_without_anyone_in_the_domain_is_left_out() -> None:
    """Domain 'only' lives in one PSU; the replicate that drops it has no mean there."""
    data = survey()
    data["d"] = np.where((data["h"] == 0) & (data["c"] == 0), "only", "rest")
    table = Design(data, weight="w", strata="h", clusters="c").to_replicates("jkn").mean("y", by="d")
    assert np.isfinite(table["se"]).all()


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: design().to_replicates("jk1"), errors.UnsuitableDesign, "use jkn"),
        (lambda: design().to_replicates("brr"), errors.UnsuitableDesign, "needs two"),
        (lambda: design().to_replicates("jackknife"), errors.UnknownOption, "'rao_wu'"),
        (lambda: design(2).to_replicates("fay", fay_rho=1.0), errors.UnknownOption, "fay_rho"),
        (lambda: design(1).to_replicates("jkn"), errors.LonelyPsu, "stratum 0"),
        (
            lambda: design().to_replicates("jkn").to_replicates("jkn"),
            errors.UnsuitableDesign,
            "no strata and clusters",
        ),
        (
            lambda: Design.from_replicates(survey(), "w", np.ones((3, 5))),
            errors.SurveyError,
            "(3, 5) for 120 rows",
        ),
        (
            lambda: Design.from_replicates(survey(), "w", np.full((120, 5), np.nan)),
            errors.BadWeight,
            "column 0",
        ),
        (
            lambda: Design.from_replicates(survey(), "w", np.ones((120, 5)), scale=-1),
            errors.SurveyError,
            "scale",
        ),
        (lambda: design().quantile("y", interval="replicates"), errors.UnsuitableDesign, "no replicate"),
    ],
)
def test_replicates_that_are_refused(build: Callable[[], object], error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        build()
    assert words in str(caught.value)


def test_rank_ignores_columns_that_are_nearly_combinations() -> None:
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(50, 6))
    columns[:, 4] = columns[:, 0] + columns[:, 1]
    columns[:, 5] = columns[:, 2] + 1e-9 * rng.normal(size=50)
    assert pivoted_rank(columns) == 4
