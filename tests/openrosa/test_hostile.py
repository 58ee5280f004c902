"""Hostile and broken records on the wire: refused in words, nothing half stored, and the next phone is served."""

import gzip
import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey.extensions import db
from survey.intake.models import Attachment, Response, ResponseEvent
from tests.factories import field_survey
from tests.openrosa.device import Device, message

FORM = """
| survey   |               |         |         |            |
|          | type          | name    | label   | constraint |
|          | text          | name    | Tên     |            |
|          | integer       | age     | Tuổi    | . < 120    |
|          | image         | photo   | Ảnh     |            |
|          | begin_repeat  | member  | Người   |            |
|          | text          | who     | Ai?     |            |
|          | end_repeat    |         |         |            |
|          | calculate     | all     |         |            |
| settings |               |         |         |            |
|          | form_id       | version |         |            |
|          | ho            | 1       |         |            |
"""
FORM = FORM.replace("| label   | constraint |", "| label   | constraint | calculation |").replace(
    "|          | calculate     | all     |         |            |",
    "|          | calculate     | all     |         |            | count(${member}) |",
)


@pytest.fixture
def phone(app: Flask, client: FlaskClient, tmp_path: Path) -> Device:
    return Device(client, field_survey(app, FORM, folder=tmp_path))


def record(
    body: str = "<name>An</name>", meta: str = "<instanceID>uuid:1</instanceID>", head: str = ""
) -> bytes:
    return f'{head}<data id="ho" version="1">{body}<meta>{meta}</meta></data>'.encode()


def rows(app: Flask) -> tuple[int, int, int]:
    with app.app_context():
        counts = [
            db.session.scalar(select(func.count()).select_from(m))
            for m in (Response, ResponseEvent, Attachment)
        ]
    return counts[0] or 0, counts[1] or 0, counts[2] or 0


def assert_refused(app: Flask, phone: Device, reply: TestResponse, *statuses: int) -> None:
    """Refused in OpenRosa's words with nothing stored, and the next good record is taken."""
    assert reply.status_code in statuses, reply.text
    assert reply.content_type.startswith("text/xml")
    assert len(message(reply)) > 15
    assert rows(app) == (0, 0, 0)
    assert phone.send(phone.record({"name": "An", "age": 40})).status_code == 201


LAUGHS = "<!DOCTYPE d [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
)
BROKEN: dict[str, bytes] = {
    "billion laughs": record("<name>&j;</name>", head=LAUGHS + "]>"),
    "quadratic blow-up": record(
        "<name>" + "&a;" * 1000 + "</name>", head=f"<!DOCTYPE d [<!ENTITY a '{'x' * 9000}'>]>"
    ),
    "a file of the server": record(
        "<name>&a;</name>", head="<!DOCTYPE d [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
    ),
    "a page of the network": record(
        "<name>&a;</name>", head="<!DOCTYPE d [<!ENTITY a SYSTEM 'http://169.254.169.254/'>]>"
    ),
    "a parameter entity": record(head="<!DOCTYPE d [<!ENTITY % a SYSTEM 'file:///etc/passwd'> %a;]>"),
    "a document type elsewhere": record(head="<!DOCTYPE d SYSTEM 'http://example.org/x.dtd'>"),
    "a document type after a comment": record(head="<!-- <data> --><!DOCTYPE d [<!ENTITY a 'b'>]>"),
    "an entity that is not declared": record("<name>&nbsp;</name>"),
    "a surrogate by number": record("<name>&#xD800;</name>"),
    "NUL by number": record("<name>&#0;</name>"),
    "a number above Unicode": record("<name>&#x110000;</name>"),
    "surrogate bytes": record().replace(b"An", b"\xed\xa0\x80"),
    "an overlong slash": record().replace(b"An", b"\xc0\xaf"),
    "Latin-1 bytes": record().replace(b"An", b"Nguy\xean"),
    "said to be Latin-1": record(head='<?xml version="1.0" encoding="ISO-8859-1"?>').replace(b"An", b"\xea"),
    "UTF-16": record().decode().encode("utf-16"),
    "UTF-7": record(head='<?xml version="1.0" encoding="UTF-7"?>'),
    "UTF-32": record().decode().encode("utf-32"),
    "10,000 levels": record("<a>" * 10_000 + "</a>" * 10_000),
    "cut off": record()[:-15],
    "two roots": record() + record(),
    "an attribute twice": record().replace(b'id="ho"', b'id="ho" id="ho"'),
    "another root's name space": b'<x:data xmlns:x="urn:x" version="1"/>',
    "JSON": b'{"data": {"name": "An"}}',
    "HTML": b"<html><body>502 Bad Gateway<br></body></html>",
    "a zip": b"PK\x03\x04" + b"\0" * 100,
    "only spaces": b"  \n\t ",
    "compressed": gzip.compress(record()),
    "an instanceID of 129 characters": record(meta=f"<instanceID>{'x' * 129}</instanceID>"),
    "no instanceID": record(meta=""),
}


@pytest.mark.parametrize("xml", BROKEN.values(), ids=BROKEN.keys())
def test_xml_that_is_no_record_is_refused_at_once(app: Flask, phone: Device, xml: bytes) -> None:
    started = time.process_time()
    reply = phone.send(xml)
    assert time.process_time() - started < 5
    assert "root:" not in reply.text
    assert_refused(app, phone, reply, 400)


WRONG: dict[str, tuple[bytes, int]] = {
    "an integer of 5,000 digits": (record(f"<age>{'9' * 5_000}</age>"), 422),
    "a negative zero point": (record("<age>-0.5</age>"), 422),
    "not a number": (record("<age>NaN</age>"), 422),
    "infinity": (record("<age>1e999</age>"), 422),
    "Arabic digits": (record("<age>٣</age>"), 422),
    "an answer with elements": (record("<name><b>An</b></name>"), 422),
    "a question with a name of 40,000 letters": (record(f"<{'q' * 40_000}>x</{'q' * 40_000}>"), 422),
    "an unknown question": (record("<name>An</name><password>x</password>"), 422),
    "a text of a megabyte": (record(f"<name>{'x' * 1_000_000}</name>"), 422),
    "a file name that leads elsewhere": (record("<photo>../../etc/passwd</photo>"), 422),
    "a control character": (record("<name>a\u0085\ufffe</name>"), 400),
    "10,001 people": (record("<member><who>x</who></member>" * 10_001), 422),
    "another form": (record().replace(b'"ho"', b'"khac"'), 404),
    "a version that is none": (record().replace(b'version="1"', b'version="1\' OR 1=1"'), 404),
    "a form id of 100,000 characters": (record().replace(b'"ho"', b'"' + b"h" * 100_000 + b'"'), 404),
}


@pytest.mark.parametrize(("xml", "status"), WRONG.values(), ids=WRONG.keys())
def test_records_with_answers_that_cannot_stand_are_refused(
    app: Flask, phone: Device, xml: bytes, status: int
) -> None:
    reply = phone.send(xml)
    assert len(reply.data) < 20_000
    assert_refused(app, phone, reply, status)


TEXTS = [
    "<b>x</b>",
    "'; DROP TABLE response; --",
    "=1+1",
    "\u202egpj.exe",
    "{{ 7*7 }}",
    "${age}",
    "]]>",
    "%s%n",
]


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_is_kept_as_text(app: Flask, phone: Device, text: str) -> None:
    assert phone.send(phone.record({"name": text}, instance=text)).status_code == 201
    with app.app_context():
        kept = db.session.scalars(select(Response)).one()
        assert (kept.answers["name"], kept.instance_id) == (text, text)
    again = phone.send(phone.record({"name": "khác"}, instance=text))
    assert again.status_code == 409 and message(again)


def part(name: str, content: bytes, file_name: str = "", media_type: str = "text/xml") -> bytes:
    file = f'; filename="{file_name}"' if file_name else ""
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\nContent-Type: {media_type}\r\n\r\n'
    return head.encode() + content + b"\r\n"


XML_PART = "xml_submission_file"
END = b"--b--\r\n"
POSTS: dict[str, tuple[bytes, str]] = {
    "no body": (b"", "multipart/form-data; boundary=b"),
    "no boundary": (part(XML_PART, record(), "s.xml") + END, "multipart/form-data"),
    "another boundary": (part(XML_PART, record(), "s.xml") + END, "multipart/form-data; boundary=other"),
    "cut off in the record": (part(XML_PART, record(), "s.xml")[:-40], "multipart/form-data; boundary=b"),
    "the record is missing": (part("photo.jpg", b"x", "photo.jpg") + END, "multipart/form-data; boundary=b"),
    "the record is empty": (part(XML_PART, b"", "s.xml") + END, "multipart/form-data; boundary=b"),
    "a form": (b"xml_submission_file=%3Cdata", "application/x-www-form-urlencoded"),
    "JSON": (b"{}", "application/json"),
    "no type": (record(), ""),
    "XML that is none": (b"\x00\x01", "text/xml"),
    "a file without a name": (
        part(XML_PART, record(), "s.xml") + part("f", b"x", "\u202e\x07") + END,
        "multipart/form-data; boundary=b",
    ),
    "a file with a name of 1,000 letters": (
        part(XML_PART, record(), "s.xml") + part("f", b"x", "x" * 1_000) + END,
        "multipart/form-data; boundary=b",
    ),
    "5,000 parts": (
        part(XML_PART, record(), "s.xml") + part("x", b"y") * 5_000 + END,
        "multipart/form-data; boundary=b",
    ),
    "3 MB": (
        part(XML_PART, record(), "s.xml") + part("f", b"x" * 3_000_000, "f") + END,
        "multipart/form-data; boundary=b",
    ),
}


# Werkzeug leaves the file that it was reading when the body broke off to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("body", "content_type"), POSTS.values(), ids=POSTS.keys())
def test_bodies_that_no_phone_sends_are_refused(
    app: Flask, phone: Device, body: bytes, content_type: str
) -> None:
    reply = phone.client.post(f"{phone.root}/submission", data=body, content_type=content_type)
    assert_refused(app, phone, reply, 400, 413)


def test_files_with_hostile_names_and_no_content_are_kept_beside_the_record(
    app: Flask, phone: Device
) -> None:
    names = {"../../x.jpg": b"", "a/b/y.jpg": b"\xff\xd8", "=1+1.jpg": b"<script>"}
    assert phone.send(phone.record({"name": "An"}), names).status_code == 201
    with app.app_context():
        kept = {file.file_name: file.content for file in db.session.scalars(select(Attachment))}
    assert kept == {"x.jpg": b"", "y.jpg": b"\xff\xd8", "=1+1.jpg": b"<script>"}


@pytest.mark.parametrize("device", ["", "%00", "%ff", "x" * 5_000, "%0d%0aX-Evil:1", "=1+1", "%E2%80%AE"])
def test_what_a_device_says_of_itself_changes_no_header(app: Flask, phone: Device, device: str) -> None:
    reply = phone.send(phone.record({"name": "An"}), query=f"?deviceID={device}")
    assert reply.status_code in (201, 404)
    assert "X-Evil" not in reply.headers
    head = phone.client.head(f"{phone.root}/submission?deviceID={device}")
    assert "X-Evil" not in head.headers
    assert rows(app)[0] == (reply.status_code == 201)


def test_ten_thousand_people_are_taken_in_good_time(app: Flask, phone: Device) -> None:
    xml = record("<name>An</name>" + "<member><who>x</who></member>" * 10_000 + "<all>10000</all>")
    started = time.process_time()
    assert phone.send(xml).status_code == 201
    assert time.process_time() - started < 20
    with app.app_context():
        assert db.session.scalars(select(Response)).one().answers["all"] == "10000"
