"""A release from a published run: what is in it, what never is, and what its thresholds refuse."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import Design
from analysis.disclosure import anonymity
from survey.microdata.anonymising import NotAnonymous, anonymise
from survey.microdata.columns import Names
from survey.microdata.making import made, tried
from survey.microdata.plan import BadPlan, Chosen, suggested
from survey.microdata.recodes import BadRecode
from survey.microdata.replicas import figures, replicated, variance_of
from tests.microdata.sampled_plans import ACTIVITIES, plan


def test_only_answers_that_tell_of_nobody_are_offered(bench):
    assert [one.name for one in bench.offered.variables] == [
        "sex", "age", "smartphone", ACTIVITIES, "income", "area_type", "age_group",
    ]  # fmt: skip
    assert {"case_code", "remark", "place", "full_address", "response_key", "stratum", "psu"} <= set(
        bench.offered.withheld
    )
    keys = [one.name for one in suggested("adult", bench.offered).variables if one.role == "key"]
    assert keys == ["sex", "age", "area_type", "age_group"]


@pytest.mark.parametrize(
    "name", ["remark", "case_code", "full_address", "stratum", "'; DROP TABLE run; --", "\x00"]
)
def test_nothing_else_can_be_asked_for(bench, name):
    with pytest.raises(BadPlan):
        tried(bench, plan(Chosen(name)))


def test_rows_hide_among_three_and_the_report_says_what_it_took(bench):
    done = made(bench, plan())
    report = done.report.report
    assert report.before.uniques > 50 and report.before.k == 1
    assert report.after.k >= 3 and report.after.uniques == 0 and report.after.unsafe == 0
    assert report.after.expected < report.before.expected / 5
    keys = done.table[["sex", "age", "area_type"]]
    assert anonymity(keys, list(keys), k=3).k >= 3
    assert sum(report.blanked.values()) == int(keys.isna().sum().sum()) > 0
    assert report.recodes["age"].startswith("gộp thành khoảng: 15–17, 18–29")
    assert "khi biết" not in str(report) and report.inferable.k < 3  # with the stratum known they do not hide


def test_no_name_no_key_and_no_order_of_the_sample_is_left(bench):
    done = made(bench, plan())
    text = done.table.to_csv()
    for hint in ("Nguyễn", "uuid", "ho-0", "huyen", "ap1", "r1"):
        assert hint not in text
    original = bench.rows["income"].to_numpy(dtype=float)
    assert sorted(done.table["income"]) == sorted(original)
    assert not np.array_equal(done.table["income"], original)


def test_under_the_thresholds_it_is_refused_with_what_helps(bench):
    with pytest.raises(NotAnonymous) as fault:
        made(bench, plan(suppress=False))
    assert "dòng ở nhóm dưới k = 3" in fault.value.message and "khoảng rộng hơn" in fault.value.remedy


def test_sensitive_answers_differ_in_every_group(bench):
    report = made(bench, plan(Chosen("smartphone", "sensitive"), l=2)).report.report
    assert report.after.l == {"smartphone": 2} or report.after.l["smartphone"] > 2


def test_a_dominant_size_is_refused_until_it_is_cut(bench):
    rows = bench.rows.copy()
    rows["income"] = 1.0
    rows.loc[rows.index[0], "income"] = 10_000.0
    chosen = plan(Chosen("income", "size"))
    found = anonymise(rows, bench.weight, chosen, ["stratum"], {}).report
    assert {one.group for one in found.dominated} >= {""} and found.dominated[0].share > 0.98
    assert "income: một đơn vị chiếm" in found.faults[0]
    cut = anonymise(rows, bench.weight, plan(Chosen("income", "size", "max 1")), ["stratum"], {}).report
    assert cut.dominated == [] and cut.faults == []


@pytest.mark.parametrize(
    ("chosen", "fault"),
    [
        (lambda: plan(Chosen("age", "key", "30, 15")), BadRecode),
        (lambda: plan(Chosen("sex", "size")), BadPlan),
        (lambda: plan(k=2), BadPlan),
        (lambda: plan(Chosen("sex"), Chosen("age"), Chosen("area_type")), BadPlan),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused(bench, chosen, fault):
    with pytest.raises(fault):
        tried(bench, chosen())


def test_pseudo_codes_keep_the_design_and_its_strata_count_as_known(bench):
    coarse = (Chosen("sex", "key"), Chosen("age", "key", "15, 45"), Chosen("area_type", "key"))
    done = made(bench, plan(*coarse, design="pseudo"))
    assert done.report.report.after.k >= 3 and done.report.report.inferable.k >= 3
    codes = done.table.groupby("psu")["stratum"].nunique()
    assert len(codes) == 15 and (codes == 1).all() and done.table["stratum"].nunique() == 3
    sizes = bench.rows.groupby(["stratum", "psu"]).size()
    assert sorted(done.table.groupby(["stratum", "psu"]).size()) == sorted(sizes)


def test_replicates_give_the_errors_of_the_design(bench):
    done = made(bench, plan())
    variance = variance_of(done.design)
    assert variance.method == "jkn" and variance.weights.count == 15
    names = [f"rep_{number}" for number in range(1, 16)]
    design = Design.from_replicates(
        done.table, weight="final_weight", replicates=names, scale=variance.scale, rscales=variance.rscales
    )
    (income,) = (one for one in done.figures.reproduced if one.indicator == "mean-income")
    found = design.mean("income").iloc[0]
    assert found["estimate"] == pytest.approx(income.published, rel=1e-12)
    assert found["se"] == pytest.approx(income.std_error, rel=1e-12)
    assert found["se"] == pytest.approx(income.published_se, rel=0.1)  # jackknife beside linearisation
    sums = done.table.groupby("sex", dropna=True)[names].sum()
    assert len(sums) == 2


def test_a_figure_that_anonymising_changes_says_so(bench):
    done = made(bench, plan(Chosen("age", "key", "15, 30, 60")))
    by_code = {one.indicator: one for one in done.figures.reproduced}
    assert not by_code["smartphone-use"].is_same  # 15–29 counts as 15, and leaves those aged 18 or more
    assert by_code["mean-income"].is_same


def test_an_indicator_without_its_variables_is_told(bench):
    chosen = plan()
    without = type(chosen)("adult", tuple(one for one in chosen.variables if one.name != "smartphone"))
    assert made(bench, without).figures.lost == {"smartphone-use": "smartphone"}


def test_blanks_never_uncover_another_row(bench):
    """Whatever keys are chosen, each group of the released file has three rows or more."""
    for bands in ("15, 18, 30, 45, 60, 75", "15, 50", "max 40", "15, 16, 17, 18, 19, 20, 60"):
        keys = tried(bench, plan(Chosen("age", "key", bands))).data[["sex", "age", "area_type"]]
        size = keys.astype(object).where(keys.notna(), "").astype(str).value_counts()
        assert size.min() >= 3, (bands, size)
    assert isinstance(keys, pd.DataFrame)


def test_a_population_that_everybody_belongs_to_survives_blanked_ages(bench):
    ages = bench.rows["age"].astype(float)
    recipe = bench.recipe
    everybody = replace(recipe.indicators[0], population=f"${{age}} >= {int(ages.min())}")
    design = replicated(bench.design)
    released = bench.rows[["age", "smartphone"]].assign(age=ages.mask(ages > 60))
    changed = replace(recipe, indicators=(everybody,))
    found = figures(bench.run, design, released, changed, "adult", Names()).reproduced[0]
    assert found.value == pytest.approx(_share(bench), rel=1e-12)


def _share(bench):
    uses = (bench.rows["smartphone"] == "yes").astype(float)
    return 100 * np.average(uses, weights=bench.weight)
