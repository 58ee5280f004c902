"""Submissions: kept once, judged whole, refused in words."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from survey.cases.models import Case, Disposition
from survey.extensions import db
from survey.intake.models import Attachment, Response, ResponseEvent
from survey.rounds.models import Round
from survey.rounds.service import close_round
from tests.factories import field_survey
from tests.openrosa.device import Device, instance_id, message

PERSON = """
| survey   |               |           |          |                    |              |                    |
|          | type          | name      | label    | constraint         | relevant     | constraint_message |
|          | text          | case_code | Mã phiếu |                    |              |                    |
|          | select_one yn | consent   | Đồng ý?  |                    |              |                    |
|          | integer       | age       | Tuổi     | . > 14 and . < 111 |              | Tuổi từ 15 đến 110 |
|          | select_one yn | phone     | Có máy?  |                    | ${age} >= 18 |                    |
|          | image         | photo     | Ảnh      |                    |              |                    |
|          | begin_repeat  | trip      | Chuyến   |                    |              |                    |
|          | integer       | km        | Số km    |                    |              |                    |
|          | end_repeat    |           |          |                    |              |                    |
| choices  |               |           |          |                    |              |                    |
|          | list_name     | name      | label    |                    |              |                    |
|          | yn            | yes       | Có       |                    |              |                    |
|          | yn            | no        | Không    |                    |              |                    |
| settings |               |           |          |                    |              |                    |
|          | form_id       | version   |          |                    |              |                    |
|          | person        | 1         |          |                    |              |                    |
"""
DESIGN = {"case_variable": "case_code", "consent_variable": "consent"}


@pytest.fixture
def phone(app: Flask, client: FlaskClient, tmp_path: Path) -> Device:
    return Device(client, field_survey(app, PERSON, folder=tmp_path, units=3, design=DESIGN))


def stored(app: Flask) -> list[Response]:
    with app.app_context():
        return list(db.session.scalars(select(Response).order_by(Response.started_at)))


def count(app: Flask, model: Any) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def xml(body: str, *, meta: str | None = None, form_id: str = "person") -> bytes:
    meta = f"<meta><instanceID>{instance_id()}</instanceID></meta>" if meta is None else meta
    return f'<?xml version="1.0"?><data id="{form_id}" version="1">{body}{meta}</data>'.encode()


def test_a_submission_is_in_the_database_when_the_device_hears_201(app: Flask, phone: Device) -> None:
    code = next(iter(phone.fielded.cases))
    reply = phone.send(phone.record({"case_code": code, "age": 40, "phone": "yes", "trip": [{"km": 3}]}))
    assert reply.status_code == 201
    (response,) = stored(app)
    assert response.answers == {"case_code": code, "age": 40, "phone": "yes", "trip": [{"km": 3}]}
    assert (response.mode, response.source, response.status) == ("openrosa", "sample", "complete")
    with app.app_context():
        case = db.session.scalar(select(Case).where(Case.code == code))
        assert case is not None
        assert case.disposition == Disposition.COMPLETE


def test_an_identical_resend_is_202_and_changes_nothing(app: Flask, phone: Device) -> None:
    record = phone.record({"age": 40})
    assert [phone.send(record).status_code for _ in range(3)] == [201, 202, 202]
    assert len(stored(app)) == 1


def test_the_same_instance_with_other_answers_is_409_and_the_first_stays(app: Flask, phone: Device) -> None:
    instance = instance_id()
    phone.send(phone.record({"age": 40}, instance))
    reply = phone.send(phone.record({"age": 41}, instance))
    assert reply.status_code == 409
    assert "nội dung khác" in message(reply)
    (response,) = stored(app)
    assert response.answers["age"] == 40


def test_an_identical_resend_after_the_round_closed_is_harmless(app: Flask, phone: Device) -> None:
    record = phone.record({"age": 40})
    phone.send(record)
    with app.app_context():
        close_round(db.session.get_one(Round, phone.fielded.round_id))
        db.session.commit()
    again = phone.send(record)
    assert again.status_code == 202
    assert "muộn" not in message(again)
    assert [response.status for response in stored(app)] == ["complete"]


def test_files_may_come_in_several_posts_of_one_record(app: Flask, phone: Device) -> None:
    record = phone.record({"age": 40, "photo": "ảnh nhà.jpg"})
    assert phone.send(record, {"ảnh nhà.jpg": b"picture"}).status_code == 201
    assert phone.send(record, {"audit.csv": b"event,node"}).status_code == 202
    assert phone.send(record, {"ảnh nhà.jpg": b"picture"}).status_code == 202
    with app.app_context():
        files = {a.file_name: a.content for a in db.session.scalars(select(Attachment))}
    assert files == {"ảnh nhà.jpg": b"picture", "audit.csv": b"event,node"}
    other = phone.send(record, {"ảnh nhà.jpg": b"another picture"})
    assert other.status_code == 409
    assert "ảnh nhà.jpg" in message(other)


def test_file_names_arrive_as_raw_utf_8_and_lose_their_folders(app: Flask, phone: Device) -> None:
    boundary = "bb"
    record = phone.record({"age": 40})
    body = (
        b'--bb\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="p.xml"\r\n'
        b"Content-Type: text/xml\r\n\r\n" + record + b'\r\n--bb\r\nContent-Disposition: form-data; name="x"; '
        b'filename="../../etc/' + "Hòa Tịnh 1.jpg".encode() + b'"\r\n'
        b"Content-Type: image/jpeg\r\n\r\nJ\r\n--bb--\r\n"
    )
    reply = phone.client.post(
        f"{phone.root}/submission", data=body, content_type=f"multipart/form-data; boundary={boundary}"
    )
    assert reply.status_code == 201
    with app.app_context():
        assert db.session.scalar(select(Attachment.file_name)) == "Hòa Tịnh 1.jpg"


def test_what_collect_and_enketo_add_is_no_matter(app: Flask, phone: Device) -> None:
    assert phone.send(phone.record({"age": 20}), query="?deviceID=collect%3Axyz").status_code == 201
    enketo = phone.client.post(
        f"{phone.root}/submission?formID=person",
        data=phone.record({"age": 21}),
        content_type="text/xml",
        headers={"X-OpenRosa-Deprecated-Id": "undefined"},
    )
    assert enketo.status_code == 201
    with app.app_context():
        details = list(db.session.scalars(select(ResponseEvent.detail).order_by(ResponseEvent.id)))
    assert details[0]["device"] == "collect:xyz"


@pytest.mark.parametrize(
    "meta",
    [
        "<meta><instanceID>uuid:1</instanceID></meta>",
        '<orx:meta xmlns:orx="http://openrosa.org/xforms"><orx:instanceID>uuid:1</orx:instanceID></orx:meta>',
        '<meta xmlns="http://openrosa.org/xforms"><instanceID>uuid:1</instanceID></meta>',
    ],
)
def test_meta_comes_in_either_namespace(app: Flask, phone: Device, meta: str) -> None:
    assert phone.send(xml("<age>40</age>", meta=meta)).status_code == 201
    assert stored(app)[0].instance_id == "uuid:1"


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE data [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    b'<data id="person" version="1"><case_code>&b;</case_code>'
    b"<meta><instanceID>uuid:2</instanceID></meta></data>"
)
PASSWD = (
    b'<?xml version="1.0"?><!DOCTYPE data [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    b'<data id="person" version="1"><case_code>&a;</case_code>'
    b"<meta><instanceID>uuid:2</instanceID></meta></data>"
)


@pytest.mark.parametrize(
    ("record", "status", "says"),
    [
        (b"", 400, "xml_submission_file"),
        (b"not xml", 400, "XML"),
        (xml("<age>40</age>")[:-12], 400, "XML"),
        (xml("<age>4\x000</age>"), 400, "NUL"),
        (xml("<age>40</age>").replace(b"40", b"\xff\xfe"), 400, "UTF-8"),
        (LAUGHS, 400, "thực thể"),
        (PASSWD, 400, "thực thể"),
        (xml("<a>" * 100_000 + "</a>" * 100_000), 400, ""),
        (xml("<age>40</age>", meta=""), 400, "instanceID"),
        (xml("<age>40</age>", meta="<meta><instanceID> </instanceID></meta>"), 400, "instanceID"),
        (xml("", meta=f"<meta><instanceID>{'x' * 200}</instanceID></meta>"), 400, "instanceID"),
        (xml("<age>40</age>", form_id="other"), 404, "other"),
        (xml("<age>40</age>").replace(b'version="1">', b'version="7">'), 404, "7"),
        (xml("<age>forty</age>"), 422, "age"),
        (xml("<age>14</age>"), 422, "Tuổi từ 15 đến 110"),
        (xml("<age>40</age><salary>1</salary>"), 422, "salary"),
        (xml("<age>40</age><phone>maybe</phone>"), 422, "phone"),
        (xml("<case_code>ZZZZ9999</case_code><age>40</age>"), 422, "ZZZZ9999"),
        (xml(f"<case_code>{'x' * 30_000}</case_code>"), 422, "case_code"),
        (xml("<age>99999999999999999999999</age>"), 422, "age"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_words_and_nothing_is_half_stored(
    app: Flask, phone: Device, record: bytes, status: int, says: str
) -> None:
    reply = phone.send(record)
    assert reply.status_code == status
    assert says in message(reply)
    assert count(app, Response) == count(app, ResponseEvent) == 0
    assert phone.send(phone.record({"age": 40})).status_code == 201


def test_a_body_over_the_limit_is_413(app: Flask, phone: Device) -> None:
    reply = phone.send(phone.record({"age": 40}), {"film.mp4": b"x" * (3 * 1024 * 1024)})
    assert reply.status_code == 413
    assert "quá lớn" in message(reply)
    assert count(app, Response) == 0


def test_a_refused_file_stores_nothing_of_its_record(app: Flask, phone: Device) -> None:
    reply = phone.send(phone.record({"age": 40}), {"x" * 300: b"x"})
    assert reply.status_code == 400
    assert count(app, Response) == 0


def test_a_case_is_answered_once(app: Flask, phone: Device) -> None:
    code = next(iter(phone.fielded.cases))
    assert phone.send(phone.record({"case_code": code.lower(), "age": 40})).status_code == 201
    again = phone.send(phone.record({"case_code": code, "age": 41}))
    assert again.status_code == 409
    assert code in message(again)
    assert len(stored(app)) == 1


def test_who_refused_first_may_still_answer(app: Flask, phone: Device) -> None:
    code = next(iter(phone.fielded.cases))
    assert phone.send(phone.record({"case_code": code, "consent": "no"})).status_code == 201
    assert phone.send(phone.record({"case_code": code, "consent": "yes", "age": 40})).status_code == 201
    assert [response.status for response in stored(app)] == ["replaced", "complete"]
    with app.app_context():
        assert db.session.scalar(select(Case.disposition).where(Case.code == code)) == Disposition.COMPLETE


def test_a_correction_replaces_the_record_and_keeps_it(app: Flask, phone: Device) -> None:
    code, other, *_ = phone.fielded.cases
    first, second = instance_id(), instance_id()
    phone.send(phone.record({"case_code": code, "age": 40}, first))
    correction = phone.record({"case_code": code, "age": 41}, second, replaces=first)
    assert phone.send(correction).status_code == 201
    assert phone.send(correction).status_code == 202
    assert [(r.status, r.answers["age"]) for r in stored(app)] == [("replaced", 40), ("complete", 41)]
    late = phone.send(phone.record({"case_code": code, "age": 42}, replaces=first))
    assert (late.status_code, "đã được sửa" in message(late)) == (409, True)
    moved = phone.send(phone.record({"case_code": other, "age": 42}, replaces=second))
    assert (moved.status_code, "mã phiếu khác" in message(moved)) == (409, True)
    assert phone.send(phone.record({"age": 42}, replaces="uuid:never-sent")).status_code == 409
    assert len(stored(app)) == 2


def test_copies_that_race_become_one_record(app: Flask, phone: Device) -> None:
    for code in (None, next(iter(phone.fielded.cases))):
        record = phone.record({"age": 40} | ({"case_code": code} if code else {}))
        with ThreadPoolExecutor(8) as threads:
            sent = [threads.submit(Device(app.test_client(), phone.fielded).send, record) for _ in range(8)]
            statuses = sorted(reply.result().status_code for reply in sent)
        assert statuses == [201] + [202] * 7
    assert len(stored(app)) == 2


def test_different_records_that_race_for_a_case_leave_one(app: Flask, phone: Device) -> None:
    code = next(iter(phone.fielded.cases))
    with ThreadPoolExecutor(8) as threads:
        sent = [
            threads.submit(
                Device(app.test_client(), phone.fielded).send,
                phone.record({"case_code": code, "age": 20 + n}),
            )
            for n in range(8)
        ]
        statuses = sorted(reply.result().status_code for reply in sent)
    assert statuses == [201] + [409] * 7
    assert len(stored(app)) == 1
