"""The page of a version: what it asks, what it changes, how it ends."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.accounts.models import AuditEvent, Role
from survey.extensions import db
from survey.rounds.models import InstrumentVersion, Purpose, Round, Survey
from survey.rounds.service import ensure_round
from tests.authoring.forms import HOUSEHOLD, brought_in
from tests.collect.visitor import Visitor
from tests.factories import HOUSEHOLD as ICT
from tests.factories import field_survey
from tests.page import page
from tests.staff import read, send, signed_in, words

SECOND = (
    HOUSEHOLD.replace("| ho-net | 1 ", "| ho-net | 2 ")
    .replace("text            | why ", "integer         | why ")
    .replace("Số người trong hộ ", "Hộ có mấy người? ")
    .replace("kind            | mobile | Di động ", "kind            | cable  | Cáp đồng ")
    .replace("| age    | Tuổi ", "| years  | Số tuổi ")
)


@pytest.fixture
def quan(app: Flask) -> FlaskClient:
    """A manager's browser."""
    return signed_in(app, "quan", Role.MANAGER)


def cells(document, caption: str) -> list[list[str]]:  # type: ignore[no-untyped-def]
    """The rows of the table with this caption or label."""
    table = document.xpath(f"//table[caption = '{caption}']") or document.xpath(
        f"//*[@aria-label = '{caption}']//table"
    )
    return [[words(cell) for cell in row.xpath("th|td")] for row in table[0].xpath(".//tbody/tr")]


def test_the_survey_leads_to_its_versions(app: Flask, quan: FlaskClient, tmp_path: Path) -> None:
    (version,) = brought_in(app, tmp_path, HOUSEHOLD)
    assert read(quan, "/manage/ho-net").xpath(f"//a[@href='{version}']")
    assert "Hộ và Internet" in words(read(quan, version))


def test_nobody_else_sees_a_version(app: Flask, tmp_path: Path) -> None:
    (version,) = brought_in(app, tmp_path, HOUSEHOLD)
    assert app.test_client().get(version).status_code == 302
    assert signed_in(app, "thu", Role.ENUMERATOR).get(version).status_code == 403


def test_an_address_of_no_version_is_not_found(app: Flask, quan: FlaskClient, tmp_path: Path) -> None:
    (version,) = brought_in(app, tmp_path, HOUSEHOLD)
    wrong = version.replace("/ho-net/", "/other/")
    for asked in (wrong, "/manage/ho-net/phien-ban/99999999", "/manage/ho-net/phien-ban/" + "9" * 30):
        assert quan.get(asked).status_code == 404


def test_questions_stand_in_order_with_type_relevance_and_constraint(
    app: Flask, quan: FlaskClient, tmp_path: Path
) -> None:
    document = read(quan, brought_in(app, tmp_path, HOUSEHOLD)[0])
    size, net = cells(document, "Câu hỏi, trang 1")
    assert size[0] == "Số người trong hộsize, dòng 3"
    assert size[1:3] == ["Số nguyên", "luôn hỏi"]
    assert "câu trả lời này từ 1 trở lên" in size[3] and ". >= 1 and . < 9" in size[3]
    assert "Nếu sai: Nhập từ 1 đến 8." in size[3]
    assert "Chọn một" in net[1] and "2 lựa chọn" in net[1]
    (kind,) = cells(document, "Câu hỏi, trang 2")
    assert kind[2] == "“Nhà có Internet?” = “Có”${net} = 'yes'"


def test_the_first_version_says_that_it_is(app: Flask, quan: FlaskClient, tmp_path: Path) -> None:
    assert "phiên bản đầu tiên" in words(read(quan, brought_in(app, tmp_path, HOUSEHOLD)[0]))


def test_what_a_version_changes_is_told_with_what_it_means_for_data(
    app: Flask, quan: FlaskClient, tmp_path: Path
) -> None:
    first, second = brought_in(app, tmp_path, HOUSEHOLD, SECOND)
    document = read(quan, second)
    assert document.xpath(f"//a[@href='{first}']")
    new_and_gone = {row[0]: row[2] for row in cells(document, "Biến mới và biến bị bỏ")}
    assert new_and_gone == {"years": "Mới", "age": "Bị bỏ"}
    changed = {row[0]: row[1:] for row in cells(document, "Cách hỏi thay đổi")}
    assert changed["whyLoại câu hỏi"][:2] == ["text", "integer"]
    assert changed["whyLoại câu hỏi"][2].startswith("Đứt chuỗi")
    assert changed["kindLựa chọn bị bỏ"][:2] == ["mobile", "(trống)"]
    assert changed["kindLựa chọn mới"][:2] == ["(trống)", "cable"]
    wording = {row[0]: row[1:3] for row in cells(document, "Lời thay đổi")}
    assert wording["sizeNhãn, Tiếng Việt"] == ["Số người trong hộ", "Hộ có mấy người?"]


def test_a_version_that_changes_nothing_that_counts_says_so(
    app: Flask, quan: FlaskClient, tmp_path: Path
) -> None:
    same = HOUSEHOLD.replace("| ho-net | 1 ", "| ho-net | 2 ")
    assert "Không có biến, điều kiện hay lời hỏi nào khác" in words(
        read(quan, brought_in(app, tmp_path, HOUSEHOLD, same)[1])
    )


def test_translations_and_the_flow_are_on_the_page(app: Flask, quan: FlaskClient, tmp_path: Path) -> None:
    document = read(quan, brought_in(app, tmp_path, HOUSEHOLD)[0])
    english = next(row for row in cells(document, "Bản dịch theo ngôn ngữ") if row[0].startswith("English"))
    assert "Chưa có người rà soát" in english[0] and "75,0 %" in english[2]
    assert cells(document, "Các ô còn thiếu, English")[1] == ["survey 4", "net", "Nhãn", "Nhà có Internet?"]
    (picture,) = document.xpath("//*[name() = 'svg'][@role = 'img']")
    assert "Lặp lại: Thành viên" in words(picture)
    listed = words(document.xpath("//details[@class = 'flow-list']")[0])
    assert "Nếu “Nhà có Internet?” = “Có”:" in listed and "Lặp lại “Thành viên”" in listed


def test_hostile_labels_are_shown_as_text(app: Flask, quan: FlaskClient, tmp_path: Path) -> None:
    hostile = HOUSEHOLD.replace("Số người trong hộ ", "<script>alert(1)</script><b>x</b> ").replace(
        "Hộ gia đình ", "</svg><img src=x> "
    )
    (version,) = brought_in(app, tmp_path, hostile)
    document = read(quan, version)
    assert not document.xpath("//script | //main//b | //main//img")
    assert "<script>alert(1)</script>" in words(document)
    send(quan, f"{version}/xem-thu")
    (address,) = set(read(quan, f"{version}/xem-thu").xpath("//iframe/@src"))
    assert (
        not Visitor(app.test_client())
        .open(address)
        .press()
        .document.xpath("//main//script[not(@src)] | //main//b")
    )


def test_a_round_is_made_with_the_version_chosen(app: Flask, quan: FlaskClient, tmp_path: Path) -> None:
    first, _ = brought_in(app, tmp_path, HOUSEHOLD, SECOND)
    (link,) = read(quan, first).xpath("//a[contains(@href, '#new-round')]/@href")
    chosen = read(quan, link.partition("#")[0]).xpath(
        "string(//select[@name='version']/option[@selected]/@value)"
    )
    assert chosen == first.rpartition("/")[2]


def test_an_unused_version_is_deleted_after_a_question(app: Flask, quan: FlaskClient, tmp_path: Path) -> None:
    first, second = brought_in(app, tmp_path, HOUSEHOLD, SECOND)
    send(quan, f"{second}/xem-thu")
    (address,) = set(read(quan, f"{second}/xem-thu").xpath("//iframe/@src"))
    Visitor(app.test_client()).open(address).press()
    assert "Không lấy lại được" in words(read(quan, f"{second}/xoa"))
    answer = send(quan, f"{second}/xoa")
    assert (answer.status_code, answer.location) == (303, "/manage/ho-net")
    assert "Đã xóa phiên bản 2" in words(read(quan, answer.location))
    assert quan.get(second).status_code == 404
    assert quan.get(first).status_code == 200
    with app.app_context():
        assert db.session.query(Round).count() == 0
        assert "questionnaire.remove" in set(db.session.scalars(select(AuditEvent.action)))


def test_a_survey_goes_with_its_last_version(app: Flask, quan: FlaskClient, tmp_path: Path) -> None:
    (version,) = brought_in(app, tmp_path, HOUSEHOLD)
    assert send(quan, f"{version}/xoa").location == "/manage/"
    assert "Chưa có phiếu hỏi nào" in words(read(quan, "/manage/"))
    with app.app_context():
        assert db.session.query(Survey).count() == 0


@pytest.mark.parametrize("answered", [False, True])
def test_a_used_version_is_frozen_and_says_so(
    app: Flask, quan: FlaskClient, client: FlaskClient, tmp_path: Path, answered: bool
) -> None:
    (version,) = brought_in(app, tmp_path, HOUSEHOLD)
    with app.app_context():
        used = db.session.scalars(select(InstrumentVersion)).one()
        round_ = ensure_round(used, "2026", purpose=Purpose.TEST, time_period="2026")
        if answered:
            round_.status = "open"
        db.session.commit()
    if answered:
        Visitor(client).open("/s/ho-net").press()
    document = read(quan, version)
    assert "Đã dùng, giữ nguyên" in words(document)
    assert document.xpath("//dd//a[@href='/manage/ho-net/2026']")
    assert not document.xpath(f"//a[@href='{version}/xoa']")
    asked = read(quan, f"{version}/xoa")
    assert "không xóa được" in words(asked) and not asked.xpath("//button[@class='danger']")
    refused = quan.post(f"{version}/xoa", data={"csrf_token": csrf(quan)})
    assert refused.status_code == 409
    assert "được giữ nguyên" in words(page(refused.text))
    assert quan.get(version).status_code == 200


def csrf(browser: FlaskClient) -> str:
    return str(read(browser, "/manage/upload").xpath("string(//input[@name='csrf_token']/@value)"))


def test_a_questionnaire_of_the_library_is_shown_whole(app: Flask, quan: FlaskClient) -> None:
    field_survey(app, ICT)
    with app.app_context():
        number = db.session.scalars(select(InstrumentVersion.id)).one()
    document = read(quan, f"/manage/ict-ho-gia-dinh/phien-ban/{number}")
    assert len(document.xpath("//table[contains(@class, 'questions')]")) >= 21
    assert "${consent} = 'yes'" in words(document)
