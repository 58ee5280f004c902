"""Suppression hides what it must and little else; microdata reports count groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure import anonymity, feasible_range, primary_suppression, protect_table
from analysis.errors import SurveyError


def test_small_and_dominated_cells_are_marked_with_their_reason() -> None:
    data = pd.DataFrame(
        {
            "branch": ["a"] * 6 + ["b"] * 6 + ["c"] * 2,
            "turnover": [10.0] * 6 + [95, 1, 1, 1, 1, 1] + [5.0, 5.0],
        }
    )
    table = primary_suppression(data, "branch", "turnover", minimum=3, dominance=(1, 0.8)).set_index("branch")
    assert table["suppressed"].to_dict() == {"a": False, "b": True, "c": True}
    assert "dominance" in table["reason"]["b"]
    assert "fewer than 3" in table["reason"]["c"]


def test_the_p_percent_rule() -> None:
    data = pd.DataFrame({"cell": list("xxxyyy"), "v": [100.0, 50, 5, 100, 50, 20]})
    table = primary_suppression(data, "cell", "v", minimum=1, p_percent=0.1).set_index("cell")
    assert table["suppressed"].to_dict() == {"x": True, "y": False}  # rest 5 < 10, rest 20 >= 10


def test_one_sensitive_cell_needs_three_others() -> None:
    table = pd.DataFrame([[2, 20, 30], [40, 5, 60], [70, 80, 9]])
    primary = table == 2
    found = protect_table(table, primary)
    assert found.suppressed.to_numpy().sum() == 4
    assert (found.suppressed | ~primary).to_numpy().all()
    low, high = feasible_range(table, found.suppressed, 0, 0)
    assert low < 2 < high
    assert feasible_range(table, primary, 0, 0) == (2, 2)  # alone it can be worked out


@pytest.mark.parametrize("seed", range(15))
def test_no_sensitive_cell_can_be_worked_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.integers(1, 60, (6, 5)))
    primary = table < 6
    found = protect_table(table, primary)
    assert (found.suppressed | ~primary).to_numpy().all()
    for i, j in np.argwhere(primary.to_numpy()):
        low, high = feasible_range(table, found.suppressed, i, j)
        assert high - low > 1e-6


def test_a_table_with_one_column_cannot_hide() -> None:
    table = pd.DataFrame([[1], [50]])
    with pytest.raises(SurveyError, match="too small"):
        protect_table(table, table == 1)


def test_anonymity_counts_groups_and_distinct_values() -> None:
    data = pd.DataFrame(
        {"sex": list("ffffmm"), "age": [1, 1, 1, 1, 2, 2], "illness": ["x", "y", "x", "x", "z", "z"]}
    )
    report = anonymity(data, ["sex", "age"], "illness", k=3, l=2)
    assert (report.k, report.l, report.groups) == (2, 1, 2)
    assert report.unsafe.tolist() == [False] * 4 + [True] * 2
    assert report.share_unsafe == pytest.approx(1 / 3)
