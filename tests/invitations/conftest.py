"""A round with invited people, and the carriers of messages: a real SMTP server and a real HTTP gateway."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from survey.cases.models import Case
from survey.extensions import db
from survey.invitations.models import Contact
from tests.factories import Fielded, field_survey
from tests.live import _free_port
from tests.process.conftest import queue_tables, work_off

__all__ = ["queue_tables", "work_off"]

FORM = """
| survey   |            |         |                  |
|          | type       | name    | label            |
|          | integer    | age     | Tuổi             |
| settings |            |         |                  |
|          | form_title | form_id | version          |
|          | Điện thoại | phones  | 1                |
"""
DESK = "/manage/phones/r1/moi"
SITE = "https://ks.example"


@pytest.fixture
def invited(app: Flask, tmp_path: Path) -> Callable[..., Fielded]:
    """An open round of the survey `phones` with so many cases, u0000 onwards."""

    def make(units: int = 3) -> Fielded:
        return field_survey(app, FORM, units=units, folder=tmp_path)

    return make


def add_contact(unit: str, phone: str | None = None, email: str | None = None) -> None:
    """Where a unit can be written to; within an application context."""
    case = case_of(unit)
    db.session.add(Contact(case_id=case.id, phone=phone, email=email))
    db.session.flush()


def case_of(unit: str) -> Case:
    """The case of a unit; within an application context."""
    return db.session.query(Case).filter_by(unit=unit).one()


@dataclass
class Mailbox:
    """What a real SMTP server took in; `verdicts` are its answers to recipients, by address."""

    url: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    verdicts: dict[str, str] = field(default_factory=dict)
    taken: Callable[[], None] = lambda: None

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.verdicts:
            return self.verdicts[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        self.recipients += envelope.rcpt_tos
        self.taken()
        return "250 Message accepted for delivery"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """An SMTP server on a free port of this machine."""
    box = Mailbox()
    port = _free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.url = f"smtp://127.0.0.1:{port}"
    yield box
    controller.stop()


@dataclass
class Gateway:
    """What a real HTTP server was posted; `answers` are given in turn, then 200 with an id."""

    url: str = ""
    posted: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """An SMS gateway on a free port of this machine."""
    box = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = box.answers.pop(0) if box.answers else 200
            box.posted.append(json.loads(body))
            box.headers.append(dict(self.headers))
            reply = json.dumps({"message_id": f"g{len(box.posted)}"}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    box.url = f"http://127.0.0.1:{server.server_port}/send"
    yield box
    server.shutdown()
    server.server_close()
    thread.join()
