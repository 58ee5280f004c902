"""Signals that one person answered an open round twice: flagged, counted, in nobody's way, forgotten at the close."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, update

from survey.accounts.models import Role
from survey.extensions import db
from survey.intake.duplicates import count, drop_traces
from survey.intake.models import Response, ResponseEvent, ResponseTrace, Source
from survey.rounds.models import Round
from survey.rounds.service import close_round
from tests.collect.visitor import Visitor
from tests.factories import Fielded, field_survey
from tests.staff import read, send, signed_in, words

NAMES = ("a", "b", "c", "d", "e")
FORM = """
| survey   |            |         |         |
|          | type       | name    | label   |
|          | start      | start   |         |
""" + "".join(f"|          | integer    | {name}  | Số {name} |\n" for name in NAMES) + """
| settings |            |         |         |
|          | form_title | form_id | version |
|          | Điện thoại | phones  | 1       |
"""  # fmt: skip


@pytest.fixture
def fielded(app: Flask, tmp_path: Path) -> Fielded:
    return field_survey(app, FORM, folder=tmp_path, units=1)


def answer(client: FlaskClient, number: int, address: str = "10.0.0.1", path: str = "/s/phones") -> None:
    """Answer the whole form from an address of the network."""
    client.environ_base["REMOTE_ADDR"] = address
    visitor = Visitor(client).open(path).press()
    while "/xem-lai" not in visitor.address:
        visitor.press(**dict.fromkeys(visitor.asked, str(number)))
    visitor.press()
    assert visitor.document.xpath("//@data-receipt")


def signals(app: Flask) -> list[list[str]]:
    with app.app_context():
        events = db.session.query(ResponseEvent).filter_by(kind="duplicate").order_by(ResponseEvent.id)
        return [event.detail["signals"] for event in events]


def counted(app: Flask, fielded: Fielded) -> dict[str, int]:
    with app.app_context():
        return count(db.session.get_one(Round, fielded.round_id))


def test_one_browser_twice_is_flagged_and_both_answers_are_kept(app: Flask, fielded: Fielded) -> None:
    browser = app.test_client()
    answer(browser, 1, "10.0.0.1")
    assert signals(app) == []
    answer(browser, 2, "203.0.113.7")
    assert signals(app) == [["device"]]
    assert counted(app, fielded) == {"device": 1, "address": 0, "content": 0, "any": 1}
    with app.app_context():
        assert db.session.query(Response).filter_by(status="complete", source=Source.OPT_IN).count() == 2


def test_one_address_soon_after_is_a_signal_and_later_it_is_not(app: Flask, fielded: Fielded) -> None:
    answer(app.test_client(), 1)
    answer(app.test_client(), 2)
    assert signals(app) == [["address"]]
    with app.app_context():
        db.session.execute(update(ResponseTrace).values(at=func.now() - timedelta(minutes=31)))
        db.session.commit()
    answer(app.test_client(), 3)
    assert signals(app) == [["address"]]


def test_the_same_answers_are_a_signal_though_they_began_at_another_time(
    app: Flask, fielded: Fielded
) -> None:
    answer(app.test_client(), 7, "203.0.113.1")
    answer(app.test_client(), 7, "203.0.113.2")
    answer(app.test_client(), 8, "203.0.113.3")
    assert signals(app) == [["content"]]


def test_a_line_of_ipv6_is_one_line(app: Flask, fielded: Fielded) -> None:
    answer(app.test_client(), 1, "2001:db8:1:2::1")
    answer(app.test_client(), 2, "2001:db8:1:2:ffff::9")
    answer(app.test_client(), 3, "2001:db8:1:3::1")
    assert signals(app) == [["address"]]


def test_an_invited_person_is_not_compared(app: Flask, fielded: Fielded) -> None:
    answer(app.test_client(), 1)
    (token,) = fielded.cases.values()
    answer(app.test_client(), 1, path=f"/k/{token}")
    assert signals(app) == []
    with app.app_context():
        sampled = db.session.query(Response).filter_by(source=Source.SAMPLE).one()
        assert db.session.query(ResponseTrace).filter_by(response_id=sampled.id).count() == 0


def test_a_draft_that_was_never_sent_is_no_duplicate(app: Flask, fielded: Fielded) -> None:
    browser = app.test_client()
    Visitor(browser).open("/s/phones").press()
    answer(browser, 1)
    assert signals(app) == []


def test_no_address_is_stored_and_the_digests_go_when_the_round_closes(app: Flask, fielded: Fielded) -> None:
    answer(app.test_client(), 1, "203.0.113.77")
    with app.app_context():
        traces = db.session.query(ResponseTrace).all()
        assert sorted(trace.kind for trace in traces) == ["address", "content", "device"]
        assert all(len(trace.digest) == 64 and int(trace.digest, 16) for trace in traces)
        assert drop_traces() == 0
        for table in db.metadata.sorted_tables:
            for row in db.session.execute(table.select()):
                assert "203.0.113" not in repr(row), table.name
    quan = signed_in(app, "quan", Role.MANAGER)
    send(quan, "/manage/phones/r1", "/manage/phones/r1/close")
    with app.app_context():
        assert db.session.query(ResponseTrace).count() == 0


def test_a_round_closed_elsewhere_is_tidied_later(app: Flask, fielded: Fielded) -> None:
    answer(app.test_client(), 1)
    with app.app_context():
        close_round(db.session.get_one(Round, fielded.round_id))
        db.session.flush()
        assert drop_traces() == 3


def test_the_manager_sees_the_count(app: Flask, fielded: Fielded) -> None:
    browser = app.test_client()
    answer(browser, 1)
    quan = signed_in(app, "quan", Role.MANAGER)
    assert "dấu hiệu trùng" not in words(read(quan, "/manage/phones/r1"))
    answer(browser, 1)
    shown = words(read(quan, "/manage/phones/r1"))
    assert (
        "1 phiếu tự nguyện có dấu hiệu trùng (cùng máy: 1; cùng mạng trong 30 phút: 1; cùng câu trả lời: 1)"
        in shown
    )


@pytest.mark.parametrize("cookie", ["x" * 3000, "'; DROP TABLE response; --", "\x7f<script>"])
def test_a_forged_cookie_is_only_a_text(app: Flask, fielded: Fielded, cookie: str) -> None:
    browser = app.test_client()
    browser.set_cookie("thiet-bi", cookie, path="/s/")
    answer(browser, 1)
    answer(browser, 2, "203.0.113.7")
    assert signals(app) == [["device"]]


def test_the_cookie_is_for_the_open_pages_alone(app: Flask, fielded: Fielded) -> None:
    client = app.test_client()
    reply = Visitor(client).open("/s/phones")
    assert client.get_cookie("thiet-bi", path="/s/") is None, "nobody who only looks is marked"
    reply.press()
    cookie = client.get_cookie("thiet-bi", path="/s/")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
