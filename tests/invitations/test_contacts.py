"""Contacts: read from what spreadsheets write, refused by row, kept apart, deleted."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from openpyxl import Workbook
from werkzeug.datastructures import FileStorage

from survey.accounts.models import AuditEvent, Role
from survey.extensions import db
from survey.invitations.contacts import delete_old_contacts, import_contacts, stop
from survey.invitations.models import Contact
from survey.invitations.phones import BadContact, normal_email, normal_phone
from survey.manage.service import invitations
from survey.rounds.models import Round
from survey.rounds.service import close_round
from tests.factories import Fielded
from tests.invitations.conftest import DESK, add_contact, case_of
from tests.page import page
from tests.staff import read, send, signed_in, words

Invited = Callable[..., Fielded]


@pytest.mark.parametrize(
    "typed",
    ["0912345678", "0912 345 678", "0912.345.678", "84912345678", "+84912345678", "+84 (0)912-345-678",
     "0084912345678", "912345678", '="0912345678"', "'0912345678", "0912\u00a0345\u00a0678"],
)  # fmt: skip
def test_one_number_in_all_its_writings(typed: str) -> None:
    assert normal_phone(typed) == "+84912345678"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("9,12E+08", "Excel đổi"),
        ("0270 3823 456", "số cố định"),
        ("0123 456 7890", "11 chữ số cũ"),
        ("+1 415 555 0100", "không phải số Việt Nam"),
        ("091234567", "10 chữ số"),
        ("không có", "10 chữ số"),
        ("٠٩١٢٣٤٥٦٧٨", "10 chữ số"),
        ("0912345678\r\nBcc: x", "10 chữ số"),
    ],
)
def test_what_no_sms_reaches_says_why(typed: str, said: str) -> None:
    with pytest.raises(BadContact, match=said):
        normal_phone(typed)


@pytest.mark.parametrize("typed", ["be.ba@Vi-Du.VN", " be.ba@vi-du.vn ", '="be.ba@vi-du.vn"'])
def test_an_address_is_tidied(typed: str) -> None:
    assert normal_email(typed) == "be.ba@vi-du.vn"


@pytest.mark.parametrize(
    "typed",
    ["be ba@vi-du.vn", "bé@vi-du.vn", "a@b", "a@b.vn\nBcc: c@d.vn", "a@b.vn, c@d.vn", "<a@b.vn>", "a..b@c.vn",
     "a" * 65 + "@b.vn", "a@" + "b" * 250 + ".vn", "\u202ea@b.vn", "a@b.vn\0"],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(BadContact, match="không phải địa chỉ"):
        normal_email(typed)


def excel(*rows: tuple[object, ...]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(file)
    return file.getvalue()


HEAD = "Mã đơn vị;Số điện thoại;E-mail\r\n"
ROWS = "u0000;912345678;\r\nu0001;;be@vi-du.vn\r\n"


@pytest.mark.parametrize(
    "content",
    [
        b"unit,phone,email\nu0000,0912345678,\nu0001,,be@vi-du.vn\n",
        ("\ufeff" + HEAD + ROWS).encode(),
        ("sep=;\r\n" + HEAD + ROWS).encode(),
        (HEAD + ROWS).replace(";", "\t").encode("utf-16"),
        excel(("unit", "phone", "email"), ("u0000", 912345678.0, None), ("u0001", None, "be@vi-du.vn")),
    ],
)
def test_the_tables_that_spreadsheets_write(app: Flask, invited: Invited, content: bytes) -> None:
    fielded = invited(2)
    with app.app_context():
        done = import_contacts(db.session.get_one(Round, fielded.round_id), content)
        assert (done.good, done.faults, done.kept) == (2, (), True)
        found = {contact.case.unit: (contact.phone, contact.email) for contact in db.session.query(Contact)}
        assert found == {"u0000": ("+84912345678", None), "u0001": (None, "be@vi-du.vn")}


BAD = """code,unit,phone,email
,u0000,0912345678,
,u9999,0912345678,
,,0912345678,
,u0001,0270 3823456,
,u0000,0987654321,
,u0001,,
=cmd|'/c calc'!A0,,0912345678,
"""


def upload(content: bytes | str, **fields: object) -> dict[str, object]:
    data = content.encode() if isinstance(content, str) else content
    return {"file": FileStorage(io.BytesIO(data), "lien-he.csv"), **fields}


def test_faulty_rows_are_told_by_number_and_nothing_is_kept(app: Flask, invited: Invited) -> None:
    invited(2)
    quan = signed_in(app, "quan", Role.MANAGER)
    answer = send(quan, f"{DESK}/lien-he", **upload(BAD))
    assert answer.status_code == 422
    rows = {
        words(row.find("th")): words(row.find("td")) for row in page(answer.text).xpath("//table/tbody/tr")
    }
    assert sorted(rows) == ["3", "4", "5", "6", "7", "8"]
    assert "Không có đơn vị “u9999”" in rows["3"]
    assert "Thiếu mã phiếu" in rows["4"]
    assert "số cố định" in rows["5"]
    assert "đã có ở dòng trên" in rows["6"]
    assert "không có số điện thoại hay e-mail" in rows["7"]
    assert "=cmd" in rows["8"]
    with app.app_context():
        assert db.session.query(Contact).count() == 0


def test_the_good_rows_may_be_taken(app: Flask, invited: Invited) -> None:
    invited(2)
    quan = signed_in(app, "quan", Role.MANAGER)
    answer = send(quan, f"{DESK}/lien-he", **upload(BAD, take_good="y"))
    assert answer.status_code == 303
    assert "1 phiếu. 6 dòng lỗi bị bỏ qua" in words(read(quan, f"{DESK}/lien-he"))
    with app.app_context():
        (contact,) = db.session.query(Contact)
        assert (contact.case.unit, contact.phone) == ("u0000", "+84912345678")
        (event,) = db.session.query(AuditEvent).filter_by(action="contacts.import")
        assert event.detail == {"rows": 1, "faults": 6}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Chọn tệp|rỗng"),
        (b"name,phone\nLan,0912345678\n", "Thiếu cột mã phiếu"),
        (b"unit,ghi chu\nu0000,x\n", "Thiếu cột điện thoại"),
        (b"unit,phone,sdt\nu0000,1,2\n", "hai cột cùng là phone"),
        (b"unit,phone\n", "chỉ có dòng tiêu đề"),
        (b"unit,phone\nu0000,\x81\x8d\xff", "Không nhận ra bảng mã"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls kiểu cũ"),
        (b"PK\x03\x04 broken", "Không đọc được tệp Excel"),
        (b'unit,phone\nu0000,"' + b"x" * 200_000, "Không đọc được tệp CSV|10 chữ số"),
    ],
)
def test_a_file_that_is_no_table_says_what_to_do(
    app: Flask, invited: Invited, content: bytes, said: str
) -> None:
    invited(1)
    quan = signed_in(app, "quan", Role.MANAGER)
    answer = send(quan, f"{DESK}/lien-he", **upload(content))
    assert answer.status_code == 422
    assert any(part in words(page(answer.text)) for part in said.split("|"))


def test_a_second_file_adds_to_the_first(app: Flask, invited: Invited) -> None:
    fielded = invited(1)
    with app.app_context():
        round_ = db.session.get_one(Round, fielded.round_id)
        import_contacts(round_, b"unit,phone\nu0000,0912345678\n")
        import_contacts(round_, b"unit,email,phone\nu0000,a@b.vn,\n")
        (contact,) = db.session.query(Contact)
        assert (contact.phone, contact.email) == ("+84912345678", "a@b.vn")


def test_deleting_asks_once_and_keeps_who_wants_no_messages(app: Flask, invited: Invited) -> None:
    invited(2)
    with app.app_context():
        add_contact("u0000", phone="+84912345678")
        add_contact("u0001", email="a@b.vn")
        stop(case_of("u0001"))
        db.session.commit()
    quan = signed_in(app, "quan", Role.MANAGER)
    address = f"{DESK}/lien-he"
    assert send(quan, address, f"{address}/xoa").status_code == 422
    with app.app_context():
        assert db.session.query(Contact).count() == 2
    assert send(quan, address, f"{address}/xoa", sure="y").status_code == 303
    with app.app_context():
        (contact,) = db.session.query(Contact)
        assert (contact.case.unit, contact.phone, contact.email) == ("u0001", None, None)
        assert contact.stopped_at is not None


def test_contacts_go_ninety_days_after_the_round(app: Flask, invited: Invited) -> None:
    fielded = invited(1)
    with app.app_context():
        add_contact("u0000", phone="+84912345678")
        close_round(db.session.get_one(Round, fielded.round_id))
        db.session.commit()
        assert delete_old_contacts(datetime.now(UTC) + timedelta(days=89)) == 0
        assert delete_old_contacts(datetime.now(UTC) + timedelta(days=91)) == 1
        assert db.session.query(Contact).count() == 0


def test_no_contact_is_in_the_list_of_invitations(app: Flask, invited: Invited) -> None:
    fielded = invited(1)
    with app.app_context():
        add_contact("u0000", phone="+84912345678", email="be@vi-du.vn")
        text = "".join(invitations(db.session.get_one(Round, fielded.round_id), str))
    assert "u0000" in text
    assert "912345678" not in text
    assert "be@vi-du.vn" not in text
