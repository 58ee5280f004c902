"""Lists kept in files, on the web and on phones: cascades, languages, look-ups, and what is not in the list."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.extensions import db
from survey.intake.models import Response
from tests.collect.visitor import Visitor
from tests.factories import Fielded, field_survey
from tests.openrosa.device import Device, message

# 124 communes as in the province, each with its hamlets; one with more hamlets than a menu holds.
COMMUNES = [(str(28000 + n), f"Xã số {n}", f"Commune {n}") for n in range(123)] + [
    ("29512", "Xã Hòa Tịnh", "Hoa Tinh")
]
XA = "name,label,label::English (en),dan_so\n" + "".join(
    f"{code},{label},{english},{1000 + number}\n" for number, (code, label, english) in enumerate(COMMUNES)
)
AP = "name,label,xa\n" + "".join(
    f"{code}-{n},Ấp {n} của {code},{code}\n"
    for code, _, _ in COMMUNES
    for n in range(1, 300 if code == "29512" else 6)
)
FORM = """
| survey   |                                   |       |                        |                     |               |                                           |          |
|          | type                              | name  | label::Tiếng Việt (vi) | label::English (en) | choice_filter | calculation                               | required |
|          | select_one_from_file xa.csv       | xa    | Xã                     | Commune             |               |                                           | yes      |
|          | select_one_from_file ap.csv       | ap    | Ấp                     | Hamlet              | xa = ${xa}    |                                           | yes      |
|          | calculate                         | dan   |                        |                     |               | pulldata('xa', 'dan_so', 'name', ${xa})   |          |
|          | note                              | noi   | Xã có ${dan} dân       | ${dan} people       |               |                                           |          |
|          | select_multiple_from_file ap.csv  | den   | Các ấp đã đến          | Hamlets visited     | xa = ${xa}    |                                           |          |
| settings |                                   |       |                        |                     |               |                                           |          |
|          | form_id                           | version | default_language     |                     |               |                                           |          |
|          | noi-o                             | 1     | Tiếng Việt (vi)        |                     |               |                                           |          |
"""
ONE_PAGE = FORM.replace(
    "|          | select_one_from_file xa.csv ",
    "|          | begin_group | o | Nơi ở | Where | | | |\n|          | select_one_from_file xa.csv ",
    1,
).replace("| settings |  ", "|          | end_group | | | | | | |\n| settings |  ", 1)


def fielded(app: Flask, folder: Path, form: str = FORM) -> Fielded:
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "xa.csv").write_text(XA, encoding="utf-8")
    (folder / "media" / "ap.csv").write_text(AP, encoding="utf-8")
    return field_survey(app, form, folder=folder)


def answers(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return db.session.scalars(select(Response)).one().answers


def options(visitor: Visitor, name: str) -> list[str]:
    return visitor.document.xpath(f"//*[@name='{name}']//option[@value != '']/text()")


def test_a_commune_opens_its_hamlets_and_the_answers_are_kept(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    fielded(app, tmp_path)
    visitor = Visitor(client).open("/s/noi-o").press()
    assert len(options(visitor, "xa")) == 124
    visitor.press(xa="28005")
    assert visitor.document.xpath("//input[@name='ap']/@value") == [f"28005-{n}" for n in range(1, 6)]
    visitor.press(ap="28005-2")
    assert "Xã có 1005 dân" in visitor.text
    visitor.press().press(den=["28005-1", "28005-5"])
    assert visitor.h1 == "Xem lại trước khi gửi"
    assert "Xã số 5" in visitor.text and "Ấp 1 của 28005; Ấp 5 của 28005" in visitor.text
    assert visitor.press().document.xpath("//@data-receipt")
    assert answers(app) == {"xa": "28005", "ap": "28005-2", "dan": "1005", "den": ["28005-1", "28005-5"]}


def test_a_long_list_is_written_in_and_never_sent(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    fielded(app, tmp_path)
    visitor = Visitor(client).open("/s/noi-o").press().press(xa="29512")
    assert visitor.document.xpath("//input[@name='ap']/@type") == ["text"]
    assert "Có nhiều tên giống" in visitor.press(ap="ap 1").faults[0]
    visitor.press(ap="ap 17 cua 29512").press()
    assert visitor.document.xpath("//textarea[@name='den']")
    assert len(client.get(visitor.address).data) < 10_000
    wrong = visitor.press(den="Ấp 3 của 29512\nẤp nơi khác")
    assert "Không có “Ấp nơi khác” trong danh sách" in wrong.faults[0]
    assert visitor.value("den").split("\n") == ["Ấp 3 của 29512", "Ấp nơi khác"]
    visitor.press(den="ap 3 cua 29512\n\n  ấp 200 của 29512 ").press()
    kept = answers(app)
    assert (kept["ap"], kept["den"]) == ("29512-17", ["29512-3", "29512-200"])


def test_lists_speak_the_language_of_the_page(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    fielded(app, tmp_path)
    visitor = Visitor(client).open("/s/noi-o?lang=en").press()
    assert options(visitor, "xa")[-1] == "Hoa Tinh"
    assert "1123 people" in visitor.press(xa="29512").press(ap="ap 9 cua 29512").text


def test_on_one_page_the_second_list_waits_for_the_first_answer(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    fielded(app, tmp_path, ONE_PAGE)
    visitor = Visitor(client).open("/s/noi-o").press()
    assert "Danh sách hiện ra sau khi trả lời câu hỏi trước." in visitor.text
    assert (options(visitor, "ap"), options(visitor, "den")) == ([], [])
    visitor.press(xa="28005", ap="")
    assert visitor.faults == ["Ấp Chọn một câu trả lời"]
    assert visitor.press(ap="28005-1").h1 == "Xem lại trước khi gửi"


def test_changing_the_commune_asks_for_the_hamlet_again(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    fielded(app, tmp_path)
    visitor = Visitor(client).open("/s/noi-o").press()
    first = visitor.address
    visitor.press(xa="28005").press(ap="28005-1").press().press()
    visitor.open(first).press(xa="28006")
    assert visitor.document.xpath("//input[@name='ap']/@value") == [f"28006-{n}" for n in range(1, 6)]
    visitor.open(first.partition("/trang/")[0] + "/xem-lai").press()
    assert not visitor.document.xpath("//@data-receipt")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"xa": "99999", "ap": "28005-1"}, "xa: Chọn một câu trả lời trong danh sách"),
        ({"xa": "28006", "ap": "28005-1"}, "ap: Chọn một câu trả lời trong danh sách"),
        (
            {"xa": "28005", "ap": "28005-1", "den": ["28005-2", "28006-1"]},
            "den: Chọn một câu trả lời trong danh sách",
        ),
        ({"xa": "28005"}, "ap: Chọn một câu trả lời"),
    ],
)
def test_a_phone_that_sends_what_is_not_in_the_list_is_refused(
    app: Flask, client: FlaskClient, tmp_path: Path, sent: dict[str, Any], said: str
) -> None:
    device = Device(client, fielded(app, tmp_path))
    reply = device.send(device.record(sent))
    assert reply.status_code == 422
    assert said in message(reply)


def test_a_phone_that_looked_up_the_same_is_taken(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    device = Device(client, fielded(app, tmp_path))
    assert device.send(device.record({"xa": "28005", "ap": "28005-1"})).status_code == 201
    assert answers(app) == {"xa": "28005", "ap": "28005-1", "dan": "1005"}


@pytest.mark.parametrize("typed", ["", "<script>", "28005-1", "\x00", "x" * 100_000])
def test_a_tampered_choice_is_told_and_not_kept(
    app: Flask, client: FlaskClient, tmp_path: Path, typed: str
) -> None:
    fielded(app, tmp_path)
    visitor = Visitor(client).open("/s/noi-o").press().press(xa="28006").press(ap=typed)
    assert visitor.faults and visitor.status == 200
    assert not answers(app).get("ap")
