"""Rounds: made in draft, opened through the gate, closed; their addresses and invitations."""

import csv
import io
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from survey.accounts.models import AuditEvent, Role
from survey.cases.models import Case, Disposition
from survey.cases.service import add_sample
from survey.extensions import db
from survey.intake.models import Mode
from survey.intake.service import Arrival, submit
from survey.rounds.models import Purpose, Round, RoundStatus
from tests.factories import field_survey
from tests.page import page
from tests.staff import read, send, signed_in, words

FORM = """
| survey   |            |         |         |
|          | type       | name    | label   |
|          | integer    | age     | Tuổi    |
| settings |            |         |         |
|          | form_title | form_id | version |
|          | Điện thoại | phones  | 1       |
"""
SURVEY = "/manage/phones"
OFFICIAL = {"code": "2026", "time_period": "2026", "purpose": "production", "title": "Điều tra 2026"}


@pytest.fixture
def fielded(app: Flask, tmp_path: Path) -> int:
    """The id of an open test round, r1, of the survey `phones`; the id of its version is on the page."""
    return field_survey(app, FORM, folder=tmp_path).round_id


def new_round(browser, **fields: str):  # type: ignore[no-untyped-def]
    version = read(browser, SURVEY).xpath("string(//select[@name='version']/option/@value)")
    return send(browser, SURVEY, version=version, **(OFFICIAL | fields))


def status(app: Flask, code: str) -> str:
    with app.app_context():
        return db.session.scalars(select(Round.status).where(Round.code == code)).one()


def test_an_empty_desk_says_what_to_do(app: Flask) -> None:
    shown = read(signed_in(app, "quan", Role.MANAGER), "/manage/")
    assert "Chưa có phiếu hỏi nào" in words(shown)
    assert shown.xpath("//main//a[@href='/manage/upload']")


def test_a_new_round_is_a_draft(app: Flask, fielded: int) -> None:
    quan = signed_in(app, "quan", Role.MANAGER)
    assert new_round(quan).location == f"{SURVEY}/2026"
    assert status(app, "2026") == RoundStatus.DRAFT
    assert "Điều tra 2026" in words(read(quan, f"{SURVEY}/2026"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"code": "r1"}, "đã có đợt r1"),
        ({"code": "Đợt 1"}, "chữ thường không dấu"),
        ({"time_period": "năm nay"}, "Nhập dạng 2026"),
        ({"time_period": ""}, "Nhập kỳ số liệu"),
        ({"purpose": "fun"}, ""),
    ],
)
def test_a_round_that_cannot_be_says_why(app: Flask, fielded: int, fields: dict[str, str], said: str) -> None:
    answer = new_round(signed_in(app, "quan", Role.MANAGER), **fields)
    assert answer.status_code == 422
    assert said in words(page(answer.text).get_element_by_id("error-summary"))
    with app.app_context():
        assert db.session.query(Round).count() == 1


def test_an_official_round_opens_only_with_decision_and_plan(app: Flask, fielded: int) -> None:
    quan = signed_in(app, "quan", Role.MANAGER)
    new_round(quan)
    address = f"{SURVEY}/2026"
    send(quan, address, f"{address}/open")
    assert "phải có số quyết định và phương án" in words(read(quan, address))
    assert status(app, "2026") == RoundStatus.DRAFT
    send(quan, address, decision_number="12/QĐ-TKT", survey_plan="Phương án 34/PA-TKT")
    send(quan, address, f"{address}/open")
    assert status(app, "2026") == RoundStatus.OPEN


def test_an_open_official_round_keeps_its_decision(app: Flask, fielded: int) -> None:
    quan = signed_in(app, "quan", Role.MANAGER)
    new_round(quan)
    address = f"{SURVEY}/2026"
    send(quan, address, decision_number="12/QĐ-TKT", survey_plan="Phương án 34/PA-TKT")
    send(quan, address, f"{address}/open")
    answer = send(quan, address, decision_number="", survey_plan="")
    assert answer.status_code == 422
    with app.app_context():
        kept = db.session.scalars(select(Round).where(Round.code == "2026")).one()
        assert (kept.decision_number, kept.survey_plan) == ("12/QĐ-TKT", "Phương án 34/PA-TKT")


def test_what_the_gate_said_before_is_in_the_audit_trail(app: Flask, fielded: int) -> None:
    quan = signed_in(app, "quan", Role.MANAGER)
    new_round(quan)
    for number in ("12/QĐ-TKT", "13/QĐ-TKT"):
        send(quan, f"{SURVEY}/2026", decision_number=number, survey_plan="")
    with app.app_context():
        before = db.session.scalars(
            select(AuditEvent.detail).where(AuditEvent.action == "round.gate").order_by(AuditEvent.id)
        ).all()
    assert [entry["before"]["decision_number"] for entry in before] == [None, "12/QĐ-TKT"]


def test_closing_a_round_makes_noncontacts_of_those_nobody_reached(app: Flask, tmp_path: Path) -> None:
    field_survey(app, FORM, units=3, folder=tmp_path)
    quan = signed_in(app, "quan", Role.MANAGER)
    send(quan, f"{SURVEY}/r1", f"{SURVEY}/r1/close")
    assert "3 đơn vị chưa liên hệ được ghi là không gặp" in words(read(quan, f"{SURVEY}/r1"))
    assert status(app, "r1") == RoundStatus.CLOSED
    with app.app_context():
        assert set(db.session.scalars(select(Case.disposition))) == {Disposition.NON_CONTACT}


def test_opt_in_answers_are_counted_apart_from_those_of_the_sample(app: Flask, tmp_path: Path) -> None:
    fielded = field_survey(app, FORM, units=3, folder=tmp_path)
    with app.app_context():
        round_ = db.session.get_one(Round, fielded.round_id)
        case = db.session.scalars(select(Case).order_by(Case.unit)).first()
        submit(round_, Arrival("uuid:sampled", {"age": 30}, Mode.WEB, case=case))
        for number in range(5):
            submit(round_, Arrival(f"uuid:{number}", {"age": 40}, Mode.WEB))
        db.session.commit()
    quan = signed_in(app, "quan", Role.MANAGER)
    listed = read(quan, "/manage/")
    heads = [words(head) for head in listed.xpath("//thead//th")]
    (row,) = listed.xpath("//tbody/tr")
    cells = dict(zip(heads, (words(cell) for cell in row), strict=True))
    assert (cells["Đơn vị mẫu"], cells["Phiếu của mẫu"], cells["Phiếu tự nguyện"]) == ("3", "1", "5")
    numbers = {words(line) for line in read(quan, f"{SURVEY}/r1").xpath("//ul[@class='numbers']/li")}
    assert {"1 phiếu hoàn thành của mẫu", "5 phiếu tự nguyện, ngoài mẫu"} <= numbers


def test_the_page_gives_the_addresses_that_work(app: Flask, tmp_path: Path) -> None:
    fielded = field_survey(app, FORM, folder=tmp_path)
    shown = read(signed_in(app, "quan", Role.MANAGER), f"{SURVEY}/r1")
    public, openrosa = (words(address) for address in shown.xpath("//code[@class='address']"))
    assert public == "http://localhost/s/phones"
    assert openrosa == f"http://localhost/openrosa/{fielded.project_token}"
    device = app.test_client()
    assert device.get(openrosa.removeprefix("http://localhost") + "/formList").status_code == 200


def test_invitations_lead_each_case_to_its_own_questionnaire(app: Flask, tmp_path: Path) -> None:
    fielded = field_survey(app, FORM, units=2, folder=tmp_path)
    quan = signed_in(app, "quan", Role.MANAGER)
    answer = send(quan, f"{SURVEY}/r1", f"{SURVEY}/r1/invitations.csv")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="thu-moi-phones-r1.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    links = {row["code"]: row["link"] for row in rows}
    assert links == {code: f"http://localhost/k/{token}" for code, token in fielded.cases.items()}
    assert {row["area_type"] for row in rows} == {"rural"}
    with app.app_context():
        taken = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "invitations.download")
        ).one()
        assert taken.subject == "round:phones/r1"


def test_no_cell_of_the_invitations_runs_as_a_formula(app: Flask, fielded: int) -> None:
    with app.app_context():
        unit = {"unit": "=1+1", "stratum": "@A", "psu": "-1", "probability": 0.5, "note": "\tx"}
        add_sample(db.session.get_one(Round, fielded), {"method": "test"}, [unit])
        db.session.commit()
    quan = signed_in(app, "quan", Role.MANAGER)
    answer = send(quan, f"{SURVEY}/r1", f"{SURVEY}/r1/invitations.csv")
    (row,) = csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig")))
    assert (row["unit"], row["stratum"], row["psu"], row["note"]) == ("'=1+1", "'@A", "'-1", "'\tx")


@pytest.mark.parametrize("address", ["/manage/khong-co", "/manage/phones/khong-co"])
def test_an_unknown_address_says_what_there_is(app: Flask, fielded: int, address: str) -> None:
    answer = signed_in(app, "quan", Role.MANAGER).get(address)
    assert answer.status_code == 404
    assert "khong-co" in words(page(answer.text))


def test_the_purposes_offered_are_those_of_rounds_that_are_held(app: Flask, fielded: int) -> None:
    shown = read(signed_in(app, "quan", Role.MANAGER), SURVEY)
    assert set(shown.xpath("//select[@name='purpose']/option/@value")) == set(Purpose) - {Purpose.PREVIEW}
