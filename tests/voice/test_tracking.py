"""By the code: what the sender sees and does, and what a guesser learns (nothing)."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.accounts.models import User
from survey.extensions import db
from survey.voice import service, triage
from survey.voice.models import Status, VoiceContact, VoiceEvent, VoicePhoto, VoiceSubmission
from tests.collect.visitor import Visitor
from tests.page import page
from tests.staff import add_person, send
from tests.voice.messages import GOOD, chosen, everything, jpeg, sent, the_only

pytestmark = pytest.mark.usefixtures("areas")
WRONG = "Không có ý kiến nào với mã này"


def do(app: Flask, number: int, deed: str, *values: object) -> None:
    """A deed of a caseworker."""
    with app.app_context():
        found = db.session.get_one(VoiceSubmission, number)
        user = db.session.scalars(select(User)).first()
        assert user is not None
        getattr(triage, deed)(found, user, *values)
        db.session.commit()


@pytest.fixture(autouse=True)
def caseworker(app: Flask) -> None:
    from survey.accounts.models import Role

    add_person(app, "hoa", Role.CASEWORKER)


@pytest.mark.parametrize("typed", ["{}", "{lower}", " {spaced} "])
def test_a_code_is_found_however_it_is_typed(app: Flask, client: FlaskClient, typed: str) -> None:
    _, code = sent(app)
    text = typed.format(code, lower=code.lower(), spaced=f"{code[:4]} {code[4:]}")
    reply = client.post(
        "/y-kien/tra-cuu",
        data={"csrf_token": Visitor(client).open("/y-kien/tra-cuu").value("csrf_token"), "code": text},
        follow_redirects=True,
    )
    assert reply.status_code == 200
    assert GOOD["text"] in reply.text
    page(reply.text)


@pytest.mark.parametrize("code", ["AAAAAAAA", "x", "%00", "%ff", "x" * 500, "<b>", "' OR 1=1", "tong-hop2"])
def test_a_wrong_code_tells_nothing(app: Flask, client: FlaskClient, code: str) -> None:
    sent(app)
    reply = client.get(f"/y-kien/{code}")
    assert reply.status_code == 404
    assert GOOD["text"] not in reply.text


def test_guessing_is_stopped_and_a_right_code_is_not_held_against_anybody(
    app: Flask, client: FlaskClient
) -> None:
    _, code = sent(app)
    for _ in range(40):
        assert client.get(f"/y-kien/{code}").status_code == 200
    seen = [client.get(f"/y-kien/AAAAAA{number:02}").status_code for number in range(40)]
    assert seen[:30] == [404] * 30
    assert set(seen[30:]) == {429}
    assert client.get(f"/y-kien/{code}").status_code == 429, "a guess that hits at last is not told either"


def test_the_sender_sees_answers_and_no_notes(app: Flask, client: FlaskClient) -> None:
    number, code = sent(app)
    do(app, number, "note", "Người này hay than phiền")
    do(app, number, "set_status", Status.REFERRED, "Đã chuyển Sở Công Thương")
    do(app, number, "answer", "Đã thêm trạm.\n<b>Cảm ơn</b>")
    visitor = Visitor(client).open(f"/y-kien/{code}")
    assert "than phiền" not in visitor.text
    assert "Đã chuyển Sở Công Thương" in visitor.text
    assert "<b>Cảm ơn</b>" in visitor.text
    assert "Đã trả lời" in visitor.text


def test_a_suspected_message_looks_like_any_other_to_its_sender(app: Flask, client: FlaskClient) -> None:
    number, code = sent(app)
    with app.app_context():
        db.session.get_one(VoiceSubmission, number).screening = "suspected"
        db.session.commit()
    visitor = Visitor(client).open(f"/y-kien/{code}")
    assert "Mới nhận" in visitor.text
    assert not any(word in visitor.text.lower() for word in ("spam", "rác", "nghi", "hợp lệ"))


def test_adding_something_opens_a_closed_message_again(app: Flask, client: FlaskClient) -> None:
    number, code = sent(app)
    do(app, number, "answer", "Đã sửa.")
    do(app, number, "set_status", Status.CLOSED)
    reply = send(client, f"/y-kien/{code}", f"/y-kien/{code}/viet-them", reply="Vẫn hỏng ạ")
    assert reply.status_code == 303
    assert "Vẫn hỏng ạ" in Visitor(client).open(f"/y-kien/{code}").text
    assert (the_only(app).status, the_only(app).closed_at) == (Status.IN_PROGRESS, None)


def test_a_refused_addition_stays_as_typed(app: Flask, client: FlaskClient) -> None:
    _, code = sent(app)
    long = "y" * 2_100
    reply = send(client, f"/y-kien/{code}", f"/y-kien/{code}/viet-them", reply=long)
    assert reply.status_code == 422
    assert long in reply.text and "quá 2.000. Xin rút ngắn 100 ký tự" in reply.text
    page(reply.text)


def test_additions_have_an_end(app: Flask, client: FlaskClient) -> None:
    number, code = sent(app)
    with app.app_context():
        for _ in range(20):
            service.reply(db.session.get_one(VoiceSubmission, number), "thêm")
            db.session.flush()
        db.session.commit()
    send(client, f"/y-kien/{code}", f"/y-kien/{code}/viet-them", reply="một lần nữa")
    visitor = Visitor(client).open(f"/y-kien/{code}")
    assert "một lần nữa" not in visitor.text
    assert "Đã viết thêm quá nhiều lần" in visitor.text


def test_only_an_answer_can_be_rated_and_the_last_mark_counts(app: Flask, client: FlaskClient) -> None:
    number, code = sent(app)
    address = f"/y-kien/{code}"
    send(client, address, f"{address}/danh-gia", satisfaction="5")
    assert the_only(app).satisfaction is None
    do(app, number, "answer", "Đã sửa.")
    for mark in ("2", "4"):
        assert send(client, address, f"{address}/danh-gia", satisfaction=mark).status_code == 303
    assert send(client, address, f"{address}/danh-gia", satisfaction="9").status_code == 422
    assert the_only(app).satisfaction == 4


def test_withdrawing_needs_a_tick_and_leaves_no_word(app: Flask, citizen: Visitor) -> None:
    citizen.press(**GOOD, name="Lan", photos=chosen(jpeg()))
    address = citizen.address.partition("?")[0]
    number = the_only(app).id
    do(app, number, "publish", "Mất sóng ở ấp Ba", "")
    do(app, number, "note", "Lan gọi lại")
    assert send(citizen.client, address, f"{address}/rut").status_code == 422
    assert the_only(app).text == GOOD["text"]
    assert send(citizen.client, address, f"{address}/rut", sure="y").status_code == 303
    kept = the_only(app)
    assert (kept.status, kept.text, kept.public_text, kept.longitude) == (Status.WITHDRAWN, "", None, None)
    with app.app_context():
        assert not db.session.scalars(select(VoiceContact)).all()
        assert not db.session.scalars(select(VoicePhoto)).all()
        assert not any(db.session.scalars(select(VoiceEvent.text)))
    assert "Đã rút" in citizen.open(address).text
    send(citizen.client, "/y-kien/tra-cuu", f"{address}/viet-them", reply="khoan đã")
    assert "khoan đã" not in citizen.open(address).text


def test_a_joined_message_shows_the_common_answer(app: Flask, client: FlaskClient) -> None:
    first, _ = sent(app)
    second, code = sent(app, text="Ấp Ba không có sóng điện thoại")
    with app.app_context():
        number = db.session.get_one(VoiceSubmission, first).number
    do(app, second, "merge", number)
    do(app, first, "answer", "Đã thêm trạm ở ấp Ba.")
    text = Visitor(client).open(f"/y-kien/{code}").text
    assert "được gộp với một ý kiến cùng việc" in text
    assert "Đã thêm trạm ở ấp Ba." in text
    assert GOOD["text"] not in text, "what the other sender wrote is theirs"


def test_two_forms_never_share_a_code(app: Flask) -> None:
    codes = {sent(app, text=f"Ý kiến thứ {number} trong ngày")[1] for number in range(20)}
    assert len(codes) == len(everything(app)) == 20


def test_private_pages_are_kept_out_of_caches_and_search_engines(app: Flask, client: FlaskClient) -> None:
    _, code = sent(app)
    for address in (f"/y-kien/{code}", "/y-kien/tra-cuu"):
        headers = client.get(address).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Robots-Tag"] == "noindex"
        assert headers["Referrer-Policy"] == "same-origin"
