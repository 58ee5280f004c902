"""Change from the last round: by hand, through a run and its page, and where it is refused."""

import shutil
from collections.abc import Callable
from math import sqrt
from typing import Any

import pytest
from flask import Flask

from survey.accounts.models import Role
from survey.cases.models import Case
from survey.cases.service import add_sample
from survey.extensions import db
from survey.intake.models import Mode
from survey.intake.service import Arrival, submit
from survey.process import service
from survey.process.completing import completed
from survey.process.methods.change import Change, changes_of
from survey.process.models import Run, RunStatus
from survey.process.service import recipe_used
from survey.process.tables import read_tables
from survey.rounds.models import Purpose, Round
from survey.rounds.service import ensure_round, open_round
from tests.process import hand_made
from tests.process.conftest import HandMade
from tests.process.hand_made import DESIGN_WEIGHT
from tests.staff import read, signed_in, statistician, words

Field = Callable[..., HandMade]
# A year later the same PSUs, one household each more: unit, stratum, PSU, members, sex, uses.
LATER = [
    ("1", "A", "a1", 1, "male", "yes"),
    ("2", "A", "a1", 2, "female", "yes"),
    ("3", "A", "a2", 3, "female", "yes"),
    ("5", "B", "b1", 1, "male", "no"),
    ("7", "B", "b2", 2, "female", "yes"),
    ("8", "B", "b2", 1, "female", "yes"),
]


def later_round(round_: Round, purpose: Purpose = Purpose.TEST) -> Round:
    """The next year's round of the same survey, answered."""
    after = ensure_round(round_.instrument_version, "r2", purpose=purpose, time_period="2027")
    open_round(after)
    units = [{"unit": u, "stratum": s, "psu": p, "probability": 0.1} for u, s, p, *_ in LATER]
    add_sample(after, {"method": "by hand"}, units)
    answers = {unit: values for unit, _, _, *values in LATER}
    for case in db.session.query(Case).filter_by(round_id=after.id):
        given: dict[str, Any] = dict(zip(("members", "sex", "uses"), answers[case.unit], strict=True))
        given = {name: value for name, value in given.items() if value is not None}
        submit(after, Arrival(f"uuid:later-{case.unit}", given, Mode.OPENROSA, case=case))
    db.session.commit()
    return after


def run_of(round_: Round, user: str) -> Run:
    run = service.request_run(round_, statistician(user))
    db.session.commit()
    return service.execute(run.id)


@pytest.fixture
def two_years(app: Flask, field: Field) -> Callable[..., Run]:
    """A finished run of each round; `changed` is the plan of the later one."""

    def done(purpose: Purpose = Purpose.TEST, **changed: Any) -> Run:
        first = db.session.get_one(Round, field(DESIGN_WEIGHT).round_id)
        run_of(first, "lan")
        version = first.instrument_version
        for name, plan in changed.items():
            setattr(version, name, plan)
        return run_of(later_round(first, purpose), "minh")

    return done


def only(run: Run, dimension: str = "", level: str = "") -> Change:
    return changes_of(run).by_domain("internet-use")[dimension, level]


def test_the_change_and_its_error_are_those_of_the_hand(app: Flask, two_years: Callable[..., Run]) -> None:
    """All PSUs are in both rounds: with z = w (y - p) / W by PSU, each stratum adds (d1 - d2)^2, d = z' - z."""
    with app.app_context():
        change = only(two_years())
        weights = {"a1": 10.0, "a2": 10.0, "b1": 20.0, "b2": 20.0}
        before = sum((10, 10, 20)) / 90  # users 1, 3, 7 of weights 10 (A) and 20 (B)
        after = 50 / 60
        z = {
            "a1": weights["a1"] * ((1 - before) + (0 - before)) / 90,
            "a2": weights["a2"] * (1 - before) / 90,
            "b1": weights["b1"] * (0 - before) / 90,
            "b2": weights["b2"] * ((1 - before) + (0 - before)) / 90,
        }
        y = {
            "a1": 10 * 2 * (1 - after) / 60,
            "a2": 10 * (1 - after) / 60,
            "b1": 10 * (0 - after) / 60,
            "b2": 10 * 2 * (1 - after) / 60,
        }
        d = {psu: y[psu] - z[psu] for psu in z}
        assert change.difference == pytest.approx(100 * (after - before))
        assert change.std_error == pytest.approx(
            100 * sqrt((d["a1"] - d["a2"]) ** 2 + (d["b1"] - d["b2"]) ** 2)
        )
        assert (change.n_before, change.n_after, change.n_psu_both, change.df) == (6, 6, 4, 2)
        assert change.verdict == "undecided"


def test_with_imputed_values_the_error_counts_how_the_imputations_differ(
    app: Flask, two_years: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unit 7 did not say; units 5 (no) and 8 (yes) are its donors, so some imputations say yes and some no."""
    silent = [(*row[:5], None) if row[0] == "7" else row for row in LATER]
    monkeypatch.setattr(f"{__name__}.LATER", silent)
    step = {"level": "adult", "variables": ["uses"], "method": "hot_deck", "classes": ["stratum"]}
    plan = hand_made.design(DESIGN_WEIGHT) | {"imputation": {"seed": 7, "repeats": 6, "steps": [step]}}
    with app.app_context():
        run = two_years(design=plan)
        change, recipe = only(run), recipe_used(run)
        said = [tables["root"]["uses"] for tables in completed(read_tables(run.snapshot), recipe).tables]
        yes = [int((one == "yes").sum()) for one in said]
        assert set(yes) == {4, 5}, "the imputations differ"
        after = [100 * 10 * count / 60 for count in yes]  # every weight is 10
        assert change.after == pytest.approx(sum(after) / 6)
        mean = sum(after) / 6
        between = sum((each - mean) ** 2 for each in after) / 5
        assert change.std_error**2 > 7 / 6 * between
        assert change.df < 2


def test_levels_change_too_where_their_units_leave_degrees_of_freedom(
    app: Flask, two_years: Callable[..., Run]
) -> None:
    with app.app_context():
        run = two_years()
        women = only(run, "sex", "female")
        assert (women.before, women.after) == (pytest.approx(50.0), pytest.approx(100.0))
        assert women.df == 1, "three PSUs in two strata"
        assert ("sex", "male") not in changes_of(run).by_domain("internet-use"), "two PSUs in two strata"


def test_the_table_shows_the_change_and_the_round_it_counts_from(
    app: Flask, two_years: Callable[..., Run]
) -> None:
    with app.app_context():
        number = two_years().id
    page = read(signed_in(app, "hoa", Role.STATISTICIAN), f"/process/run/{number}/uoc-luong")
    text = words(page)
    assert "So sánh với đợt r1, kỳ 2026" in text
    assert "+38,9 điểm" in text
    assert "chưa kết luận" in text


def changed_indicator(**more: Any) -> dict[str, Any]:
    entry = {**hand_made.INDICATORS["indicators"][0], **more}
    return {**hand_made.INDICATORS, "indicators": [entry]}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"indicators": changed_indicator(numerator="${uses} != 'no'")}, "tử số"),
        ({"indicators": changed_indicator(population="${members} > 1")}, "dân số mục tiêu"),
        ({"indicators": changed_indicator(age="18+")}, "độ tuổi"),
        ({"indicators": changed_indicator(code="another")}, "không có chỉ tiêu này"),
        (
            {
                "design": hand_made.design(DESIGN_WEIGHT)
                | {"ref_area": {"code": "86", "kind": "province_old"}}
            },
            "địa giới cũ và mới",
        ),
        ({"design": hand_made.design(DESIGN_WEIGHT) | {"population": {"vi": "Khác"}}}, "Tổng thể"),
    ],
)
def test_what_does_not_measure_the_same_is_refused_with_the_reason(
    app: Flask, two_years: Callable[..., Run], changed: dict[str, Any], reason: str
) -> None:
    with app.app_context():
        result = two_years(**changed).results[0]
        assert reason in result.reason
        assert result.lines == []


def test_a_derived_variable_that_is_computed_otherwise_is_another_definition(
    app: Flask, field: Field
) -> None:
    entry = changed_indicator(numerator="${online} = 'yes'")
    with app.app_context():
        first = db.session.get_one(Round, field(DESIGN_WEIGHT).round_id)
        version = first.instrument_version
        version.indicators = {**entry, "variables": {"online": "${uses}"}}
        run_of(first, "lan")
        version.indicators = {**entry, "variables": {"online": "if(${members} > 1, ${uses}, 'no')"}}
        assert "`variables`" in run_of(later_round(first), "minh").results[0].reason


def test_rounds_of_another_purpose_and_the_first_round_have_nothing_before_them(
    app: Flask, two_years: Callable[..., Run]
) -> None:
    with app.app_context():
        assert two_years(Purpose.DEMONSTRATION).results == []
        assert all(run.results == [] for run in db.session.query(Run))


def test_a_snapshot_that_is_gone_does_not_fail_the_run(app: Flask, two_years: Callable[..., Run]) -> None:
    with app.app_context():
        run = two_years()
        first = db.session.query(Run).order_by(Run.id).first()
        assert first is not None
        assert first.snapshot is not None
        shutil.rmtree(first.snapshot.folder)
        again = service.estimate(run.id)
        assert again.status == RunStatus.DONE
        assert "không còn" in again.results[0].reason
