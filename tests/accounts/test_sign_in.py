"""Signing in: back to the page that was asked for, never elsewhere; locked after five failures."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.accounts import service
from survey.accounts.models import AuditEvent, Role, User
from survey.extensions import db
from tests.page import page
from tests.staff import PASSWORD, add_person, read, send, signed_in, token, words

SIGN_IN = "/dang-nhap"


def attempt(browser: FlaskClient, username: str = "lan", password: str = PASSWORD, address: str = SIGN_IN):  # type: ignore[no-untyped-def]
    return send(browser, address, username=username, password=password)


def test_a_statistician_comes_to_the_desk(app: Flask, client: FlaskClient) -> None:
    add_person(app, "lan", Role.STATISTICIAN)
    assert attempt(client).location == "/process/"
    assert "Xử lý số liệu" in words(read(client, "/process/"))


@pytest.mark.parametrize(
    ("role", "desk"),
    [(Role.MANAGER, "/manage/"), (Role.ADMIN, "/manage/"), (Role.ENUMERATOR, "/tai-khoan")],
)
def test_each_role_comes_to_its_own_desk(app: Flask, client: FlaskClient, role: Role, desk: str) -> None:
    add_person(app, "lan", role)
    assert attempt(client).location == desk


def test_the_user_name_is_read_without_case_and_spaces(app: Flask, client: FlaskClient) -> None:
    add_person(app, "lan", Role.STATISTICIAN)
    assert attempt(client, username=" LAN ").status_code == 302


def test_after_signing_in_the_person_is_where_she_wanted_to_go(app: Flask, client: FlaskClient) -> None:
    add_person(app, "lan", Role.STATISTICIAN)
    sent_away = client.get("/ky/")
    assert sent_away.location == "/dang-nhap?next=%2Fky%2F"
    assert attempt(client, address=sent_away.location).location == "/ky/"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "http:evil.example",
        "javascript:alert(1)",
        "process/",
    ],
)
def test_no_other_site_is_reached_by_signing_in(app: Flask, client: FlaskClient, target: str) -> None:
    add_person(app, "lan", Role.STATISTICIAN)
    form = {"csrf_token": token(client, SIGN_IN), "username": "lan", "password": PASSWORD}
    answer = client.post(SIGN_IN, query_string={"next": target}, data=form)
    assert answer.location == "/process/"


def test_a_wrong_password_and_an_unknown_name_look_the_same(app: Flask, client: FlaskClient) -> None:
    add_person(app, "lan", Role.STATISTICIAN)
    wrong, unknown = attempt(client, password="khac hoan toan nhe"), attempt(client, username="minh")
    assert wrong.status_code == unknown.status_code == 403
    shown = [page(answer.text).xpath("string(//*[@id='password-error'])") for answer in (wrong, unknown)]
    assert shown[0] == shown[1] != ""


def test_empty_fields_say_what_to_enter(client: FlaskClient, app: Flask) -> None:
    answer = send(client, SIGN_IN, username="", password="")
    assert answer.status_code == 422
    assert "Nhập tên đăng nhập" in words(page(answer.text).get_element_by_id("error-summary"))


def test_five_failures_lock_the_account_for_a_quarter_of_an_hour(app: Flask, client: FlaskClient) -> None:
    add_person(app, "lan", Role.STATISTICIAN)
    for _ in range(service.MOST_FAILURES):
        assert attempt(client, password="sai mat khau roi").status_code == 403
    locked = attempt(client)
    assert locked.status_code == 403
    assert "tạm khóa" in locked.text
    with app.app_context():
        later = datetime.now(UTC) + service.LOCK + timedelta(seconds=1)
        assert service.sign_in("lan", PASSWORD, now=later).failed_sign_ins == 0


def test_a_success_forgets_earlier_failures(app: Flask, client: FlaskClient) -> None:
    add_person(app, "lan", Role.STATISTICIAN)
    for _ in range(service.MOST_FAILURES - 1):
        attempt(client, password="sai mat khau roi")
    attempt(client)
    with app.app_context():
        assert db.session.scalar(select(User.failed_sign_ins)) == 0


def test_someone_who_left_cannot_sign_in_nor_go_on_working(app: Flask, client: FlaskClient) -> None:
    add_person(app, "lan", Role.STATISTICIAN)
    attempt(client)
    with app.app_context():
        db.session.scalars(select(User)).one().active = False
        db.session.commit()
    assert client.get("/process/").location.startswith(SIGN_IN)
    assert attempt(app.test_client()).status_code == 403


def test_signing_out_ends_the_session_and_needs_the_token(app: Flask) -> None:
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    assert browser.post("/dang-xuat").status_code == 400
    assert browser.get("/process/").status_code == 200
    assert send(browser, "/process/", "/dang-xuat").location == SIGN_IN
    assert browser.get("/process/").status_code == 302


def test_signing_in_without_the_token_is_refused(app: Flask, client: FlaskClient) -> None:
    add_person(app, "lan", Role.STATISTICIAN)
    answer = client.post(SIGN_IN, data={"username": "lan", "password": PASSWORD})
    assert answer.status_code == 400
    assert client.get("/process/").status_code == 302


def test_signing_in_and_out_is_in_the_audit_trail(app: Flask) -> None:
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    send(browser, "/process/", "/dang-xuat")
    with app.app_context():
        events = db.session.execute(
            select(AuditEvent.action, AuditEvent.subject).order_by(AuditEvent.id)
        ).all()
    assert [tuple(event) for event in events] == [
        ("user.add", "user:lan"),
        ("user.sign_in", "user:lan"),
        ("user.sign_out", "user:lan"),
    ]
