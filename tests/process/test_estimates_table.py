"""The table of all estimates: every domain, sorted and filtered by links, and the same rows as files."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.accounts.models import Role
from survey.extensions import db
from survey.process import service
from survey.rounds.models import Round
from tests.process import hand_made
from tests.process.conftest import HandMade
from tests.staff import read, signed_in, statistician, words

Field = Callable[..., HandMade]


@pytest.fixture
def desk(app: Flask, field: Field) -> tuple[FlaskClient, str]:
    """A finished run whose plan has a level in which nobody is, and the address of its table."""
    fielded = field(minimum_n=3, cv_publish=0.9)
    with app.app_context():
        round_ = db.session.get_one(Round, fielded.round_id)
        sexes = {"male": {"vi": "Nam"}, "female": {"vi": "Nữ"}, "other": {"vi": "=Khác"}}
        entry = {**hand_made.INDICATORS["breakdowns"]["sex"], "levels": sexes}
        round_.instrument_version.indicators = {**hand_made.INDICATORS, "breakdowns": {"sex": entry}}
        run = service.request_run(round_, statistician("minh"))
        db.session.commit()
        service.execute(run.id)
        return signed_in(app, "lan", Role.STATISTICIAN), f"/process/run/{run.id}/uoc-luong"


def rows(browser: FlaskClient, address: str) -> list[str]:
    """Each row's cells, apart by a space."""
    found = read(browser, address).xpath("//table[contains(@class, 'full')]//tr[th[@scope='row']]")
    return [" ".join(words(cell) for cell in row) for row in found]


def test_every_domain_of_the_plan_is_there_also_the_empty_one(desk: tuple[FlaskClient, str]) -> None:
    shown = rows(*desk)
    assert [row.split()[0] for row in shown] == ["Chung", "Nam", "Nữ", "=Khác"]
    assert "không có phiếu" in shown[3]


def test_what_keeps_a_figure_back_is_said_in_its_row(desk: tuple[FlaskClient, str]) -> None:
    assert "n = 2, dưới 3" in rows(*desk)[1]
    assert "dưới" not in rows(*desk)[2]


def test_a_column_sorts_within_its_breakdown_and_turns_round(desk: tuple[FlaskClient, str]) -> None:
    browser, address = desk
    up = [row.split()[0] for row in rows(browser, f"{address}?sap=n")]
    assert up == ["Chung", "Nam", "Nữ", "=Khác"]
    down = [row.split()[0] for row in rows(browser, f"{address}?sap=-n")]
    assert down == ["Chung", "Nữ", "Nam", "=Khác"], "what has no number stays last"
    page = read(browser, f"{address}?sap=n")
    assert page.xpath("//th[@aria-sort='ascending']//a[contains(@href, 'sap=-n')]")


def test_quality_filters_and_an_empty_choice_says_so(desk: tuple[FlaskClient, str]) -> None:
    browser, address = desk
    assert [row.split()[0] for row in rows(browser, f"{address}?chat-luong=empty")] == ["=Khác"]
    assert "Không có dòng nào" in words(read(browser, f"{address}?chat-luong=caution"))


@pytest.mark.parametrize(
    "asked",
    ["chi-tieu=%FF", "sap=<script>", "sap=--n", "chat-luong=\N{RIGHT-TO-LEFT OVERRIDE}", "sap=" + "n" * 5000],
)
def test_what_an_address_makes_up_counts_as_not_asked_for(desk: tuple[FlaskClient, str], asked: str) -> None:
    browser, address = desk
    assert len(rows(browser, f"{address}?{asked}")) == 4
    assert (
        "<script>" not in browser.get(f"{address}?{asked}").text.partition("<main")[2].partition("</main")[0]
    )


def test_the_files_have_the_rows_as_numbers_and_no_formula(desk: tuple[FlaskClient, str]) -> None:
    browser, address = desk
    answer = browser.get(f"{address}.csv?chi-tieu=tat-ca")
    assert "attachment" in answer.headers["Content-Disposition"]
    table = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["level"] for row in table] == ["", "male", "female", "other"]
    assert table[3]["level_label"] == "'=Khác"
    assert (table[3]["n"], table[3]["reason"]) == ("0", "không có phiếu")
    book = openpyxl.load_workbook(io.BytesIO(browser.get(f"{address}.xlsx").data))
    cells = [[cell.value for cell in row] for row in book.active.iter_rows()]
    at = cells[0].index("value")
    assert cells[1][at] == pytest.approx(float(table[0]["value"]))
    assert cells[4][cells[0].index("level_label")] == "=Khác"
    assert book.active.cell(5, cells[0].index("level_label") + 1).data_type == "s"


def test_unknown_files_and_unfinished_runs_are_refused(
    app: Flask, desk: tuple[FlaskClient, str], tmp_path: Path
) -> None:
    browser, address = desk
    assert browser.get(f"{address}.exe").status_code == 404
    assert browser.get("/process/run/999999/uoc-luong").status_code == 404
    with app.app_context():
        waiting = service.request_run(db.session.query(Round).first(), statistician("nam"))  # type: ignore[arg-type]
        db.session.commit()
        number = waiting.id
    assert browser.get(f"/process/run/{number}/uoc-luong").status_code == 409


def test_only_the_desk_may_look(app: Flask, desk: tuple[FlaskClient, str]) -> None:
    assert app.test_client().get(desk[1]).status_code == 302
