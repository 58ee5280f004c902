"""Change between rounds: the algebra of full and no overlap, domains, calibration, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import Design, SurveyError, change_between, combine_changes
from analysis.errors import UnsuitableDesign

SEED = 7


def round_of(psus: list[str], seed: int, shift: float = 0.0) -> pd.DataFrame:
    """Five people in each PSU; a PSU has its own level in every round, its stratum is its first letter."""
    rng = np.random.default_rng(seed)
    rows = []
    for psu in psus:
        own = np.random.default_rng(sum(map(ord, psu)) * 31).normal()
        for _ in range(5):
            online = float(rng.uniform() < 1 / (1 + np.exp(-(own + shift))))
            rows.append(
                {
                    "stratum": psu[0],
                    "psu": psu,
                    "w": float(rng.uniform(50, 150)),
                    "sex": rng.choice(["male", "female"]),
                    "online": online,
                    "hours": online * float(rng.gamma(2.0)),
                }
            )
    return pd.DataFrame(rows)


def design(data: pd.DataFrame) -> Design:
    return Design(data, weight="w", strata="stratum", clusters="psu")


def psus(*numbers: int) -> list[str]:
    return [f"{stratum}{number:02}" for stratum in "abc" for number in numbers]


EVERY = psus(*range(12))


def stacked(before: pd.DataFrame, after: pd.DataFrame) -> Design:
    """Both rounds as one file, in which a PSU of both is one PSU: what R's svyby and svycontrast are given."""
    both = pd.concat([before.assign(round="before"), after.assign(round="after")], ignore_index=True)
    return design(both)


@pytest.mark.parametrize("variable", ["online", "hours"])
def test_with_the_same_psus_it_is_the_contrast_of_the_stacked_file(variable: str) -> None:
    before, after = round_of(EVERY, 1), round_of(EVERY, 2, shift=0.4)
    joint = stacked(before, after)
    contrast = {"after": 1.0, "before": -1.0}
    expected = joint.compare(joint.mean(variable, by="round"), contrast).iloc[0]
    found = change_between(design(before), design(after), variable).iloc[0]
    assert found["change"] == pytest.approx(expected["estimate"], abs=1e-13)
    assert found["se"] == pytest.approx(expected["se"], rel=1e-12)
    assert found["df"] == expected["df"]
    assert found["p_value"] == pytest.approx(expected["p_value"], rel=1e-9)
    assert found["correlation"] > 0.05


def test_a_ratio_is_that_of_the_stacked_file_too() -> None:
    before, after = round_of(EVERY, 1), round_of(EVERY, 2, shift=0.4)
    joint = stacked(before, after)
    table = joint.ratio("hours", "online", by="round")
    expected = joint.compare(table, {"after": 1.0, "before": -1.0}).iloc[0]
    found = change_between(design(before), design(after), "hours", "online").iloc[0]
    assert found["se"] == pytest.approx(expected["se"], rel=1e-12)


def test_without_a_psu_in_common_the_variances_add_up() -> None:
    before, after = design(round_of(psus(*range(8)), 1)), design(round_of(psus(*range(8, 20)), 2))
    found = change_between(before, after, "online").iloc[0]
    se = [one.mean("online")["se"].iloc[0] for one in (before, after)]
    assert found["se"] == pytest.approx(np.hypot(*se), rel=1e-12)
    assert (found["correlation"], found["n_psu_both"], found["df"]) == (0.0, 0, 3 * 20 - 3)


def test_nothing_changes_between_a_round_and_itself() -> None:
    same = design(round_of(EVERY, 1))
    found = change_between(same, same, "online").iloc[0]
    assert (found["change"], found["correlation"]) == (0.0, pytest.approx(1.0))
    assert found["se"] == pytest.approx(0.0, abs=1e-9)


def test_domains_keep_the_whole_design() -> None:
    before, after = round_of(EVERY, 1), round_of(EVERY, 2)
    joint = stacked(before, after)
    table = joint.mean("online", by=["round", "sex"])
    found = change_between(design(before), design(after), "online", by="sex").set_index("sex")
    for sex in ("male", "female"):
        expected = joint.compare(table, {("after", sex): 1.0, ("before", sex): -1.0}).iloc[0]
        assert found.loc[sex, "se"] == pytest.approx(expected["se"], rel=1e-12)
    assert found["n_after"].sum() == len(after)


def test_calibration_counts_by_its_residuals() -> None:
    """Both rounds raked to the sexes: the sex's own share does not change and has no error."""
    totals = pd.Series({"male": 10_000.0, "female": 11_000.0})
    before, after = (
        design(round_of(EVERY, seed).assign(male=lambda d: (d["sex"] == "male").astype(float))).rake(
            {"sex": totals}
        )
        for seed in (1, 2)
    )
    found = change_between(before, after, "male").iloc[0]
    assert abs(found["change"]) < 1e-9
    assert found["se"] < 1e-6


def test_independent_draws_from_a_list_are_uncorrelated() -> None:
    """Half the list drawn twice over: what the two samples share by chance is no panel."""
    rng, n, size = np.random.default_rng(SEED), 100, 200
    value = pd.Series(rng.normal(size=size))
    truth = []
    for _ in range(400):
        one, two = (rng.choice(size, n, replace=False) for _ in range(2))
        rounds = [
            Design(
                pd.DataFrame({"unit": at, "y": value[at].to_numpy() + rng.normal(0, 0.1, n), "N": size}),
                clusters="unit",
                fpc="N",
            )
            for at in (one, two)
        ]
        truth.append(change_between(*rounds, "y").iloc[0])
    found = pd.DataFrame(truth)
    assert found["correlation"].mean() == pytest.approx(0.0, abs=0.03)
    assert np.sqrt((found["se"] ** 2).mean()) == pytest.approx(found["change"].std(), rel=0.1)


def test_rows_that_do_not_know_the_value_leave_as_a_domain() -> None:
    before, after = round_of(EVERY, 1), round_of(EVERY, 2)
    after.loc[::7, "hours"] = np.nan
    found = change_between(design(before), design(after), "hours").iloc[0]
    assert found["n_after"] == after["hours"].notna().sum()
    assert found["after"] == pytest.approx(design(after).mean("hours")["estimate"].iloc[0])


def test_changes_of_several_imputations_count_how_they_differ() -> None:
    """Rubin's rules written out: within plus (1 + 1/m) between; alike tables stay as they are."""
    before, after = round_of(EVERY, 1), round_of(EVERY, 2, shift=0.4)
    repeats = [
        after.assign(hours=after["hours"].where(after.index % 9 > 0, hours)) for hours in (0.0, 1.0, 4.0)
    ]
    tables = [change_between(design(before), design(data), "hours", by="sex") for data in repeats]
    found = combine_changes(tables)
    changes = np.stack([table["change"] for table in tables])
    within = np.mean([table["se"] ** 2 for table in tables], axis=0)
    assert found["change"].tolist() == pytest.approx(changes.mean(axis=0).tolist())
    assert (found["after"] - found["before"]).tolist() == pytest.approx(found["change"].tolist())
    assert (found["se"] ** 2).tolist() == pytest.approx(
        (within + 4 / 3 * changes.var(axis=0, ddof=1)).tolist()
    )
    assert (found["df"] < tables[0]["df"]).all()
    assert ((found["ci_low"] < found["change"]) & (found["change"] < found["ci_high"])).all()
    alike = combine_changes([tables[0]] * 3)
    pd.testing.assert_frame_equal(alike, tables[0], rtol=1e-9)
    with pytest.raises(SurveyError, match="differ"):
        combine_changes([tables[0], tables[1].assign(sex=["female", "other"])])


def test_what_cannot_be_matched_is_refused() -> None:
    data = round_of(EVERY, 1)
    unclustered = Design(data, weight="w", strata="stratum")
    with pytest.raises(SurveyError, match="no clusters"):
        change_between(unclustered, unclustered, "online")
    with pytest.raises(SurveyError, match="are called"):
        change_between(unclustered, unclustered, "online", match=["stratum"])
    with pytest.raises(SurveyError, match="in common"):
        other = data.assign(sex="other")
        change_between(design(data), design(other), "online", by="sex")
    replicated = Design(data, weight="w", strata="stratum", clusters="psu").to_replicates("jkn")
    with pytest.raises(UnsuitableDesign, match="linearisation"):
        change_between(replicated, replicated, "online")


# The truth of the simulation: PSUs that keep most of their level from one year to the next; few of them are drawn,
# as the variance is that of draws with replacement.
PSUS, SIZE, DRAWN, RUNS = 4000, 20, 40, 300


@pytest.mark.slow
@pytest.mark.parametrize("overlap", [0.0, 0.5, 1.0])
def test_intervals_cover_the_true_change(overlap: float) -> None:
    rng = np.random.default_rng(SEED)
    level = rng.normal(0, 1, (PSUS, 1))
    values = [level + rng.normal(0, 0.3, (PSUS, 1)) + rng.normal(0, 0.5, (PSUS, SIZE)) for _ in range(2)]
    values[1] = values[1] + 0.1
    strata = np.arange(PSUS) % 4
    truth = values[1].mean() - values[0].mean()
    found = []
    for _ in range(RUNS):
        drawn = _panel(rng, strata, overlap)
        rounds = [_sample(y, at, strata) for y, at in zip(values, drawn, strict=True)]
        found.append(change_between(*rounds, "y").iloc[0])
    table = pd.DataFrame(found)
    covered = ((table["ci_low"] <= truth) & (truth <= table["ci_high"])).mean()
    assert covered == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / RUNS))
    assert np.sqrt((table["se"] ** 2).mean()) == pytest.approx(
        table["change"].std(), rel=3 / np.sqrt(2 * RUNS)
    )


def _panel(rng: np.random.Generator, strata: np.ndarray, overlap: float) -> tuple[np.ndarray, np.ndarray]:
    """Two samples of `DRAWN` PSUs, of which a share is the same."""
    each, kept = DRAWN // 4, round(overlap * DRAWN / 4)
    first, second = [], []
    for stratum in range(4):
        order = rng.permutation(np.flatnonzero(strata == stratum))
        first.append(order[:each])
        second.append(order[each - kept : 2 * each - kept])
    return np.concatenate(first), np.concatenate(second)


def _sample(values: np.ndarray, at: np.ndarray, strata: np.ndarray) -> Design:
    data = pd.DataFrame(
        {
            "psu": np.repeat(at, SIZE),
            "stratum": np.repeat(strata[at], SIZE),
            "w": PSUS / DRAWN,
            "y": values[at].ravel(),
        }
    )
    return Design(data, weight="w", strata="stratum", clusters="psu")
