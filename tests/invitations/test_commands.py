"""`khaosat invite`."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from survey.extensions import db
from survey.invitations import batches
from survey.invitations.models import Message
from tests.commands.conftest import khaosat
from tests.factories import Fielded
from tests.invitations.conftest import add_contact
from tests.invitations.test_letters import pages

__all__ = ["khaosat"]
Khaosat = Callable[..., Result]
Invited = Callable[..., Fielded]


def test_letters_are_written_to_a_file(
    app: Flask, khaosat: Khaosat, invited: Invited, tmp_path: Path
) -> None:
    fielded = invited(2)
    path = tmp_path / "thu.pdf"
    done = khaosat("invite", "letters", "phones/r1", "--to", str(path), "--base", "https://ks.example/")
    assert done.exit_code == 0, done.output
    assert "2 letters" in done.output
    texts = [text.replace(" ", "") for text in pages(path.read_bytes())]
    assert all(
        f"https://ks.example/k/{token}" in text
        for token, text in zip(fielded.cases.values(), texts, strict=True)
    )


def test_many_letters_need_a_zip(
    app: Flask,
    khaosat: Khaosat,
    invited: Invited,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batches, "PART", 1)
    monkeypatch.setattr("survey.commands.invitations.PART", 1)
    invited(2)
    assert "tên.zip" in khaosat("invite", "letters", "phones/r1", "--to", str(tmp_path / "a.pdf")).output
    done = khaosat("invite", "letters", "phones/r1", "--to", str(tmp_path / "a.zip"))
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        assert len(packed.namelist()) == 2


def test_a_dry_run_queues_nothing(app: Flask, khaosat: Khaosat, invited: Invited) -> None:
    invited(2)
    with app.app_context():
        add_contact("u0000", phone="+84912345678")
        db.session.commit()
    done = khaosat("invite", "remind", "phones/r1", "--dry-run")
    assert "1 messages would be queued (1 sms)" in done.output
    assert "1 not: Không có số điện thoại" in done.output
    with app.app_context():
        assert db.session.query(Message).count() == 0
    assert "1 messages queued (1 sms)" in khaosat("invite", "send", "phones/r1").output
    with app.app_context():
        assert db.session.query(Message).count() == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("send", "phones"), "chưa nêu đợt"),
        (("send", "phones/r9"), "chưa có đợt r9"),
        (("letters", "phones/r1", "--to", "/proc/x/a.pdf"), "Không ghi được"),
        (("letters", "phones/r1", "--to", "a.docx"), "tên.zip"),
        (("letters", "phones/r1", "--to", "a.pdf", "--stratum", "zz"), "Không có phiếu nào"),
    ],
)
def test_errors_are_one_line(
    app: Flask,
    khaosat: Khaosat,
    invited: Invited,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    invited(1)
    done = khaosat("invite", *arguments)
    assert done.exit_code == 1
    assert said in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("command", ["letters", "send", "remind"])
def test_help_shows_an_example(khaosat: Khaosat, command: str) -> None:
    assert "Example:" in khaosat("invite", command, "--help").output
