"""The calendar: which report is due when, what it lacks, and a reminder once for each distance."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from survey.accounts.models import Role
from survey.config import Settings
from survey.delivery.deadlines import Deadline, coming, deadlines
from survey.delivery.models import Reminder
from survey.delivery.reminders import remind
from survey.extensions import db
from survey.invitations.dispatch import ChannelDown
from survey.rounds.models import Purpose
from tests.delivery.conftest import put_out
from tests.disseminate.published import estimate, indicator, make_run
from tests.live import _free_port
from tests.staff import read, signed_in, words

DAY = date(2026, 11, 22)


def due(code: str, today: date = DAY) -> Deadline:
    (found,) = (one for one in deadlines(2026, today) if one.obligation.code == code)
    return found


@pytest.mark.usefixtures("registry")
def test_the_last_day_is_the_one_before_that_which_the_document_names() -> None:
    skills, annex = due("QD618-nam-2026"), due("KH54-nam-2026")
    assert (skills.obligation.last_day, skills.days_left) == (date(2026, 12, 4), 12)
    assert (annex.obligation.last_day, annex.days_left) == (date(2026, 12, 14), 22)
    assert skills.is_soon
    assert due("KH43-quy-2026-Q1").is_over


@pytest.mark.usefixtures("registry")
def test_what_is_missing_is_what_has_no_figure_of_a_real_round_in_the_year() -> None:
    before = due("KH54-nam-2026")
    put_out(estimate(72.4), period="2025")
    put_out(estimate(72.4), purpose=Purpose.DEMONSTRATION)
    assert due("KH54-nam-2026").there == before.there == 0
    put_out(estimate(72.4), period="2026-Q4")
    after = due("KH54-nam-2026")
    assert after.there == 1
    assert {line.code for line in before.missing} - {line.code for line in after.missing} == {"KH54-37"}


@pytest.mark.usefixtures("registry")
def test_tasks_that_are_no_statistics_are_not_missing() -> None:
    assert all(line.measured_by != "not a statistic" for one in deadlines(2026, DAY) for line in one.missing)


@pytest.mark.usefixtures("registry")
def test_a_finished_run_that_nobody_signed_stands_with_the_reports_it_is_for() -> None:
    run = make_run(indicators=[indicator()], purpose=Purpose.PRODUCTION)
    db.session.commit()
    assert [one.id for one in due("KH54-nam-2026").unsigned] == [run.id]
    assert due("QD618-nam-2026").unsigned == []


@pytest.mark.usefixtures("registry")
def test_what_comes_is_told_across_the_turn_of_the_year() -> None:
    codes = [one.obligation.code for one in coming(date(2026, 12, 20), days=110)]
    assert codes[0].endswith(("2026", "2026-Q4", "2026-S2"))
    assert "KH43-quy-2027-Q1" in codes


@pytest.mark.usefixtures("registry")
def test_each_reminder_is_mailed_once_for_each_distance(app: Flask, tmp_path: Path) -> None:
    config = replace(settings(app), mail_url=f"file:{tmp_path}", remind_to=("a@example.vn", "b@example.vn"))
    first = remind(config, date(2026, 11, 5))
    assert [(one.obligation, one.days_before) for one in first] == [("QD618-nam-2026", 30)]
    assert remind(config, date(2026, 11, 6)) == []
    later = remind(config, date(2026, 11, 29))  # days later, as after a weekend
    assert ("QD618-nam-2026", 7) in [(one.obligation, one.days_before) for one in later]
    assert remind(config, date(2026, 11, 29)) == []
    mails = sent(tmp_path)
    assert len(mails) == 2 * (len(first) + len(later))
    assert {mail["to"] for mail in mails} == set(config.remind_to)
    assert "04/12/2026" in mails[0]["text"]
    assert "618-02" in mails[0]["text"]


def sent(folder: Path) -> list[dict[str, str]]:
    """Messages as the file carrier writes them."""
    return [
        json.loads(line) for path in folder.glob("email-*.jsonl") for line in path.read_text().splitlines()
    ]


def settings(app: Flask) -> Settings:
    config = app.config["KHAOSAT"]
    assert isinstance(config, Settings)
    return config


@pytest.mark.usefixtures("registry")
def test_without_an_address_the_pages_alone_remind_and_a_carrier_that_is_down_loses_nothing(
    app: Flask,
) -> None:
    down = replace(settings(app), mail_url=f"smtp://127.0.0.1:{_free_port()}", remind_to=("a@example.vn",))
    with pytest.raises(ChannelDown):
        remind(down, DAY)
    db.session.rollback()
    assert db.session.query(Reminder).count() == 0
    assert remind(settings(app), DAY)


def test_the_page_shows_a_year_and_refuses_none(app: Flask, registry: None) -> None:
    lan = signed_in(app, "thu", Role.STATISTICIAN)
    told = words(read(lan, "/lich?nam=2026"))
    for part in ("Lịch báo cáo 2026", "14/12/2026", "04/12/2026", "KH54-37", "mục IV.1a", "Nơi nhận"):
        assert part in told, part
    assert lan.get("/lich").status_code == 200
    for year in ("1", "2021", "năm", "99999", "٢٠٢٦"):
        assert lan.get("/lich", query_string={"nam": year}).status_code == 400
