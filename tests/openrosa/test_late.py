"""Records that reach the server after their round closed, and records without consent."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from survey.accounts.models import Role
from survey.cases.models import Case, Disposition
from survey.cases.service import close_cases
from survey.extensions import db
from survey.intake.late import Admitted, admit, count_late
from survey.intake.models import Attachment, Response, ResponseEvent
from survey.rounds.models import Round, RoundStatus
from survey.rounds.service import close_round, open_round
from tests.factories import HOUSEHOLD, field_survey
from tests.openrosa.device import Device, instance_id, message
from tests.openrosa.test_submissions import DESIGN, PERSON, stored
from tests.staff import read, send, signed_in, words


@pytest.fixture
def phone(app: Flask, client: FlaskClient, tmp_path: Path) -> Device:
    return Device(client, field_survey(app, PERSON, folder=tmp_path, units=3, design=DESIGN))


def close(app: Flask, phone: Device) -> None:
    """The manager ends the fieldwork."""
    with app.app_context():
        round_ = db.session.get_one(Round, phone.fielded.round_id)
        close_round(round_)
        close_cases(round_)
        db.session.commit()


def reopen(app: Flask, phone: Device) -> Admitted:
    """The manager opens the round again."""
    with app.app_context():
        round_ = db.session.get_one(Round, phone.fielded.round_id)
        open_round(round_)
        admitted = admit(round_)
        db.session.commit()
        return admitted


def disposition(app: Flask, code: str) -> str | None:
    """How contact with a case went."""
    with app.app_context():
        return db.session.scalar(select(Case.disposition).where(Case.code == code))


def test_a_late_record_is_kept_apart_and_the_enumerator_is_told(app: Flask, phone: Device) -> None:
    code = next(iter(phone.fielded.cases))
    record = phone.record({"case_code": code, "age": 40})
    close(app, phone)
    late = phone.send(record)
    assert late.status_code == 201
    assert "nộp muộn" in message(late)
    (response,) = stored(app)
    assert (response.status, response.answers["age"]) == ("late", 40)
    assert disposition(app, code) == Disposition.NON_CONTACT, (
        "no outcome changes behind the statistician's back"
    )
    again = phone.send(record)
    assert (again.status_code, "nộp muộn" in message(again)) == (202, True)
    with app.app_context():
        assert db.session.scalar(select(ResponseEvent.detail))["late"] is True
        assert count_late(db.session.get_one(Round, phone.fielded.round_id)) == 1


def test_a_reopened_round_takes_its_late_records_in(app: Flask, phone: Device) -> None:
    first, second, _ = phone.fielded.cases
    phone.send(phone.record({"case_code": first, "age": 40}))
    close(app, phone)
    for answers in (
        {"case_code": first, "age": 99},
        {"case_code": second, "age": 41},
        {"case_code": second, "age": 42},
        {"age": 43},
    ):
        assert phone.send(phone.record(answers)).status_code == 201
    assert reopen(app, phone) == Admitted(taken=2, left=2)
    with app.app_context():
        complete = select(Response.answers["age"].as_integer()).where(Response.status == "complete")
        assert sorted(db.session.scalars(complete)) == [40, 41, 43]
    assert disposition(app, second) == Disposition.COMPLETE
    assert reopen(app, phone) == Admitted(taken=0, left=2), "a second time changes nothing"


def test_a_late_record_is_judged_like_any_other(app: Flask, phone: Device) -> None:
    close(app, phone)
    assert phone.send(phone.record({"age": 14})).status_code == 422
    assert stored(app) == []


def test_a_late_correction_is_refused_with_the_way_out_and_the_original_counts(
    app: Flask, phone: Device
) -> None:
    first = instance_id()
    phone.send(phone.record({"age": 40}, first))
    close(app, phone)
    reply = phone.send(phone.record({"age": 41}, replaces=first))
    assert reply.status_code == 403
    assert "bản gốc vẫn được giữ" in message(reply)
    assert "mở lại đợt" in message(reply)
    assert [(r.status, r.answers["age"]) for r in stored(app)] == [("complete", 40)]


def test_a_round_that_never_opened_takes_nothing(app: Flask, phone: Device) -> None:
    with app.app_context():
        db.session.get_one(Round, phone.fielded.round_id).status = RoundStatus.DRAFT
        db.session.commit()
    reply = phone.send(phone.record({"age": 40}))
    assert (reply.status_code, "chưa mở" in message(reply)) == (403, True)
    assert stored(app) == []


def test_without_consent_only_the_refusal_is_kept(app: Flask, phone: Device) -> None:
    code = next(iter(phone.fielded.cases))
    record = phone.record({"case_code": code, "consent": "no", "age": 40, "photo": "a.jpg"})
    reply = phone.send(record, {"a.jpg": b"face"})
    assert reply.status_code == 201
    assert "không tham gia" in message(reply)
    assert phone.send(record, {"a.jpg": b"face"}).status_code == 202
    assert stored(app)[0].answers == {"case_code": code, "consent": "no"}
    assert disposition(app, code) == Disposition.REFUSAL
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Attachment)) == 0


def test_the_household_survey_sent_full_but_without_consent(app: Flask, client: FlaskClient) -> None:
    device = Device(client, field_survey(app, HOUSEHOLD, units=1))
    (code,) = device.fielded.cases
    answers = {"case_code": code, "consent": "no", "household_size": 4, "adults_15plus": 9, "age": 3}
    xml = device.record({**answers, "consent": "yes"}).replace(b">yes</consent>", b">no</consent>")
    assert b"<age>3</age>" in xml
    assert device.send(xml).status_code == 201
    assert stored(app)[0].answers == {"case_code": code, "consent": "no"}
    assert disposition(app, code) == Disposition.REFUSAL


def test_a_fault_in_a_repeat_names_its_instance_and_the_sentence_ends(app: Flask, phone: Device) -> None:
    xml = phone.record({"age": 40, "trip": [{"km": 1}, {"km": 2}]}).replace(b"<km>2", b"<km>two")
    reply = phone.send(xml)
    assert reply.status_code == 422
    assert message(reply) == (
        "km (số 2): Nhập một số nguyên, ví dụ 12. "
        "Sửa các câu này rồi gửi lại; câu trả lời vẫn còn trên máy của bạn."
    )


def test_the_manager_sees_late_records_and_takes_them_in_by_reopening(app: Flask, phone: Device) -> None:
    close(app, phone)
    phone.send(phone.record({"age": 40}))
    manager = signed_in(app, "quan", Role.MANAGER)
    address = "/manage/person/r1"
    assert "1 phiếu nộp muộn" in words(read(manager, address))
    send(manager, address, f"{address}/open")
    shown = words(read(manager, address))
    assert "Phiếu nộp muộn: 1 đã được nhận, 0 để riêng" in shown
    assert "đang được giữ riêng" not in shown
    assert [response.status for response in stored(app)] == ["complete"]
