"""Sets of totals: refused for another population or what does not fit, shown before they are accepted, taken up."""

import io
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from survey.accounts.models import Role
from survey.errors import Conflict
from survey.extensions import db
from survey.process import service as processing
from survey.process.recipes import control_sets as sets
from survey.process.recipes import service
from survey.process.recipes.control_changes import changes, needs_sureness, population_change
from survey.process.recipes.models import ControlSet, ControlStatus, PopulationBase
from survey.process.recipes.population import About, WrongPopulation
from survey.process.recipes.totals import BadTotals, Total
from tests.commands.conftest import khaosat
from tests.process.conftest import HandMade
from tests.process.recipes.conftest import PEOPLE, RAKED, in_round, own_text
from tests.staff import add_person, read, send, signed_in, statistician, words

__all__ = ["khaosat"]
ABOUT = About(
    file="controls.csv",
    source="Thống kê tỉnh, 123/TK-DS",
    reference_date=date(2026, 7, 1),
    population_base=PopulationBase.CENSUS,
    population="Người lớn",
    status=ControlStatus.OFFICIAL,
)
NEW = {"sex": {"male": 95, "female": 115}, "stratum": {"A": 85, "B": 125}}


def totals(margins: dict[str, dict[str, float]]) -> Iterable[Total]:
    rows = [(margin, level, total) for margin, levels in margins.items() for level, total in levels.items()]
    return [Total(*row, number) for number, row in enumerate(rows, 2)]


def test_a_census_counts_the_residents_whom_the_survey_is_about(app: Flask, fielded: HandMade) -> None:
    with in_round(app, fielded) as round_:
        kept = sets.propose(round_, statistician(), ABOUT, totals(NEW))
        assert (kept.number, kept.accepted_at) == (1, None)
        assert {(row.margin, row.level): row.total for row in kept.totals}["sex", "male"] == 95


@pytest.mark.parametrize(
    ("about", "told"),
    [
        (
            replace(ABOUT, population_base=PopulationBase.REGISTERED),
            r"nhân khẩu đăng ký.*4\.257\.581.*3\.320\.422",
        ),
        (replace(ABOUT, population_base=PopulationBase.BUSINESS_REGISTER), "đăng ký kinh doanh"),
        (replace(ABOUT, population="Hộ gia đình"), "“Hộ gia đình”, còn controls.csv"),
        (replace(ABOUT, population=""), "Tệp đếm “”"),
        (replace(ABOUT, file="other.csv"), "chưa nói other.csv đếm ai"),
    ],
)
def test_another_population_is_refused(app: Flask, fielded: HandMade, about: About, told: str) -> None:
    with in_round(app, fielded) as round_, pytest.raises(WrongPopulation, match=told) as refused:
        sets.propose(round_, statistician(), about, totals(NEW))
    assert refused.value.remedy


def test_a_questionnaire_that_does_not_say_its_population_takes_no_totals(
    app: Flask, fielded: HandMade
) -> None:
    with in_round(app, fielded) as round_, pytest.raises(WrongPopulation, match="chưa nói"):
        design = dict(round_.instrument_version.design)
        design.pop("population_base")
        round_.instrument_version.design = design
        sets.propose(round_, statistician(), ABOUT, totals(NEW))


@pytest.mark.parametrize(
    ("margins", "told"),
    [
        ({"sex": {"male": 95, "female": 115, "other": 1}}, "không có mức 'other'"),
        ({"sex": {"male": 210}}, "thiếu mức 'female'"),
        ({"stratum": {"A": 100, "B": 50, "C": 50}}, "không có mức 'C'"),
        ({"sex": {"male": 90, "female": 110}, "stratum": {"A": 90, "B": 120}}, "cộng lại được 200"),
    ],
)
def test_levels_and_sums_are_looked_over(
    app: Flask, fielded: HandMade, margins: dict[str, dict[str, float]], told: str
) -> None:
    with in_round(app, fielded) as round_, pytest.raises(BadTotals) as refused:
        sets.propose(round_, statistician(), ABOUT, totals(margins))
    assert any(told in message for message, _ in refused.value.faults), refused.value.faults


def test_a_level_that_nobody_in_the_sample_has_is_named_with_the_remedy(
    app: Flask, fielded: HandMade
) -> None:
    with in_round(app, fielded) as round_:
        lan = statistician()
        processing.execute(_queued(round_, lan))
        crossed = {"sex:stratum": {"male:A": 40, "female:A": 60, "male:B": 50, "female:B": 50, "male:C": 0}}
        crossed["sex:stratum"].pop("male:C")
        crossed["uses:stratum"] = {"yes:A": 50, "no:A": 50, "yes:B": 100, "no:B": 0}
        sets.propose(round_, lan, ABOUT, totals(crossed))  # everybody is somewhere, or counts for nobody
        crossed = {
            "sex:uses": {"male:yes": 50, "male:no": 50, "female:yes": 50, "female:no": 50},
            "members": {"1": 100, "9": 100},
        }
        with pytest.raises(BadTotals) as refused:
            sets.propose(round_, lan, ABOUT, totals(crossed))
        (message, remedy), *others = refused.value.faults
        assert "mức '9' có tổng 100 nhưng mẫu không có ai" in message
        assert "Gộp" in remedy
        assert not others


def _queued(round_: object, user: object) -> int:
    run = processing.request_run(round_, user)  # type: ignore[arg-type]
    db.session.commit()
    return run.id


def test_differences_are_told_before_it_is_accepted(app: Flask, fielded: HandMade) -> None:
    with in_round(app, fielded) as round_:
        kept = sets.propose(round_, statistician(), ABOUT, totals(NEW))
        told = {(each.margin, each.level): each for each in changes(round_, kept)}
        assert (told["sex", "male"].before, told["sex", "male"].after) == (90, 95)
        assert told["sex", "male"].share == pytest.approx(100 * 5 / 90)
        assert population_change(told.values()) == pytest.approx(0.05)
        assert not needs_sureness(told.values())


def test_a_population_that_leaps_is_asked_about(app: Flask, fielded: HandMade) -> None:
    leap = {
        margin: {level: 1.28 * total for level, total in levels.items()} for margin, levels in PEOPLE.items()
    }
    with in_round(app, fielded) as round_:
        lan = statistician()
        kept = sets.propose(round_, lan, ABOUT, totals(leap))
        with pytest.raises(Conflict, match=r"\+28,0 %"):
            sets.accept(round_, kept, lan)
        sets.accept(round_, kept, lan, sure=True)
        with pytest.raises(Conflict, match="đã được xác nhận"):
            sets.accept(round_, kept, lan, sure=True)
        with pytest.raises(Conflict, match="được giữ"):
            sets.discard(kept, lan)


def test_a_recipe_weights_to_the_set_that_it_picks_and_its_run_says_whose_it_is(
    app: Flask, fielded: HandMade
) -> None:
    with in_round(app, fielded) as round_:
        lan = statistician()
        service.save(round_, lan, own_text(round_, RAKED) + "# giữ lời này\n", "raking", 0)
        kept = sets.propose(round_, lan, ABOUT, totals(NEW))
        with pytest.raises(service.UnfitRecipe, match="không có bộ tổng thể số 1 đã xác nhận"):
            sets.take_up(round_, kept, lan)
        sets.accept(round_, kept, lan)
        saved = sets.take_up(round_, kept, lan).version
        assert saved.number == 2
        assert "# giữ lời này" in saved.text
        run = service.request(round_, lan, 2)
        db.session.commit()
        run = processing.execute(run.id)
        assert run.log[-1]["sum"] == pytest.approx(210)
        row = run.recipe["controls"][0]
        assert row["source"] == "Thống kê tỉnh, 123/TK-DS"
        assert (row["reference_date"], row["population"], row["population_base"]) == (
            "2026-07-01",
            "Người lớn",
            "census",
        )
        assert (row["status"], row["control_set"]) == ("official", "1")
        browser_words = _page(app, f"/process/run/{run.id}")
    assert "Thống kê tỉnh, 123/TK-DS" in browser_words
    assert "01/07/2026" in browser_words


def _page(app: Flask, address: str) -> str:
    return words(read(signed_in(app, "xem", Role.STATISTICIAN), address))


# Through the pages


def bring(app: Flask, fielded: HandMade, content: bytes, **fields: str) -> tuple[TestResponse, object]:
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    given = {
        "stands_for": "controls.csv", "source": "Thống kê tỉnh", "reference_date": "2026-07-01",
        "population_base": "resident", "population": "Người lớn", "status": "test", **fields,
    }  # fmt: skip
    file = FileStorage(io.BytesIO(content), filename="totals.csv")
    return send(browser, f"{fielded.address}/tong-the/moi", file=file, **given), browser


GOOD = "\ufeffmargin;level;total\nsex;male;95,0\nsex;female;115\nstratum;A;85\nstratum;B;125\n".encode()


def test_from_a_file_to_a_recipe(app: Flask, fielded: HandMade) -> None:
    answer, browser = bring(app, fielded, GOOD)
    assert answer.status_code == 303, words(read(browser, fielded.address))  # type: ignore[arg-type]
    page = answer.location
    shown = words(read(browser, page))  # type: ignore[arg-type]
    assert "Chờ xác nhận" in shown
    assert "tăng 5,00" in shown
    assert send(browser, page, f"{page}/xac-nhan").status_code == 303  # type: ignore[arg-type]
    taken = send(browser, page, f"{page}/dung")  # type: ignore[arg-type]
    assert taken.location.endswith("/phuong-an/1")
    assert "control_sets" in words(read(browser, taken.location))  # type: ignore[arg-type]
    listed = words(read(browser, f"{fielded.address}/tong-the"))  # type: ignore[arg-type]
    assert "Đã xác nhận" in listed
    downloaded = browser.get(f"{page}.csv").text  # type: ignore[attr-defined]
    assert downloaded.startswith("\ufeffmargin,level,total,population,reference_date,source")
    assert "sex,male,95,Người lớn,2026-07-01,Thống kê tỉnh,resident,test" in downloaded


def test_a_set_that_is_not_wanted_goes(app: Flask, fielded: HandMade) -> None:
    answer, browser = bring(app, fielded, GOOD)
    assert send(browser, answer.location, f"{answer.location}/bo").status_code == 303  # type: ignore[arg-type]
    with app.app_context():
        assert db.session.query(ControlSet).count() == 0


@pytest.mark.parametrize(
    ("content", "fields", "told"),
    [
        (GOOD, {"population_base": "registered"}, "Hai số này không thay nhau được"),
        (GOOD, {"population": "khác"}, "Tệp đếm “khác”"),
        (GOOD, {"population_base": ""}, "Chọn dân số"),
        (GOOD, {"source": ""}, "Nhập nguồn"),
        (GOOD, {"source": "a\0b"}, "ký tự điều khiển"),
        (GOOD, {"reference_date": "31/02/2026"}, "error-summary"),
        (b"margin,level,total\nsex,male,1.234\nsex,female,2.345", {}, "Chọn cách viết số"),
        (b"margin,level,total\nsex,male,<b>x</b>", {}, "&lt;b&gt;x"),
        (b"\x00\x01", {}, "không phải bảng CSV"),
        (b"PK\x03\x04", {}, "Không đọc được tệp Excel"),
    ],
)
def test_what_cannot_be_brought_in_is_told_and_nothing_is_kept(
    app: Flask, fielded: HandMade, content: bytes, fields: dict[str, str], told: str
) -> None:
    answer, _ = bring(app, fielded, content, **fields)
    assert answer.status_code == 422
    assert told in answer.text
    assert "<b>x" not in answer.text
    with app.app_context():
        assert db.session.query(ControlSet).count() == 0


def test_the_command_brings_totals_in_and_a_run_can_name_its_recipe(
    app: Flask, fielded: HandMade, khaosat: Callable[..., Result], tmp_path: Path
) -> None:
    add_person(app, "lan", Role.STATISTICIAN)
    path = tmp_path / "totals.csv"
    path.write_bytes(GOOD)
    said = ("--survey", "tinh-tay", "--source", "Thống kê [tỉnh]", "--date", "01/07/2026", "--as", "lan")
    refused = khaosat(
        "controls", "import", str(path), *said, "--population", "registered", "--definition", "adults"
    )
    assert refused.exit_code == 1
    assert "4.257.581" in refused.output
    done = khaosat(
        "controls",
        "import",
        str(path),
        *said,
        "--population",
        "resident",
        "--definition",
        "adults",
        "--accept",
    )
    assert done.exit_code == 0, done.output
    assert "sex male: 90 -> 95 (+5.56 %)" in done.output
    assert "set 1 for controls.csv, 4 totals, accepted" in done.output
    assert "Thống kê [tỉnh]" in khaosat("controls", "list", "tinh-tay").output
    with in_round(app, fielded) as round_:
        lan = sets.find_set(round_.survey, 1).imported_by
        service.save(round_, lan, own_text(round_, RAKED) + "control_sets: {controls.csv: 1}\n", "raking", 0)
        db.session.commit()
    weighted = khaosat("weight", "tinh-tay", "--recipe", "1", "--as", "lan")
    assert weighted.exit_code == 0, weighted.output
    assert "rake: n 6, sum 210" in weighted.output
    assert khaosat("weight", "tinh-tay", "--recipe", "9", "--as", "lan").exit_code == 1
