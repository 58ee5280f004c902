"""The round's page: until when people may withdraw, lost receipts, what people agreed to."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.accounts.models import Role
from survey.extensions import db
from survey.formats import LOCAL_TIME, date
from survey.rounds.models import Round
from tests.collect.consenting import CONSENTING, DESIGN, answer
from tests.collect.visitor import Visitor
from tests.factories import Fielded, field_survey
from tests.staff import read, send, signed_in, words

PAGE = "/manage/garden/r1"


@pytest.fixture
def garden(app: Flask, tmp_path: Path) -> Fielded:
    return field_survey(app, CONSENTING, folder=tmp_path, units=1, design=DESIGN)


@pytest.fixture
def quan(app: Flask, garden: Fielded) -> FlaskClient:
    return signed_in(app, "quan", Role.MANAGER)


def promise(browser: FlaskClient, day: datetime | str) -> str:
    """Set the last day, and return what the page says then."""
    text = day if isinstance(day, str) else day.date().isoformat()
    assert send(browser, PAGE, f"{PAGE}/rut-lai", last_day=text).status_code == 303
    return words(read(browser, PAGE))


def test_the_last_day_is_kept_to_its_end(app: Flask, garden: Fielded, quan: FlaskClient) -> None:
    day = datetime.now(LOCAL_TIME) + timedelta(days=10)
    assert f"đến hết ngày {date(day)}" in promise(quan, day)
    with app.app_context():
        moment = db.session.get_one(Round, garden.round_id).deidentify_at.astimezone(LOCAL_TIME)
    assert (moment.date(), moment.hour) == ((day + timedelta(days=1)).date(), 0)


def test_a_promise_is_not_shortened(quan: FlaskClient) -> None:
    now = datetime.now(LOCAL_TIME)
    promise(quan, now + timedelta(days=10))
    assert "đã được báo" in promise(quan, now + timedelta(days=9))
    assert f"đến hết ngày {date(now + timedelta(days=11))}" in promise(quan, now + timedelta(days=11))


@pytest.mark.parametrize(
    ("day", "told"), [("2020-01-01", "đã qua"), ("9999-12-31", "quá xa"), ("hôm nay", ""), ("", "Chọn ngày")]
)
def test_other_days_are_refused(quan: FlaskClient, day: str, told: str) -> None:
    page = promise(quan, day)
    assert told in page
    assert "Chưa ghi ngày" in page


def test_a_supervisor_tells_a_lost_receipt(app: Flask, garden: Fielded, client: FlaskClient) -> None:
    code, token = next(iter(garden.cases.items()))
    receipt = answer(Visitor(client).open(f"/k/{token}").press())
    giam = signed_in(app, "giam", Role.SUPERVISOR)
    page = f"{PAGE}/bien-nhan"
    assert send(giam, page, case_code=code).status_code == 303
    assert f"{receipt[:4]}-{receipt[4:]} (đã gửi)" in words(read(giam, page))
    assert send(giam, page, case_code="SAIMSAIM").status_code == 422
    assert signed_in(app, "an", Role.ENUMERATOR).get(page).status_code == 403


def test_consents_are_counted_by_what_was_read(
    garden: Fielded, client: FlaskClient, quan: FlaskClient
) -> None:
    answer(Visitor(client).open("/s/garden").press())
    answer(Visitor(client).open("/s/garden?lang=en").press())
    Visitor(client).open("/s/garden").press().press(consent="no").press()
    table = read(quan, PAGE).xpath("//table[.//th='Bản văn đã đọc']")[0]
    assert [
        [words(cell) for cell in row.xpath("td[position()=1 or position()>3]")]
        for row in table.xpath(".//tr[td]")
    ] == [
        ["Tiếng Việt", "1", "1"],
        ["Tiếng Anh", "1", "0"],
    ]
    assert "Chúng tôi hỏi về vườn." in words(table)
    assert "We ask about gardens." in words(table)


def test_a_team_gets_a_code_and_loses_it(app: Flask, quan: FlaskClient) -> None:
    day = datetime.now(LOCAL_TIME) + timedelta(days=30)
    send(quan, PAGE, f"{PAGE}/to-ho-tro", team=" <b>Tổ</b>  ấp 1 ", valid_to=day.date().isoformat())
    page = read(quan, PAGE)
    (row,) = page.xpath("//tr[th='<b>Tổ</b> ấp 1']")
    code = words(row.find(".//code"))
    assert f"hết ngày {date(day)}" in words(row)
    phone = Visitor(app.test_client()).open("/ho-tro").press(code=code, helper="Sáu")
    answer(phone.open("/ho-tro/garden").press())
    (action,) = page.xpath("//form[contains(@action, 'thu-hoi')]/@action")
    assert send(quan, PAGE, action).status_code == 303
    page = read(quan, PAGE)
    assert "đã thu hồi" in words(page.xpath("//tr[th='<b>Tổ</b> ấp 1']")[0])
    assert [words(cell) for cell in page.xpath("//tr[th='Sáu']/td")] == ["<b>Tổ</b> ấp 1", "1", "0"]
    assert phone.open("/ho-tro").h1 == "Hỗ trợ người dân trả lời"


@pytest.mark.parametrize(
    ("team", "day", "told"),
    [
        ("", "2036-01-01", "Nhập tên tổ"),
        ("Tổ 1", "", "Chọn ngày"),
        ("Tổ 1", "2020-01-01", "Không cấp được mã"),
    ],
)
def test_a_team_needs_a_name_and_a_day(quan: FlaskClient, team: str, day: str, told: str) -> None:
    send(quan, PAGE, f"{PAGE}/to-ho-tro", team=team, valid_to=day)
    page = words(read(quan, PAGE))
    assert told in page
    assert "Chưa cấp mã cho tổ nào" in page
