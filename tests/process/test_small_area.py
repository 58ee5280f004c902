"""Small areas in a run: known truth, the benchmark, what is refused and in which words, and the page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from flask import Flask

from analysis import Design
from survey.accounts.models import Role
from survey.extensions import db
from survey.process import service
from survey.process.methods.area_plan import area_plan
from survey.process.methods.small_area import AreaLine, area_lines, small_areas
from survey.process.models import MethodResult
from survey.process.recipe import BadRecipe, Recipe, read_recipe
from survey.rounds.models import Round
from survey.rounds.plans import BadPlan, read_plans
from tests.process import hand_made
from tests.process.conftest import HandMade
from tests.staff import read, signed_in, statistician, words

AREAS = 30


def rows(areas: int = AREAS) -> list[dict[str, str]]:
    """The auxiliary file: how urban each area is decides most of its truth."""
    return [
        {"area": f"c{k:02}", "people": str(1000 + 10 * k), "urban": str(round(k / AREAS, 4))}
        for k in range(areas)
    ]


def recipe(**more: Any) -> Recipe:
    plan = {
        "area": "commune",
        "indicators": ["internet-use"],
        "auxiliary": "areas.csv",
        "population": "people",
        "covariates": ["urban"],
        "rows": rows(),
    } | more
    design = hand_made.design() | {"small_area": {key: v for key, v in plan.items() if v is not None}}
    return read_recipe(hand_made.INDICATORS, design, [])


def sample(seed: int, psus: int = 3, each: int = 8, unsampled: int = 5) -> tuple[pd.Series, Design]:
    """The truth by area, and a sample of it that leaves out some areas, evenly along the list."""
    rng = np.random.default_rng(seed)
    truth = pd.Series({f"c{k:02}": 0.3 + 0.4 * k / AREAS + rng.normal(0, 0.08) for k in range(AREAS)})
    left_out = {round((k + 0.5) * AREAS / unsampled) for k in range(unsampled)}
    records = [
        {
            "stratum": "all",
            "psu": f"{area}-{psu}",
            "commune": area,
            "uses": "yes" if rng.uniform() < truth[area] else "no",
            "w": (1000 + 10 * k) / (psus * each),
        }
        for k, area in enumerate(truth.index)
        if k not in left_out
        for psu in range(psus)
        for _ in range(each)
    ]
    return truth, Design(pd.DataFrame(records), weight="w", strata="stratum", clusters="psu")


def result(design: Design, **more: Any) -> MethodResult:
    return next(small_areas(recipe(**more), {}, {"adult": design}))


def by_area(made: MethodResult) -> dict[str, AreaLine]:
    return {line.area: line for line in area_lines(made)}


def test_the_model_is_nearer_to_the_truth_than_the_direct_figures() -> None:
    direct, model, covered = [], [], []
    for seed in range(8):
        truth, design = sample(seed)
        for area, line in by_area(result(design)).items():
            if line.direct is not None:
                direct.append(line.direct - 100 * truth[area])
                model.append(line.estimate - 100 * truth[area])
            covered.append(line.ci_low <= 100 * truth[area] <= line.ci_high)
    assert np.std(model) < 0.85 * np.std(direct)
    assert np.mean(covered) > 0.88


def test_the_areas_add_up_to_the_direct_figure_of_the_whole() -> None:
    made = result(sample(1)[1], benchmark="ratio")
    people = {row["area"]: float(row["people"]) for row in rows()}
    lines = by_area(made)
    weights = [people[area] for area in lines]
    whole = np.average([line.estimate for line in lines.values()], weights=weights)
    assert whole == pytest.approx(made.summary["target"], abs=1e-9)
    assert made.summary["after_benchmark"] == pytest.approx(made.summary["target"], abs=1e-9)
    free = result(sample(1)[1], benchmark="none")
    assert free.summary["after_benchmark"] == free.summary["before_benchmark"]


def test_an_area_without_sample_rests_on_the_auxiliary_data_alone() -> None:
    lines = by_area(result(sample(1)[1]))
    assert (lines["c15"].n, lines["c15"].direct, lines["c15"].gamma) == (0, None, 0.0)
    assert lines["c15"].basis == "synthetic"
    assert 0 < lines["c00"].gamma < 1


def test_an_area_of_one_psu_has_no_error_of_its_own() -> None:
    made = result(sample(1, psus=1)[1], transform="arcsine", unusable="gvf", benchmark="logit")
    assert made.reason != "", "no area has two PSUs, so that no design effect is known"
    _, two = sample(1, psus=2)
    lone = two.data.assign(psu=two.data["psu"].where(two.data["commune"] != "c04", "c04-0"))
    made = result(
        Design(lone, weight="w", strata="stratum", clusters="psu"), transform="arcsine", unusable="gvf"
    )
    line = by_area(made)["c04"]
    assert (line.direct_se, line.direct_cv) == (None, None)
    assert line.gamma > 0, "its variance follows from n and the design effect of all areas"


def test_an_area_where_all_say_the_same_is_not_told_as_exact() -> None:
    _, design = sample(1, psus=2)
    same = design.data.assign(uses=design.data["uses"].mask(design.data["commune"] == "c04", "yes"))
    made = result(
        Design(same, weight="w", strata="stratum", clusters="psu"), transform="arcsine", unusable="gvf"
    )
    line = by_area(made)["c04"]
    assert (line.direct, line.direct_se, line.direct_cv) == (100.0, None, None)
    assert line.rmse > 0
    assert made.summary["measured"] == sum(one.direct_se is not None for one in by_area(made).values())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"unusable": "refuse"}, "phương sai trực tiếp bằng 0"),
        ({"rows": rows(24)}, "không có dòng của địa bàn này"),
        ({"area": "village"}, "không có cột 'village'"),
    ],
)
def test_refusals_are_told_in_vietnamese_and_do_not_stop_the_run(more: dict[str, Any], said: str) -> None:
    design = sample(2, unsampled=0)[1]
    uses = design.data["uses"].where(design.data["commune"] != "c00", "no")
    made = result(design.with_columns({"uses": uses}), **more)
    assert said in made.reason
    assert made.lines == []


def test_too_few_areas_are_refused_with_their_number() -> None:
    made = result(sample(3, unsampled=27)[1])
    assert "Chỉ có 3 địa bàn" in made.reason


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"method": "magic"}, "magic"),
        ({"colour": "blue"}, "colour"),
        ({"covariates": None}, "covariates"),
        ({"covariates": "urban"}, "danh sách"),
        ({"covariates": ["rain"]}, "rain"),
        ({"indicators": ["other"]}, "other"),
        ({"areas": "planet"}, "planet"),
        ({"rows": []}, "không có dòng nào"),
        ({"rows": [*rows(), rows()[0]]}, "dòng 32"),
        ({"rows": [{**rows()[0], "urban": "=1+1"}]}, "dòng 2"),
    ],
)
def test_a_wrong_plan_is_refused_before_anything_is_computed(more: dict[str, Any], said: str) -> None:
    with pytest.raises(BadRecipe, match=said):
        area_plan(recipe(**more))


def test_the_auxiliary_file_comes_in_with_the_plan(tmp_path: Path) -> None:
    design = {"small_area": {"auxiliary": "areas.csv"}}
    (tmp_path / "design.yaml").write_text(yaml.safe_dump(design), encoding="utf-8")
    with pytest.raises(BadPlan, match=r"areas\.csv"):
        read_plans(tmp_path)
    (tmp_path / "areas.csv").write_text("area,people\nc00,5\n", encoding="utf-8-sig")
    assert read_plans(tmp_path)["design"]["small_area"]["rows"] == [{"area": "c00", "people": "5"}]
    design["small_area"]["auxiliary"] = "../areas.csv"
    (tmp_path / "design.yaml").write_text(yaml.safe_dump(design), encoding="utf-8")
    with pytest.raises(BadPlan, match="areas"):
        read_plans(tmp_path)


def test_the_page_shows_model_and_direct_figures_or_the_reason(
    app: Flask, field: Callable[..., HandMade]
) -> None:
    fielded = field()
    with app.app_context():
        run = service.request_run(db.session.get_one(Round, fielded.round_id), statistician("minh"))
        db.session.commit()
        service.execute(run.id)
        number, made = run.id, result(sample(1)[1])
        made.run_id = number
        db.session.add(made)
        db.session.commit()
        published = {row.indicator for row in run.estimates}, len(run.estimates)
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    page = read(browser, f"/process/run/{number}/vung-nho")
    assert len(page.xpath("//table[contains(@class, 'full')]//tbody/tr")) == AREAS
    assert "không công bố" in words(page)
    assert "không có mẫu" in words(page)
    assert page.xpath("//th[@aria-sort='descending']//a[contains(., 'Mô hình')]")
    named = read(browser, f"/process/run/{number}/vung-nho?sap=name")
    first = named.xpath("//table[contains(@class, 'full')]//tbody/tr[1]/th")[0]
    assert words(first) == "c00"
    assert published == ({"internet-use"}, 3), "nothing modelled is among the direct estimates"
    assert "Ước lượng vùng nhỏ" in words(read(browser, f"/process/run/{number}"))
