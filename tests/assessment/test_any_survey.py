"""Any survey with an assessment.yaml is a self-assessment: a new file, no new code."""

from pathlib import Path

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient

from survey.assessment.radar import Axis, Radar, Shape, draw, wrapped
from survey.commands.questionnaires import check_plans
from survey.instrument import markdown_sheets, read_xlsform
from survey.instrument.workbook import csv_files
from survey.rounds.service import read_plans
from tests.collect.visitor import Visitor
from tests.factories import field_survey

FORM = """
| survey   |                   |           |                       |          |
|          | type              | name      | label                 | required |
|          | begin_group       | first     | Đầu                   |          |
|          | select_one degree | water     | Nước <b>sạch</b>      | yes      |
|          | select_one degree | power     | Điện                  | yes      |
|          | select_one yes_no | road      | Đường                 | yes      |
|          | end_group         | first     |                       |          |
| choices  |                   |           |                       |          |
|          | list_name         | name      | label                 |          |
|          | degree            | 0         | Không                 |          |
|          | degree            | 2         | Có                    |          |
|          | degree            | na        | Không áp dụng         |          |
|          | yes_no            | no        | Không                 |          |
|          | yes_no            | yes       | Có                    |          |
| settings |                   |           |                       |          |
|          | form_title        | form_id   | version               |          |
|          | Trường học        | truong    | 1                     |          |
"""
PLAN = {
    "title": {"vi": "Tự đánh giá trường học <i>"},
    "levels": [{"vi": "Thấp"}, {"vi": "Cao"}],
    "thresholds": [50],
    "overall": [{"above": 2, "pillars": 2}],
    "peers": {"minimum": 5, "groups": [["road"], []]},
    "pillars": [
        {"code": "w", "label": {"vi": "Nước"}, "criteria": [{"variable": "water", "not_applicable": ["na"]}]},
        {"code": "p", "label": {"vi": "Điện"}, "criteria": [{"variable": "power", "weight": 0.5, "not_applicable": ["na"]}]},
        {"code": "r", "label": {"vi": "Đường"}, "criteria": [{"variable": "road", "scores": {"no": 0, "yes": 3}}],
         "advice": {0: {"vi": "Sửa đường.", "source": {"vi": "Sở Xây dựng"}}}},
    ],
}  # fmt: skip


@pytest.fixture
def school(app: Flask, tmp_path: Path) -> Path:
    """A survey of one folder: its sheets and its assessment.yaml."""
    folder = tmp_path / "truong"
    folder.mkdir()
    for name, text in csv_files(markdown_sheets(FORM)).items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "assessment.yaml").write_text(yaml.safe_dump(PLAN, allow_unicode=True), encoding="utf-8")
    return folder


def test_a_folder_with_an_assessment_is_entered_answered_and_assessed(
    app: Flask, school: Path, client: FlaskClient
) -> None:
    assert "self-assessment by 3 pillars" in str(check_plans(read_xlsform(school), read_plans(school)))
    field_survey(app, school)
    visitor = Visitor(client).open("/tu-danh-gia/truong").press()
    visitor.press(water="na", power="2", road="no").press()
    (address,) = visitor.document.xpath("//a[contains(@href, '/ket-qua/')]/@href")
    assert address.startswith("/tu-danh-gia/truong/ket-qua/")
    visitor.open(address)
    assert "Mức 0 trên 1: Thấp" in visitor.text
    assert "1 trên 4 điểm" in visitor.text
    assert "Bỏ 1 tiêu chí không áp dụng" in visitor.text
    assert "Sửa đường. Nguồn: Sở Xây dựng" in visitor.text
    assert client.get(f"{address.partition('?')[0]}/ket-qua.pdf").data.startswith(b"%PDF")


def test_what_a_file_says_is_text_and_never_markup(app: Flask, school: Path, client: FlaskClient) -> None:
    field_survey(app, school)
    visitor = Visitor(client).open("/tu-danh-gia/truong")
    assert visitor.h1 == "Tự đánh giá trường học <i>"
    assert not visitor.document.xpath("//h1/i")


def test_a_survey_without_one_is_none(app: Flask, school: Path, client: FlaskClient) -> None:
    (school / "assessment.yaml").unlink()
    field_survey(app, school)
    assert client.get("/tu-danh-gia/truong").status_code == 404
    visitor = Visitor(client).open("/s/truong").press().press(water="0", power="2", road="no").press()
    assert visitor.document.xpath("//@data-receipt")
    assert not visitor.document.xpath("//a[contains(@href, 'ket-qua')]")


def test_the_radar_of_any_number_of_pillars_escapes_and_stays_inside() -> None:
    for count in range(3, 13):
        axes = tuple(Axis(f'<b>Trụ cột {n}</b> \u202e & "dài"', "Mức 5") for n in range(count))
        shapes = (Shape((100.0,) * count), Shape((None, *(0.0,) * (count - 1)), is_own=False))
        svg = draw(Radar("<i>", "a & b", axes, (10.0, 50.0), shapes))
        assert "<b>" not in svg and "<i>" not in svg and "<script" not in svg
        assert svg.count("<circle") == count


def test_long_names_are_broken_between_words() -> None:
    assert wrapped("Chuyển đổi số văn hóa") == ["Chuyển đổi số", "văn hóa"]
    assert wrapped("") == [""]
