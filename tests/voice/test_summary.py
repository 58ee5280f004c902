"""The public summary: rounded, without a person in it, and never taken for statistics."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from survey.accounts.models import Role, User
from survey.accounts.service import add_user
from survey.extensions import db
from survey.voice import triage
from survey.voice.models import Kind, Screening, Status, VoiceSubmission
from survey.voice.summary import rounded, summarise
from tests.page import page
from tests.staff import PASSWORD, words
from tests.voice.messages import sent

pytestmark = pytest.mark.usefixtures("areas")
ADDRESS = "/y-kien/tong-hop"


def answered(app: Flask, number: int, days: float) -> None:
    """The message had its answer after so many days."""
    with app.app_context():
        found = db.session.get_one(VoiceSubmission, number)
        found.status, found.answered_at = Status.ANSWERED, found.created_at + timedelta(days=days)
        db.session.commit()


def many(app: Flask, count: int, **facts: object) -> list[int]:
    """So many messages."""
    return [sent(app, text=f"Việc thứ {number} {facts}", **facts)[0] for number in range(count)]


@pytest.mark.parametrize(
    ("count", "told"), [(0, None), (4, None), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15), (1002, 1000)]
)
def test_counts_are_rounded_and_small_ones_hidden(count: int, told: int | None) -> None:
    assert rounded(count) == told


def test_counts_by_every_group(app: Flask) -> None:
    many(app, 8, field="network")
    many(app, 3, field="payment", kind=Kind.SUGGESTION)
    with app.app_context():
        found = summarise()
    assert found.total == 10
    assert {cell.key: cell.count for cell in found.by_field}["network"] == 10
    assert {cell.key: cell.count for cell in found.by_field}["payment"] is None
    assert {cell.key: cell.count for cell in found.by_kind} == {
        "suggestion": None,
        "complaint": 10,
        "rating": None,
    }
    assert [(cell.key, cell.count) for cell in found.by_month] == [
        (f"{datetime.now(UTC) + timedelta(hours=7):%Y-%m}", 10)
    ]


def test_no_hidden_count_follows_from_the_others(app: Flask) -> None:
    many(app, 8, field="network")
    many(app, 3, field="payment")
    with app.app_context():
        found = summarise()
    told = sum(cell.count or 0 for cell in found.by_field)
    assert found.total is not None and found.total - told != 3


def test_what_is_spam_withdrawn_or_joined_does_not_count(app: Flask) -> None:
    numbers = many(app, 8)
    with app.app_context():
        spam, joined = numbers[0], numbers[1]
        for number, values in (
            (spam, {"screening": Screening.SPAM}),
            (joined, {"duplicate_of_id": numbers[2]}),
            (numbers[3], {"status": Status.WITHDRAWN, "text": ""}),
            (numbers[4], {"screening": Screening.SUSPECTED}),
        ):
            db.session.execute(update(VoiceSubmission).where(VoiceSubmission.id == number).values(**values))
        db.session.commit()
        assert summarise().total is None, "four are left"
        assert not summarise().is_empty


def test_median_days_and_mean_rating_need_enough_messages(app: Flask) -> None:
    numbers = many(app, 5, kind=Kind.RATING, rating=4)
    for number, days in zip(numbers[:4], (1, 2, 3, 4), strict=True):
        answered(app, number, days)
    with app.app_context():
        assert summarise().median_days.value is None
        assert (summarise().mean_rating.value, summarise().mean_rating.n) == (4.0, 5)
    answered(app, numbers[4], 50)
    with app.app_context():
        assert summarise().median_days.value == pytest.approx(3.0)


def test_only_communes_with_enough_messages_are_named(app: Flask) -> None:
    from survey.voice.communes import communes

    with app.app_context():
        first, second = communes()[:2]
    many(app, 6, area_id=first.id)
    many(app, 2, area_id=second.id)
    with app.app_context():
        assert [(cell.name, cell.count) for cell in summarise().by_commune] == [(first.full_name, 5)]


@pytest.fixture
def hoa(app: Flask) -> int:
    """A caseworker's number."""
    with app.app_context():
        user = add_user("hoa", "Hoa", Role.CASEWORKER, PASSWORD)
        db.session.commit()
        return user.id


def test_the_page_says_what_it_is_not_and_shows_only_chosen_words(
    app: Flask, client: FlaskClient, hoa: int
) -> None:
    numbers = [*many(app, 5, name="Nguyễn Thị Lan", phone="0912345678")]
    with app.app_context():
        found = db.session.get_one(VoiceSubmission, numbers[0])
        triage.publish(found, db.session.get_one(User, hoa), "Sóng <b>yếu</b> ở ấp Ba", "Đã thêm trạm")
        db.session.commit()
    for address in (ADDRESS, f"{ADDRESS}?lang=en", f"{ADDRESS}.csv", f"{ADDRESS}.json"):
        text = client.get(address).text
        assert (
            "không phải số liệu thống kê chính thức" in text.lower()
            or "not official statistics" in text.lower()
        )
        assert not any(secret in text for secret in ("Việc thứ", "Thị Lan", "0912345678", "YK-"))
    shown = words(page(client.get(ADDRESS).text))
    assert "Sóng <b>yếu</b> ở ấp Ba" in shown and "Đã thêm trạm" in shown
    with app.app_context():
        user = db.session.get_one(User, hoa)
        triage.unpublish(db.session.get_one(VoiceSubmission, numbers[0]), user)
        db.session.commit()
    assert "ấp Ba" not in client.get(ADDRESS).text


def test_the_files_say_what_the_page_says(app: Flask, client: FlaskClient) -> None:
    many(app, 7)
    rows = list(csv.DictReader(io.StringIO(client.get(f"{ADDRESS}.csv").data.decode("utf-8-sig"))))
    network = next(row for row in rows if (row["breakdown"], row["key"]) == ("field", "network"))
    payment = next(row for row in rows if (row["breakdown"], row["key"]) == ("field", "payment"))
    assert (network["value"], payment["value"]) == ("5", "<5")
    document = json.loads(client.get(f"{ADDRESS}.json").data)
    assert document["official_statistics"] is False
    assert document["total"] == 5
    assert document["by_field"][1] == {"key": "network", "name": network["name"], "count": 5}
    assert client.get(f"{ADDRESS}.exe").status_code == 404


def test_before_the_first_message_the_page_invites_one(client: FlaskClient) -> None:
    shown = page(client.get(ADDRESS).text)
    assert "Chưa có ý kiến nào" in words(shown)
    assert client.get(f"{ADDRESS}.csv").status_code == 200
