"""Messages on their way: by a real SMTP server and a real HTTP gateway, once, with patience, to nobody who answered."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, update

from survey.cases.models import Disposition
from survey.cases.service import set_disposition
from survey.config import PROJECT, Settings
from survey.extensions import db
from survey.formats import LOCAL_TIME
from survey.invitations import links, outbox
from survey.invitations.audience import Way
from survey.invitations.contacts import stop
from survey.invitations.dispatch import Dispatch
from survey.invitations.files import FileSender
from survey.invitations.models import Channel, Contact, Kind, Message, State
from survey.invitations.smtp import compose
from survey.invitations.texts import Template, keep_template
from survey.rounds.models import Round
from survey.rounds.service import close_round
from tests.factories import Fielded
from tests.invitations.conftest import SITE, Gateway, Mailbox, add_contact, case_of

Invited = Callable[..., Fielded]
FROM = "Khảo Sát Số <khaosat@vinhlong.example>"


@pytest.fixture
def round_(app: Flask, invited: Invited) -> Iterator[Round]:
    """A round of three cases: two with e-mail, one with a phone; within the application."""
    fielded = invited(3)
    with app.app_context():
        add_contact("u0000", email="an@vi-du.vn")
        add_contact("u0001", email="be@vi-du.vn", phone="+84912345671")
        add_contact("u0002", phone="+84912345672")
        db.session.commit()
        yield db.session.get_one(Round, fielded.round_id)
        db.session.rollback()


@pytest.fixture
def config(settings: Settings, mailbox: Mailbox, gateway: Gateway, home: Path) -> Settings:
    """Settings with both carriers."""
    return replace(
        settings,
        home=home,
        mail_url=mailbox.url,
        mail_from=FROM,
        sms_url=gateway.url,
        sms_headers={"Authorization": "Bearer abc"},
    )


def invite(round_: Round, way: Way = Way.EMAIL_FIRST, kind: Kind = Kind.INVITATION) -> int:
    found = outbox.queue(round_, kind, way, SITE)
    db.session.commit()
    return len(found.to)


def states() -> dict[str, str]:
    db.session.expire_all()
    return {message.case.unit: message.state for message in db.session.query(Message)}


def due_now() -> None:
    db.session.execute(update(Message).values(due_at=func.now()))
    db.session.commit()


def test_a_mail_carries_the_link_its_own_id_and_the_way_to_stop(
    round_: Round, config: Settings, mailbox: Mailbox
) -> None:
    assert invite(round_, Way.EMAIL) == 2
    outbox.deliver(Channel.EMAIL, config)
    assert sorted(mailbox.recipients) == ["an@vi-du.vn", "be@vi-du.vn"]
    mail = next(mail for mail in mailbox.mails if mail["To"] == "an@vi-du.vn")
    link = f"{SITE}/k/{case_of('u0000').token}"
    message = db.session.query(Message).filter_by(case_id=case_of("u0000").id).one()
    assert mail["Message-ID"] == f"<{message.id}@vinhlong.example>" == message.provider_id
    assert mail["From"] == FROM
    assert mail["Subject"] == "Mời ông/bà trả lời khảo sát: Điện thoại"
    assert mail["List-Unsubscribe"].strip() == f"<{link}/dung-nhan-tin>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    lines = mail.get_content().splitlines()
    assert link in lines, "the link stands on a line of its own, unbroken"
    assert "{" not in mail.get_content()
    assert set(states().values()) == {State.SENT}


def test_the_outbox_holds_neither_link_nor_address(round_: Round) -> None:
    invite(round_)
    for message in db.session.query(Message):
        row = json.dumps([message.text, message.subject, message.last_error])
        assert message.case.token not in row
        assert "@vi-du.vn" not in row
        assert "{link}" in message.text


def test_an_sms_goes_through_the_gateway(round_: Round, config: Settings, gateway: Gateway) -> None:
    invite(round_, Way.SMS)
    outbox.deliver(Channel.SMS, config)
    posted = {body["to"]: body for body in gateway.posted}
    assert set(posted) == {"+84912345671", "+84912345672"}
    body = posted["+84912345672"]
    message = db.session.query(Message).filter_by(case_id=case_of("u0002").id).one()
    assert body["id"] == str(message.id)
    assert f"{SITE}/k/{case_of('u0002').token}" in body["text"]
    assert gateway.headers[0]["Idempotency-Key"] in {str(found.id) for found in db.session.query(Message)}
    assert gateway.headers[0]["Authorization"].startswith("Bearer ")
    assert message.provider_id.startswith("g")


def test_without_a_carrier_messages_go_to_a_file_of_the_day(
    round_: Round, settings: Settings, home: Path
) -> None:
    invite(round_)
    config = replace(settings, home=home)
    for channel in Channel:
        outbox.deliver(channel, config)
    found = [
        json.loads(line) for path in (home / "outbox").iterdir() for line in path.read_text().splitlines()
    ]
    assert sorted(line["to"] for line in found) == ["+84912345672", "an@vi-du.vn", "be@vi-du.vn"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (home / "outbox").iterdir())


def test_no_title_or_name_adds_a_header() -> None:
    mail = compose(
        Dispatch("1", "an@vi-du.vn", "x", "Khảo sát Bcc: tất cả", "https://x.example/k/a/dung-nhan-tin"), FROM
    )
    assert mail["Bcc"] is None
    for subject in ("a\r\nBcc: x@y.vn", "a\nBcc: x@y.vn"):
        with pytest.raises(ValueError, match=r"linefeed|CR or LF|newline"):
            compose(Dispatch("1", "an@vi-du.vn", "x", subject), FROM)


def test_a_hostile_title_is_one_line_of_text(round_: Round, config: Settings, mailbox: Mailbox) -> None:
    round_.title = {"vi": "A\r\nBcc: x@y.vn\0\u202e{link.__class__} <script>"}
    invite(round_, Way.EMAIL)
    outbox.deliver(Channel.EMAIL, config)
    assert len(mailbox.mails) == 2
    for mail in mailbox.mails:
        assert mail["Bcc"] is None
        assert mail["Subject"].endswith("A Bcc: x@y.vn {link.__class__} <script>")


def test_nobody_who_answered_refused_or_stopped_in_between_gets_it(
    round_: Round, config: Settings, mailbox: Mailbox, gateway: Gateway
) -> None:
    invite(round_)
    set_disposition(case_of("u0000"), Disposition.COMPLETE)
    set_disposition(case_of("u0001"), Disposition.REFUSAL)
    stop(case_of("u0002"))
    db.session.commit()
    for channel in Channel:
        outbox.deliver(channel, config)
    assert (mailbox.mails, gateway.posted) == ([], [])
    assert set(states().values()) == {State.SKIPPED}
    reasons = {message.last_error for message in db.session.query(Message)}
    assert reasons == {"Đã trả lời", "Đã từ chối", "Đã yêu cầu không liên hệ"}


def test_nothing_goes_after_the_round_closed(round_: Round, config: Settings, mailbox: Mailbox) -> None:
    invite(round_)
    close_round(round_)
    db.session.commit()
    outbox.deliver(Channel.EMAIL, config)
    assert mailbox.mails == []


def test_a_replaced_link_is_the_one_that_is_sent(round_: Round, config: Settings, mailbox: Mailbox) -> None:
    invite(round_, Way.EMAIL)
    old = case_of("u0000").token
    links.revoke(case_of("u0000"), replace=True)
    db.session.commit()
    outbox.deliver(Channel.EMAIL, config)
    texts = " ".join(mail.get_content() for mail in mailbox.mails)
    assert old not in texts
    assert case_of("u0000").token in texts


def test_an_unknown_recipient_bounces_and_the_others_get_theirs(
    round_: Round, config: Settings, mailbox: Mailbox
) -> None:
    mailbox.verdicts["an@vi-du.vn"] = "550 <an@vi-du.vn>: no such user"
    invite(round_, Way.EMAIL)
    outbox.deliver(Channel.EMAIL, config)
    assert states() == {"u0000": State.BOUNCED, "u0001": State.SENT}
    bounced = db.session.query(Message).filter_by(state=State.BOUNCED).one()
    assert bounced.last_error == "550 <…>: no such user"


def test_a_full_mailbox_is_tried_again_later_and_given_up_in_the_end(
    round_: Round, config: Settings, mailbox: Mailbox
) -> None:
    mailbox.verdicts["an@vi-du.vn"] = "452 mailbox full"
    invite(round_, Way.EMAIL)
    outbox.deliver(Channel.EMAIL, config)
    outbox.deliver(Channel.EMAIL, config)  # not due yet: not tried
    message = db.session.query(Message).filter_by(case_id=case_of("u0000").id).one()
    db.session.refresh(message)
    assert (message.state, message.attempts) == (State.QUEUED, 1)
    assert message.due_at > datetime.now(UTC) + timedelta(seconds=30)
    for _ in outbox.BACK_OFF:
        due_now()
        outbox.deliver(Channel.EMAIL, config)
    db.session.refresh(message)
    assert (message.state, message.attempts) == (State.FAILED, len(outbox.BACK_OFF) + 1)
    assert outbox.retry_failed(round_) == 1


def test_a_dead_carrier_holds_the_rest_and_loses_nothing(round_: Round, config: Settings) -> None:
    invite(round_, Way.EMAIL)
    done = outbox.deliver(Channel.EMAIL, replace(config, mail_url="smtp://127.0.0.1:1"))
    assert len(done) == 1, "the second is not even tried"
    db.session.expire_all()
    assert [message.attempts for message in db.session.query(Message).order_by(Message.attempts)] == [0, 1]
    assert set(states().values()) == {State.QUEUED}


@pytest.mark.parametrize(
    ("answer", "state", "others_tried"),
    [
        (500, State.QUEUED, True),
        (429, State.QUEUED, False),
        (401, State.QUEUED, False),
        (400, State.FAILED, True),
    ],
)
def test_what_the_gateway_says_decides(
    round_: Round, config: Settings, gateway: Gateway, answer: int, state: State, others_tried: bool
) -> None:
    gateway.answers = [answer]
    invite(round_, Way.SMS)
    outbox.deliver(Channel.SMS, config)
    assert len(gateway.posted) == (2 if others_tried else 1)
    assert state in states().values()
    assert (State.SENT in states().values()) == others_tried
    refused = db.session.query(Message).filter(Message.attempts == 1, Message.state != State.SENT).one()
    assert str(answer) in refused.last_error


def test_a_text_cannot_add_a_field_to_what_the_gateway_gets(
    round_: Round, config: Settings, gateway: Gateway
) -> None:
    plan = links.locked_plan(round_)
    keep_template(plan, Kind.INVITATION, Channel.SMS, "vi", Template("", '","to":"+84999999999 {link}'))
    invite(round_, Way.SMS)
    outbox.deliver(Channel.SMS, replace(config, sms_body='{"m": [{"to": "{phone}", "body": "{text}"}]}'))
    for body in gateway.posted:
        assert set(body) == {"m"}
        assert body["m"][0]["to"].startswith("+8491234567")
        assert body["m"][0]["body"].startswith('","to":"+84999999999 https://')


def test_the_rate_of_a_minute_holds(round_: Round, config: Settings, mailbox: Mailbox) -> None:
    slow = replace(config, messages_per_minute=1)
    invite(round_, Way.EMAIL)
    assert len(outbox.deliver(Channel.EMAIL, slow)) == 1
    assert outbox.deliver(Channel.EMAIL, slow) == []
    db.session.execute(
        update(Message).where(Message.state == State.SENT).values(sent_at=func.now() - timedelta(seconds=61))
    )
    db.session.commit()
    assert len(outbox.deliver(Channel.EMAIL, slow)) == 1
    assert len(mailbox.mails) == 2


def test_two_presses_queue_nobody_twice(round_: Round) -> None:
    assert (invite(round_), invite(round_)) == (3, 0)
    assert db.session.query(Message).count() == 3


def test_taking_back_what_waits(round_: Round, config: Settings, mailbox: Mailbox) -> None:
    invite(round_)
    assert outbox.cancel_waiting(round_) == 3
    db.session.commit()
    outbox.deliver(Channel.EMAIL, config)
    assert mailbox.mails == []


WORKER = """
import sys
from dataclasses import replace
from pathlib import Path
from survey.app import create_app
from survey.config import Settings
from survey.invitations.models import Channel
from survey.invitations.outbox import deliver
url, mail, home = sys.argv[1:]
settings = replace(Settings.from_environment(), mail_url=mail, mail_from="a@b.example", home=Path(home))
app = create_app(url, settings)
with app.app_context():
    deliver(Channel.EMAIL, settings)
"""


def test_a_killed_worker_repeats_at_most_the_mail_it_was_sending(
    round_: Round, config: Settings, mailbox: Mailbox, database_url: str, settings: Settings
) -> None:
    """Killed after the server took the second mail and before the commit: that one comes twice, with one id."""
    db.session.query(Contact).filter(Contact.email.is_(None)).update({"email": "cu@vi-du.vn"})
    db.session.commit()
    assert invite(round_, Way.EMAIL) == 3
    worker: list[subprocess.Popen[bytes]] = []

    def kill_at_the_second() -> None:
        if len(mailbox.mails) == 2:
            worker[0].kill()
            worker[0].wait()

    mailbox.taken = kill_at_the_second
    arguments = [database_url, mailbox.url, str(settings.home)]
    worker.append(
        subprocess.Popen([sys.executable, "-c", WORKER, *arguments], cwd=PROJECT, env=dict(os.environ))
    )
    assert worker[0].wait(60) < 0, "the worker was to be killed"
    mailbox.taken = lambda: None
    assert sorted(states().values()) == [State.QUEUED, State.QUEUED, State.SENT]
    end = time.monotonic() + 30
    while State.QUEUED in states().values() and time.monotonic() < end:
        outbox.deliver(Channel.EMAIL, config)  # the database may take a moment to see that the worker is gone
    ids = [str(mail["Message-ID"]).partition("@")[0] for mail in mailbox.mails]
    assert (len(ids), len(set(ids))) == (4, 3)
    assert ids.count(ids[1]) == 2, "only the mail that was being sent came twice"


def test_a_file_that_cannot_be_written_holds_the_channel(
    round_: Round, settings: Settings, home: Path
) -> None:
    invite(round_, Way.SMS)
    folder = home / "outbox"
    sender = FileSender(Channel.SMS, folder)
    (folder / f"sms-{datetime.now(LOCAL_TIME):%Y-%m-%d}.jsonl").mkdir(parents=True)
    done = outbox.deliver(Channel.SMS, settings, sender=sender)
    assert [delivery.state for delivery in done] == [State.QUEUED]
