"""The desk: who sees what, two people at once, nothing overwritten, everything on record."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.accounts.models import AuditEvent, Role, User
from survey.extensions import db
from survey.voice.models import Screening, Status, VoiceSubmission
from survey.voice.queue import Filters, queue
from survey.voice.wording import masked
from tests.collect.visitor import Visitor
from tests.page import page
from tests.staff import read, send, signed_in, words
from tests.voice.messages import GOOD, chosen, everything, jpeg, sent, the_only

pytestmark = pytest.mark.usefixtures("areas")
QUEUE = "/y-kien-xu-ly/"


def act(browser: FlaskClient, number: int, deed: str, revision: int | None = None, **fields: object) -> Any:
    """Do something to a message as its page shows it now, or as an older page showed it."""
    address = f"{QUEUE}{number}"
    shown = read(browser, address).xpath("string(//input[@name='revision']/@value)")
    return send(browser, address, f"{address}/{deed}", revision=revision or shown, **fields)


def audit(app: Flask) -> list[str]:
    """What the audit trail says about messages."""
    with app.app_context():
        query = select(AuditEvent).where(AuditEvent.action.like("voice.%")).order_by(AuditEvent.id)
        events = db.session.scalars(query).all()
        assert not any(GOOD["text"] in str(event.detail) for event in events)
        return [event.action.removeprefix("voice.") for event in events]


def test_a_message_goes_its_way_and_all_of_it_is_on_record(app: Flask, staff: FlaskClient) -> None:
    number, _ = sent(app)
    with app.app_context():
        hoa = db.session.scalars(select(User.id)).one()
    assert act(staff, number, "giao", office="dn-vien-thong", assignee=str(hoa)).status_code == 303
    assert the_only(app).status == Status.ACCEPTED
    assert act(staff, number, "tinh-trang", status="in_progress", says="Đang đo sóng").status_code == 303
    assert act(staff, number, "ghi-chu", note="Gọi trạm BTS 12").status_code == 303
    assert act(staff, number, "tra-loi", answer="Đã thêm trạm.").status_code == 303
    assert act(staff, number, "tinh-trang", status="closed", says="").status_code == 303
    kept = the_only(app)
    assert (kept.status, kept.office, kept.assignee_id) == (Status.CLOSED, "dn-vien-thong", hoa)
    assert kept.answered_at is not None and kept.closed_at is not None
    assert audit(app) == ["assigned", "status", "status", "note", "answer", "status"]
    text = words(read(staff, f"{QUEUE}{number}"))
    assert "Doanh nghiệp viễn thông" in text and "Gọi trạm BTS 12" in text and "Hoa Nguyễn" in text


def test_who_comes_second_is_told_and_keeps_what_was_typed(app: Flask, staff: FlaskClient) -> None:
    number, _ = sent(app)
    other = signed_in(app, "minh", Role.MANAGER)
    seen = the_only(app).revision
    assert act(other, number, "tra-loi", answer="Câu trả lời của Minh").status_code == 303
    late = act(staff, number, "tra-loi", revision=seen, answer="Câu trả lời <của> Hoa")
    assert late.status_code == 409
    shown = page(late.text)
    assert "Người khác vừa xử lý ý kiến này" in words(shown)
    assert shown.xpath("string(//textarea[@name='answer'])").strip() == "Câu trả lời <của> Hoa"
    assert "Câu trả lời của Minh" in words(shown)
    again = staff.post(
        f"{QUEUE}{number}/tra-loi",
        data={
            name: shown.xpath(f"string(//form[contains(@action, 'tra-loi')]//input[@name='{name}']/@value)")
            for name in ("csrf_token", "revision")
        }
        | {"answer": "Bổ sung của Hoa"},
    )
    assert again.status_code == 303


@pytest.mark.parametrize("revision", ["0", "-1", "x", "", "9" * 30, "²"])
def test_a_page_without_its_revision_does_nothing(app: Flask, staff: FlaskClient, revision: str) -> None:
    number, _ = sent(app)
    address = f"{QUEUE}{number}"
    assert send(staff, address, f"{address}/tra-loi", revision=revision, answer="x").status_code == 409
    assert the_only(app).answered_at is None


@pytest.mark.parametrize(
    ("deed", "fields", "status"),
    [
        ("tra-loi", {"answer": " "}, 422),
        ("tra-loi", {"answer": "x" * 10_001}, 422),
        ("tinh-trang", {"status": "withdrawn"}, 422),
        ("tinh-trang", {"status": "new'--"}, 422),
        ("giao", {"office": "khong-co", "assignee": ""}, 422),
        ("giao", {"office": "so-khcn", "assignee": "999999"}, 422),
        ("giao", {"office": "so-khcn", "assignee": "x"}, 422),
        ("gop", {"original": "YK-99999"}, 422),
        ("gop", {"original": "9" * 40}, 422),
        ("khong-co", {}, 404),
    ],
)
def test_what_cannot_be_done_is_told(
    app: Flask, staff: FlaskClient, deed: str, fields: dict[str, str], status: int
) -> None:
    number, _ = sent(app)
    answer = act(staff, number, deed, **fields)
    assert answer.status_code == status
    page(answer.text)
    assert the_only(app).status == Status.NEW


def test_duplicates_are_joined_and_parted_again(app: Flask, staff: FlaskClient) -> None:
    first, _ = sent(app)
    second, _ = sent(app, text="Ấp Ba mất sóng")
    assert act(staff, second, "gop", original=f"YK-{first:05}").status_code == 303
    assert [message.duplicate_of_id for message in everything(app)] == [None, first]
    assert act(staff, first, "gop", original=str(second)).status_code == 422, "no circle"
    assert f"YK-{second:05}" in words(read(staff, f"{QUEUE}{first}"))
    assert act(staff, second, "tach").status_code == 303
    assert [message.duplicate_of_id for message in everything(app)] == [None, None]


def test_spam_is_marked_and_the_mark_taken_back(app: Flask, staff: FlaskClient) -> None:
    number, _ = sent(app)
    act(staff, number, "rac")
    assert f"YK-{number:05}" not in words(read(staff, QUEUE))
    assert f"YK-{number:05}" in words(read(staff, f"{QUEUE}?tab=rac"))
    act(staff, number, "hop-le")
    assert the_only(app).screening == Screening.CLEAR
    assert audit(app) == ["screened", "screened"]


def test_nothing_personal_is_published(app: Flask, staff: FlaskClient) -> None:
    text = "Bà Lan 0912.345.678, lan@gmail.com, xe 64-B1 123.45 báo mất sóng"
    number, _ = sent(app, text=text)
    proposed = read(staff, f"{QUEUE}{number}").xpath("string(//textarea[@name='public_text'])").strip()
    assert proposed == "Bà Lan […], […], xe […] báo mất sóng"
    refused = act(staff, number, "cong-bo", public_text=text, public_answer="")
    assert refused.status_code == 422
    assert "Còn thông tin cá nhân: lan@gmail.com; 0912.345.678" in words(page(refused.text))
    assert act(staff, number, "cong-bo", public_text="Báo mất sóng", public_answer="").status_code == 303
    assert (the_only(app).text, the_only(app).public_text) == (text, "Báo mất sóng")
    assert act(staff, number, "thoi-cong-bo").status_code == 303
    assert the_only(app).public_text is None


def test_a_suspected_message_is_not_published(app: Flask, staff: FlaskClient) -> None:
    number, _ = sent(app)
    act(staff, number, "rac")
    assert act(staff, number, "cong-bo", public_text="x", public_answer="").status_code == 422


def test_a_photo_is_for_staff_and_is_nothing_but_a_picture(
    app: Flask, citizen: Visitor, staff: FlaskClient
) -> None:
    citizen.press(**GOOD, photos=chosen(jpeg()))
    kept = the_only(app)
    address = f"{QUEUE}{kept.id}/anh/{kept.photos[0].id}"
    reply = staff.get(address)
    assert reply.mimetype == "image/jpeg"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Content-Disposition"].startswith("inline; filename=")
    assert reply.headers["Cache-Control"] == "no-store"
    assert citizen.client.get(address).status_code == 302, "a stranger is asked to sign in"
    other, _ = sent(app, text="Một việc khác")
    assert staff.get(f"{QUEUE}{other}/anh/{kept.photos[0].id}").status_code == 404


def test_contacts_are_for_those_who_answer_and_looking_is_on_record(app: Flask, staff: FlaskClient) -> None:
    number, _ = sent(app, name="Nguyễn Thị Lan", phone="0912345678")
    assert "Nguyễn Thị Lan" in words(read(staff, f"{QUEUE}{number}"))
    assert audit(app) == ["see_contact"]
    manager = read(signed_in(app, "minh", Role.MANAGER), f"{QUEUE}{number}")
    assert "Nguyễn Thị Lan" not in words(manager)
    assert "Có để lại liên hệ" in words(manager)


def table(answer: Any) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_an_export_runs_no_formula_and_has_contacts_only_by_choice(app: Flask, staff: FlaskClient) -> None:
    sent(app, text='=HYPERLINK("http://x";"bấm") mất sóng', name="@SUM(A1)", phone="0912345678")
    (row,) = table(send(staff, QUEUE, f"{QUEUE}xuat", tep="csv"))
    assert row["noi_dung"].startswith("'=HYPERLINK")
    assert "ho_ten" not in row
    (row,) = table(send(staff, QUEUE, f"{QUEUE}xuat", **{"tep": "csv", "lien-he": "y"}))
    assert row["ho_ten"] == "'@SUM(A1)"
    with app.app_context():
        details = db.session.scalars(
            select(AuditEvent.detail).where(AuditEvent.action == "voice.export")
        ).all()
    assert [detail["contacts"] for detail in details] == [False, True]
    manager = signed_in(app, "minh", Role.MANAGER)
    assert "lien-he" not in manager.get(QUEUE).text
    assert send(manager, QUEUE, f"{QUEUE}xuat", **{"tep": "csv", "lien-he": "y"}).status_code == 403
    assert len(table(send(manager, QUEUE, f"{QUEUE}xuat", tep="csv"))) == 1


def test_a_workbook_holds_text_as_text(app: Flask, staff: FlaskClient) -> None:
    sent(app, text="=1+1 là nội dung tôi viết")
    answer = send(staff, QUEUE, f"{QUEUE}xuat", tep="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data))["y_kien"]
    cells = dict(zip(*([cell.value for cell in row] for row in sheet.iter_rows()), strict=True))
    assert cells["noi_dung"] == "'=1+1 là nội dung tôi viết"
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_an_export_follows_the_filters(app: Flask, staff: FlaskClient) -> None:
    sent(app)
    sent(app, text="Thẻ không quét được", field="payment")
    rows = table(send(staff, QUEUE, f"{QUEUE}xuat", tep="csv", field="payment"))
    assert [row["noi_dung"] for row in rows] == ["Thẻ không quét được"]
    assert send(staff, QUEUE, f"{QUEUE}xuat", tep="exe").status_code == 404


def test_the_queue_filters_and_marks_what_is_late(app: Flask, staff: FlaskClient) -> None:
    late, _ = sent(app, days_ago=40)
    sent(app, text="Thẻ không quét được", field="payment")
    shown = words(read(staff, QUEUE))
    assert shown.index(f"YK-{late:05}") < shown.index("Thẻ không quét được"), "what is due first stands first"
    assert shown.count("Quá hạn") == 1
    assert "Thẻ không quét" not in words(read(staff, f"{QUEUE}?overdue=y"))
    assert "Thẻ không quét" in words(read(staff, f"{QUEUE}?words=quét được"))
    assert f"YK-{late:05}" in words(read(staff, f"{QUEUE}?words=yk-{late:05}"))
    assert "Không có ý kiến nào ở đây" in words(read(staff, f"{QUEUE}?mine=y"))
    assert "Không có ý kiến nào ở đây" in words(read(staff, f"{QUEUE}?commune=an hoi"))


@pytest.mark.parametrize(
    "query",
    [
        "tab=x&status='--&field=%25&kind=_&trang=-1",
        "trang=999999999",
        "words=%25&commune=Paris",
        "words=%5C",
        "trang=²",
    ],
)
def test_odd_filters_are_read_as_any(app: Flask, staff: FlaskClient, query: str) -> None:
    sent(app)
    read(staff, f"{QUEUE}?{query}")


def test_a_percent_sign_is_a_sign_and_not_any_text(app: Flask) -> None:
    sent(app)
    with app.app_context():
        nobody, now = User(id=0), datetime.now(UTC)
        assert queue(Filters(words="%"), nobody, now, 1).count == 0
        assert queue(Filters(words="4G"), nobody, now, 1).count == 1
        assert queue(Filters(overdue=True), nobody, now + timedelta(days=16), 1).count == 1


def test_long_queues_have_pages(app: Flask, staff: FlaskClient) -> None:
    for number in range(31):
        sent(app, text=f"Việc thứ {number} của xã")
    assert "trang 1 trên 2" in words(read(staff, QUEUE))
    assert words(read(staff, f"{QUEUE}?trang=2")).count("YK-") == 1


def test_a_withdrawn_message_is_closed_to_staff(app: Flask, staff: FlaskClient) -> None:
    number, code = sent(app)
    send(staff, f"/y-kien/{code}", f"/y-kien/{code}/rut", sure="y")
    address = f"{QUEUE}{number}"
    revision = the_only(app).revision
    assert "Người gửi đã rút" in words(read(staff, address))
    answer = send(staff, "/y-kien-xu-ly/?tab=tat-ca", f"{address}/tra-loi", revision=revision, answer="x")
    assert answer.status_code == 409


def test_text_on_the_desk_is_text(app: Flask, staff: FlaskClient) -> None:
    number, _ = sent(app, text="<script>alert(1)</script> mất sóng", name="<img src=x onerror=alert(1)>")
    for address in (QUEUE, f"{QUEUE}{number}"):
        shown = read(staff, address)
        assert not shown.xpath("//main//script | //img[@onerror]")
        assert "<script>alert(1)</script>" in words(shown)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Gọi 0912 345 678 hoặc 0270-3822-222", "Gọi […] hoặc […]"),
        ("CCCD 086185001234, STK 1234567890123", "CCCD […], STK […]"),
        ("Ngày 22.11.2026, hóa đơn 12.500.000 đồng, Quốc lộ 1A", None),
        ("Viết tới ubnd.xa-an_hoi@vinhlong.gov.vn", "Viết tới […]"),
    ],
)
def test_personal_data_is_found_and_days_and_sums_are_left(text: str, told: str | None) -> None:
    assert masked(text) == (told or text)


@pytest.mark.parametrize("number", ["0", "99999", "99999999999999999999"])
def test_a_number_that_is_not_there(app: Flask, staff: FlaskClient, number: str) -> None:
    assert staff.get(f"{QUEUE}{number}").status_code == 404
    with app.app_context():
        assert db.session.get(VoiceSubmission, 1) is None
