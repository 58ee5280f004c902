"""One page at a time: skip logic, messages, saving, two tabs, coming back."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from survey.extensions import db
from survey.intake.models import Response, ResponseEvent, UnsavedPage
from tests.collect.visitor import Visitor
from tests.factories import Fielded, field_survey

SHOP = """
| survey   |               |           |                    |            |          |              |                 |
|          | type          | name      | label              | appearance | required | constraint   | relevant        |
|          | begin_group   | you       | Cửa hàng           | field-list |          |              |                 |
|          | select_one yn | online    | Bán qua mạng?      |            | yes      |              |                 |
|          | integer       | staff     | Số người làm       |            | yes      | . > 0 and . <= 500 |           |
|          | text          | channel   | Bán ở đâu?         |            | yes      |              | ${online} = 'y' |
|          | end_group     |           |                    |            |          |              |                 |
|          | decimal       | share     | Phần bán qua mạng, % |          |          | . <= 100     | ${online} = 'y' |
|          | text          | remark    | Ý kiến khác        | multiline  |          |              |                 |
| choices  |               |           |                    |            |          |              |                 |
|          | list_name     | name      | label              |            |          |              |                 |
|          | yn            | y         | Có                 |            |          |              |                 |
|          | yn            | n         | Không              |            |          |              |                 |
| settings |               |           |                    |            |          |              |                 |
|          | form_id       | version   |                    |            |          |              |                 |
|          | shop          | 1         |                    |            |          |              |                 |
"""


@pytest.fixture
def shop(app: Flask, tmp_path: Path) -> Fielded:
    return field_survey(app, SHOP, folder=tmp_path)


@pytest.fixture
def visitor(shop: Fielded, client: FlaskClient) -> Visitor:
    return Visitor(client).open("/s/shop").press()


def answers(app: Flask) -> dict[str, object]:
    """The one draft's answers."""
    with app.app_context():
        return db.session.scalars(select(Response)).one().answers


def test_a_question_opened_by_an_answer_of_its_own_page_is_asked_before_the_next(visitor: Visitor) -> None:
    assert visitor.asked == ["online", "staff"]
    visitor.press(online="y", staff="3")
    assert visitor.asked == ["online", "staff", "channel"]
    assert "thêm câu hỏi" in visitor.text
    assert visitor.faults == []
    assert visitor.press().faults == ["Bán ở đâu? Nhập câu trả lời"]
    assert visitor.press(channel="Zalo").asked == ["share"]


def test_what_was_typed_stays_beside_the_message(app: Flask, visitor: Visitor) -> None:
    visitor.press(online="n", staff="một trăm")
    assert visitor.faults == ["Số người làm Nhập một số nguyên, ví dụ 12"]
    assert visitor.value("staff") == "một trăm"
    assert answers(app) == {"online": "n", "staff": None}
    visitor.press(staff="501")
    assert visitor.faults == ["Số người làm Sửa câu trả lời này cho phù hợp"]
    assert visitor.value("staff") == "501"


def test_numbers_are_read_the_vietnamese_way(app: Flask, visitor: Visitor) -> None:
    visitor.press(online="y", staff=" 3 ").press(channel="Zalo").press(share="12,5")
    assert answers(app)["share"] == 12.5
    assert visitor.press("back").value("share") == "12,5"


def test_answers_are_cleared_when_emptied_and_left_out_when_skipped(app: Flask, visitor: Visitor) -> None:
    visitor.press(online="y", staff="3").press(channel="Zalo").press(share="5").press("back").press(share="")
    assert answers(app)["share"] is None
    visitor.press("back").press("back").press(online="n")
    assert visitor.asked == ["remark"], "the share is skipped"
    visitor.press(remark="x").press()
    assert answers(app) == {"online": "n", "staff": 3, "remark": "x"}


def test_back_keeps_what_was_typed_even_if_the_page_is_not_done(app: Flask, visitor: Visitor) -> None:
    visitor.press(online="n", staff="2")
    visitor.press("back", remark="dở dang")
    assert visitor.asked == ["online", "staff"]
    assert answers(app)["remark"] == "dở dang"


def test_leave_and_come_back_by_code_or_link(app: Flask, visitor: Visitor) -> None:
    visitor.press(online="n", staff="2").press("pause", remark="nửa")
    (code,) = visitor.document.xpath("//@data-code")
    link = visitor.document.xpath("//main//a/@href")[0]
    other = Visitor(app.test_client()).open("/s/shop")
    other.submit(other.form("tiep-tuc"), {}, {"code": f" {code[:4].lower()}-{code[4:]} "})
    assert "/xem-lai" in other.address
    assert "nửa" in other.text
    assert "/xem-lai" in Visitor(app.test_client()).open(link).address


def test_a_wrong_code_is_told_beside_its_field(shop: Fielded, client: FlaskClient) -> None:
    visitor = Visitor(client).open("/s/shop")
    visitor.submit(visitor.form("tiep-tuc"), {}, {"code": "KHONGCO2"})
    assert "KHONGCO2" in visitor.text


def test_two_tabs_cannot_overwrite_each_other_and_nothing_typed_is_lost(app: Flask, visitor: Visitor) -> None:
    other = Visitor(visitor.client).open(visitor.address)
    visitor.press(online="n", staff="2")
    other.press(online="n", staff="7")
    assert "cửa sổ khác" in other.text
    assert other.value("staff") == "7"
    assert answers(app)["staff"] == 2
    assert other.open(other.address).value("staff") == "7", "a reload shows the same"
    assert other.press().asked == ["remark"], "pressing again is a decision"
    assert answers(app)["staff"] == 7


def test_the_answers_of_the_other_tab_may_be_taken_instead(app: Flask, visitor: Visitor) -> None:
    other = Visitor(visitor.client).open(visitor.address)
    visitor.press(online="n", staff="2")
    other.press(online="n", staff="7").press("discard")
    assert (other.value("staff"), other.asked) == ("2", ["online", "staff"])
    assert "cửa sổ khác" not in other.text
    assert answers(app)["staff"] == 2


def test_what_does_not_fit_is_kept_through_reload_language_and_pause(app: Flask, visitor: Visitor) -> None:
    visitor.press(online="n", staff="một trăm")
    page = visitor.address
    for _ in range(2):
        assert visitor.open(page).faults == ["Số người làm Nhập một số nguyên, ví dụ 12"]
        assert visitor.value("staff") == "một trăm"
    visitor.press("pause", staff="hai trăm")
    link = visitor.document.xpath("//main//a/@href")[0]
    assert Visitor(app.test_client()).open(link).value("staff") == "hai trăm"
    assert visitor.open(page).press(staff="2").asked == ["remark"]
    assert visitor.open(page).faults == []


def test_what_was_left_half_on_a_page_is_told_before_sending(app: Flask, visitor: Visitor) -> None:
    visitor.press(online="y", staff="2").press(channel="Chợ").press("back", share="12 phần")
    visitor.open(re.sub("/trang/.*", "/xem-lai", visitor.address)).press()
    assert visitor.asked == ["share"]
    assert visitor.value("share") == "12 phần"
    assert visitor.faults == ["Phần bán qua mạng, % Nhập một số, ví dụ 1,5"]
    visitor.press(share="12")
    assert visitor.asked == ["remark"]
    visitor.press().press()
    assert visitor.document.xpath("//@data-receipt")
    assert answers(app)["share"] == 12
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(UnsavedPage)) == 0


def test_a_second_tap_is_harmless(app: Flask, visitor: Visitor) -> None:
    twin = Visitor(visitor.client).open(visitor.address)
    assert visitor.press(online="n", staff="2").asked == ["remark"]
    assert twin.press(online="n", staff="2").asked == ["remark"]
    visitor.press(remark="a")
    twin = Visitor(visitor.client).open(visitor.address)
    visitor.press()
    twin.press()
    assert visitor.document.xpath("//@data-receipt") == twin.document.xpath("//@data-receipt") != []
    with app.app_context():
        submitted = select(func.count()).where(ResponseEvent.kind == "submitted")
        assert db.session.scalar(submitted) == 1


def test_review_leads_to_a_change_and_back(app: Flask, visitor: Visitor) -> None:
    visitor.press(online="n", staff="2").press(remark="")
    assert visitor.h1 == "Xem lại trước khi gửi"
    assert "Chưa trả lời" in visitor.text
    change = visitor.document.xpath("//main//a[contains(@href, '/trang/')]/@href")
    visitor.open(change[0]).press(online="y")
    assert visitor.asked == ["online", "staff", "channel"]
    visitor.press(channel="Chợ")
    assert visitor.asked == ["share"], "a page that the change opened"
    visitor.press(share="1")
    assert visitor.h1 == "Xem lại trước khi gửi"
    assert "Chợ" in visitor.text


def test_what_is_missing_is_told_with_links_before_sending(app: Flask, visitor: Visitor) -> None:
    review = re.sub("/trang/.*", "/xem-lai", visitor.address)
    visitor.open(review).press()
    assert len(visitor.faults) == 2
    with app.app_context():
        assert db.session.scalars(select(Response)).one().status == "draft"
    visitor.open(visitor.document.xpath("//*[@id='error-summary']//a/@href")[0].partition("#")[0])
    assert visitor.asked == ["online", "staff"]


def test_after_sending_no_page_shows_the_answers_again(visitor: Visitor) -> None:
    first = visitor.address
    visitor.press(online="n", staff="77").press(remark="kín").press()
    for address in (first, re.sub("/trang/.*", "/xem-lai", first), re.sub("/trang/.*", "", first)):
        visitor.open(address)
        assert visitor.document.xpath("//@data-receipt")
        assert "kín" not in visitor.text
    assert "no-store" in visitor.client.get(first).headers["Cache-Control"]


def test_a_page_that_outlived_its_session_keeps_what_was_typed(app: Flask, visitor: Visitor) -> None:
    visitor.client.delete_cookie("session")
    visitor.press(online="n", staff="2")
    assert visitor.status == 400
    assert "mở quá lâu" in visitor.text
    assert visitor.value("staff") == "2"
    assert answers(app) == {}
    assert visitor.press().asked == ["remark"]


@pytest.mark.parametrize(
    "path", ["/s/khong-co", "/k/khong-co", "/s/shop/00000000-0000-0000-0000-000000000000", "/s/shop/1"]
)
def test_wrong_addresses_are_not_found(shop: Fielded, client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_draft_belongs_to_its_survey(app: Flask, visitor: Visitor) -> None:
    field_survey(app)
    assert visitor.open(visitor.address.replace("/s/shop", "/s/ict-ho-gia-dinh")).status == 404


def test_hostile_text_is_shown_as_text(app: Flask, visitor: Visitor) -> None:
    hostile = "<script>alert(1)</script>' OR 1=1 -- =cmd()\u202e"
    visitor.press(online="n", staff="2").press(remark=hostile)
    assert hostile in visitor.document.xpath("string(//main)")
    assert not visitor.document.xpath("//main//script")
    visitor.open(visitor.document.xpath("//main//a[contains(@href, 'remark')]/@href")[0])
    assert visitor.value("remark") == hostile
    visitor.press(remark="a\x00b")
    assert answers(app)["remark"] == "ab", "what cannot be seen cannot be mended by hand"


def test_open_starts_are_limited_by_address(app: Flask, shop: Fielded, client: FlaskClient) -> None:
    allowed = app.config["KHAOSAT"].starts_per_hour
    token = Visitor(client).open("/s/shop").value("csrf_token")
    replies = [client.post("/s/shop", data={"csrf_token": token}).status_code for _ in range(allowed + 1)]
    assert replies == [303] * allowed + [429]
