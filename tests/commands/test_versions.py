"""Questionnaires on the command line: two versions compared, and the files that belong to one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

from survey.commands.questionnaires import questionnaire
from survey.instrument import read_xlsform


def version(folder: Path, rows: str) -> str:
    folder.mkdir()
    (folder / "survey.csv").write_text(f"type,name,label\n{rows}", encoding="utf-8")
    return str(folder)


def test_diff_tells_what_a_new_version_does_to_the_data(tmp_path: Path) -> None:
    old = version(tmp_path / "old", "integer,age,Age\ntext,job,Job\n")
    new = version(tmp_path / "new", "date,age,Age\ntext,work,Work\n")
    result = CliRunner().invoke(questionnaire, ["diff", old, new, "--language", "en"])
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert [line[:8] for line in lines] == ["! age: t", "! job: g", "  work: "]


def test_diff_of_a_broken_form_is_one_line_and_not_success(tmp_path: Path) -> None:
    old = version(tmp_path / "old", "integer,age,Age\n")
    new = version(tmp_path / "new", "integre,age,Age\n")
    result = CliRunner().invoke(questionnaire, ["diff", old, new])
    assert result.exit_code != 0
    assert "integre" in result.output


def test_what_is_exported_is_the_same_questionnaire_with_the_same_files(
    khaosat: Callable[..., Result], tmp_path: Path
) -> None:
    folder = tmp_path / "noi-o"
    version(folder, "select_one_from_file xa.csv,xa,Commune\n")
    (folder / "settings.csv").write_text("form_id,version\nnoi-o,1\n")
    missing = khaosat("questionnaire", "import", str(folder))
    assert missing.exit_code == 1 and "row 2, column type: The file xa.csv is missing" in missing.output
    assert khaosat("questionnaire", "check", str(folder)).exit_code == 1
    (folder / "media").mkdir()
    (folder / "media" / "xa.csv").write_text("name,label\n28885,Ba Tri\n", encoding="utf-8")
    assert "files xa.csv" in khaosat("questionnaire", "check", str(folder)).output
    assert khaosat("questionnaire", "import", str(folder), "--open").exit_code == 0
    for target in (tmp_path / "phieu.xlsx", tmp_path / "out"):
        assert khaosat("questionnaire", "export", "noi-o", str(target)).exit_code == 0
        assert read_xlsform(target).hash == read_xlsform(folder).hash
    (tmp_path / "out" / "media" / "xa.csv").write_text("name,label\n29512,Hoa Tinh\n", encoding="utf-8")
    told = khaosat("questionnaire", "diff", str(folder), str(tmp_path / "out"), "--language", "en").output
    assert "! xa: choices gone: 28885" in told and "xa: choices new: – → 29512" in told
