"""Spam and abuse: what looks wrong waits for a person, and no word is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.voice import guards
from survey.voice.guards import Opened
from survey.voice.lists import rules
from survey.voice.models import Screening
from tests.collect.visitor import Visitor
from tests.voice.messages import GOOD, everything, the_only

pytestmark = pytest.mark.usefixtures("areas")


def judged(app: Flask) -> list[str]:
    """What the guards noticed about the one message."""
    message = the_only(app)
    assert (message.screening == Screening.SUSPECTED) == bool(message.suspicions)
    return message.suspicions


@pytest.mark.parametrize(
    ("typed", "noticed"),
    [
        ({"website": "http://spam.example"}, ["honeypot"]),
        ({"-opened": "tampered.token.here"}, ["no_token"]),
        ({"-opened": ""}, ["no_token"]),
        ({"text": "Xem http://a.vn http://b.vn và www.c.vn nhé"}, ["links"]),
        ({"text": "Chơi CASINO trúng lớn mỗi ngày"}, ["blocked_words"]),
        ({"text": "Vay tiền nhanh, không thế chấp: KHÔNG phải blocklist"}, []),
        ({"text": "Cá độ bóng đá ở quán cà phê đầu ấp, xin xử lý"}, ["blocked_words"]),
        ({"text": "Trang dichvucong.gov.vn báo lỗi 500, xem https://dichvucong.gov.vn"}, []),
    ],
)
def test_what_looks_wrong_waits_and_is_kept(
    app: Flask, citizen: Visitor, typed: dict[str, str], noticed: list[str]
) -> None:
    form = citizen.form()
    citizen.submit(form, typed, GOOD | {k: v for k, v in typed.items() if k == "text"})
    assert citizen.document.xpath("//@data-receipt"), "the sender is thanked like everybody"
    assert judged(app) == noticed


def test_a_form_answered_at_once_is_noticed(app: Flask, client: FlaskClient) -> None:
    Visitor(client).open("/y-kien").press(**GOOD)
    assert judged(app) == ["too_fast"]


def test_an_old_page_is_no_reason(app: Flask) -> None:
    now = datetime.now(UTC)
    with app.test_request_context():
        opened = Opened("n", now - timedelta(days=30))
        assert list(guards.suspicions("Một việc khác hẳn", "", opened, None, now)) == []


def test_the_same_words_again_are_noticed_in_whatever_capitals(app: Flask, citizen: Visitor) -> None:
    citizen.press(**GOOD)
    again = GOOD | {"text": GOOD["text"].upper().replace(" ", "  ")}
    citizen.open("/y-kien").press(**again)
    assert [message.suspicions for message in everything(app)] == [[], ["same_text"]]


def test_many_from_one_address_wait_and_far_too_many_are_told_to_wait(
    app: Flask, citizen: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(rules().suspect_per_hour + 1):
        citizen.open("/y-kien").press(**GOOD | {"text": f"Việc số {number} trong xã của tôi"})
    noticed = [message.suspicions for message in everything(app)]
    assert noticed == [[]] * rules().suspect_per_hour + [["same_address"]]
    for number in range(rules().sent_per_hour - rules().suspect_per_hour):
        citizen.open("/y-kien").press(**GOOD | {"text": f"Lại việc số {number} trong xã của tôi"})
    assert len(everything(app)) == rules().sent_per_hour
    assert "Đã có nhiều ý kiến gửi từ mạng này" in citizen.text
    assert citizen.value("text").startswith("Lại việc số")


def test_no_address_is_kept_as_it_is(app: Flask, citizen: Visitor) -> None:
    citizen.press(**GOOD)
    kept = the_only(app)
    assert kept.address_hash is not None and len(kept.address_hash) == 64
    assert "127.0.0.1" not in str(vars(kept))
