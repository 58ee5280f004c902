"""The delivery desk, as people use it: see what waits, sign and send, note what comes back."""

from collections.abc import Iterator

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey.accounts.models import Role
from survey.delivery import endpoints, outbox, service, tokens
from survey.delivery.models import Delivery, Endpoint, Objection, Push, PushState, Token, Way
from survey.delivery.signature import signer_of
from survey.extensions import db
from survey.rounds.models import Purpose
from tests import staff
from tests.delivery.conftest import COMMUNES, OFFICE, Recipient, agency, person, put_out
from tests.delivery.test_outbox import NOW
from tests.disseminate.published import estimate
from tests.process.conftest import queue_tables, work_off
from tests.staff import signed_in, words

__all__ = ["queue_tables", "work_off"]
DESK = "/gui-so-lieu/"
HOSTILE = "<script>alert(1)</script>\u202e\x00 ' OR 1=1 --"


@pytest.fixture
def lan(app: Flask, registry: None) -> Iterator[FlaskClient]:
    """A statistician's browser."""
    return signed_in(app, "thu", Role.STATISTICIAN)


@pytest.fixture
def admin(app: Flask, registry: None) -> FlaskClient:
    return signed_in(app, "quantri", Role.ADMIN)


def forget() -> None:
    """Each request begins with nothing in `g`, as it does without the tests' own application context."""
    vars(g._get_current_object()).clear()


def page(browser: FlaskClient, address: str) -> str:
    forget()
    return words(staff.read(browser, address))


def send(browser: FlaskClient, address: str, action: str | None = None, **fields: object) -> TestResponse:
    forget()
    return staff.send(browser, address, action, **fields)


def the_delivery() -> Delivery:
    db.session.expire_all()
    return db.session.query(Delivery).one()


def test_before_anything_is_published_the_desk_says_so(lan: FlaskClient) -> None:
    told = page(lan, DESK)
    assert "Chưa có số liệu công bố" in told
    assert "Chưa gửi gói nào" in told
    assert "Không có yêu cầu nào" in told
    assert "Chưa có số liệu nào của cơ quan này" in page(lan, f"{DESK}co-quan/{OFFICE}")


def test_what_waits_is_seen_then_signed_then_in_the_history(app: Flask, lan: FlaskClient) -> None:
    put_out(estimate(72.4), estimate(30.0, code="shops"))
    told = page(lan, DESK)
    assert "Thống kê tỉnh Vĩnh Long" in told
    assert "Chỉ tiêu chưa có cơ quan chủ trì" in told
    assert "UBND cấp huyện" in told
    address = f"{DESK}co-quan/{OFFICE}"
    seen = page(lan, address)
    assert "2 mới" in seen
    assert "70,0–74,8 %" in seen
    refused = send(lan, address, f"{address}/gui/that")
    assert refused.status_code == 422
    assert "Đánh dấu" in refused.text
    assert db.session.query(Delivery).count() == 0
    sent = send(lan, address, f"{address}/gui/that", checked="y")
    assert sent.status_code == 303
    told = page(lan, sent.headers["Location"])
    assert the_delivery().number in told
    assert "Chờ cơ quan tải" in told
    assert "đã nhận số liệu mới nhất" in page(lan, address)
    package = lan.get(f"{sent.headers['Location']}/goi.zip")
    assert package.data == the_delivery().package
    again = send(lan, address, f"{address}/gui/that", checked="y")
    assert "đã nhận mọi số liệu hiện có" in again.text
    assert db.session.query(Delivery).count() == 1


def test_generated_figures_are_sent_by_their_own_button(lan: FlaskClient) -> None:
    put_out()
    put_out(estimate(50.0), period="2025", purpose=Purpose.DEMONSTRATION)
    address = f"{DESK}co-quan/{OFFICE}"
    assert "số liệu mô phỏng" in page(lan, address)
    sent = send(lan, address, f"{address}/gui/mophong", checked="y")
    assert "mô phỏng" in page(lan, sent.headers["Location"])
    assert [line.observation.time_period for line in the_delivery().lines] == ["2025"]


def test_a_letter_of_acknowledgement_is_typed_in_once(lan: FlaskClient, deliver) -> None:
    put_out()
    address = f"{DESK}lan-gui/{deliver(OFFICE).id}"
    missing = send(lan, address, f"{address}/xac-nhan", **{"ack-by": ""})
    assert missing.status_code == 422
    assert "Nhập người xác nhận" in missing.text
    told = {"ack-by": "Nguyễn Văn Bình", "ack-reference": "15/TKT-TH", "ack-note": HOSTILE}
    assert send(lan, address, f"{address}/xac-nhan", **told).status_code == 303
    send(lan, address, f"{address}/xac-nhan", **{**told, "ack-by": "Người khác"})
    assert (the_delivery().acknowledged_by, the_delivery().acknowledged_way) == (
        "Nguyễn Văn Bình",
        Way.LETTER,
    )
    shown = lan.get(address).text
    assert "15/TKT-TH" in shown
    assert "<script>alert" not in shown


def test_a_request_for_correction_goes_its_way(lan: FlaskClient, deliver) -> None:
    put_out()
    delivery = deliver(OFFICE)
    address = f"{DESK}lan-gui/{delivery.id}"
    figure = delivery.lines[0].observation_id
    told = {"cor-figure": figure, "cor-text": f"Số lệch {HOSTILE}", "cor-by": "Bình", "cor-reference": ""}
    assert send(lan, address, f"{address}/dinh-chinh", **told).status_code == 303
    request = db.session.query(Objection).one()
    assert request.observation_id == figure
    assert "Số lệch" in page(lan, DESK)
    place = f"{DESK}dinh-chinh/{request.id}"
    without = send(lan, place, decision="accept", answer="  ")
    assert without.status_code == 422
    assert "Nhập lý do" in without.text
    assert send(lan, place, decision="accept", answer="Đúng, nhầm trọng số.").status_code == 303
    assert "cần bản sửa" in page(lan, place)
    assert "chưa có bản sửa" in page(lan, DESK)
    late = send(lan, address, place, decision="reject", answer="Không")
    assert late.status_code == 409


def test_a_rejected_request_waits_no_more(lan: FlaskClient, deliver) -> None:
    put_out()
    sender = service.Sender("Bình", Way.LETTER)
    request, _ = service.request_correction(deliver(OFFICE), sender, "Sai")
    db.session.commit()
    place = f"{DESK}dinh-chinh/{request.id}"
    send(lan, place, decision="reject", answer="Khác định nghĩa.")
    assert "Khác định nghĩa." in page(lan, place)
    assert "Không có yêu cầu nào" in page(lan, DESK)


def test_an_accepted_request_is_settled_by_the_revision(lan: FlaskClient, deliver) -> None:
    (figure,) = put_out(estimate(72.4))
    delivery = deliver(OFFICE)
    request, _ = service.request_correction(delivery, service.Sender("B", Way.LETTER), "Sai", figure.id)
    service.answer_correction(request, person(), accepted=True, answer="Đúng")
    figure.current = False
    db.session.commit()
    assert service.open_corrections() == []
    assert "đã sửa" in page(lan, f"{DESK}dinh-chinh/{request.id}")


def test_a_token_is_shown_once_and_revoked(admin: FlaskClient) -> None:
    address = f"{DESK}ma-truy-cap"
    assert "Chưa cấp mã nào" in page(admin, address)
    assert send(admin, address, agency=OFFICE, name="").status_code == 422
    given = send(admin, address, agency=OFFICE, name="LGSP <b>", scopes=[tokens.READ], days=90)
    assert given.status_code == 303
    first = admin.get(address)
    secret = first.text.partition(tokens.PREFIX)[2][:43]
    assert len(secret) == 43
    assert first.headers["Cache-Control"] == "private, no-store"
    assert secret not in admin.get(address).text
    assert "<b>" not in first.text
    token = db.session.query(Token).one()
    assert tokens.holder_of(f"Bearer {tokens.PREFIX}{secret}", tokens.READ).id == token.id
    send(admin, address, f"{address}/{token.id}/thu-hoi")
    assert "thu hồi" in page(admin, address)
    with pytest.raises(tokens.NoToken):
        tokens.holder_of(f"Bearer {tokens.PREFIX}{secret}", tokens.READ)


def test_an_endpoint_is_set_checked_and_removed(admin: FlaskClient) -> None:
    address = f"{DESK}co-quan/{OFFICE}"
    inside = send(admin, address, f"{address}/dia-chi", url="https://10.0.0.1/", form="zip")
    assert inside.status_code == 422
    assert "mạng nội bộ" in inside.text
    assert db.session.query(Endpoint).count() == 0
    send(admin, address, f"{address}/dia-chi", url="https://10.0.0.1/a", form="json", allow_private="y")
    assert "https://10.0.0.1/a" in page(admin, address)
    assert endpoints.endpoint_of(agency(OFFICE)).form == "json"
    send(admin, address, f"{address}/dia-chi/bo")
    assert "Chưa đặt địa chỉ nhận" in page(admin, address)


def test_a_stopped_package_is_sent_by_the_button_and_the_worker(
    app: Flask, lan: FlaskClient, recipient: Recipient, deliver, work_off
) -> None:
    """What the recipient answered is shown as text, and the page says how it goes on."""
    chosen = endpoints.Settled(recipient.url, allow_private=True)
    endpoints.set_endpoint(agency(OFFICE), chosen, person(Role.ADMIN, "vu"))
    put_out()
    delivery = deliver(OFFICE, now=NOW)
    recipient.give((422, b"<script>alert(1)</script>"), 200)
    outbox.push_due(app.config["KHAOSAT"], NOW)
    address = f"{DESK}lan-gui/{delivery.id}"
    shown = lan.get(address).text
    assert "Dừng gửi" in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script>alert" not in shown
    assert send(lan, address, f"{address}/gui-lai").status_code == 303
    work_off()
    assert db.session.get_one(Push, delivery.id, populate_existing=True).state == PushState.SENT
    assert "Máy nhận đã lấy" in page(lan, address)


def test_an_endpoint_is_paused_and_resumed_by_buttons(lan: FlaskClient, deliver) -> None:
    chosen = endpoints.Settled("https://lgsp.example.org/")
    endpoints.set_endpoint(agency(COMMUNES), chosen, person(Role.ADMIN, "vu"))
    put_out()
    delivery = deliver(COMMUNES)
    address = f"{DESK}co-quan/{COMMUNES}"
    send(lan, address, f"{address}/dung")
    assert "đang dừng" in page(lan, address)
    assert "Địa chỉ nhận đang dừng" in page(lan, f"{DESK}lan-gui/{delivery.id}")


def test_the_public_key_is_for_everyone(app: Flask, client: FlaskClient) -> None:
    reply = client.get("/khoa-cong-khai.pem")
    assert reply.data == signer_of(app.config["KHAOSAT"].home).public_pem
    assert b"PRIVATE" not in reply.data
    assert reply.headers["Khaosat-Key-Id"] == signer_of(app.config["KHAOSAT"].home).key_id


@pytest.mark.parametrize(
    "address", ["lan-gui/0", "lan-gui/99999999999", "dinh-chinh/5", "co-quan/khong-co", "lan-gui/7/goi.zip"]
)
def test_what_is_not_there_is_told_so(lan: FlaskClient, address: str) -> None:
    answer = lan.get(f"{DESK}{address}")
    assert answer.status_code == 404
    assert "Không có" in answer.text
