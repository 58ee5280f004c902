"""How long things are kept, how heavy the first page is, and that no statistics are near."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey.accounts.models import AuditEvent, Role
from survey.accounts.service import add_user
from survey.demo.voices import speak
from survey.extensions import db
from survey.manage import housekeeping
from survey.process.jobs import jobs
from survey.voice.models import Screening, Status, VoiceContact, VoiceDraft, VoiceEvent, VoiceSubmission
from survey.voice.retention import Tidied, tidy
from tests.collect.test_weight import FIRST_LOAD, MOST_REQUESTS, content, loads, packed
from tests.collect.visitor import Visitor
from tests.staff import PASSWORD
from tests.voice.messages import GOOD, chosen, jpeg, sent

pytestmark = pytest.mark.usefixtures("areas")
NOW = datetime.now(UTC)


def close(app: Flask, number: int, days_ago: float, status: Status = Status.CLOSED) -> None:
    """The message ended so many days ago."""
    with app.app_context():
        found = db.session.get_one(VoiceSubmission, number)
        found.status, found.touched_at = status, NOW - timedelta(days=days_ago)
        found.closed_at = found.touched_at if status == Status.CLOSED else None
        db.session.commit()


@pytest.mark.parametrize("status", [Status.CLOSED, Status.ANSWERED])
def test_contacts_are_deleted_ninety_days_after_the_end(app: Flask, status: Status) -> None:
    old, _ = sent(app, name="Lan")
    fresh, _ = sent(app, name="Minh", text="Việc khác")
    still, _ = sent(app, name="Hoa", text="Việc khác nữa", days_ago=400)
    close(app, old, 91, status)
    close(app, fresh, 89, status)
    with app.app_context():
        assert tidy(NOW) == Tidied(1, 0, 0)
        db.session.commit()
        assert sorted(db.session.scalars(select(VoiceContact.name))) == ["Hoa", "Minh"]
        assert tidy(NOW) == Tidied(0, 0, 0)
        assert db.session.get_one(VoiceSubmission, still).contact is not None
        assert db.session.get_one(VoiceSubmission, old).text == GOOD["text"]


def test_addresses_go_after_a_week_and_drafts_after_two_days(app: Flask, citizen: Visitor) -> None:
    citizen.press(**GOOD)
    citizen.open("/y-kien").press(kind="complaint", photos=chosen(jpeg()))
    with app.app_context():
        assert tidy(NOW + timedelta(days=1)) == Tidied(0, 0, 0)
        assert tidy(NOW + timedelta(days=8)) == Tidied(0, 1, 1)
        db.session.commit()
        assert db.session.scalar(select(VoiceSubmission.address_hash)) is None
        assert db.session.scalar(select(VoiceDraft.id)) is None


def test_the_worker_tidies_by_the_clock(app: Flask) -> None:
    number, _ = sent(app, name="Lan")
    close(app, number, 91)
    assert "tidy_voice" in {task.task.name for task in jobs.periodic_registry.periodic_tasks.values()}
    housekeeping.tidy_voice(SimpleNamespace(additional_context={"app": app}), 0)  # type: ignore[arg-type]
    with app.app_context():
        assert db.session.scalar(select(VoiceContact.name)) is None


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_first_page_is_light(client: FlaskClient, lang: str) -> None:
    first = client.get(f"/y-kien?lang={lang}")
    files = [content(client, address) for address in loads(first.text)]
    assert 1 + len(files) <= MOST_REQUESTS
    assert packed(first.data) + sum(map(packed, files)) <= FIRST_LOAD


def test_no_table_of_this_channel_meets_answers_cases_or_figures() -> None:
    strangers = {"response", "observation", "survey_case", "sample", "round", "instrument_version", "run"}
    for table in db.metadata.sorted_tables:
        goals = {key.column.table.name for key in table.foreign_keys}
        if table.name.startswith("voice_"):
            assert not goals & strangers, table.name
        else:
            assert not any(goal.startswith("voice_") for goal in goals), table.name


def test_the_demonstration_speaks_once_and_says_that_it_is_one(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        user = add_user("hoa", "Hoa", Role.CASEWORKER, PASSWORD)
        assert speak(user, NOW) == 12
        assert speak(user, NOW) == 0
        messages = db.session.scalars(select(VoiceSubmission)).all()
        assert all(message.text.startswith("[mô phỏng]") and message.is_synthetic for message in messages)
        assert {message.screening for message in messages} == {Screening.CLEAR, Screening.SUSPECTED}
        assert all(m.answered_at <= NOW for m in messages if m.answered_at)
        late = select(VoiceEvent.at).where(VoiceEvent.at > NOW + timedelta(minutes=5))
        assert not db.session.scalars(late).all()
        assert db.session.scalar(select(AuditEvent.id).where(AuditEvent.action == "voice.answer"))
    assert "SỐ LIỆU MÔ PHỎNG" in client.get("/y-kien/tong-hop").text
