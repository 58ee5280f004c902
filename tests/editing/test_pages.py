"""The pages of corrections, as a statistician uses them; hostile input; two browsers at once."""

import csv
import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from survey.accounts.models import Role
from survey.editing.models import Correction, CorrectionBatch, Kind
from survey.editing.places import Place, value_at
from survey.editing.service import edited
from survey.extensions import db
from survey.intake.models import Response
from survey.intake.withdrawal import withdraw
from survey.rounds.models import Round
from tests.editing.conftest import ADDRESS, DESK, Household, run
from tests.page import page
from tests.staff import read, send, signed_in, token, words


def used(app: Flask, household: Household, place: str, key: str = "uuid:0") -> Any:
    with app.app_context():
        response = db.session.get_one(Response, uuid.UUID(household.ids[key]))
        return value_at(edited([response])[0].used, Place.read(place))


def fields(browser: FlaskClient, address: str) -> dict[str, Any]:
    """What a browser sends of the page's main form, before anybody types."""
    found: dict[str, Any] = {}
    for control in read(browser, address).xpath("//main//form[.//select[@name='reason']]//*[@name]"):
        if control.tag == "select":
            found[control.get("name")] = control.xpath("string(option[@selected]/@value)")
        elif control.tag == "textarea":
            found[control.get("name")] = (control.text or "").lstrip("\r\n")
        elif control.get("type") == "checkbox":
            if control.get("checked") is not None:
                found.setdefault(control.get("name"), []).append(control.get("value"))
        elif control.tag == "input":
            found[control.get("name")] = control.get("value", "")
    return found


def press(browser: FlaskClient, address: str, **typed: Any) -> TestResponse:
    """Send the page's form with what was typed."""
    return browser.post(address.partition("?")[0], data={**fields(browser, address), **typed})


def record(household: Household, place: str = "root/0/adults", key: str = "uuid:0") -> str:
    return f"{DESK}/phieu/{household.ids[key]}?cau={place}"


# -- the list ------------------------------------------------------------------------------------
def test_without_a_run_or_rules_the_page_says_what_to_do(
    app: Flask, household: Household, lan: FlaskClient
) -> None:
    with app.app_context():
        db.session.get_one(Round, household.round_id).instrument_version.edits = {}
        db.session.commit()
    assert "phiếu hoặc dòng" in words(read(lan, f"{DESK}/"))
    with app.app_context():
        for made in db.session.get_one(Round, household.round_id).survey.rounds:
            db.session.execute(db.text("UPDATE run SET edits = '[]' WHERE round_id = :id"), {"id": made.id})
        db.session.commit()
    assert "không có edits.yaml" in words(read(lan, f"{DESK}/"))


def test_the_list_shows_rules_records_and_what_they_break_now(household: Household, lan: FlaskClient) -> None:
    shown = read(lan, f"{DESK}/")
    rules = [words(code) for code in shown.xpath("(//table)[1]//th//code")]
    assert rules == ["adults-fit", "children-work"]
    records = shown.xpath("//table[.//th='Bây giờ']/tbody/tr")
    assert len(records) == 4  # two households, and a child in each
    assert all("Còn sai 1" in words(row) for row in records)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("quy-tac=adults-fit", 2), ("muc=warning", 0), ("tang=A", 2), ("tang=A&quy-tac=adults-fit", 1),
        ("quy-tac=khong-co", 0), ("tim=ZZZZ", 0), ("trang=99", 4), ("trang=x", 4),
    ],
)  # fmt: skip
def test_records_are_filtered(household: Household, lan: FlaskClient, query: str, count: int) -> None:
    assert len(read(lan, f"{DESK}/?{query}").xpath("//table[.//th='Bây giờ']/tbody/tr")) == count


def test_a_manager_sees_no_answers(app: Flask, household: Household) -> None:
    quan = signed_in(app, "quan", Role.MANAGER)
    for address in (
        "/",
        f"/phieu/{household.ids['uuid:0']}",
        "/da-sua",
        "/da-sua.csv",
        "/quy-tac/adults-fit",
        "/de-xuat",
    ):
        assert quan.get(f"{DESK}{address}").status_code == 403
    assert "Xem và sửa" not in quan.get(ADDRESS).text


# -- one record ----------------------------------------------------------------------------------
def test_a_record_is_shown_in_words_with_the_rules_variables_marked(
    household: Household, lan: FlaskClient
) -> None:
    shown = read(lan, record(household).partition("?")[0])
    text = words(shown)
    assert "Có dùng Internet không?" in text
    assert "Đọc tin; Mua hàng" in text
    marked = [words(row) for row in shown.xpath("//tr[@class='marked']/th//code")]
    assert marked == ["size", "adults", "age", "works"]


def test_one_answer_is_corrected_with_what_follows_shown_first(
    app: Flask, household: Household, lan: FlaskClient
) -> None:
    address = record(household)
    answer = press(lan, address, value0="3", reason="typing")
    assert answer.status_code == 422
    assert "children: thành 0" in words(page(answer.text))
    assert used(app, household, "root/0/adults") == 5, "nothing is changed before it was seen"
    answer = press(lan, address, value0="3", reason="typing", consent="y")
    assert (answer.status_code, answer.location) == (303, address.partition("?")[0])
    assert (used(app, household, "root/0/adults"), used(app, household, "root/0/children")) == (3, "0")
    shown = words(read(lan, address.partition("?")[0]))
    assert "Ghi nhầm, gõ nhầm, Lan Nguyễn" in shown
    assert "Hoàn tác" in shown


def test_an_answer_that_is_no_longer_asked_falls_away_and_comes_back(
    app: Flask, household: Household, lan: FlaskClient
) -> None:
    address = record(household, "root/0/net")
    assert press(lan, address, value0="no", reason="recontact", consent="y").status_code == 303
    assert used(app, household, "root/0/for") is None
    with app.app_context():
        number = db.session.scalars(select(Correction.id).where(~Correction.follows)).one()
    assert send(lan, f"{DESK}/da-sua", f"{DESK}/da-sua/{number}/hoan-tac").status_code == 303
    assert used(app, household, "root/0/for") == ["news", "shop"]


@pytest.mark.parametrize(
    ("place", "typed", "said"),
    [
        ("root/0/adults", "ba", "Nhập"),
        ("root/0/adults", "-1", "Nhập số từ 0"),
        ("root/0/size", "31", ""),
        ("root/0/net", "maybe", "Chọn"),
        ("root/0/for", "hack", "Chọn"),
        ("root/0/remark", "x" * 1_000_000, "20.000"),
        ("member/1/age", "1e99", "Nhập"),
        ("member/1/works", "'; DROP TABLE correction; --", "Chọn"),
    ],
)
def test_what_the_questionnaire_would_not_take_is_refused(
    app: Flask, household: Household, lan: FlaskClient, place: str, typed: str, said: str
) -> None:
    before = used(app, household, place)
    answer = press(lan, record(household, place), value0=typed, reason="typing", consent="y")
    assert answer.status_code == 422
    shown = page(answer.text)
    assert said in words(shown.xpath("//*[@class='field-error']")[0])
    assert used(app, household, place) == before


def test_a_question_that_is_not_asked_cannot_be_answered(
    app: Flask, household: Household, lan: FlaskClient
) -> None:
    press(lan, record(household, "root/0/net"), value0="no", reason="recontact", consent="y")
    answer = press(lan, record(household, "root/0/for"), value0=["news"], reason="typing")
    assert answer.status_code == 422
    assert "không được hỏi" in answer.text


def test_without_a_reason_or_with_another_one_unsaid(household: Household, lan: FlaskClient) -> None:
    for typed in (
        {"reason": ""},
        {"reason": "other", "note": " "},
        {"reason": "made-up"},
        {"reason": "typing", "note": "x" * 501},
    ):
        answer = press(lan, record(household), value0="3", consent="y", **typed)
        assert answer.status_code == 422, typed
        assert page(answer.text).xpath("//*[@class='field-error']")
        assert 'value="3"' in answer.text, "what was typed stays"


@pytest.mark.parametrize(
    "place",
    [
        "root/0/children",
        "root/0/nobody",
        "member/9/age",
        "root/0/age",
        "member/0/age",
        "x",
        "root/-1/adults",
        "a/b/c/d",
    ],
)
def test_places_that_cannot_be_corrected(household: Household, lan: FlaskClient, place: str) -> None:
    assert lan.get(record(household, place)).status_code == 404


def test_records_that_are_not_there(household: Household, lan: FlaskClient) -> None:
    for number in ("x", "0" * 40, str(uuid.uuid4())):
        assert lan.get(f"{DESK}/phieu/{number}").status_code == 404
    assert lan.get(f"{DESK}/quy-tac/khong-co").status_code == 404
    assert send(lan, f"{DESK}/da-sua", f"{DESK}/da-sua/99999999999/hoan-tac").status_code == 404


def test_two_browsers_at_one_value(app: Flask, household: Household, lan: FlaskClient) -> None:
    minh = signed_in(app, "minh", Role.STATISTICIAN)
    address = record(household, "root/0/remark")
    late = fields(minh, address)
    assert press(lan, address, value0="một", reason="typing").status_code == 303
    answer = minh.post(address.partition("?")[0], data={**late, "value0": "hai", "reason": "typing"})
    assert answer.status_code == 409
    shown = page(answer.text)
    assert "vừa được người khác đổi thành một" in words(shown)
    assert "hai" in shown.xpath("string(//input[@name='value0']/@value)"), "what was typed stays"
    assert used(app, household, "root/0/remark") == "một"
    again = {"seen0": shown.xpath("string(//input[@name='seen0']/@value)")}
    answer = minh.post(address.partition("?")[0], data={**late, **again, "value0": "hai", "reason": "typing"})
    assert answer.status_code == 303
    assert used(app, household, "root/0/remark") == "hai"


def test_a_record_that_was_withdrawn_meanwhile(app: Flask, household: Household, lan: FlaskClient) -> None:
    address = record(household, "root/0/remark")
    sent = fields(lan, address)
    with app.app_context():
        withdraw(db.session.get_one(Response, uuid.UUID(household.ids["uuid:0"])))
        db.session.commit()
    answer = lan.post(address.partition("?")[0], data={**sent, "value0": "x", "reason": "typing"})
    assert answer.status_code == 404
    assert "rút lại" in answer.text


def test_hostile_texts_are_shown_as_text(app: Flask, household: Household, lan: FlaskClient) -> None:
    text = "<script>alert(1)</script>\u202e=cmd|' /C calc'!A0"
    assert (
        press(lan, record(household, "root/0/remark"), value0=text, reason="other", note="=2+2").status_code
        == 303
    )
    assert used(app, household, "root/0/remark") == text
    assert "<script>alert" not in lan.get(f"{DESK}/da-sua").text
    rows = list(csv.DictReader(io.StringIO(lan.get(f"{DESK}/da-sua.csv").text.lstrip("\ufeff"))))
    assert rows[0]["note"] == "'=2+2"
    assert rows[0]["variable"] == "remark"
    assert rows[0]["made_by"] == "lan"
    assert rows[0]["state"] == "active"


# -- by rule ---------------------------------------------------------------------------------------
RULE = f"{DESK}/quy-tac/adults-fit"


def test_a_rules_correction_is_looked_at_applied_and_undone_as_one(
    app: Flask, household: Household, lan: FlaskClient
) -> None:
    typed = {"variable": "adults", "expression": "${size} - 1", "reason": "consistency"}
    answer = press(lan, RULE, **typed, deed="preview")
    assert answer.status_code == 200
    shown = page(answer.text)
    text = words(shown.xpath("//section[@id='preview']")[0])
    assert "2 phiếu được sửa 4 giá trị thay đổi, trong đó 2 do phiếu hỏi" in text
    assert [words(cell) for cell in shown.xpath("//section//table[1]//td")] == ["5", "2", "2"]
    assert used(app, household, "root/0/adults") == 5
    mark = shown.xpath("string(//input[@name='mark']/@value)")
    answer = press(lan, RULE, **typed, mark=mark, deed="apply")
    assert answer.status_code == 303
    assert [used(app, household, "root/0/adults", key) for key in ("uuid:0", "uuid:1", "uuid:2")] == [2, 2, 2]
    with app.app_context():
        batch = db.session.scalars(select(CorrectionBatch)).one()
        assert (batch.kind, batch.rule, batch.expression) == (
            Kind.RULE,
            "adults-fit",
            "adults := ${size} - 1",
        )
        number = batch.id
    assert "Đã đạt" in words(read(lan, f"{DESK}/?quy-tac=adults-fit"))
    assert send(lan, f"{DESK}/da-sua?dot={number}", f"{DESK}/da-sua/dot/{number}/hoan-tac").status_code == 303
    assert used(app, household, "root/0/adults", "uuid:1") == 5


def test_what_was_not_looked_at_is_not_applied(app: Flask, household: Household, lan: FlaskClient) -> None:
    typed = {"variable": "adults", "expression": "2", "reason": "consistency"}
    mark = page(press(lan, RULE, **typed, deed="preview").text).xpath("string(//input[@name='mark']/@value)")
    press(lan, record(household), value0="3", reason="typing", consent="y")  # somebody mends one of the two
    answer = press(lan, RULE, **typed, mark=mark, deed="apply")
    assert answer.status_code == 409
    assert "1 phiếu được sửa" in words(page(answer.text).xpath("//section[@id='preview']")[0])
    assert used(app, household, "root/0/adults", "uuid:1") == 5


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"variable": "adults", "expression": "${nobody} + 1"}, "nobody"),
        ({"variable": "adults", "expression": "${size} +"}, "ký tự"),
        ({"variable": "adults", "expression": "../x"}, ""),
        ({"variable": "children", "expression": "1"}, ""),
        ({"variable": "", "expression": "1"}, "Chọn biến"),
        ({"variable": "adults", "expression": "'" + "x" * 1_000_000 + "'"}, "ngắn hơn"),
    ],
)
def test_expressions_that_do_not_work_are_told(
    household: Household, lan: FlaskClient, typed: dict[str, str], said: str
) -> None:
    answer = press(lan, RULE, **typed, reason="consistency", deed="preview")
    assert answer.status_code == 422
    assert said in words(page(answer.text).xpath("//*[@class='field-error']")[0])


def test_records_that_cannot_take_the_value_are_named_and_left(
    app: Flask, household: Household, lan: FlaskClient
) -> None:
    answer = press(lan, RULE, variable="adults", expression="'nhiều'", reason="consistency", deed="preview")
    text = words(page(answer.text).xpath("//section[@id='preview']")[0])
    assert "2 phiếu không nhận giá trị này" in text
    assert "không có gì để áp dụng" in text


def test_a_rule_of_a_repeat_sets_the_instances_that_fail(
    app: Flask, household: Household, lan: FlaskClient
) -> None:
    address = f"{DESK}/quy-tac/children-work"
    typed = {"variable": "works", "expression": "'no'", "reason": "consistency"}
    mark = page(press(lan, address, **typed, deed="preview").text).xpath(
        "string(//input[@name='mark']/@value)"
    )
    assert press(lan, address, **typed, mark=mark, deed="apply").status_code == 303
    assert used(app, household, "member/1/works", "uuid:1") == "no"
    assert used(app, household, "member/1/works", "uuid:2") == "yes"


# -- proposals -------------------------------------------------------------------------------------
def test_a_proposal_is_shown_and_a_person_accepts_it_with_a_reason(
    app: Flask, household: Household, lan: FlaskClient
) -> None:
    address = f"{DESK}/phieu/{household.ids['uuid:0']}?de-xuat=root/0"
    shown = words(read(lan, address))
    assert "Đổi ít nhất: " in shown
    assert used(app, household, "root/0/adults") == 5, "a proposal changes nothing"
    assert press(lan, address).status_code == 422, "a reason is needed"
    assert press(lan, address, reason="consistency", consent="y").status_code == 303
    with app.app_context():
        batch = db.session.scalars(select(CorrectionBatch)).one()
        assert (batch.kind, batch.rule) == (Kind.PROPOSAL, "adults-fit")
    rest = words(read(lan, address.partition("?")[0]).xpath("//main")[0])
    assert "Sai adults-fit." not in rest


def test_how_much_a_variable_is_trusted_decides(app: Flask, household: Household, lan: FlaskClient) -> None:
    address = f"{DESK}/phieu/{household.ids['uuid:0']}?de-xuat=root/0"
    for reliability, said in (
        ({"size": 3}, "Đổi ít nhất: “Mấy người lớn?”"),
        ({"adults": "fixed"}, "Đổi ít nhất: “Hộ có mấy người?”"),
        ({"adults": "fixed", "size": "fixed"}, "Không có cách đổi nào"),
    ):
        with app.app_context():
            version = db.session.get_one(Round, household.round_id).instrument_version
            version.edits = version.edits | {"reliability": reliability}
            db.session.commit()
        assert said in words(read(lan, address))
    (values,) = ["giá trị làm các quy tắc cùng đạt"]
    with app.app_context():
        version = db.session.get_one(Round, household.round_id).instrument_version
        version.edits = version.edits | {"reliability": {"size": 3}}
        db.session.commit()
    assert f"{values}: 1–3" in words(read(lan, address))


def test_all_records_are_searched_in_the_background(
    household: Household, lan: FlaskClient, work_off: Callable[[], None]
) -> None:
    assert "Chưa có đề xuất" in words(read(lan, f"{DESK}/de-xuat"))
    assert send(lan, f"{DESK}/de-xuat").status_code == 303
    assert "Đang chờ máy" in words(read(lan, f"{DESK}/de-xuat"))
    assert send(lan, f"{DESK}/de-xuat").status_code == 409, "one at a time"
    work_off()
    shown = read(lan, f"{DESK}/de-xuat")
    rows = [words(row) for row in shown.xpath("//table/tbody/tr")]
    assert len(rows) == 4
    assert sum("Bao nhiêu tuổi?" in row or "Có đi làm không?" in row for row in rows) == 2
    (first, *_) = shown.xpath("//table//td//a/@href")
    assert "Đổi ít nhất" in words(read(lan, first))


def test_a_search_is_cancelled(household: Household, lan: FlaskClient, work_off: Callable[[], None]) -> None:
    send(lan, f"{DESK}/de-xuat")
    (action,) = read(lan, f"{DESK}/de-xuat").xpath("//form[contains(@action, '/huy')]/@action")
    assert lan.post(action, data={"csrf_token": token(lan, f"{DESK}/de-xuat")}).status_code == 303
    work_off()
    assert "đã bị hủy" in words(read(lan, f"{DESK}/de-xuat"))
    assert lan.post(action, data={"csrf_token": token(lan, f"{DESK}/de-xuat")}).status_code == 409


# -- what was corrected ----------------------------------------------------------------------------
def test_stale_corrections_are_listed_with_a_remedy(
    app: Flask, household: Household, lan: FlaskClient
) -> None:
    assert "Chưa sửa giá trị nào" in words(read(lan, f"{DESK}/da-sua"))
    press(lan, record(household, "root/0/remark"), value0="x", reason="typing")
    with app.app_context():
        response = db.session.get_one(Response, uuid.UUID(household.ids["uuid:0"]))
        response.answers = response.answers | {"remark": "mới"}
        db.session.commit()
    shown = words(read(lan, f"{DESK}/da-sua"))
    assert "1 giá trị sửa không còn áp dụng" in shown
    assert "Mở phiếu mới, sửa lại" in shown


def test_the_runs_page_says_how_many_values_were_corrected(
    app: Flask, household: Household, lan: FlaskClient
) -> None:
    press(lan, record(household, "root/0/remark"), value0="x", reason="typing")
    with app.app_context():
        number = run(db.session.get_one(Round, household.round_id))
    assert "1 giá trị sửa được dùng" in words(read(lan, f"/process/run/{number}"))
