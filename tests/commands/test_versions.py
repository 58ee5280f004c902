"""Questionnaires on the command line: two versions compared."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from survey.commands.questionnaires import questionnaire


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
