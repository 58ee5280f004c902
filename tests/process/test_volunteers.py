"""Volunteers' answers: apart from the sample, never pooled, combined only by a method that the recipe names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from flask import Flask
from sqlalchemy import select

from analysis import Design
from survey.accounts.models import Role
from survey.extensions import db
from survey.intake.models import Mode, Response
from survey.intake.service import Arrival, submit
from survey.intake.withdrawal import withdraw
from survey.process import service
from survey.process.methods.opt_in_plan import opt_in_plan
from survey.process.methods.volunteers import SourceLine, source_lines, volunteers_apart
from survey.process.models import MethodResult, Run
from survey.process.recipe import BadRecipe, Recipe, read_recipe
from survey.process.tables import OPT_IN, ROOT, Tables, read_tables
from survey.rounds.models import Round
from tests.process import hand_made
from tests.process.conftest import HandMade
from tests.process.hand_made import DESIGN_WEIGHT
from tests.staff import read, signed_in, statistician, words

Field = Callable[..., HandMade]
TRUTH = 50.0
PLAN = {"indicators": ["internet-use"], "covariates": ["age"]}


def recipe(**more: Any) -> Recipe:
    design = hand_made.design(minimum_n=30) | {"opt_in": PLAN | more}
    return read_recipe(hand_made.INDICATORS, design, [])


def people(rng: np.random.Generator, n: int, young: float) -> pd.DataFrame:
    """The young use the Internet four times out of five, the old once: half the population is young."""
    age = np.where(rng.uniform(size=n) < young, "young", "old")
    uses = rng.uniform(size=n) < np.where(age == "young", 0.8, 0.2)
    return pd.DataFrame({"age": age, "uses": np.where(uses, "yes", "no"), "sex": "male"})


def sources(seed: int, volunteers: int = 800) -> tuple[Tables, Design]:
    """Volunteers of whom nine in ten are young, beside a sample of the population."""
    rng = np.random.default_rng(seed)
    sampled = people(rng, 600, 0.5).assign(w=1000.0)
    return {OPT_IN: people(rng, volunteers, 0.9)}, Design(sampled, weight="w")


def result(tables: Tables, design: Design, **more: Any) -> MethodResult:
    return next(volunteers_apart(recipe(**more), tables, {"adult": design}))


def lines(made: MethodResult) -> dict[str, SourceLine]:
    return {line.method: line for line in source_lines(made)}


@pytest.mark.parametrize("method", ["chen_li_wu", "elliott_valliant"])
def test_pseudo_weights_take_out_the_bias_that_the_covariates_explain(method: str) -> None:
    plain, weighted, covered = [], [], []
    for seed in range(20):
        found = lines(result(*sources(seed), method=method))
        plain.append(found["unweighted"].value)
        weighted.append(found[method].value)
        low, high = found[method].ci_low, found[method].ci_high
        assert low is not None
        assert high is not None
        covered.append(low <= TRUTH <= high)
    assert np.mean(plain) > TRUTH + 20
    assert np.mean(weighted) == pytest.approx(TRUTH, abs=1.5)
    assert sum(covered) >= 17


def test_the_plain_mean_of_volunteers_has_no_error() -> None:
    line = lines(result(*sources(1)))["unweighted"]
    assert (line.std_error, line.ci_low, line.has_limits) == (None, None, False)


def test_the_sample_keeps_its_own_figure() -> None:
    tables, design = sources(1)
    mask = design.data["uses"] == "yes"
    direct = design.with_columns({"y": mask.astype(float)}).proportion("y").iloc[0]
    line = lines(result(tables, design, combine="inverse_mse"))["direct"]
    assert line.value == pytest.approx(100 * direct["estimate"])
    assert line.std_error == pytest.approx(100 * direct["se"])
    assert line.ci_low == pytest.approx(100 * direct["ci_low"])


def test_nothing_is_combined_unless_the_recipe_names_a_method() -> None:
    tables, design = sources(1)
    assert "combined" not in {line.source for line in source_lines(result(tables, design))}
    found = lines(result(tables, design, combine="inverse_variance", doubly_robust=True))
    joint, robust, direct = (
        found["inverse_variance"],
        found["doubly_robust(chen_li_wu)"],
        found["direct"],
    )
    assert joint.source == "combined"
    assert joint.share is not None
    assert joint.value == pytest.approx(joint.share * robust.value + (1 - joint.share) * direct.value)
    assert joint.std_error is not None
    assert direct.std_error is not None
    assert joint.std_error <= direct.std_error + 1e-9


def test_the_diagnostics_say_how_alike_the_sources_are() -> None:
    summary = result(*sources(1)).summary
    assert summary["common_support"] == pytest.approx(1.0)
    row = summary["balance"][0]
    assert abs(row["smd_before"]) > 0.5
    assert abs(row["smd_after"]) < 0.05


def test_refusals_are_told_in_vietnamese() -> None:
    tables, design = sources(1)
    only_young = {OPT_IN: tables[OPT_IN][tables[OPT_IN]["age"] == "young"]}
    assert "không gặp nhau" in result(only_young, design).reason
    assert "Mới có 12 phiếu" in result({OPT_IN: tables[OPT_IN].iloc[:12]}, design).reason
    assert "Chưa có phiếu tự nguyện" in result({}, design).reason
    assert "không có biến income" in result(tables, design, covariates=["income"]).reason
    empty = tables[OPT_IN].assign(age=None)
    assert "Mới có 0 phiếu" in result({OPT_IN: empty}, design).reason


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"method": "average"}, "average"),
        ({"combine": "pool"}, "pool"),
        ({"weights": "none"}, "weights"),
        ({"covariates": []}, "covariates"),
        ({"indicators": ["other"]}, "other"),
        ({"doubly_robust": "maybe"}, "maybe"),
    ],
)
def test_a_wrong_plan_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(BadRecipe, match=said):
        opt_in_plan(recipe(**more))


def volunteer(round_: Round, number: int) -> None:
    answers: dict[str, Any] = {"members": 1, "sex": ["male", "female"][number % 2], "uses": "yes"}
    submit(round_, Arrival(f"uuid:volunteer-{number}", answers, Mode.OPENROSA))


def run_of(round_: Round, user: str) -> Run:
    run = service.request_run(round_, statistician(user))
    db.session.commit()
    return service.execute(run.id)


def test_a_run_keeps_volunteers_out_of_its_direct_estimates(app: Flask, field: Field) -> None:
    fielded = field(DESIGN_WEIGHT)
    with app.app_context():
        round_ = db.session.get_one(Round, fielded.round_id)
        before = run_of(round_, "minh")
        for number in range(10):
            volunteer(round_, number)
        db.session.commit()
        again = run_of(round_, "nam")
        assert again.snapshot == before.snapshot, "without `opt_in` in the design they are not even copied"
        plan = {"indicators": ["internet-use"], "covariates": ["sex"]}
        round_.instrument_version.design = hand_made.design(DESIGN_WEIGHT) | {"opt_in": plan}
        db.session.commit()
        run = run_of(round_, "hoa")
        assert run.snapshot is not None
        tables = read_tables(run.snapshot)
        assert (len(tables[ROOT]), len(tables[OPT_IN])) == (6, 10)
        assert [row.value for row in run.estimates] == [row.value for row in before.estimates]
        line = lines(run.results[0])["unweighted"]
        assert (line.value, line.n) == (100.0, 10)
        number = run.id
    page = read(signed_in(app, "lan", Role.STATISTICIAN), f"/process/run/{number}/tu-nguyen")
    text = words(page)
    assert "Tự nguyện, không đại diện" in text
    assert "Mẫu xác suất" in text
    assert "Gộp hai nguồn" not in text


def test_a_volunteer_who_takes_the_answer_back_takes_the_copy_too(app: Flask, field: Field) -> None:
    fielded = field(DESIGN_WEIGHT)
    with app.app_context():
        round_ = db.session.get_one(Round, fielded.round_id)
        plan = {"indicators": ["internet-use"], "covariates": ["sex"]}
        round_.instrument_version.design = hand_made.design(DESIGN_WEIGHT) | {"opt_in": plan}
        for number in range(4):
            volunteer(round_, number)
        db.session.commit()
        run = run_of(round_, "minh")
        assert run.snapshot is not None
        folder = Path(run.snapshot.folder)
        taken_back = db.session.scalars(
            select(Response).where(Response.instance_id == "uuid:volunteer-0")
        ).one()
        withdraw(taken_back)
        db.session.commit()
        assert not folder.exists()
        assert (run.status, run.results) == ("cancelled", [])
