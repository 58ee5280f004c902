"""Imputation in runs: recorded, the same each time, counted in the errors; wrong plans are told at import."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from flask import Flask
from sqlalchemy import select

from survey.disseminate import reproduction
from survey.disseminate import service as disseminate
from survey.editing.imputing import BadImputation, impute, read_plan
from survey.extensions import db
from survey.instrument import Instrument
from survey.process.combining import estimate_repeats
from survey.process.completing import completed
from survey.process.folders import run_folder
from survey.process.models import Run
from survey.process.plans import check_plans
from survey.process.service import IMPUTED_FILE, find_run, recipe_used
from survey.process.tables import read_tables
from survey.process.weighting import weighted_design
from survey.rounds.models import Purpose, Round
from survey.rounds.service import instrument_of
from tests.editing.conftest import DESIGN, INDICATORS, Household, make_household, run
from tests.staff import read, signed_in, statistician, words

STEP: dict[str, Any] = {
    "level": "household",
    "variables": ["adults"],
    "method": "hot_deck",
    "classes": ["stratum"],
}
LEVELS = {"household": None, "person": None}
# Households 2 to 5 have 1, 2, 3 and no number of adults; 4 has none either: stratum A is 0, 2, 4; B is 1, 3, 5.
ANSWERS: dict[str, Any] = {
    "u0": {"adults": 1}, "u1": {"adults": 2, "size": 6}, "u2": {"adults": 3}, "u3": {"adults": 4},
    "u4": {"adults": None}, "u5": {"adults": None},
}  # fmt: skip


def design(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return DESIGN | {"imputation": {"seed": 7, "steps": list(steps or (STEP,))} | more}


def made(app: Flask, folder: Path, plan: dict[str, Any] | None = None) -> Household:
    return make_household(app, folder, plan or design(), **ANSWERS)


def total(run_: Run) -> Any:
    return next(each for each in run_.estimates if each.indicator == "size-mean")


def test_gaps_are_filled_from_their_class_and_each_value_is_recorded(app: Flask, tmp_path: Path) -> None:
    household = made(app, tmp_path)
    with app.app_context():
        done = find_run(household.run_id)
        kept = pd.read_parquet(run_folder(done) / IMPUTED_FILE)
        assert kept["response_key"].tolist() == ["uuid:4", "uuid:5"]
        given = {"uuid:0": "1", "uuid:1": "2", "uuid:2": "3", "uuid:3": "4"}
        assert [given[key] for key in kept["donor_key"]] == kept["value"].tolist()
        assert [int(key[-1]) % 2 for key in kept["donor_key"]] == [0, 1], "a donor of the same stratum"
        values = [1, 2, 3, 4, *map(float, kept["value"])]
        assert total(done).value == pytest.approx(np.mean(values))
        assert done.snapshot is not None
        assert read_tables(done.snapshot)["root"]["adults"].isna().sum() == 2, "as collected"
        (line,) = done.editing["imputed"]["variables"]
        assert (line["rows"], line["imputed"], line["donors"], line["most"]) == (6, 2, 2, 1)


def test_the_runs_page_tells_shares_donors_and_what_errors_leave_out(app: Flask, tmp_path: Path) -> None:
    household = made(app, tmp_path)
    shown = read(signed_in(app, "may"), f"/process/run/{household.run_id}")
    (row,) = shown.xpath("//h2[@id='imputed']/following::table[1]/tbody/tr")
    cells = [words(cell) for cell in row.xpath("td")]
    assert cells == ["rút ngẫu nhiên trong nhóm", "6", "2", "33,3 %", "2", "1 lần"]
    assert "coi giá trị bù như câu trả lời thật" in words(shown)


def test_the_same_run_again_gives_the_same_figures(app: Flask, tmp_path: Path) -> None:
    household = made(app, tmp_path)
    with app.app_context():
        again = find_run(run(db.session.get_one(Round, household.round_id)))
        assert total(again).value == total(find_run(household.run_id)).value


def test_repeats_add_how_they_differ_to_the_error(app: Flask, tmp_path: Path) -> None:
    """Rubin's formula by hand: within + (1 + 1/m) between; a share that no imputed value touches stays."""
    household = made(app, tmp_path, design(repeats=5))
    with app.app_context():
        done = find_run(household.run_id)
        recipe = recipe_used(done)
        assert done.snapshot is not None
        filled = completed(read_tables(done.snapshot), recipe)
        level = recipe.levels["household"]
        indicator, online = recipe.indicators
        designs = [weighted_design(tables, level, recipe)[0] for tables in filled.tables]
        single = [next(iter(estimate_repeats([one], indicator, recipe))) for one in designs]
        values = np.array([each.value for each in single])
        assert values.var() > 0
        within = np.mean([each.std_error**2 for each in single])
        expected = np.sqrt(within + 1.2 * values.var(ddof=1))
        assert total(done).value == pytest.approx(values.mean(), abs=1e-12)
        assert total(done).std_error == pytest.approx(expected, rel=1e-12)
        untouched = next(iter(estimate_repeats(designs[:1], online, recipe)))
        share = next(each for each in done.estimates if each.indicator == "online")
        assert (share.value, share.std_error, share.ci_low) == (
            untouched.value,
            untouched.std_error,
            untouched.ci_low,
        )
        assert set(pd.read_parquet(run_folder(done) / IMPUTED_FILE)["repeat"]) == {1, 2, 3, 4, 5}


@pytest.fixture(params=[1, 4])
def published(app: Flask, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[list[Any]]:
    """Figures of an imputed run, with one and with several repeats, signed by two people."""
    household = made(app, tmp_path, design(repeats=request.param))
    with app.app_context():
        round_ = db.session.get_one(Round, household.round_id)
        round_.purpose = Purpose.DEMONSTRATION
        number = run(round_)
        figures = disseminate.publish(
            disseminate.propose(find_run(number), statistician("lan")), statistician("minh")
        )
        db.session.commit()
        yield figures


def test_figures_of_an_imputed_run_are_reproduced(published: list[Any]) -> None:
    compared = reproduction.reproduce(published, lambda share, message: None)
    assert len(compared) == len(published) > 1
    assert all(one.agrees for one in compared)


def test_corrections_come_first(app: Flask, tmp_path: Path) -> None:
    """A number that was corrected to nothing is filled; a corrected number is given on."""
    from survey.editing.models import Correction
    from tests.editing.test_corrections import ADULTS, change

    household = made(app, tmp_path)
    with app.app_context():
        change(app, household, ADULTS, 1, None)
        later = find_run(run(db.session.get_one(Round, household.round_id)))
        kept = pd.read_parquet(run_folder(later) / IMPUTED_FILE)
        assert kept["response_key"].tolist() == ["uuid:0", "uuid:4", "uuid:5"]
        assert kept["value"].tolist()[:2] == ["3", "3"], (
            "of stratum A only the third household is left to give"
        )
        assert len(db.session.scalars(select(Correction)).all()) == 1


# -- one table -------------------------------------------------------------------------------------
TABLE = pd.DataFrame(
    {
        "income": pd.array([10, None, 30, 99, None], "Int64"),
        "age": [20, 21, 60, 30, 59],
        "works": pd.array(["yes", "yes", "yes", "no", "yes"], "string"),
        "kind": pd.array(["a", "refused", "b", "b", None], "string"),
    }
)


def step(**changes: Any) -> Any:
    entry = {
        "level": "household",
        "variables": ["income"],
        "method": "nearest_donor",
        "distance": ["age"],
    } | changes
    return read_plan({"steps": [entry]}, LEVELS).steps[0]


def test_the_nearest_gives_among_those_concerned() -> None:
    column, donors, tally = impute(TABLE, step(where="${works} = 'yes'"), "income", 1, False)
    assert column.tolist() == [10, 10, 30, 99, 30]
    assert donors.to_dict() == {1: 0, 4: 2}
    assert (tally.rows, tally.imputed, tally.donors, tally.most) == (4, 2, 2, 1)


def test_codes_that_mean_missing_are_filled_too() -> None:
    column, _, tally = impute(TABLE, step(variables=["kind"], missing=["refused"]), "kind", 1, False)
    assert column.tolist() == ["a", "a", "b", "b", "b"]
    assert tally.imputed == 2


def test_a_class_without_donors_is_named(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(BadImputation, match="không có ai cho giá trị") as caught:
        made(app, tmp_path, design(STEP | {"classes": ["psu"]}))
    assert "adults" in caught.value.message
    assert "p4" in caught.value.message
    with app.app_context():
        failed = db.session.scalars(select(Run)).one()
        assert failed.status == "failed"
        assert not failed.estimates


# -- plans that are wrong --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"method": "guess"}, "method 'guess' không có"),
        ({"level": "village"}, "level 'village'"),
        ({"variables": []}, "thiếu mục variables"),
        ({"variables": "adults"}, "không phải danh sách"),
        ({"method": "nearest_donor"}, "cần mục distance"),
        ({"distance": ["size"]}, "không dùng mục distance"),
        ({"classes": ["adults"]}, "vừa được bù vừa dùng"),
        ({"where": "${size} >"}, "ký tự"),
        ({"weight": "x"}, "không có mục 'weight'"),
        ({"variables": ["adutls"]}, "không có biến 'adutls'"),
    ],
)
def test_wrong_plans_are_refused_at_import(form: Instrument, changes: dict[str, Any], said: str) -> None:
    plans = {"indicators": INDICATORS, "design": design(STEP | changes), "controls": []}
    with pytest.raises(BadImputation) as caught:
        check_plans(form, plans)
    assert said in caught.value.message
    assert caught.value.message.startswith("design.yaml, imputation")
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"steps": []} | {"seed": 0}, "seed"), ({"steps": [], "repeats": 51}, "repeats"), ({"steps": {}}, "steps"),
        (["x"], "steps"), ({"steps": ["x"]}, "bước 1"), ({"steps": [], "method": "x"}, "không có mục 'method'"),
        ({"steps": [STEP, STEP]}, "hai lần"),
    ],
)  # fmt: skip
def test_wrong_sections_are_refused(section: Any, said: str) -> None:
    with pytest.raises(BadImputation, match=said):
        read_plan(section, LEVELS)


def test_a_variable_of_another_name_in_reliability_is_refused(form: Instrument) -> None:
    from survey.process.edits import BadEditRules
    from tests.editing.conftest import EDITS

    for reliability, said in (
        ({"adutls": 2}, "không có biến 'adutls'"), ({"adults": 0}, "không dùng được"), ({"adults": "x"}, "fixed"),
        ([], None), (["adults"], "không phải danh sách"),
    ):  # fmt: skip
        plans = {
            "indicators": INDICATORS,
            "design": DESIGN,
            "controls": [],
            "edits": EDITS | {"reliability": reliability},
        }
        if said is None:
            assert check_plans(form, plans) is not None
            continue
        with pytest.raises(BadEditRules) as caught:
            check_plans(form, plans)
        assert said in str(caught.value)


@pytest.fixture
def form(app: Flask, household: Household) -> Instrument:
    """The questionnaire of households."""
    with app.app_context():
        return instrument_of(db.session.get_one(Round, household.round_id).instrument_version)
