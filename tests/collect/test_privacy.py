"""The privacy notice, for all surveys and for one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.extensions import db
from survey.rounds.models import Purpose, Round
from survey.rounds.service import close_round
from tests.collect.consenting import CONSENTING, DESIGN
from tests.collect.visitor import Visitor
from tests.factories import Fielded, field_survey

OWN = {
    "about": {"asked_by": {"vi": "Thống kê tỉnh", "en": "Provincial statistics"}},
    "privacy": {"contact": {"vi": "Số 1 đường Hoa Phượng"}, "retention": {"vi": "Giữ 5 năm."}},
}


@pytest.fixture
def garden(app: Flask, tmp_path: Path) -> Fielded:
    return field_survey(app, CONSENTING, folder=tmp_path, units=1, design=DESIGN | OWN)


def facts(visitor: Visitor) -> dict[str, str]:
    """What the notice says, by heading."""
    pairs = visitor.document.xpath("//main//dl/div")
    return {
        pair.findtext("dt", "").strip(): " ".join(pair.find("dd").text_content().split()) for pair in pairs
    }


def test_what_a_survey_says_of_itself_comes_before_what_holds_for_all(
    garden: Fielded, client: FlaskClient
) -> None:
    told = facts(Visitor(client).open("/quyen-rieng-tu/garden"))
    assert told["Ai hỏi"] == "Thống kê tỉnh"
    assert told["Liên hệ"] == "Số 1 đường Hoa Phượng"
    assert told["Giữ bao lâu"] == "Giữ 5 năm."
    assert "89/2015/QH13" in told["Căn cứ pháp luật"]
    assert "được ký công bố" in told["Rút lại câu trả lời"]
    assert told["Đợt khảo sát"].startswith("Nhận câu trả lời từ ")


def test_the_dates_are_those_of_the_round(app: Flask, garden: Fielded, client: FlaskClient) -> None:
    with app.app_context():
        round_ = db.session.get_one(Round, garden.round_id)
        round_.opened_at, round_.deidentify_at = (
            datetime(2026, 9, 1, tzinfo=UTC),
            datetime(2036, 11, 30, 17, tzinfo=UTC),
        )
        round_.decision_number = "12/QĐ-TKT"
        close_round(round_)
        round_.closed_at = datetime(2026, 10, 31, tzinfo=UTC)
        db.session.commit()
    told = facts(Visitor(client).open("/quyen-rieng-tu/garden"))
    assert told["Đợt khảo sát"] == "Nhận câu trả lời từ 01/09/2026 đến 31/10/2026"
    assert told["Rút lại câu trả lời"] == "Rút lại được đến hết ngày 30/11/2036, bằng mã biên nhận."
    assert told["Căn cứ pháp luật"].endswith("Quyết định số 12/QĐ-TKT.")
    told = facts(Visitor(client).open("/quyen-rieng-tu/garden?lang=en"))
    assert told["Round"] == "Took answers from 1 September 2026 to 31 October 2026"


def test_what_is_past_is_told(app: Flask, garden: Fielded, client: FlaskClient) -> None:
    with app.app_context():
        db.session.get_one(Round, garden.round_id).deidentify_at = datetime(2026, 1, 2, tzinfo=UTC)
        db.session.commit()
    told = facts(Visitor(client).open("/quyen-rieng-tu/garden"))["Rút lại câu trả lời"]
    assert told.startswith("Câu trả lời gửi trước 02/01/2026 07:00 đã được khử định danh")


def test_it_is_a_tap_away_from_every_page(garden: Fielded, client: FlaskClient) -> None:
    (token,) = garden.cases.values()
    visitor = Visitor(client).open(f"/k/{token}")
    pages = [visitor.document, visitor.press().document, visitor.press(consent="yes").document]
    pages += [visitor.press(garden="mít").press().document, visitor.press().document]
    assert "data-receipt" in str(visitor.document.xpath("//*[@data-receipt]")[0].attrib)
    for page in pages:
        assert page.xpath("//footer//a[starts-with(@href, '/quyen-rieng-tu/garden')]")
        assert page.xpath("//footer//a[starts-with(@href, '/rut-lai')]")


def test_the_general_notice_lists_the_surveys_that_ask(
    app: Flask, garden: Fielded, client: FlaskClient
) -> None:
    visitor = Visitor(client).open("/quyen-rieng-tu")
    assert visitor.document.xpath("//main//a[contains(@href, '/quyen-rieng-tu/garden')]")
    with app.app_context():
        close_round(db.session.get_one(Round, garden.round_id))
        db.session.commit()
    assert "không có khảo sát nào" in visitor.open("/quyen-rieng-tu").text
    assert visitor.open("/quyen-rieng-tu?lang=en").document.get("lang") == "en"
    assert visitor.open("/quyen-rieng-tu?lang=<b>").document.get("lang") == "vi"


def test_nobody_was_asked_in_real_surveys_of_others(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    field_survey(app, CONSENTING, folder=tmp_path, purpose=Purpose.VERIFICATION)
    assert client.get("/quyen-rieng-tu/garden").status_code == 404
    assert client.get("/quyen-rieng-tu/khong-co").status_code == 404
