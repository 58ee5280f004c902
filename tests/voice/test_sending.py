"""Sending a message: nothing typed is lost, nothing is sent twice, nobody needs a name."""

import io
import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from survey.extensions import db
from survey.voice.models import Screening, Status, VoiceDraft
from tests.collect.visitor import Visitor
from tests.voice.messages import GOOD, chosen, everything, jpeg, the_only

CODE = re.compile(r"[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}")


def receipt(visitor: Visitor) -> str:
    """The code on the page."""
    return str(visitor.document.xpath("string(//@data-receipt)"))


def test_an_anonymous_message_is_kept_and_gives_a_code(app: Flask, citizen: Visitor) -> None:
    citizen.press(**GOOD)
    assert citizen.status == 200
    assert CODE.fullmatch(receipt(citizen))
    kept = the_only(app)
    assert (kept.kind, kept.field, kept.text) == ("complaint", "network", GOOD["text"])
    assert (kept.status, kept.screening) == (Status.NEW, Screening.CLEAR)
    assert kept.contact is None and kept.area_id is None and kept.longitude is None
    assert receipt(citizen).replace("-", "") not in str(vars(kept)), "the code itself is not kept"
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(VoiceDraft)) == 0


def test_what_was_typed_and_chosen_survives_a_refusal(app: Flask, citizen: Visitor) -> None:
    citizen.press(
        **GOOD | {"field": ""}, name="Lan", phone="0912 345 678", commune="an hoi", photos=chosen(jpeg())
    )
    assert citizen.faults == ["Chọn lĩnh vực"]
    assert citizen.value("text") == GOOD["text"]
    assert (citizen.value("kind"), citizen.value("commune")) == ("complaint", "an hoi")
    assert (citizen.value("name"), citizen.value("phone")) == ("Lan", "0912 345 678")
    assert "Ảnh 1 đã được giữ (60 × 40)" in citizen.text
    citizen.press(field="network")
    kept = the_only(app)
    assert kept.contact is not None and kept.area is not None
    assert (kept.contact.name, kept.contact.phone) == ("Lan", "0912345678")
    assert (kept.area.full_name, len(kept.photos)) == ("Phường An Hội", 1)


def test_each_missing_thing_is_told_with_what_to_do(citizen: Visitor) -> None:
    citizen.press(phone="12", email="lan@", commune="an")
    assert citizen.faults == [
        "Chọn góp ý, phản ánh hay đánh giá",
        "Chọn lĩnh vực",
        "Viết nội dung, ít nhất 10 ký tự",
        *[fault for fault in citizen.faults if "Có nhiều nơi giống “an”" in fault],
        "Viết số điện thoại 8–15 chữ số, ví dụ 0912 345 678, hoặc để trống",
        "Viết email dạng ten@noi.vn, hoặc để trống",
    ]
    assert len(citizen.faults) == 6


def test_a_text_that_is_too_long_is_told_by_how_much_and_stays(citizen: Visitor) -> None:
    long = "ă" * 5_312
    citizen.press(**GOOD | {"text": long})
    (fault,) = citizen.faults
    assert "5.312 ký tự, quá 5.000. Xin rút ngắn 312 ký tự" in fault
    assert citizen.value("text") == long
    citizen.press(text=long[:5_000])
    assert receipt(citizen)


def test_a_megabyte_of_text_is_refused_kindly_and_stays(citizen: Visitor) -> None:
    long = "x" * 1_000_000
    citizen.press(**GOOD | {"text": long})
    assert "1.000.000 ký tự, quá 5.000" in citizen.faults[0]
    assert citizen.value("text") == long


def test_a_rating_needs_a_mark_and_no_words(app: Flask, citizen: Visitor) -> None:
    citizen.press(kind="rating", field="payment", text="")
    assert citizen.faults == ["Chọn mức hài lòng từ 1 đến 5"]
    citizen.press(rating="4")
    assert (the_only(app).rating, the_only(app).text) == (4, "")


def test_a_mark_beside_a_complaint_is_not_kept(app: Flask, citizen: Visitor) -> None:
    citizen.press(**GOOD, rating="5")
    assert the_only(app).rating is None


@pytest.mark.parametrize("typed", ["Phường An Hội", "an hội", "AN HOI", "phuong  an hoi"])
def test_a_commune_is_found_however_it_is_typed(app: Flask, citizen: Visitor, typed: str) -> None:
    citizen.press(**GOOD, commune=typed)
    area = the_only(app).area
    assert area is not None and area.code == "28777"


def test_an_unknown_commune_is_told(citizen: Visitor) -> None:
    citizen.press(**GOOD, commune="Paris")
    assert citizen.faults == [
        "Không có xã, phường nào tên “Paris”. Xem lại chính tả, viết ngắn hơn, hoặc để trống"
    ]


def test_a_lost_session_loses_nothing(app: Flask, citizen: Visitor) -> None:
    citizen.client.delete_cookie("session")
    citizen.press(**GOOD, photos=chosen(jpeg()))
    assert "Trang đã mở quá lâu" in citizen.text
    assert everything(app) == []
    assert citizen.value("text") == GOOD["text"]
    citizen.press()
    assert len(the_only(app).photos) == 1


def test_a_second_tap_and_a_resend_make_one_message(app: Flask, citizen: Visitor) -> None:
    form = citizen.form()
    codes = set()
    for _ in range(3):
        citizen.submit(form, {}, GOOD)
        codes.add(receipt(citizen))
    assert len(codes) == len(everything(app)) == 1


def test_a_second_tap_from_a_page_with_place_and_photo_makes_one_message(
    app: Flask, citizen: Visitor
) -> None:
    citizen.press("map", **GOOD, photos=chosen(jpeg()))
    form = next(form for form in citizen.document.forms if form.xpath(".//button[@name='move']"))
    citizen.submit(form, {"move": "north"}, {})
    citizen.open(citizen.document.xpath("string(//p[@class='actions']/a/@href)"))
    form = citizen.form()
    citizen.submit(form, {}, {})
    first = receipt(citizen)
    citizen.submit(form, {}, {})
    assert receipt(citizen) == first
    assert the_only(app).longitude is not None
    assert len(the_only(app).photos) == 1


def test_going_back_and_saying_something_else_makes_a_second_message(app: Flask, citizen: Visitor) -> None:
    form = citizen.form()
    citizen.submit(form, {}, GOOD)
    citizen.submit(form, {}, GOOD | {"text": "Thêm một việc khác hẳn: đèn đường hỏng."})
    assert [message.text[:8] for message in everything(app)] == ["Mất sóng", "Thêm một"]


def test_the_language_changes_without_losing_anything(citizen: Visitor) -> None:
    citizen.press("lang:en", **GOOD | {"field": ""})
    assert citizen.h1 == "Opinion, complaint, rating"
    assert citizen.value("text") == GOOD["text"]
    citizen.press()
    assert citizen.faults == ["Choose what it is about"]
    citizen.press(field="network")
    assert "Thank you" in citizen.h1


def test_khmer_reads_vietnamese(citizen: Visitor) -> None:
    citizen.open("/y-kien?lang=km")
    assert citizen.h1 == "Góp ý, phản ánh, đánh giá"
    assert citizen.document.get("lang") == "vi"


HOSTILE = [
    "<script>alert(1)</script> & \"'",
    "'; DROP TABLE voice_submission; --",
    '=HYPERLINK("http://x")',
    "{{ 7*7 }} ${7*7} %s %n",
    "a\x00b\x08c dài hơn mười ký tự",
    "\u202egnud iộn \u2066abc\u2069 thêm chữ",
    "Hoa\u0300 Ti\u0323nh Vi\u0303nh Long",
    "👨‍👩‍👧‍👦 🇻🇳 😀😀😀😀😀😀😀",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_text_is_kept_as_text(app: Flask, citizen: Visitor, typed: str) -> None:
    citizen.press(
        **GOOD | {"text": typed, "field": typed}, commune=typed, name=typed, phone=typed, email=typed
    )
    assert "Chọn lĩnh vực" in citizen.faults
    assert not citizen.document.xpath("//main//script")
    citizen.press(field="other", commune="", phone="", email="", text=f"{typed} và thêm chữ")
    assert receipt(citizen)
    kept = the_only(app)
    assert not set(kept.text) & {"\x00", "\x08", "\u202e", "\u2066", "\u2069", "\u0300", "\u0323", "\u0303"}
    assert "và thêm chữ" in citizen.text


@pytest.mark.parametrize("name", ["kind", "field", "rating"])
def test_a_choice_that_is_not_offered_is_refused(app: Flask, citizen: Visitor, name: str) -> None:
    form = citizen.form()
    citizen.submit(form, {name: "x" * 300}, GOOD | {"kind": "rating"} | {name: "x" * 300})
    assert citizen.faults
    assert everything(app) == []


@pytest.mark.parametrize(
    "body",
    [
        b"kind=%ff%fe&text=%00",
        b"kind=complaint&text=%ed%a0%80%ed%b0%80",
        b"%",
        b"kind=complaint&kind=rating&-go=no-photo:x&-go=map",
        b"-go=lang:xx",
    ],
)
def test_bytes_that_are_no_form(citizen: Visitor, body: bytes) -> None:
    token = str(citizen.value("csrf_token")).encode()
    reply = citizen.client.post(
        "/y-kien", data=b"csrf_token=" + token + b"&" + body, content_type="application/x-www-form-urlencoded"
    )
    assert reply.status_code == 303
    assert citizen.client.get(reply.location).status_code == 200


def test_a_body_over_the_limit_is_told(citizen: Visitor) -> None:
    body = io.BytesIO(b"x" * 3_000_000)
    reply = citizen.client.post(
        "/y-kien",
        input_stream=body,
        content_length=3_000_000,
        content_type="multipart/form-data; boundary=b",
    )
    assert reply.status_code == 413
    assert "Gửi tệp nhỏ hơn" in reply.text


def test_a_draft_that_is_gone_leads_to_an_empty_form(citizen: Visitor) -> None:
    citizen.open("/y-kien/viet/00000000-0000-4000-8000-000000000000")
    assert citizen.address == "/y-kien"
    assert citizen.client.get("/y-kien/viet/khong-phai").status_code in (303, 404)
