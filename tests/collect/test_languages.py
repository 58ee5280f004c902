"""Any page in any of its languages: what was typed stays, and every word is marked with the language it is in."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.collect.words import ENGLISH, VIETNAMESE
from survey.extensions import db
from survey.intake.models import Response
from survey.rounds.service import close_round, find_round
from tests.collect.visitor import Visitor
from tests.factories import field_survey

VIETNAMESE_LETTERS = re.compile(
    "[ăâđêôơưáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ]", re.IGNORECASE
)
KHMER_LETTERS = re.compile("[\u1780-\u17ff]")
FORM = """
| survey   |                   |         |                      |              |           |          |          |
|          | type              | name    | label::vi            | label::en    | label::km | hint::vi | required |
|          | begin_group       | shop    | Cửa hàng             | Shop         |           |          |          |
|          | select_one yes_no | online  | Bán qua mạng?        | Sell online? | លក់តាមអ៊ីនធឺណិត? | Kể cả Zalo | yes |
|          | integer           | staff   | Số người làm         | Staff        |           |          | yes      |
|          | decimal           | area    | Diện tích            | Area         |           |          |          |
|          | select_one part   | part    | Vùng                 | Part         |           |          |          |
|          | end_group         |         |                      |              |           |          |          |
|          | begin_repeat      | member  | Người trong hộ       | Member       |           |          |          |
|          | text              | name    | Tên của người đó     | Name         |           |          | yes      |
|          | end_repeat        |         |                      |              |           |          |          |
| choices  |                   |         |                      |              |           |          |          |
|          | list_name         | name    | label::vi            | label::en    | label::km |          |          |
|          | yes_no            | yes     | Có                   | Yes          | បាទ/ចាស   |          |          |
|          | yes_no            | no      | Không                | No           | ទេ        |          |          |
|          | part              | n       | Phía Bắc             | North        |           |          |          |
|          | part              | s       | Phía Nam             | South        |           |          |          |
| settings |                   |         |                      |              |           |          |          |
|          | form_title        | form_id | version              | default_language |       |          |          |
|          | Cửa hàng ở xã     | shop    | 1                    | vi           |           |          |          |
"""
NAMES = re.compile("Vĩnh Long|đồng")


@pytest.fixture
def start(app: Flask, client: FlaskClient, tmp_path: Path) -> Visitor:
    """A visitor on the start page."""
    field_survey(app, FORM, folder=tmp_path)
    return Visitor(client).open("/s/shop")


def answers(app: Flask) -> dict[str, object]:
    with app.app_context():
        return dict(db.session.scalars(select(Response)).one().answers)


def assert_speaks(visitor: Visitor, lang: str) -> None:
    """The page says its language, and each of its texts in another language says that one."""
    assert visitor.document.get("lang") == lang
    for text in visitor.document.xpath("//body//text()[not(ancestor::*[@class='brand'])]"):
        around = text.getparent().getparent() if text.is_tail else text.getparent()
        said = around.xpath("ancestor-or-self::*[@lang]/@lang")[-1]
        if VIETNAMESE_LETTERS.search(NAMES.sub("", text)):
            assert said == "vi", f"{text!r} is said to be {said}"
        if KHMER_LETTERS.search(text):
            assert said == "km", f"{text!r} is said to be {said}"


def switch(visitor: Visitor, lang: str, **typed: object) -> Visitor:
    """Choose a language where the page offers it: a link, or a button that sends what was typed along."""
    nav = "//nav[contains(@class, 'languages')]"
    link = visitor.document.xpath(f"{nav}//a[@lang='{lang}']/@href")
    if link:
        path = visitor.address.partition("?")[0]
        return visitor.open(path + link[0])
    (button,) = visitor.document.xpath(f"{nav}//button[@lang='{lang}']")
    form = visitor.document.get_element_by_id(button.get("form"))
    return visitor.submit(form, {button.get("name"): button.get("value")}, dict(typed))


def goes_round(visitor: Visitor, **typed: object) -> None:
    """From Vietnamese to the others and back, with each page in its language."""
    for lang in ("en", "km", "vi"):
        switch(visitor, lang, **typed)
        typed = {}
        assert_speaks(visitor, lang)
        offered = visitor.document.xpath("//nav[contains(@class, 'languages')]/*/@lang")
        assert offered == ["vi", "en", "km"]


def test_english_is_complete() -> None:
    assert ENGLISH.keys() == VIETNAMESE.keys()
    for key, words in VIETNAMESE.items():
        assert set(re.findall(r"{\w+}", words)) == set(re.findall(r"{\w+}", ENGLISH[key])), key
        assert not VIETNAMESE_LETTERS.search(NAMES.sub("", ENGLISH[key])), key


def test_the_start_page_keeps_the_code_that_was_typed(start: Visitor) -> None:
    goes_round(start, code="K7QM")
    assert start.form("tiep-tuc").fields["code"] == "K7QM"
    switch(start, "en", code="K7QM-2X")
    assert start.form("tiep-tuc").fields["code"] == "K7QM-2X"


def test_a_page_keeps_what_was_typed_even_where_it_does_not_fit(app: Flask, start: Visitor) -> None:
    page = start.press()
    typed = {"online": "yes", "staff": "hai mươi", "area": "1,5", "part": "s"}
    goes_round(page, **typed)
    assert {name: page.value(name) for name in typed} == typed
    assert page.faults == [], "who changes the language did not say to be done"
    switch(page.press(), "km")
    assert_speaks(page, "km")
    assert len(page.faults) == 1
    assert page.value("staff") == "hai mươi"


def test_lists_review_and_pause(app: Flask, start: Visitor) -> None:
    start.press().press(online="yes", staff="1500", part="s")
    assert "/danh-sach/" in start.address
    goes_round(start)
    start.press("add").press(name="Lan")
    goes_round(start)
    assert "Lan" in start.text
    goes_round(start.press())
    assert "/xem-lai" in start.address
    assert "1500" in start.text or "1.500" in start.text
    kept = answers(app)
    review = start.address
    goes_round(start.open(re.sub("/xem-lai.*", "/tam-dung", review)))
    assert answers(app) == kept
    start.open(review).press()
    assert "/cam-on" in start.address
    receipt = start.document.xpath("//@data-receipt")
    goes_round(start)
    assert start.document.xpath("//@data-receipt") == receipt
    assert answers(app).items() >= {"online": "yes", "staff": 1500, "part": "s"}.items()


def test_a_change_of_language_elsewhere_is_no_change_of_the_answers(app: Flask, start: Visitor) -> None:
    page = start.press()
    other = Visitor(app.test_client()).open(page.address)
    switch(other.open(re.sub("/trang/.*", "/tam-dung", page.address)), "en")
    page.press(online="yes", staff="3")
    assert "/danh-sach/" in page.address, "no conflict of two windows"
    assert answers(app)["staff"] == 3


def test_a_notice_stays_through_a_change_of_language(start: Visitor) -> None:
    start.press().press(online="yes", staff="3").press().press()
    switch(start.open(f"{start.address.partition('?')[0]}?khac=1"), "en")
    assert "sent from another window" in start.text


def test_messages(app: Flask, start: Visitor) -> None:
    page = start.press().address
    with app.app_context():
        close_round(find_round("shop", "r1"))
        db.session.commit()
    goes_round(start.open(page))
    start.open("/s/shop")
    assert "English" in start.document.xpath("string(//nav[contains(@class, 'languages')])")
    switch(start, "en")
    assert start.h1 == "This survey takes no answers now"


def test_an_invitation_answered_or_declined(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    first, second = field_survey(app, FORM, folder=tmp_path, units=2).cases.values()
    visitor = Visitor(client).open(f"/k/{first}")
    goes_round(visitor)
    visitor.submit(visitor.form("tu-choi"), {}, {})
    goes_round(visitor)
    visitor.open(f"/k/{second}").press().press(online="yes", staff="3").press().press()
    goes_round(visitor.open(f"/k/{second}"))
