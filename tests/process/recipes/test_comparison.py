"""Two runs side by side: computed by hand, on the same data or said not to be, as a page and as a file."""

import csv
import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from flask import Flask

from survey.accounts.models import Role
from survey.cases.models import Case, Disposition
from survey.cases.service import set_disposition
from survey.extensions import db
from survey.process import service as processing
from survey.process.models import Estimate, Run, RunStatus
from survey.process.recipes import service
from survey.process.recipes.comparison import Pair, compare, compare_weights
from survey.process.recipes.pictures import pictures
from tests.process.conftest import HandMade
from tests.process.recipes.conftest import RAKED, in_round, own_text
from tests.staff import read, send, signed_in, statistician, words


def weights(**values: float) -> "pd.Series[float]":
    return pd.Series(values, dtype=float)


def test_weights_are_compared_unit_by_unit() -> None:
    found = compare_weights("adult", weights(a=1, b=2, c=3, d=9), weights(a=2, b=2, c=6, e=5))
    assert (found.common, found.only_a, found.only_b) == (3, 1, 1)
    assert found.a["sum"] == 15
    assert found.b["sum"] == 15
    assert found.ratios is not None
    assert (found.ratios["low"], found.ratios["quantiles"]["p50"], found.ratios["high"]) == (1, 2, 2)
    # Kish: n sum w^2 / (sum w)^2
    assert found.a["kish_deff"] == pytest.approx(4 * (1 + 4 + 9 + 81) / 15**2)
    assert sum(cell.fullness > 0 for cell in found.plane) == len(found.plane) == 3


@pytest.mark.parametrize(("a", "b"), [(weights(a=1), weights(b=1)), (weights(a=2, b=2), weights(a=2, b=2))])
def test_weights_without_common_units_or_without_spread_have_no_correlation(
    a: "pd.Series[float]", b: "pd.Series[float]"
) -> None:
    assert compare_weights("adult", a, b).correlation is None


def pair(a: tuple[float, float] | None, b: tuple[float, float] | None, *verdicts: str | None) -> Pair:
    sides = [each and Estimate(value=each[0], std_error=each[1]) for each in (a, b)]
    return Pair(SimpleNamespace(code="x"), "x", "", *sides, verdicts or (None, None))  # type: ignore[arg-type]


def test_a_pair_tells_difference_and_change_of_the_error() -> None:
    both = pair((40.0, 2.0), (43.0, 1.5))
    assert (both.difference, both.se_change, both.in_errors) == (3.0, pytest.approx(-25.0), 1.5)
    alone = pair((40.0, 2.0), None)
    assert (alone.difference, alone.se_change, alone.in_errors) == (None, None, float("inf"))
    certain = pair((40.0, 0.0), (40.0, 0.0))
    assert (certain.se_change, certain.in_errors) == (None, 0.0)
    assert pair((40.0, 1.0), (41.0, 1.0), "met", "undecided").is_turned
    assert not pair((40.0, 1.0), (41.0, 1.0), "met", "met").is_turned


@pytest.fixture
def two_runs(app: Flask, fielded: HandMade) -> tuple[int, int]:
    """The questionnaire's plan and a raked version, run on the same data."""
    with in_round(app, fielded) as round_:
        lan = statistician("ba")
        service.save(round_, lan, own_text(round_, RAKED), "raking", 0)
        numbers = []
        for number in (0, 1):
            run = service.request(round_, lan, number)
            db.session.commit()
            numbers.append(processing.execute(run.id).id)
        return numbers[0], numbers[1]


def test_two_recipes_on_the_same_data(app: Flask, two_runs: tuple[int, int]) -> None:
    with app.app_context():
        a, b = (db.session.get_one(Run, number) for number in two_runs)
        found = compare(a, b)
        assert found.is_same_data
        (adult,) = found.weights
        assert adult.common == 6
        assert adult.b["sum"] == pytest.approx(200)
        by_domain = {each.group: each for each in found.pairs}
        total = by_domain[""]
        assert total.a and total.b and total.difference == pytest.approx(total.b.value - total.a.value)
        ranks = [each.in_errors for each in found.pairs]
        assert ranks == sorted(ranks, reverse=True)


def test_verdicts_that_turn_come_first(app: Flask, two_runs: tuple[int, int]) -> None:
    with app.app_context():
        a, b = (db.session.get_one(Run, number) for number in two_runs)
        found = compare(a, b, ({"internet-use": "undecided"}, {"internet-use": "met"}))
        assert found.turned == 1
        assert found.pairs[0].is_turned
        assert found.pairs[0].group == ""


def test_the_page_and_the_file_of_a_comparison(
    app: Flask, fielded: HandMade, two_runs: tuple[int, int]
) -> None:
    browser, (a, b) = signed_in(app, "lan", Role.STATISTICIAN), two_runs
    shown = read(browser, f"{fielded.address}/so-sanh?a={a}&b={b}")
    told = words(shown)
    assert "cùng một dữ liệu" in told
    assert "Tỷ lệ người dùng Internet" in told
    assert shown.xpath("//figure[contains(@class, 'plane')]//rect")
    rows = list(
        csv.DictReader(
            io.StringIO(browser.get(f"{fielded.address}/so-sanh.csv?a={a}&b={b}").text.lstrip("\ufeff"))
        )
    )
    assert len(rows) == 3
    assert {row["same_data"] for row in rows} == {"yes"}
    assert all(float(row["difference"]) == float(row["value_b"]) - float(row["value_a"]) for row in rows)
    assert read(browser, f"{fielded.address}/phuong-an").xpath("//select[@name='a']/option")


def test_other_data_are_said_and_both_can_be_run_on_the_same(
    app: Flask, fielded: HandMade, two_runs: tuple[int, int], work_off: Callable[[], None]
) -> None:
    browser, (a, _) = signed_in(app, "lan", Role.STATISTICIAN), two_runs
    with in_round(app, fielded) as round_:
        refused = db.session.query(Case).filter_by(round_id=round_.id, unit="6").one()
        set_disposition(refused, Disposition.REFUSAL)
        later = service.request(round_, statistician("tu"), 1)
        db.session.commit()
        c = processing.execute(later.id).id
    page = f"{fielded.address}/so-sanh?a={a}&b={c}"
    assert "Dữ liệu của hai lượt cũng khác nhau" in words(read(browser, page))
    given: dict[str, Any] = {"a": a, "b": c}
    answer = send(browser, page, f"{fielded.address}/so-sanh", **given)
    assert answer.status_code == 303
    assert "Có kết quả so sánh khi" in words(read(browser, answer.location))
    assert send(browser, page, f"{fielded.address}/so-sanh", **given).location == answer.location, (
        "pressed twice"
    )
    assert browser.get(answer.location.replace("so-sanh?", "so-sanh.csv?")).status_code == 400
    work_off()
    assert "cùng một dữ liệu" in words(read(browser, answer.location))
    with app.app_context():
        again = db.session.scalars(db.select(Run).order_by(Run.id.desc())).first()
        assert again is not None
        assert (again.status, again.recipe_number) == (RunStatus.DONE, 0)
        assert again.snapshot_id == db.session.get_one(Run, c).snapshot_id


@pytest.mark.parametrize("query", ["", "?a=1", "?a=x&b=y", "?a=0&b=0", "?a=99999999999999&b=1"])
def test_runs_that_are_not_there_are_not_found(app: Flask, fielded: HandMade, query: str) -> None:
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    assert browser.get(f"{fielded.address}/so-sanh{query}").status_code == 404


def test_pictures_show_weights_before_and_after_on_one_scale(app: Flask, two_runs: tuple[int, int]) -> None:
    with app.app_context():
        (level,) = pictures(db.session.get_one(Run, two_runs[1]).log)
    first, *others = level.steps
    assert first.before == ()
    for step in others:
        assert step.scale is not None
        for bars in (step.before, step.after):
            assert all(bar.x >= 0 and bar.x + bar.width <= 100.01 for bar in bars)
            assert max(bar.height for bar in bars) == 100
    nonresponse = level.steps[1]
    assert nonresponse.deff_change == pytest.approx(
        nonresponse.record["kish_deff"] / first.record["kish_deff"]
    )


def test_a_log_without_weights_has_no_pictures() -> None:
    empty = {"level": "adult", "step": "given", "kish_deff": None, "weights": None}
    (level,) = pictures([empty])
    assert (level.steps[0].scale, level.steps[0].after) == (None, ())
