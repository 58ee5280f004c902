"""Every question type as a field: what is shown, what is typed, what is kept."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.collect.texts import marked
from survey.extensions import db
from survey.intake.models import Attachment, Response
from tests.collect.visitor import Visitor
from tests.factories import field_survey

PICTURE = b"\xff\xd8\xff\xe0 picture"
CHOICES = """
| choices |           |      |       |
|         | list_name | name | label |
|         | fruit     | sr   | Sầu riêng |
|         | fruit     | bo   | Bưởi  |
|         | fruit     | du   | Dừa   |
| settings |          |         |    |
|         | form_id   | version |    |
|         | types     | 1       |    |
"""


def ask(app: Flask, client: FlaskClient, folder: Path, row: str, choices: str = CHOICES) -> Visitor:
    """A visitor at the one question of a form."""
    form = f"""
| survey |      |      |       |            |            |
|        | type | name | label | appearance | parameters |
|        | {row}
{choices}"""
    field_survey(app, form, folder=folder)
    return Visitor(client).open("/s/types").press()


def kept(app: Flask) -> Any:
    """The stored answer."""
    with app.app_context():
        return db.session.scalars(select(Response)).one().answers.get("q")


@pytest.mark.parametrize(
    ("row", "typed", "stored", "shown"),
    [
        ("integer | q | Thu nhập | | |", "1.000.000", 1_000_000, "1000000"),
        ("integer | q | Số người | | |", " 12 ", 12, "12"),
        ("decimal | q | Diện tích | | |", "1.234,5", 1234.5, "1234,5"),
        ("decimal | q | Diện tích | | |", "1,1250", 1.125, "1,1250"),
        ("integer | q | Thu nhập | money | |", "2 triệu", 2_000_000, "2.000.000"),
        ("decimal | q | Doanh thu | money-million | |", "1,5 tỷ", 1500.0, "1.500"),
        ("integer | q | Số cây | thousands-sep | |", "12000", 12_000, "12.000"),
        ("text | q | Ý kiến | | |", "  Đồng ý  ", "Đồng ý", "Đồng ý"),
        ("text | q | Ý kiến | multiline | |", "a\r\nb", "a\nb", "a\nb"),
        ("date | q | Ngày | | |", "5/3/2026", "2026-03-05", "05/03/2026"),
        ("date | q | Ngày | | |", "25 tháng 12 năm 2026", "2026-12-25", "25/12/2026"),
        ("date | q | Tháng | month-year | |", "3/2026", "2026-03-01", "03/2026"),
        ("date | q | Năm | year | |", "1984", "1984-01-01", "1984"),
        ("time | q | Giờ | | |", "7h30", "07:30:00", "07:30"),
        ("dateTime | q | Lúc | | |", "5/3/2026 7:30", "2026-03-05T07:30:00", "05/03/2026 07:30"),
        ("geopoint | q | Nhà | | |", "10.25, 105.97", "10.25 105.97 0 0", "10.25 105.97 0 0"),
        ("barcode | q | Mã vạch | | |", "8934", "8934", "8934"),
        ("select_one fruit | q | Trái | | |", "bo", "bo", "bo"),
        ("select_one fruit | q | Trái | minimal | |", "bo", "bo", "bo"),
        ("select_multiple fruit | q | Trái | | |", ["du", "sr"], ["sr", "du"], ["sr", "du"]),
        ("range | q | Hài lòng | | start=1 end=5 step=1 |", "4", 4, "4"),
        ("range | q | Phần trăm | | start=0 end=100 step=1 |", "55", 55, "55"),
        ("acknowledge | q | Đã đọc | | |", "y", "OK", "y"),
        ("rank fruit | q | Thứ tự | | |", ["2", "1", "3"], ["bo", "sr", "du"], None),
    ],
)
def test_an_entry_is_kept_as_its_value_and_shown_again(
    app: Flask, client: FlaskClient, tmp_path: Path, row: str, typed: Any, stored: Any, shown: Any
) -> None:
    visitor = ask(app, client, tmp_path, row)
    page = visitor.address
    visitor.press(q=typed)
    assert (visitor.h1, visitor.faults) == ("Xem lại trước khi gửi", [])
    assert kept(app) == stored
    visitor.open(page)
    if shown is None:
        assert visitor.document.xpath("//input[@name='q']/@value") == typed
    else:
        value = visitor.value("q")
        assert (list(value) if isinstance(shown, list) else value) == shown
    assert visitor.press(q=typed).press().document.xpath("//@data-receipt")


@pytest.mark.parametrize(
    ("row", "typed", "says"),
    [
        ("integer | q | Số người | | |", "3,5", "số nguyên"),
        ("decimal | q | Diện tích | | |", "nhiều", "số"),
        ("date | q | Ngày | | |", "31/2/2026", "25/12/2026"),
        ("date | q | Ngày | | |", "03/25/2026", "Có phải 25/03/2026?"),
        ("decimal | q | Diện tích | | |", "1.500", "1500 hay 1,5?"),
        ("integer | q | Thu nhập | money | |", "1tr", "1 triệu"),
        ("select_one fruit | q | Trái | | |", "x", "danh sách"),
        ("select_multiple fruit | q | Trái | | |", ["x"], "danh sách"),
        ("geopoint | q | Nhà | | |", "95 400", "vĩ độ"),
        ("range | q | Phần trăm | | start=0 end=100 step=1 |", "101", "0 đến 100"),
        ("rank fruit | q | Thứ tự | | |", ["1", "1", "3"], "từ 1 đến 3"),
    ],
)
def test_an_entry_that_does_not_fit_is_told_what_to_do(
    app: Flask, client: FlaskClient, tmp_path: Path, row: str, typed: Any, says: str
) -> None:
    visitor = ask(app, client, tmp_path, row).press(q=typed)
    assert says in visitor.faults[0]
    assert kept(app) is None


def test_a_photo_is_kept_with_its_answer(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    visitor = ask(app, client, tmp_path, "image | q | Ảnh nhà | | |")
    form = visitor.form()
    assert form.get("enctype") == "multipart/form-data"
    visitor.submit(form, {}, {"q": (BytesIO(PICTURE), "nhà tôi.JPG", "text/html")})
    assert visitor.h1 == "Xem lại trước khi gửi"
    with app.app_context():
        attachment = db.session.scalars(select(Attachment)).one()
        assert (attachment.content, attachment.media_type) == (PICTURE, "image/jpeg")
        assert attachment.file_name == kept(app)
        assert attachment.file_name.startswith("q-")
        assert attachment.file_name.endswith(".jpg")


def test_a_long_list_is_searched_by_name_without_accents(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    rows = "".join(f"| | commune | c{n} | Xã số {n} |\n" for n in range(300))
    choices = "| choices | | | |\n| | list_name | name | label |\n" + rows
    choices += (
        "| | commune | ht | Xã Hòa Tịnh |\n| settings | | | |\n| | form_id | version | |\n| | types | 1 | |\n"
    )
    visitor = ask(app, client, tmp_path, "select_one commune | q | Xã | | |", choices)
    assert len(visitor.document.xpath("//option")) == 0
    assert "Có nhiều tên giống" in visitor.press(q="so 29").faults[0]
    assert "Xem lại chính tả" in visitor.press(q="Paris").faults[0]
    visitor.press(q="hoa tinh")
    assert "Xã Hòa Tịnh" in visitor.text
    assert kept(app) == "ht"


def test_a_page_of_one_question_has_it_as_its_heading(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    visitor = ask(app, client, tmp_path, "integer | q | Bao nhiêu **người**? | | |")
    assert visitor.document.xpath("string(//h1//strong)") == "người"


def test_labels_carry_emphasis_and_links_and_nothing_else() -> None:
    assert marked("**Đậm** và *nghiêng*\n[đây](https://x.vn)") == (
        '<strong>Đậm</strong> và <em>nghiêng</em><br><a href="https://x.vn" rel="noopener">đây</a>'
    )
    assert marked("<b>x</b> [y](javascript:z)") == "&lt;b&gt;x&lt;/b&gt; [y](javascript:z)"
    assert marked('<span style="color:red">3 * 4 * 5</span> a_b_c') == "3 * 4 * 5 a_b_c"


@pytest.mark.parametrize(
    ("row", "typed", "lang", "reads"),
    [
        ("integer | q | Thu nhập | money | |", "1000000", "vi", "1.000.000\xa0đồng"),
        ("integer | q | Thu nhập | money | |", "1000000", "en", "1,000,000\xa0đồng"),
        ("decimal | q | Doanh thu | money-million | |", "1500,5", "vi", "1.500,5\xa0triệu đồng"),
        ("decimal | q | Diện tích | | |", "12345,6", "vi", "12.345,6"),
        ("integer | q | Số người | | |", "12000", "vi", "12.000"),
        ("integer | q | Sinh năm | | |", "1984", "vi", "1984"),
    ],
)
def test_a_number_is_read_back_as_people_write_it(
    app: Flask, client: FlaskClient, tmp_path: Path, row: str, typed: str, lang: str, reads: str
) -> None:
    form = f"""
| survey |      |      |           |            |            |           |
|        | type | name | label::vi | appearance | parameters | label::en |
|        | {row} Question |
| settings |       |         |           |            |            |           |
|          | form_id | version |         |            |            |           |
|          | types   | 1       |         |            |            |           |
"""
    field_survey(app, form, folder=tmp_path)
    visitor = Visitor(client).open(f"/s/types?lang={lang}").press()
    page = visitor.address
    visitor.press(q=typed)
    assert visitor.document.xpath("string(//dd)") == reads, "on the review"
    hint = visitor.open(page).document.xpath("string(//*[@id='q-q-hint'])")
    assert hint == f"{'Đã lưu' if lang == 'vi' else 'Saved'}: {reads}", "and where it can be changed"
