"""A personal link: it ends, is revoked and replaced, and tells nothing to who guesses."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.accounts.models import AuditEvent, Role
from survey.cases.models import Disposition
from survey.cases.service import set_disposition
from survey.extensions import db
from survey.formats import LOCAL_TIME
from survey.invitations import links
from survey.invitations.batches import path_of
from survey.invitations.contacts import has_stopped
from survey.invitations.models import LetterBatch, RevokedLink
from survey.rounds.models import Round
from tests.collect.visitor import Visitor
from tests.factories import Fielded
from tests.invitations.conftest import DESK, case_of
from tests.page import page
from tests.staff import read, send, signed_in, words

Invited = Callable[..., Fielded]


def end_links(app: Flask, fielded: Fielded, day: date, telephone: str = "") -> None:
    with app.app_context():
        plan = links.locked_plan(db.session.get_one(Round, fielded.round_id))
        plan.links_end, plan.telephone = day, telephone
        db.session.commit()


def today() -> date:
    return datetime.now(LOCAL_TIME).date()


def test_a_link_works_through_its_last_day_and_no_longer(
    app: Flask, client: FlaskClient, invited: Invited
) -> None:
    fielded = invited(1)
    (token,) = fielded.cases.values()
    end_links(app, fielded, today())
    assert Visitor(client).open(f"/k/{token}").status == 200
    end_links(app, fielded, today() - timedelta(days=1), "0270 3823 456")
    shown = Visitor(client).open(f"/k/{token}")
    assert (shown.status, shown.h1) == (410, "Liên kết này đã hết hạn")
    assert "0270 3823 456" in shown.text
    for address in (f"/k/{token}", f"/k/{token}/tu-choi"):
        assert client.post(address).status_code in (400, 410)


def test_who_has_answered_is_told_so_also_after_the_last_day(
    app: Flask, client: FlaskClient, invited: Invited
) -> None:
    fielded = invited(1)
    end_links(app, fielded, today() - timedelta(days=1))
    with app.app_context():
        set_disposition(case_of("u0000"), Disposition.COMPLETE)
        db.session.commit()
    (token,) = fielded.cases.values()
    assert Visitor(client).open(f"/k/{token}").h1 == "Phiếu này đã được gửi"


def test_a_replaced_link_says_what_to_do_and_the_new_one_opens_the_same_form(
    app: Flask, client: FlaskClient, invited: Invited
) -> None:
    fielded = invited(2)
    code, token = next(iter(fielded.cases.items()))
    visitor = Visitor(client).open(f"/k/{token}").press()
    draft = visitor.address
    quan = signed_in(app, "quan", Role.MANAGER)
    answer = send(quan, DESK, f"{DESK}/lien-ket", code=f"{code[:4]}-{code[4:].lower()}", deed="replace")
    assert answer.status_code == 303
    assert "đã thu hồi liên kết cũ và cấp liên kết mới" in words(read(quan, DESK))
    old = Visitor(client).open(f"/k/{token}?lang=vi")
    assert (old.status, old.h1) == (410, "Liên kết này đã được thu hồi")
    assert "mới nhất" in old.text
    with app.app_context():
        new = case_of("u0000").token
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "link.replace")).one()
        assert token not in str(event.detail) + event.subject
    assert new != token
    assert Visitor(client).open(f"/k/{new}").press().address == draft


def test_a_revoked_link_without_a_new_one(app: Flask, client: FlaskClient, invited: Invited) -> None:
    fielded = invited(1)
    (token,) = fielded.cases.values()
    quan = signed_in(app, "quan", Role.MANAGER)
    send(quan, DESK, f"{DESK}/lien-ket", code="u0000", deed="revoke")
    assert client.get(f"/k/{token}").status_code == 410
    again = send(quan, DESK, f"{DESK}/lien-ket", code="u0000", deed="revoke")
    assert again.status_code == 422
    assert "đã bị thu hồi" in words(page(again.text))
    assert "1 phiếu hiện không có liên kết" in words(read(quan, DESK))


@pytest.mark.parametrize(
    ("typed", "said"), [("", "Nhập mã phiếu"), ("ZZZZ-ZZZZ", "Không có phiếu"), ("\0", "Không có phiếu")]
)
def test_a_wrong_code_revokes_nothing(app: Flask, invited: Invited, typed: str, said: str) -> None:
    invited(1)
    quan = signed_in(app, "quan", Role.MANAGER)
    answer = send(quan, DESK, f"{DESK}/lien-ket", code=typed, deed="revoke")
    assert answer.status_code == 422
    assert said in words(page(answer.text))
    with app.app_context():
        assert db.session.query(RevokedLink).count() == 0


def test_an_answered_case_keeps_its_link(app: Flask, invited: Invited) -> None:
    invited(1)
    with app.app_context():
        set_disposition(case_of("u0000"), Disposition.COMPLETE)
        db.session.commit()
    quan = signed_in(app, "quan", Role.MANAGER)
    answer = send(quan, DESK, f"{DESK}/lien-ket", code="u0000", deed="revoke")
    assert "đã được gửi" in words(page(answer.text))


HOSTILE = ["x", "a" * 5000, "' OR 1=1 --", "<script>", "\u202eabc", "%00", "%ED%A0%80", "..%2f..%2fetc"]


@pytest.mark.parametrize("token", HOSTILE)
def test_every_link_that_never_was_gets_the_same_answer(
    client: FlaskClient, invited: Invited, token: str
) -> None:
    fielded = invited(1)
    (real,) = fielded.cases.values()
    tampered = client.get(f"/k/{real[:-1]}{'A' if real[-1] != 'A' else 'B'}")
    answer = client.get(f"/k/{token}")
    assert tampered.status_code == answer.status_code == 404
    if token not in ("%00", "..%2f..%2fetc"):  # refused before any page of ours
        assert words(page(answer.text)) == words(page(tampered.text))
        assert "Liên kết mời không đúng" in answer.text


def test_guessing_is_limited_and_who_has_a_link_is_not(client: FlaskClient, invited: Invited) -> None:
    fielded = invited(1)
    (token,) = fielded.cases.values()
    assert {client.get(f"/k/{token}").status_code for _ in range(40)} == {200}
    guesses = [client.get(f"/k/guess{number}").status_code for number in range(31)]
    assert guesses == [404] * 30 + [429]
    assert client.post("/k/another").status_code in (400, 429)


def test_stopping_messages_needs_a_press_and_leaves_the_answering(
    app: Flask, client: FlaskClient, invited: Invited
) -> None:
    fielded = invited(1)
    (token,) = fielded.cases.values()
    address = f"/k/{token}/dung-nhan-tin"
    visitor = Visitor(client).open(address)
    assert visitor.h1.startswith("Dừng nhận tin nhắn")
    with app.app_context():
        assert not links_stopped()
    visitor.submit(visitor.form("dung-nhan-tin"), {}, {})
    assert visitor.h1 == "Đã dừng gửi tin"
    with app.app_context():
        assert links_stopped()
    assert Visitor(client).open(f"/k/{token}").press().address.startswith("/s/phones/")


def test_a_mail_program_stops_them_with_one_click(app: Flask, client: FlaskClient, invited: Invited) -> None:
    fielded = invited(1)
    (token,) = fielded.cases.values()
    answer = client.post(f"/k/{token}/dung-nhan-tin", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 303
    with app.app_context():
        assert links_stopped()


def links_stopped() -> bool:
    return has_stopped(case_of("u0000"))


def test_no_file_of_letters_outlives_a_link_in_it(app: Flask, invited: Invited) -> None:
    fielded = invited(1)
    with app.app_context():
        folder = app.config["KHAOSAT"].files
        batch = LetterBatch(round_id=fielded.round_id, scope={}, site="", status="done", letters=1)
        db.session.add(batch)
        db.session.commit()
        path = path_of(batch, folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%PDF")
    quan = signed_in(app, "quan", Role.MANAGER)
    send(quan, DESK, f"{DESK}/lien-ket", code="u0000", deed="replace")
    assert not path.exists()
    shown = words(read(quan, f"{DESK}/thu"))
    assert "một liên kết trong tệp bị thu hồi" in shown
