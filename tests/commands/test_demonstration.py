"""`khaosat demo`: sample accounts, and what it says when there is nothing to do or nobody to talk to."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from survey.accounts.models import Role, User
from survey.commands import demonstration
from survey.config import Settings
from survey.extensions import db
from survey.rounds.models import Purpose, Round
from survey.rounds.service import ensure_round, load_questionnaire
from tests.disseminate.published import make_run
from tests.factories import HOUSEHOLD, field_survey

Khaosat = Callable[..., Result]


@pytest.fixture
def accounts_file(settings: Settings) -> Path:
    path = settings.home / "demo-accounts.txt"
    path.unlink(missing_ok=True)
    return path


def test_there_is_a_sample_account_for_every_role(
    app: Flask, settings: Settings, accounts_file: Path
) -> None:
    with app.app_context():
        demonstration._accounts(settings)
        demonstration._accounts(settings)  # once more changes nothing
        made = dict(db.session.execute(select(User.username, User.role)).all())
    lines = [line.split("\t") for line in accounts_file.read_text(encoding="utf-8").splitlines()]
    team = lines.pop()
    assert {name: role for name, _, role in lines} == made
    assert (team[0], len(team[1]), team[2]) == ("/ho-tro", 8, "team code")
    assert set(made.values()) == set(Role)
    assert accounts_file.stat().st_mode & 0o077 == 0


def test_a_published_round_says_by_whom_and_that_nothing_was_sent(
    app: Flask, khaosat: Khaosat, accounts_file: Path
) -> None:
    with app.app_context():
        version = load_questionnaire(HOUSEHOLD)
        round_ = ensure_round(version, demonstration.ROUND, purpose=Purpose.DEMONSTRATION, time_period="2026")
        run = make_run(survey="other")
        run.round = round_
        first, second = demonstration._accounts(app.config["KHAOSAT"])
        demonstration.sign(run, first, second)
    done = khaosat("demo", "--base", "http://127.0.0.1:1")
    assert done.exit_code == 0, done.output
    assert "published already on" in done.output
    assert "signed by Thống kê viên 2 (tài khoản mẫu)" in done.output
    assert "Nothing was sent to http://127.0.0.1:1." in done.output


def test_a_service_that_is_not_there_or_not_ours_is_named(app: Flask, tmp_path: Path) -> None:
    fielded = field_survey(app)
    with app.app_context():
        round_ = db.session.get_one(Round, fielded.round_id)
        with pytest.raises(
            demonstration.Fault, match=r"Không có dịch vụ nào trả lời ở http://127\.0\.0\.1:1"
        ):
            demonstration._refuse_wrong_service("http://127.0.0.1:1", round_)
        with pytest.raises(demonstration.Fault, match="--base"):
            demonstration._refuse_wrong_service("somewhere", round_)
