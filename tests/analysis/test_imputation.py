"""Donors come from the right class, flags tell, and combined errors count the imputing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import Design, errors
from analysis.imputation import combine, hot_deck, imputed_mean, nearest_donor


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
    for seed in range(200):
        data = pd.DataFrame({"w": 1.0, "c": rng.integers(0, 3, 150)}, index=range(150))
        data["y"] = 2 * data["c"] + rng.normal(size=150)
        data["gap"] = data["y"].where(rng.uniform(size=150) < 0.6)
        completed = hot_deck(data, "gap", "c", seed=seed, repeats=10)
        tables = [Design(i.into(data), weight="w").mean("gap") for i in completed]
        for table, into in ((combine(tables), covered), (tables[0], single)):
            into.append(bool((table["ci_low"] <= 2).iloc[0] and (table["ci_high"] >= 2).iloc[0]))
    assert np.mean(covered) == pytest.approx(0.95, abs=0.045)
    assert np.mean(single) < 0.92


def surveyed(seed: int, strata: int = 6) -> pd.DataFrame:
    """Clusters in strata; four in ten values are missing, more of them in class 2."""
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"stratum": np.repeat(np.arange(strata), 40)})
    data["cluster"] = np.arange(len(data)) // 5
    data["c"] = rng.integers(0, 3, len(data))
    data["w"] = 1.0 + data["stratum"] % 3
    local = rng.normal(0, 0.3, data["cluster"].max() + 1)[data["cluster"]]
    data["y"] = 2 * data["c"] + local + rng.normal(size=len(data))
    answers = rng.uniform(size=len(data)) < np.array([0.7, 0.6, 0.5])[data["c"]]
    return data.assign(gap=data["y"].where(answers))


@pytest.mark.slow
def test_replicates_that_move_the_imputed_values_count_the_gaps() -> None:
    adjusted, naive = [], []
    for seed in range(250):
        data = surveyed(seed)
        (imputed,) = hot_deck(data, "gap", "c", weight="w", seed=seed)
        design = Design(imputed.into(data), weight="w", strata="stratum", clusters="cluster")
        replicates = design.to_replicates("jkn")
        adjusted.append(imputed_mean(replicates, imputed, "c").iloc[0])
        naive.append(replicates.mean("gap").iloc[0])
    tables = {name: pd.DataFrame(rows) for name, rows in (("adjusted", adjusted), ("naive", naive))}
    covered = {n: ((t["ci_low"] <= 2) & (t["ci_high"] >= 2)).mean() for n, t in tables.items()}
    ratio = {
        n: (t["se"].astype(float) ** 2).mean() / t["estimate"].astype(float).var() for n, t in tables.items()
    }
    assert covered["adjusted"] == pytest.approx(0.95, abs=0.042)
    assert ratio["adjusted"] == pytest.approx(1, abs=0.27)  # three errors of a variance from 250 runs
    assert ratio["naive"] < 0.75
    assert covered["naive"] < covered["adjusted"] - 0.02


def test_imputed_means_by_domain_agree_with_plain_ones_where_nothing_is_missing() -> None:
    data = surveyed(1)
    (imputed,) = hot_deck(data, "y", "c", weight="w")
    design = Design(data, weight="w", strata="stratum", clusters="cluster").to_replicates("jkn")
    found, plain = imputed_mean(design, imputed, "c", by="c"), design.mean("y", by="c")
    for name in ("estimate", "se", "ci_low", "df", "n"):
        assert found[name].to_numpy() == pytest.approx(plain[name].to_numpy())
    assert (found["n_imputed"] == 0).all()
    (gaps,) = hot_deck(data, "gap", "c", weight="w")
    filled = imputed_mean(design, gaps, "c", where=data["stratum"] < 3)
    assert filled["n_imputed"].item() == data["gap"].isna()[data["stratum"] < 3].sum()


def test_imputed_means_need_replicates() -> None:
    data = surveyed(1)
    (imputed,) = hot_deck(data, "gap", "c")
    with pytest.raises(errors.UnsuitableDesign, match="to_replicates"):
        imputed_mean(Design(data, weight="w"), imputed, "c")
    with pytest.raises(errors.SurveyError, match="different rows"):
        imputed_mean(Design(data.iloc[1:], weight="w").to_replicates("jk1"), imputed, "c")


def test_only_tables_of_the_same_rows_are_combined() -> None:
    design = Design(surveyed(1), weight="w")
    with pytest.raises(errors.SurveyError, match="differ in variable"):
        combine([design.mean("y"), design.mean("c")])
