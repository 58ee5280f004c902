"""`khaosat questionnaire check` and `openrosa url`."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import Result
from flask import Flask

from survey.commands.address import announced, running_address
from survey.config import Settings
from tests.factories import HOUSEHOLD, field_survey

Khaosat = Callable[..., Result]
PLAIN = """
| survey   |            |         |         |
|          | type       | name    | label   |
|          | integer    | age     | Tuổi    |
| settings |            |         |         |
|          | form_title | form_id | version |
|          | Điện thoại | phones  | 1       |
"""
TWO_LANGUAGES = """
| survey   |            |         |                        |                     |
|          | type       | name    | label::Tiếng Việt (vi) | label::English (en) |
|          | integer    | age     | Tuổi                   | Age                 |
| settings |            |         |                        |                     |
|          | form_title | form_id | version                | DEFAULT             |
|          | Điện thoại | phones  | 1                      | WHICH               |
"""


def written(folder: Path, form: str) -> str:
    path = folder / "form.md"
    path.write_text(dedent(form), encoding="utf-8")
    return str(path)


def two_languages(default: str) -> str:
    column, value = ("default_language", default) if default else ("style", "pages")
    return TWO_LANGUAGES.replace("DEFAULT", column).replace("WHICH", value)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (PLAIN, "language vi (assumed: no label column names a language)"),
        (two_languages(""), "languages vi, en; default vi (assumed: settings give no default_language)"),
        (two_languages("English (en)"), "languages en, vi; default en,"),
    ],
)
def test_the_check_says_whether_the_default_language_is_a_guess(
    khaosat: Khaosat, tmp_path: Path, form: str, said: str
) -> None:
    done = khaosat("questionnaire", "check", written(tmp_path, form))
    assert done.exit_code == 0, done.output
    assert said in done.output


def test_the_check_of_a_folder_counts_its_plans(khaosat: Khaosat) -> None:
    done = khaosat("questionnaire", "check", str(HOUSEHOLD))
    assert "indicators on adult, household; 12 edit rules" in done.output


def test_the_check_of_a_folder_names_an_edit_rule_with_an_unknown_variable(
    khaosat: Khaosat, tmp_path: Path
) -> None:
    folder = shutil.copytree(HOUSEHOLD, tmp_path / "ict")
    rules = (folder / "edits.yaml").read_text(encoding="utf-8")
    (folder / "edits.yaml").write_text(rules.replace("household_size", "houshold_size"), encoding="utf-8")
    for command in ("check", "import"):
        done = khaosat("questionnaire", command, str(folder))
        assert done.exit_code == 1
        assert done.output.startswith("Error: edits.yaml, adults-within-household: ")
        assert "houshold_size" in done.output
        assert done.output.count("\n") == 1


def test_the_project_address_is_that_of_the_running_service(
    app: Flask, khaosat: Khaosat, settings: Settings, tmp_path: Path
) -> None:
    fielded = field_survey(app, PLAIN, folder=tmp_path)
    path = f"/openrosa/{fielded.project_token}"
    with announced(replace(settings, port=8123)):
        done = khaosat("openrosa", "url", "phones")
    assert (done.stdout, done.stderr) == (f"http://127.0.0.1:8123{path}\n", "")
    stopped = khaosat("openrosa", "url", "phones")
    assert stopped.stdout == f"http://127.0.0.1:8000{path}\n"
    assert "not running" in stopped.stderr
    given = khaosat("openrosa", "url", "phones", "--base", "https://khaosat.example.vn/")
    assert (given.stdout, given.stderr) == (f"https://khaosat.example.vn{path}\n", "")


def test_a_second_server_of_a_folder_does_not_take_the_first_ones_place(settings: Settings) -> None:
    with announced(replace(settings, port=8123)), announced(replace(settings, port=8124)):
        assert running_address(settings) == "http://127.0.0.1:8123"
    assert running_address(settings) is None
