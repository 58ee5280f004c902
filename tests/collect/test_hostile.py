"""Hostile, broken and careless requests to the citizen's pages: a clear page, nothing stored wrongly, nothing executed."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from survey.extensions import db
from survey.intake.models import Attachment, Response, ResponseStatus
from tests.collect.visitor import Visitor
from tests.factories import field_survey
from tests.page import page

FORM = """
| survey   |                  |         |             |            |          |
|          | type             | name    | label       | appearance | required |
|          | begin_group      | g       | Trang một   |            |          |
|          | text             | name    | Tên         |            |          |
|          | select_one yn    | own     | Có không?   |            |          |
|          | select_multiple yn | many  | Những gì?   |            |          |
|          | integer          | size    | Bao nhiêu?  |            |          |
|          | image            | photo   | Ảnh         |            |          |
|          | audio            | sound   | Tiếng       |            |          |
|          | file             | paper   | Giấy tờ     |            |          |
|          | end_group        |         |             |            |          |
|          | begin_repeat     | member  | Người       |            |          |
|          | text             | who     | Ai?         |            |          |
|          | end_repeat       |         |             |            |          |
|          | note             | said    | Chào ${name} |           |          |
|          | text             | remark  | Ý kiến      |            |          |
| choices  |                  |         |             |            |          |
|          | list_name        | name    | label       |            |          |
|          | yn               | yes     | Có          |            |          |
|          | yn               | no      | Không       |            |          |
| settings |                  |         |             |            |          |
|          | form_id          | version |             |            |          |
|          | thu              | 1       |             |            |          |
"""
URLENCODED = "application/x-www-form-urlencoded"
JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 10


@dataclass
class Attacker:
    """A visitor on the first page of a draft, who knows its token."""

    client: FlaskClient
    visitor: Visitor
    token: str
    root: str

    def post(self, body: bytes, content_type: str = URLENCODED, address: str = "") -> TestResponse:
        return self.client.post(address or f"{self.root}/trang/g", data=body, content_type=content_type)

    def typed(self, body: bytes) -> TestResponse:
        return self.post(b"csrf_token=" + self.token.encode() + b"&-revision=1&" + body)


@pytest.fixture
def attacker(app: Flask, client: FlaskClient, tmp_path: Path) -> Attacker:
    field_survey(app, FORM, folder=tmp_path)
    visitor = Visitor(client).open("/s/thu").press()
    root = visitor.address.partition("/trang/")[0]
    return Attacker(client, visitor, str(visitor.value("csrf_token")), root)


def kept(app: Flask) -> dict[str, Any]:
    """The answers of the one draft."""
    with app.app_context():
        return db.session.scalars(select(Response)).one().answers


def assert_still_answers(attacker: Attacker) -> None:
    """After whatever came, the same person goes on as if nothing had been."""
    attacker.visitor.open(f"{attacker.root}/trang/g").press(
        name="An", own="yes", photo="", sound="", paper=""
    )
    assert "/trang/g" not in attacker.visitor.address, attacker.visitor.faults


BYTES = {
    "a lone surrogate": (b"name=%ED%A0%80", "%ED%A0%80"),
    "a surrogate pair in two sequences": (b"name=%ED%A0%BD%ED%B8%80", "%ED%A0%BD%ED%B8%80"),
    "an overlong slash": (b"name=a%C0%AFb", "a%C0%AFb"),
    "an overlong NUL": (b"name=a%C0%80b", "a%C0%80b"),
    "above Unicode": (b"name=%F4%90%80%80", "%F4%90%80%80"),
    "Latin-1": (b"name=Nguy%EAn", "Nguy%EAn"),
    "half a percent sign": (b"name=100%", "100%"),
    "a byte order mark": (b"name=%EF%BB%BFAn", "An"),
}


@pytest.mark.parametrize(("body", "shown"), BYTES.values(), ids=BYTES.keys())
def test_bytes_that_are_no_text_are_kept_as_they_were_written(
    app: Flask, attacker: Attacker, body: bytes, shown: str
) -> None:
    assert attacker.typed(body).status_code == 303
    text = str(kept(app)["name"])
    assert shown in text
    text.encode()  # no lone surrogate got in
    assert_still_answers(attacker)


@pytest.mark.parametrize("body", [b"name=\xff\xfe", b"name=" + "Nguyễn".encode("utf-16")])
def test_a_body_in_another_encoding_saves_nothing(app: Flask, attacker: Attacker, body: bytes) -> None:
    assert attacker.typed(body).status_code in (303, 400)
    str(kept(app).get("name", "")).encode()  # no lone surrogate got in
    assert_still_answers(attacker)


TEXTS = {
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "an end of the field": '"><svg onload=alert(1)>',
    "SQL": "'); DROP TABLE response; --",
    "a formula": "=cmd|' /C calc'!A0",
    "a template": "{{ config }}{% for x in y %}${name}",
    "right to left": "\u202e\u2066gpj.exe\u2069",
    "markdown": "[x](javascript:alert(1)) **đậm** <b>",
    "zero width": "a\u200b\u200d\ufeffb",
    "a letter with 5,000 marks": "o" + "\u0301" * 5_000,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_hostile_text_is_kept_as_text_and_runs_nowhere(app: Flask, attacker: Attacker, text: str) -> None:
    visitor = attacker.visitor.press(name=text, photo="", sound="", paper="")
    assert kept(app)["name"] == unicodedata.normalize("NFC", text)
    visitor.press()
    for address in (
        f"{attacker.root}/trang/said",
        f"{attacker.root}/trang/remark",
        f"{attacker.root}/xem-lai",
    ):
        shown = attacker.client.get(address, follow_redirects=True)
        document = page(shown.text)
        assert shown.status_code == 200
        assert not document.xpath(
            "//*[@onerror or @onload or @onclick] | //a[starts-with(@href, 'javascript')]"
        )
        assert not [script for script in document.xpath("//script") if not script.get("src")]
        assert "SECRET_KEY" not in shown.text


@pytest.mark.parametrize(
    "revision",
    ["-1", "0", "999999999", "99999999999999999999", "²", "٣", "1.0", "1e3", "", "x" * 10_000, "\x00"],
)
def test_a_tampered_revision_overwrites_nothing(app: Flask, attacker: Attacker, revision: str) -> None:
    attacker.typed(b"name=An")
    body = {"csrf_token": attacker.token, "-revision": revision, "name": "Kẻ khác"}
    reply = attacker.client.post(f"{attacker.root}/trang/g", data=body)
    assert reply.status_code == 303
    assert kept(app)["name"] == "An"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\u202e", "\x00", "é" * 100, "x" * 100_000])
def test_a_tampered_token_saves_nothing_and_loses_nothing(app: Flask, attacker: Attacker, token: str) -> None:
    body = {"csrf_token": token, "-revision": "1", "name": "An"}
    reply = attacker.client.post(f"{attacker.root}/trang/g", data=body)
    assert reply.status_code == 400
    assert page(reply.text).xpath("//input[@name='name']/@value") == ["An"]
    assert "Trang đã mở quá lâu" in reply.text
    assert "name" not in kept(app)


@pytest.mark.parametrize("cookie", ["", "x", "eyJ4Ijo1fQ.aaaa.bbbb", "%00", '"', "=;=;", "x" * 50_000])
def test_a_tampered_session_asks_once_more_and_keeps_what_was_typed(
    app: Flask, attacker: Attacker, cookie: str
) -> None:
    stranger = app.test_client()
    body = {"csrf_token": attacker.token, "-revision": "1", "name": "An"}
    headers = {"Cookie": f"session={cookie}"}
    reply = stranger.post(f"{attacker.root}/trang/g", data=body, headers=headers)
    assert reply.status_code == 400
    assert page(reply.text).xpath("//input[@name='name']/@value") == ["An"]
    assert "name" not in kept(app)
    assert_still_answers(attacker)


REPEATED: dict[str, tuple[bytes, dict[str, Any]]] = {
    "a text twice": (b"name=An&name=Ba", {"name": "An"}),
    "a choice twice": (b"own=yes&own=no", {"own": "yes"}),
    "a tick a thousand times": (b"&".join([b"many=yes"] * 900), {"many": ["yes"]}),
    "a revision twice": (b"-revision=7&name=An", {"name": "An"}),
    "a button twice": (b"-go=pause&-go=back&name=An", {"name": "An"}),
    "fields that are not asked": (b"name=An&said=x&case_id=5&status=complete&id=1&member=x", {"name": "An"}),
    "a choice that is not there": (b"own=maybe&name=An", {"name": "An", "own": None}),
    "a list where one is asked": (b"name[]=An&name[0]=Ba", {"name": None}),
    "a button that is not there": (b"-go=lang:xx&name=An", {"name": "An"}),
    "a button with markup": (b"-go=%3Cscript%3E&name=An", {"name": "An"}),
}


@pytest.mark.parametrize(("body", "answers"), REPEATED.values(), ids=REPEATED.keys())
def test_repeated_unasked_and_unknown_fields_are_no_matter(
    app: Flask, attacker: Attacker, body: bytes, answers: dict[str, Any]
) -> None:
    assert attacker.typed(body).status_code == 303
    found = kept(app)
    assert {name: found.get(name) for name in answers} == answers
    assert found.keys() <= {"name", "own", "many", "size", "photo", "sound", "paper"}
    with app.app_context():
        assert db.session.scalars(select(Response.status)).one() == ResponseStatus.DRAFT
    assert_still_answers(attacker)


def multipart(attacker: Attacker, *parts: bytes, end: bytes = b"--b--\r\n") -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    fixed = head % (b"csrf_token", attacker.token.encode()) + head % (b"-revision", b"1")
    return fixed + b"".join(parts) + end


PART = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
UPLOAD = b'--b\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: %s\r\n\r\n%s\r\n'
FORM_DATA = "multipart/form-data; boundary=b"
BODIES: dict[str, tuple[Callable[[Attacker], bytes], str, tuple[int, ...]]] = {
    "JSON": (lambda a: b'{"name": "An"}', "application/json", (400,)),
    "text": (lambda a: b"name=An", "text/plain", (400,)),
    "no type": (lambda a: b"name=An", "", (400,)),
    "a nonsense type": (lambda a: b"name=An", "a/b; c=\xff".encode("latin-1").decode("latin-1"), (400,)),
    "multipart without a boundary": (lambda a: multipart(a), "multipart/form-data", (400,)),
    "another boundary": (lambda a: multipart(a), "multipart/form-data; boundary=other", (400,)),
    "an empty body": (lambda a: b"", URLENCODED, (400,)),
    "cut off in a field": (
        lambda a: multipart(a, PART % (b"name", b"An"), end=b"")[:-20],
        FORM_DATA,
        (303, 400),
    ),
    "cut off in a file": (
        lambda a: multipart(a, UPLOAD % (b"photo", b"a.jpg", b"image/jpeg", JPEG), end=b"")[:-30],
        FORM_DATA,
        (303, 400),
    ),
    "5,000 parts": (lambda a: multipart(a, (PART % (b"x", b"y")) * 5_000), FORM_DATA, (413,)),
    "a field of 3 MB": (
        lambda a: b"csrf_token=" + a.token.encode() + b"&name=" + b"x" * 3_000_000,
        URLENCODED,
        (413,),
    ),
    "a file of 3 MB": (
        lambda a: multipart(a, UPLOAD % (b"photo", b"a.jpg", b"image/jpeg", JPEG + b"x" * 3_000_000)),
        FORM_DATA,
        (413,),
    ),
    "200,000 fields": (
        lambda a: b"csrf_token=" + a.token.encode() + b"&a=" * 200_000,
        URLENCODED,
        (303, 413),
    ),
}


# Werkzeug leaves the file that it was reading when the body broke off to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("body", "content_type", "statuses"), BODIES.values(), ids=BODIES.keys())
def test_bodies_that_browsers_do_not_send_get_a_page_and_store_nothing(
    app: Flask,
    attacker: Attacker,
    body: Callable[[Attacker], bytes],
    content_type: str,
    statuses: tuple[int, ...],
) -> None:
    reply = attacker.post(body(attacker), content_type)
    assert reply.status_code in statuses
    if reply.status_code != 303:
        assert page(reply.text).get("lang") == "vi"
    if reply.status_code == 413:
        assert "Dữ liệu gửi lên quá lớn" in reply.text
    with app.app_context():
        assert db.session.scalars(select(Attachment)).all() == []
    assert_still_answers(attacker)


FILES: dict[str, tuple[str, bytes, str, str]] = {
    "an empty photo": ("photo", b"", "a.jpg", "Tệp này rỗng"),
    "a page as a photo": ("photo", b"<html><script>alert(1)</script>", "a.jpg", "không phải ảnh"),
    "a drawing with a script": (
        "photo",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "a.svg",
        "không phải ảnh",
    ),
    "a program as a photo": ("photo", b"MZ\x90\x00", "a.jpg", "không phải ảnh"),
    "a photo as a recording": ("sound", JPEG, "a.mp3", "không phải bản ghi âm"),
    "an empty paper": ("paper", b"", "a.pdf", "Tệp này rỗng"),
}


@pytest.mark.parametrize(("name", "content", "file_name", "said"), FILES.values(), ids=FILES.keys())
def test_a_file_that_is_not_what_is_asked_is_told_and_the_other_answers_stay(
    app: Flask, attacker: Attacker, name: str, content: bytes, file_name: str, said: str
) -> None:
    visitor = attacker.visitor
    empty = {"photo": "", "sound": "", "paper": ""}
    visitor.press(**{**empty, "name": "An", name: (BytesIO(content), file_name, "image/jpeg")})
    assert len(visitor.faults) == 1 and said in visitor.faults[0]
    assert visitor.value("name") == "An"
    with app.app_context():
        assert db.session.scalars(select(Attachment)).all() == []
    visitor.press(**{**empty, "photo": (BytesIO(JPEG), "../../etc/x\u202egpj.php", "text/html")})
    assert "/trang/g" not in visitor.address
    with app.app_context():
        (file,) = db.session.scalars(select(Attachment))
        assert file.media_type == "image/jpeg"
        assert file.file_name == kept(app)["photo"]
        assert "/" not in file.file_name and file.file_name.isascii()


def test_a_wrong_file_leaves_the_good_one_that_was_there(app: Flask, attacker: Attacker) -> None:
    others = {"sound": "", "paper": ""}
    attacker.visitor.press(photo=(BytesIO(JPEG), "a.jpg", "image/jpeg"), **others)
    good = kept(app)["photo"]
    attacker.visitor.open(f"{attacker.root}/trang/g").press(
        photo=(BytesIO(b"x"), "b.jpg", "image/jpeg"), **others
    )
    assert attacker.visitor.faults
    assert kept(app)["photo"] == good


@pytest.mark.parametrize(
    "numbers",
    [
        "0",
        "-1",
        "2",
        "99999",
        "1.1",
        "1.1.1.1.1.1.1.1",
        "99999999999",
        "1e9",
        "１",
        "1%00",
        "..",
        "1/1",
        "9" * 3_000,
    ],
)
def test_instances_that_are_not_there_are_not_found(app: Flask, attacker: Attacker, numbers: str) -> None:
    for address in (f"{attacker.root}/muc/{numbers}/member", f"{attacker.root}/danh-sach/{numbers}/member"):
        assert attacker.client.get(address).status_code in (301, 308, 404)
        assert attacker.post(b"csrf_token=" + attacker.token.encode(), address=address).status_code in (
            308,
            404,
        )
    assert "member" not in kept(app)


@pytest.mark.parametrize(
    "go", ["remove:0", "remove:99", "remove:-1", "remove:x", "remove:" + "9" * 30, "remove:²"]
)
def test_removing_what_is_not_there_removes_nothing(app: Flask, attacker: Attacker, go: str) -> None:
    attacker.visitor.press(name="An", photo="", sound="", paper="").press("add").press(who="Ba")
    assert kept(app)["member"] == [{"who": "Ba"}]
    form = attacker.visitor.form()
    revision = form.fields["-revision"]
    body = {"csrf_token": attacker.token, "-revision": revision, "-go": go}
    reply = attacker.client.post(f"{attacker.root}/danh-sach/member", data=body)
    assert reply.status_code == 303
    assert kept(app)["member"] == [{"who": "Ba"}]


def test_what_is_sent_again_after_completion_changes_nothing(app: Flask, attacker: Attacker) -> None:
    visitor = attacker.visitor.press(name="An", photo="", sound="", paper="")
    while "/xem-lai" not in visitor.address:
        visitor.press()
    sending = dict(visitor.form().form_values())
    visitor.press()
    assert visitor.document.xpath("//@data-receipt")
    before = kept(app)
    for address, body in (
        ("/trang/g", {"csrf_token": attacker.token, "-revision": "1", "name": "Kẻ khác"}),
        ("/xem-lai", sending),
        ("/danh-sach/member", {"csrf_token": attacker.token, "-revision": "2", "-go": "add"}),
        ("/trang/g", {"csrf_token": attacker.token, "-revision": "1", "-go": "discard"}),
    ):
        reply = attacker.client.post(attacker.root + address, data=body)
        assert (reply.status_code, reply.location.partition("?")[0]) == (303, f"{attacker.root}/cam-on")
    assert kept(app) == before
    with app.app_context():
        assert db.session.scalars(select(Response.status)).all() == [ResponseStatus.COMPLETE]


@pytest.mark.parametrize(
    "code", ["", "\x00", "\ud800", "%", "' OR 1=1 --", "\u202e", "x" * 100_000, "ẤẤẤẤẤẤẤẤ", "²²²²²²²²"]
)
def test_a_code_that_is_none_is_told(attacker: Attacker, code: str) -> None:
    token = attacker.visitor.open("/s/thu").document.xpath("//input[@name='csrf_token']/@value")[0]
    body = {"csrf_token": token, "code": code.encode("utf-8", "surrogatepass")}
    reply = attacker.client.post("/s/thu/tiep-tuc", data=body, follow_redirects=True)
    assert reply.status_code == 200
    said = page(reply.text).xpath("string(//main)")
    assert ("Không có phiếu đang làm dở" if code.strip() else "Nhập mã phiếu dở dang") in said


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "NONSENSE"])
def test_other_methods_are_refused_with_a_page(app: Flask, attacker: Attacker, method: str) -> None:
    reply = attacker.client.open(f"{attacker.root}/trang/g", method=method)
    assert reply.status_code == 405
    assert page(reply.text).get("lang") == "vi"
    assert_still_answers(attacker)


def test_a_session_that_ends_in_the_middle_of_a_page_keeps_the_words_and_says_what_of_the_file(
    app: Flask, attacker: Attacker
) -> None:
    attacker.client.delete_cookie("session")
    visitor = attacker.visitor
    visitor.press(name="An", size="3", photo=(BytesIO(JPEG), "a.jpg", "image/jpeg"), sound="", paper="")
    assert visitor.status == 400
    assert "trừ tệp đã chọn: chọn lại tệp" in visitor.text
    visitor.press(photo=(BytesIO(JPEG), "a.jpg", "image/jpeg"), sound="", paper="")
    found = kept(app)
    assert (found["name"], found["size"], bool(found["photo"])) == ("An", 3, True)
