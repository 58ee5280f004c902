"""The codebook as a page, as files, and from the command line."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from lxml import etree, html

from survey.accounts.models import Role
from survey.authoring.codebook import Use, codebook_html, levels_of, study_of, uses_of
from survey.cli import main
from survey.instrument import codebook
from tests.authoring.forms import address
from tests.factories import field_survey
from tests.instrument.forms import instrument
from tests.page import page
from tests.questionnaires.library import FOLDER, NAMES, document
from tests.questionnaires.library import instrument as library
from tests.staff import read, signed_in, words

HOSTILE = "<script>alert(1)</script> {{ 7 * 7 }} =SUM(A1) #panic"
FORM = f"""
| survey   |               |        |                        |                     |                |                     |             |
|          | type          | name   | label::Tiếng Việt (vi) | label::English (en) | relevant       | constraint          | calculation |
|          | select_one yn | net    | {HOSTILE}              | Internet?           |                |                     |             |
|          | integer       | hours  | Mấy giờ?               |                     | ${{net}} = 'yes' | . >= 0 and . <= 168 |           |
|          | begin repeat  | person | Người trong hộ         | Member              |                |                     |             |
|          | integer       | age    | Tuổi                   | Age                 |                |                     |             |
|          | end repeat    |        |                        |                     |                |                     |             |
|          | calculate     | much   |                        |                     |                |                     | ${{hours}} > 20 |
| choices  |               |        |                        |                     |
|          | list_name     | name   | label::Tiếng Việt (vi) | label::English (en) |
|          | yn            | yes    | Có                     | Yes                 |
|          | yn            | no     | Không                  | {HOSTILE}           |
| settings |               |        |                        |
|          | form_title    | form_id | version               |
|          | Mạng          | phones | 7                      |
"""  # fmt: skip
INDICATORS = {
    "variables": {"online": "${net} = 'yes'", "group": "if(${age} < 30, 'a', 'b')"},
    "breakdowns": {"group": {}, "district": {}},
    "indicators": [
        {"code": "net-share", "label": {"vi": "Tỷ lệ dùng mạng"}, "numerator": "${online} = 'true'"},
        {"code": "net-hours", "label": "Số giờ", "value": "${hours}", "questions": ["much"]},
    ],
}


def section(document: html.HtmlElement, name: str) -> str:
    """What a reader sees of one variable."""
    (found,) = document.xpath(f"//section[@class='variable'][h3/code[text()='{name}']]")
    return words(found)


def test_indicators_are_found_through_variables_that_are_made_of_others() -> None:
    uses = uses_of(INDICATORS)
    assert uses["net"] == [Use("net-share", "Tỷ lệ dùng mạng")]
    assert uses["hours"] == uses["much"] == [Use("net-hours", "Số giờ")]
    assert "age" not in uses


def test_each_level_of_the_data_has_its_variables() -> None:
    levels = levels_of(instrument(FORM), INDICATORS)
    assert [(level.name, [entry.variable.name for entry in level.entries]) for level in levels] == [
        ("", ["net", "hours", "much"]),
        ("person", ["age"]),
    ]
    assert levels[1].title == "Người trong hộ"
    assert levels[1].entries[0].breaks_down
    assert not levels[0].entries[0].breaks_down


def test_the_file_says_of_each_variable_what_users_of_the_data_look_up() -> None:
    document = page(codebook_html(instrument(FORM), INDICATORS))
    net, hours = section(document, "net"), section(document, "hours")
    assert "Tiếng Việt: " + " ".join(HOSTILE.split()) in net
    assert "English: Internet?" in net
    assert "chọn một select_one" in net
    assert "Tỷ lệ dùng mạng net-share" in net
    assert "net = “Có” ${net} = 'yes'" in hours
    assert "câu trả lời này từ 0 đến 168 . >= 0 and . <= 168" in hours
    assert "Từ hours ${hours} > 20" in section(document, "much")
    assert not document.xpath("//script")


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_and_code_of_the_library_is_in_the_file(name: str) -> None:
    form = library(name)
    document_ = page(codebook_html(form, document(name, "indicators")))
    shown = document_.xpath("//section[@class='variable']/h3/code/text()")
    variables = codebook(form)
    assert sorted(shown) == sorted(variable.name for variable in variables)
    for variable in variables:
        codes = document_.xpath(f"//section[h3/code[text()='{variable.name}']]//tbody//th/code/text()")
        assert codes == [code.value for code in variable.choices]


def test_indicators_of_the_household_survey_stand_by_their_questions() -> None:
    levels = levels_of(library("ict-ho-gia-dinh"), document("ict-ho-gia-dinh", "indicators"))
    entries = {entry.variable.name: entry for level in levels for entry in level.entries}
    assert "smartphone-use" in {use.code for use in entries["smartphone_use"].indicators}
    assert entries["age"].breaks_down


def test_the_desk_shows_the_codebook_and_gives_it_as_files(app: Flask, tmp_path: Path) -> None:
    field_survey(app, FORM, folder=tmp_path)
    quan = signed_in(app, "quan", Role.MANAGER)
    here = address(app)
    links = read(quan, here).xpath("//ul[@class='documents']//a/@href")
    assert links[:3] == [f"{here}/bang-ma", f"{here}/bang-ma.xml", f"{here}/bang-ma.csv"]
    assert "Internet?" in section(read(quan, links[0]), "net")
    xml = quan.get(links[1])
    assert xml.mimetype == "application/xml"
    assert "phones-7-bang-ma.xml" in xml.headers["Content-Disposition"]
    assert etree.fromstring(xml.data).xpath("//*[local-name()='var']/@name") == [
        "net",
        "hours",
        "age",
        "much",
    ]
    rows = list(csv.DictReader(StringIO(quan.get(links[2]).data.decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["net", "hours", "age", "much"]


def test_only_managers_see_the_documents(app: Flask, tmp_path: Path) -> None:
    field_survey(app, FORM, folder=tmp_path)
    thu = signed_in(app, "thu", Role.ENUMERATOR)
    for name in ("bang-ma", "bang-ma.xml", "bang-ma.csv", "phieu-giay.pdf"):
        assert thu.get(f"{address(app)}/{name}").status_code == 403
        assert thu.get(f"{address(app)[:-1]}99999/{name}").status_code in (403, 404)


def test_producer_and_population_come_from_the_design() -> None:
    study = study_of({"about": {"asked_by": "Thống kê tỉnh"}, "population": {"vi": "Hộ", "en": "Households"}})
    assert (study.producer, study.population) == (
        {"vi": "Thống kê tỉnh"},
        {"vi": "Hộ", "en": "Households"},
    )


@pytest.mark.parametrize(
    ("kind", "start"), [("xml", b"<?xml"), ("html", b"<!doctype html>"), ("csv", b"\xef\xbb\xbfname")]
)
def test_the_command_line_writes_the_codebook(tmp_path: Path, kind: str, start: bytes) -> None:
    target = tmp_path / f"codebook.{kind}"
    done = CliRunner().invoke(
        main, ["questionnaire", "codebook", str(FOLDER / "y-kien"), "--format", kind, "--to", str(target)]
    )
    assert (done.exit_code, done.output.strip().replace("\n", "")) == (0, str(target))
    assert target.read_bytes().lstrip().startswith(start)


def test_the_command_line_writes_the_paper_form(tmp_path: Path) -> None:
    target = tmp_path / "form.pdf"
    done = CliRunner().invoke(
        main, ["questionnaire", "paper", str(FOLDER / "y-kien"), "--lang", "km", "--to", str(target)]
    )
    assert done.exit_code == 0, done.output
    assert target.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("command", ["codebook", "paper"])
def test_what_cannot_be_written_or_read_is_one_line(tmp_path: Path, command: str) -> None:
    nowhere = str(tmp_path / "none" / "file")
    refused = CliRunner().invoke(main, ["questionnaire", command, str(FOLDER / "y-kien"), "--to", nowhere])
    assert refused.exit_code == 1
    assert refused.output.count("\n") == 1
    assert "cannot be written" in refused.output
    empty = tmp_path / "empty.csv"
    empty.write_text("", encoding="utf-8")
    refused = CliRunner().invoke(main, ["questionnaire", command, str(empty), "--to", str(tmp_path / "x")])
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")


def test_a_language_that_the_form_has_not_is_one_line(tmp_path: Path) -> None:
    refused = CliRunner().invoke(
        main,
        ["questionnaire", "paper", str(FOLDER / "y-kien"), "--lang", "fr", "--to", str(tmp_path / "x.pdf")],
    )
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
    assert not (tmp_path / "x.pdf").exists()
