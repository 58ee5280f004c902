"""Donors come from the right class, flags tell, and combined errors count the imputing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import Design, errors
from analysis.imputation import combine, hot_deck, nearest_donor


def answers() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "district": list("aaaabbbb"),
            "size": [1.0, 2, 3, 4, 1, 2, 3, 4],
            "w": [1.0] * 8,
            "y": [10.0, np.nan, 12, 13, 20, 21, np.nan, 23],
        }
    )


def test_hot_deck_takes_donors_of_the_class_and_flags_them() -> None:
    data = answers()
    (imputed,) = hot_deck(data, "y", "district", seed=3)
    assert imputed.flag.tolist() == [False, True, False, False, False, False, True, False]
    assert imputed.values[1] in (10, 12, 13)
    assert imputed.values[6] in (20, 21, 23)
    assert imputed.values[~imputed.flag].equals(data["y"][~imputed.flag])
    assert data["y"][imputed.donor[1]] == imputed.values[1]
    assert imputed.into(data)["y_imputed"].sum() == 2


def test_nearest_donor_takes_the_closest() -> None:
    imputed = nearest_donor(answers().assign(size=[1.0, 2.1, 3, 4, 1, 2, 3.2, 4]), "y", "size", "district")
    assert imputed.values[1] == 12
    assert imputed.values[6] == 23


def test_a_class_without_donors_is_named() -> None:
    data = answers()
    data.loc[data["district"] == "b", "y"] = np.nan
    with pytest.raises(errors.NoRespondents, match="'b'"):
        hot_deck(data, "y", "district")


@pytest.mark.slow
def test_combined_intervals_cover_where_a_single_imputation_does_not() -> None:
    rng = np.random.default_rng(4)
    covered, single = [], []
    for seed in range(400):
        data = pd.DataFrame({"w": 1.0, "c": rng.integers(0, 3, 150)}, index=range(150))
        data["y"] = 2 * data["c"] + rng.normal(size=150)
        data["gap"] = data["y"].where(rng.uniform(size=150) < 0.6)
        completed = hot_deck(data, "gap", "c", seed=seed, repeats=10)
        tables = [Design(i.into(data), weight="w").mean("gap") for i in completed]
        for table, into in ((combine(tables), covered), (tables[0], single)):
            into.append(bool((table["ci_low"] <= 2).iloc[0] and (table["ci_high"] >= 2).iloc[0]))
    assert np.mean(covered) == pytest.approx(0.95, abs=0.035)
    assert np.mean(single) < 0.92
