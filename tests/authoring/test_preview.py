"""A version tried out: the citizen's own pages before any round exists, whose answers never become data."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from survey.accounts.models import AuditEvent, Role
from survey.authoring import preview
from survey.errors import Fault, NotFound
from survey.extensions import db
from survey.intake.models import Response
from survey.process import fieldwork
from survey.process.tables import take_snapshot
from survey.rounds.models import InstrumentVersion, Purpose, Round
from survey.rounds.service import find_round, find_survey, load_questionnaire, public_round
from tests.collect.visitor import Visitor
from tests.factories import field_survey
from tests.staff import read, send, signed_in, words

FORM = """
| survey   |              |      |                         |                     |
|          | type         | name | label::Tiếng Việt (vi)  | label::English (en) |
|          | integer      | age  | Ông/bà bao nhiêu tuổi?  | How old are you?    |
|          | text         | job  | Nghề nghiệp             | Occupation          |
| settings |              |      |                         |                     |
|          | form_title   | form_id | version              |                     |
|          | Việc làm     | jobs | 1                       |                     |
"""


@pytest.fixture
def version(app: Flask, tmp_path: Path) -> str:
    """The address of a version that no round uses yet."""
    path = tmp_path / "form.md"
    path.write_text(FORM, encoding="utf-8")
    with app.app_context():
        made = load_questionnaire(path)
        db.session.commit()
        return f"/manage/jobs/phien-ban/{made.id}"


@pytest.fixture
def quan(app: Flask) -> FlaskClient:
    """A manager's browser."""
    return signed_in(app, "quan", Role.MANAGER)


def opened(quan: FlaskClient, version: str) -> str:
    """The address of the preview, opened as a manager does."""
    answer = send(quan, f"{version}/xem-thu")
    assert (answer.status_code, answer.location) == (303, f"{version}/xem-thu")
    (address,) = set(read(quan, f"{version}/xem-thu").xpath("//iframe/@src"))
    return str(address)


def tried(browser: FlaskClient, address: str) -> Visitor:
    """Answer a preview to its end; the visitor stands before its thanks."""
    visitor = Visitor(browser).open(address).press().press(age="40").press(job="Nông dân").press()
    assert "cam-on" in visitor.address
    return visitor


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.query(Response).count()


def test_a_version_is_tried_before_any_round_exists(
    app: Flask, client: FlaskClient, quan: FlaskClient, version: str
) -> None:
    assert "Mở bản xem thử" in words(read(quan, f"{version}/xem-thu"))
    address = opened(quan, version)
    thanks = tried(client, address).document
    assert "XEM THỬ" in words(thanks)
    assert thanks.xpath(f"//a[starts-with(@href, '{address.partition('?')[0]}')]")  # try again
    shown = words(read(quan, f"{version}/xem-thu"))
    assert "đã gửi" in shown and "Nông dân" in shown


def test_the_preview_speaks_the_language_chosen(client: FlaskClient, quan: FlaskClient, version: str) -> None:
    opened(quan, version)
    frames = read(quan, f"{version}/xem-thu?lang=en").xpath("//iframe/@src")
    assert len(frames) == 2
    assert all("lang=en" in frame for frame in frames)
    first = send(client, frames[0], lang="en").location
    assert "How old are you?" in words(read(client, first))


def test_every_page_of_a_preview_says_so_and_may_stand_in_our_own_frames(
    client: FlaskClient, quan: FlaskClient, version: str
) -> None:
    address = opened(quan, version)
    first = send(client, address).location
    for page in (
        address,
        first,
        re.sub("/trang/.*", "/xem-lai", first),
        re.sub("/trang/.*", "/tam-dung", first),
    ):
        answer = client.get(page)
        assert "XEM THỬ" in answer.text, page
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN", page


def test_pages_of_a_round_are_not_made_frameable(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    field_survey(app, FORM, folder=tmp_path)
    answer = client.get("/s/jobs")
    assert "XEM THỬ" not in answer.text
    assert answer.headers.get("X-Frame-Options") != "SAMEORIGIN"


def test_the_address_cannot_be_guessed_and_leads_nowhere_else(
    app: Flask, client: FlaskClient, quan: FlaskClient, version: str
) -> None:
    token = opened(quan, version).partition("?")[0].removeprefix("/thu/")
    assert len(token) >= 32
    assert client.get("/thu/" + "x" * 32).status_code == 404
    assert client.get(f"/openrosa/{token}/formList").status_code == 404
    with app.app_context():
        code = db.session.scalars(select(Round.code)).one()
    assert quan.get(f"/manage/jobs/{code}").status_code == 404
    assert client.get("/s/jobs").status_code == 403  # no round of it is open


def test_what_was_tried_is_in_no_list_and_no_data(
    app: Flask, client: FlaskClient, quan: FlaskClient, version: str
) -> None:
    tried(client, opened(quan, version))
    assert count(app) == 1
    with app.app_context():
        round_ = db.session.scalars(select(Round)).one()
        assert round_.purpose == Purpose.PREVIEW
        assert find_survey("jobs").rounds == []
        assert fieldwork.overview() == []
        with pytest.raises(NotFound):
            find_round("jobs")
        with pytest.raises(NotFound):
            find_round("jobs", round_.code)
        with pytest.raises(Fault):
            public_round("jobs")
        with pytest.raises(Fault, match="Bản xem thử không có số liệu"):
            take_snapshot(round_, app.config["KHAOSAT"].files)
    for desk in ("/manage/", "/manage/jobs"):
        assert round_.code not in quan.get(desk).text


def test_a_round_beside_a_preview_is_what_the_public_page_serves(
    app: Flask, quan: FlaskClient, version: str, tmp_path: Path
) -> None:
    real = field_survey(app, FORM, folder=tmp_path).round_id
    opened(quan, version)
    with app.app_context():
        assert public_round("jobs").id == real == find_round("jobs").id
        assert [line.round.id for line in fieldwork.overview()] == [real]


def test_one_button_forgets_the_trials_of_this_version_only(
    app: Flask, client: FlaskClient, quan: FlaskClient, version: str, tmp_path: Path
) -> None:
    tried(client, opened(quan, version))
    field_survey(app, FORM.replace("jobs | 1 ", "jobs | 2 "), folder=tmp_path)
    real = send(client, "/s/jobs").location
    assert count(app) == 2
    assert send(quan, f"{version}/xem-thu", f"{version}/xem-thu/xoa").status_code == 303
    assert count(app) == 1
    assert client.get(real).status_code == 200
    with app.app_context():
        assert "preview.clear" in set(db.session.scalars(select(AuditEvent.action)))


def test_trials_older_than_a_week_go_when_any_preview_opens(
    app: Flask, client: FlaskClient, quan: FlaskClient, version: str, tmp_path: Path
) -> None:
    address = opened(quan, version)
    old, new = send(client, address).location, send(client, address).location
    real = field_survey(app, FORM, folder=tmp_path, code="other")
    send(client, f"/s/{real.survey}")
    long_ago = datetime.now(UTC) - preview.KEPT - timedelta(hours=1)
    with app.app_context():
        first = uuid.UUID(old.split("/")[3])
        aged = (Response.id == first) | (Response.round_id == real.round_id)
        db.session.execute(update(Response).where(aged).values(started_at=long_ago))
        db.session.commit()
    opened(quan, version)
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200
    assert count(app) == 2  # the other trial, and the old answer of a real round


def test_opening_twice_keeps_one_preview(app: Flask, quan: FlaskClient, version: str) -> None:
    assert opened(quan, version) == opened(quan, version)
    with app.app_context():
        assert db.session.query(Round).count() == 1
        made = db.session.scalars(select(InstrumentVersion)).one()
        assert preview.open_preview(made).instrument_version_id == made.id


def test_only_managers_open_and_forget(app: Flask, client: FlaskClient, version: str) -> None:
    thu = signed_in(app, "thu", Role.ENUMERATOR)
    for address in (f"{version}/xem-thu", f"{version}/xem-thu/xoa"):
        token = {"csrf_token": re.search(r'name="csrf_token" value="([^"]+)', thu.get("/tai-khoan").text)[1]}  # type: ignore[index]
        assert thu.post(address, data=token).status_code == 403
    assert client.get(f"{version}/xem-thu").status_code == 302


def test_trying_a_form_does_not_keep_a_manager_signed_in_longer(quan: FlaskClient, version: str) -> None:
    send(quan, opened(quan, version))
    cookie = quan.get_cookie("session")
    assert cookie is not None and cookie.expires is None
