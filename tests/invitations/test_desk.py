"""The managers' page of invitations: counts, previews, buttons, and what each leaves in the audit trail."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from survey.accounts.models import AuditEvent, Role
from survey.cases.models import Disposition
from survey.cases.service import set_disposition
from survey.extensions import db
from survey.invitations import links
from survey.invitations.contacts import stop
from survey.invitations.models import InvitationPlan, Message, State
from survey.rounds.models import Round
from survey.rounds.service import close_round
from tests.factories import Fielded
from tests.invitations.conftest import DESK, add_contact, case_of
from tests.page import page
from tests.staff import read, send, signed_in, words

Invited = Callable[..., Fielded]
REMIND, INVITE = f"{DESK}/gui/reminder", f"{DESK}/gui/invitation"


def left_out(document) -> dict[str, str]:  # type: ignore[no-untyped-def]
    return {words(row.find("th")): words(row.find("td")) for row in document.xpath("//table/tbody/tr")}


@pytest.fixture
def mixed(app: Flask, invited: Invited) -> int:
    """Seven cases: one to write to, and one for each reason not to."""
    fielded = invited(7)
    with app.app_context():
        for number in range(6):
            add_contact(f"u000{number}", email=f"nguoi{number}@vi-du.vn")
        set_disposition(case_of("u0001"), Disposition.COMPLETE)
        set_disposition(case_of("u0002"), Disposition.REFUSAL)
        stop(case_of("u0003"))
        links.revoke(case_of("u0004"), replace=False)
        db.session.add(
            Message(
                round_id=fielded.round_id, case_id=case_of("u0005").id, channel="email", kind="invitation",
                language="vi", subject="", text="{link}", site="", state=State.SENT,
                sent_at=datetime.now(UTC) - timedelta(days=1),
            )
        )  # fmt: skip
        db.session.commit()
    return fielded.round_id


def test_the_preview_says_who_is_left_out_and_why(app: Flask, mixed: int) -> None:
    shown = read(signed_in(app, "quan", Role.MANAGER), REMIND)
    assert "1 người sẽ nhận tin: 1 qua E-mail." in words(shown)
    assert left_out(shown) == {
        "Đã trả lời": "1",
        "Đã từ chối": "1",
        "Đã yêu cầu không liên hệ": "1",
        "Liên kết đã thu hồi, chưa cấp lại": "1",
        "Không có số điện thoại hoặc e-mail phù hợp": "1",
        "Vừa nhận tin, chưa đủ số ngày cách nhau": "1",
    }


def test_a_reminder_comes_again_after_the_days_of_the_plan(app: Flask, mixed: int) -> None:
    quan = signed_in(app, "quan", Role.MANAGER)
    assert send(quan, f"{DESK}/cai-dat", reminder_gap="1").status_code == 303
    with app.app_context():
        db.session.execute(update(Message).values(sent_at=datetime.now(UTC) - timedelta(days=1, minutes=1)))
        db.session.commit()
    assert "2 người sẽ nhận tin" in words(read(quan, REMIND))


def test_an_invitation_is_not_sent_twice(app: Flask, mixed: int) -> None:
    shown = read(signed_in(app, "quan", Role.MANAGER), INVITE)
    assert left_out(shown)["Đã được mời bằng tin nhắn"] == "1"


def test_one_button_queues_and_a_worker_sends(app: Flask, mixed: int, work_off: Callable[[], None]) -> None:
    quan = signed_in(app, "quan", Role.MANAGER)
    answer = send(quan, REMIND, way="email")
    assert answer.status_code == 303
    before = words(read(quan, DESK))
    assert "1 tin đang chờ gửi" in before
    work_off()
    table = read(quan, DESK).xpath("//table[contains(@class, 'cards')]/tbody/tr[contains(., 'Nhắc')]")
    assert words(table[0]).startswith("Nhắc, E-mail01000")
    with app.app_context():
        (event,) = db.session.query(AuditEvent).filter_by(action="messages.reminder")
        assert event.detail["queued"] == 1
        assert "vi-du.vn" not in str(event.detail)
    outbox = app.config["KHAOSAT"].home / "outbox"
    assert "nguoi0@vi-du.vn" in "".join(path.read_text() for path in outbox.iterdir())


def test_nothing_is_queued_for_a_closed_round(app: Flask, mixed: int) -> None:
    with app.app_context():
        close_round(db.session.get_one(Round, mixed))
        db.session.commit()
    quan = signed_in(app, "quan", Role.MANAGER)
    shown = read(quan, REMIND)
    assert "chưa mở hoặc đã đóng" in words(shown)
    answer = send(quan, REMIND, way="email")
    assert answer.status_code == 422
    page(answer.text)
    with app.app_context():
        assert db.session.query(Message).count() == 1


def test_a_text_of_ones_own_is_checked_and_counted(app: Flask, mixed: int) -> None:
    quan = signed_in(app, "quan", Role.MANAGER)
    address = f"{DESK}/noi-dung?loai=reminder&kenh=sms&tieng=vi"
    for text, said in (
        ("Chào", "chưa có {link}"),
        ("{link} {ten}", "Không có chỗ điền {ten}"),
        ("{link.__class__}", "Không có chỗ điền"),
        ("", "Nhập nội dung"),
        ("{link}" + "x" * 2001, "2000 ký tự"),
    ):
        answer = send(quan, address, text=text)
        assert answer.status_code == 422, text
        assert said in words(page(answer.text))
    assert send(quan, address, text="Mời ông/bà trả lời: {link}").status_code == 303
    shown = words(read(quan, address))
    assert "2 tin (có dấu: 70 ký tự một tin, 67 khi ghép)" in shown
    assert "Bỏ dấu thì còn 1 tin" in shown
    assert send(quan, address, text="Mời ông/bà trả lời: {link}", plain="y").status_code == 303
    assert "Moi ong/ba tra loi: http" in words(read(quan, address))


def test_the_plan_is_checked_kept_and_recorded(app: Flask, mixed: int) -> None:
    quan = signed_in(app, "quan", Role.MANAGER)
    address = f"{DESK}/cai-dat"
    for fields, said in (
        ({"telephone": "gọi tôi"}, "Nhập số điện thoại"),
        ({"privacy_address": "javascript:alert(1)"}, "https://"),
        ({"reminder_gap": "0"}, "từ 1 đến 60"),
        ({"links_end": "hôm qua"}, "Nhập ngày dạng 15/12/2026"),
        ({"reminder_gap": "ba"}, "Nhập số từ 1 đến 60"),
    ):
        answer = send(quan, address, **{"reminder_gap": "3", **fields})
        assert answer.status_code == 422, fields
        assert said in words(page(answer.text))
    good = {"links_end": "15/12/2026", "telephone": "0270 3823 456", "reminder_gap": "5"}
    assert send(quan, address, **good).status_code == 303
    with app.app_context():
        plan = db.session.get_one(InvitationPlan, mixed)
        assert (str(plan.links_end), plan.telephone, plan.reminder_gap) == ("2026-12-15", "0270 3823 456", 5)
        assert db.session.query(AuditEvent).filter_by(action="invitations.plan").count() == 1


def test_failed_messages_are_listed_by_case_and_tried_again(
    app: Flask, mixed: int, work_off: Callable[[], None]
) -> None:
    with app.app_context():
        db.session.execute(update(Message).values(state=State.FAILED, sent_at=None, last_error="<b>554</b>"))
        code = case_of("u0005").code
        db.session.commit()
    quan = signed_in(app, "quan", Role.MANAGER)
    shown = words(read(quan, DESK))
    assert code in shown
    assert "<b>554</b>" in shown
    assert send(quan, DESK, f"{DESK}/tin-loi").status_code == 303
    with app.app_context():
        assert [message.state for message in db.session.query(Message)] == [State.QUEUED]
    assert send(quan, DESK, f"{DESK}/huy-tin").status_code == 303
    with app.app_context():
        assert [message.state for message in db.session.query(Message)] == [State.SKIPPED]


def test_who_asked_by_telephone_for_no_messages_gets_none(app: Flask, mixed: int) -> None:
    quan = signed_in(app, "quan", Role.MANAGER)
    send(quan, DESK, f"{DESK}/lien-ket", code="u0000", deed="stop")
    assert "Không có ai để gửi lúc này" in words(read(quan, REMIND))
