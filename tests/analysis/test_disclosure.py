"""Suppression hides what it must and little else; microdata reports count groups."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from analysis.disclosure import (
    MarginTable,
    anonymity,
    compare_recodings,
    feasible_range,
    margin_table,
    primary_suppression,
    protect_table,
    suppress,
    suppress_values,
)
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


def test_weights_make_a_row_many_contributors() -> None:
    data = pd.DataFrame({"cell": list("aaabbb"), "v": [90.0, 5, 5, 90, 5, 5], "w": [1.0, 1, 1, 3, 1, 1]})
    plain = primary_suppression(data, "cell", "v", minimum=1, dominance=(1, 0.75), p_percent=0.1)
    weighted = primary_suppression(
        data, "cell", "v", minimum=1, dominance=(1, 0.75), p_percent=0.1, weight="w"
    )
    assert plain["suppressed"].tolist() == [True, True]
    assert weighted["suppressed"].tolist() == [True, False]  # three alike: 90 of 280, and the rest is 100
    assert weighted["total"].tolist() == [100, 280]
    assert weighted["needed"].tolist() == [pytest.approx(20), 0]  # 90 / 0.75 - 100
    with pytest.raises(SurveyError, match="below 1"):
        primary_suppression(data.assign(w=0.5), "cell", "v", weight="w")


def households(seed: int, n: int = 260) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"commune": rng.choice(8, n, p=[0.3, 0.02, 0.2, 0.1, 0.15, 0.03, 0.15, 0.05])})
    data["district"] = data["commune"] // 3
    data["sex"] = rng.choice(["f", "m"], n)
    data["age"] = rng.choice(["15-34", "35-59", "60+"], n, p=[0.5, 0.4, 0.1])
    data["income"] = rng.lognormal(1, 1, n).round(2)
    return data


TABLES = {
    "three ways": (["district", "sex", "age"], None),
    "hierarchy": ([("commune", "district"), "sex"], None),
    "values in a hierarchy": ([("commune", "district"), "age"], "income"),
}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("shape", TABLES)
def test_no_reader_comes_closer_than_the_protection(shape: str, seed: int) -> None:
    by, value = TABLES[shape]
    table = margin_table(
        households(seed), by, value, minimum=5, dominance=(1, 0.6) if value else None, protection=0.2
    )
    found = suppress(table).cells
    assert table.cells["sensitive"].any()
    assert (table.sums @ table.cells["value"].to_numpy()) == pytest.approx(0, abs=1e-9)
    for k in found.index[found["sensitive"]]:
        low, high = bounds_of(found, table.columns, k)
        need, value_of = found.loc[k, "protection"], found.loc[k, "value"]
        assert low <= value_of - min(need, value_of) * (1 - 1e-3) + 1e-5
        assert high >= value_of + need * (1 - 1e-3) - 1e-5
        assert (low, high) == pytest.approx(tuple(found.loc[k, ["low", "high"]]), abs=1e-4)
    assert (
        found.loc[found["status"] == "published", "low"] == found.loc[found["status"] == "published", "value"]
    ).all()


def bounds_of(cells: pd.DataFrame, columns: list[str], aim: int) -> tuple[float, float]:
    """The reader's bounds from a system of sums written anew: each margin is the sum of all inner cells in it."""
    inner = cells[(cells[columns] != "(all)").all(axis=1)]
    inside = np.array(
        [
            [
                all(m in ("(all)", i) for m, i in zip(margin, leaf, strict=True))
                for leaf in inner[columns].to_numpy()
            ]
            for margin in cells[columns].to_numpy()
        ],
        dtype=float,
    )
    known = (cells["status"] == "published").to_numpy()
    most = 2 * cells["value"].max() + cells["protection"].max() + 1
    limits = {
        "A_ub": np.vstack([inside, -inside]),
        "b_ub": np.append(np.full(len(cells), most), np.zeros(len(cells))),
    }
    ends = [
        optimize.linprog(
            sign * inside[aim],
            A_eq=inside[known],
            b_eq=cells["value"].to_numpy()[known],
            bounds=(0, most),
            **limits,
        )
        for sign in (1, -1)
    ]
    assert all(end.status == 0 for end in ends)
    return float(ends[0].fun), float(-ends[1].fun)


@pytest.mark.slow
def test_the_choice_is_the_cheapest() -> None:
    rows = [("a", "x", 2), ("a", "y", 9), ("b", "x", 8), ("b", "y", 20)]
    data = pd.DataFrame([(r, c) for r, c, n in rows for _ in range(n)], columns=["row", "column"])
    table = margin_table(data, ["row", "column"], minimum=3, protection=0.5)
    found = suppress(table)
    values = table.cells["value"].to_numpy()
    best = min(
        (values[list(mask)].sum(), mask)
        for mask in product([True, False], repeat=len(values))
        if mask[0] and protects(table, np.array(mask))
    )
    assert found.lost == best[0]


def protects(table: MarginTable, hidden: np.ndarray) -> bool:
    cells = table.cells.assign(status=np.where(hidden, "hidden", "published"))
    low, high = bounds_of(cells, table.columns, 0)
    return bool(low <= 1 + 1e-6 and high >= 3 - 1e-6)


def test_tables_are_checked() -> None:
    data = households(0)
    with pytest.raises(SurveyError, match="more than one 'sex'"):
        margin_table(data, [("commune", "sex")])
    with pytest.raises(SurveyError, match="different columns"):
        margin_table(data, ["sex", "sex"])
    with pytest.raises(SurveyError, match="one number of 0 or more"):
        suppress(margin_table(data, ["sex", "age"]), cost=pd.Series([1.0]))


def test_recodings_are_compared_and_values_blanked() -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"age": rng.integers(15, 80, 300), "sex": rng.choice(["f", "m"], 300)})
    data["commune"] = rng.choice(list("abcd"), 300)
    ways = {
        "age": {"ten": lambda s: s // 10 * 10, "twenty": lambda s: s // 20 * 20},
        "commune": {"two": {"a": "ab", "b": "ab", "c": "cd", "d": "cd"}},
    }
    table = compare_recodings(data, ["age", "sex", "commune"], ways, k=5)
    assert len(table) == 6
    assert table["share_unsafe"].is_monotonic_increasing
    untouched = table[(table["age"] == "as is") & (table["commune"] == "as is")].iloc[0]
    assert (untouched["loss"], untouched["k"]) == (0, 1)
    best = table.iloc[0]
    done = data.assign(age=data["age"] // 10 * 10, commune=data["commune"].map(ways["commune"]["two"]))
    assert (best["age"], best["commune"]) == ("ten", "two")
    assert best["share_unsafe"] == anonymity(done, ["age", "sex", "commune"], k=5).share_unsafe < 0.05
    gone = [1 - done[name].nunique() / data[name].nunique() for name in ("age", "sex", "commune")]
    assert best["loss"] == pytest.approx(np.mean(gone))

    ten = data.assign(age=data["age"] // 10 * 10)
    before = anonymity(ten, ["age", "commune", "sex"], k=5)
    local = suppress_values(ten, ["commune", "age", "sex"], k=5)
    assert before.unsafe.any()
    assert local.report.share_unsafe < 0.1 * before.share_unsafe
    assert anonymity(local.data[~local.report.unsafe], ["age", "commune", "sex"], k=5).k >= 5
    assert local.blanked.sum() == local.data.isna().sum().sum() > 0
    safe = ~before.unsafe
    assert (local.data[safe] == ten[safe]).all(axis=None)
    with pytest.raises(SurveyError, match="recoding 'two'"):
        compare_recodings(data, ["commune"], {"commune": {"two": {"a": "ab"}}})
