"""Agencies with published figures to get, people who send them, and a real recipient that may misbehave."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from flask import Flask

from survey.accounts.models import Role, User
from survey.accounts.service import add_user
from survey.delivery import service
from survey.delivery.models import Delivery
from survey.extensions import db
from survey.process.models import Estimate
from survey.registry.models import Agency
from survey.rounds.models import Purpose
from tests.disseminate.published import estimate, indicator, publish
from tests.known import load_registry
from tests.staff import PASSWORD, statistician

OFFICE, OWNER, COMMUNES = "thong-ke-tinh", "so-khcn", "ubnd-xa"
"""618-02 belongs to the department that took over in 2025, KH54-37 to communes, KH54-07 to districts, which are gone."""
INDICATORS = [
    indicator(),
    indicator("skills", registry="618-02", held_against_target=False),
    indicator("shops", registry="KH54-07", held_against_target=False),
]


@pytest.fixture
def registry(app: Flask) -> Iterator[None]:
    """An application context with agencies and indicators."""
    with app.app_context():
        load_registry()
        db.session.commit()
        yield
        db.session.remove()


def put_out(*estimates: Estimate, period: str = "2026", purpose: Purpose = Purpose.PRODUCTION) -> list:
    """Publish estimates, by default one of smartphone-use and one of skills."""
    given = estimates or (estimate(72.4), estimate(40.0, code="skills"))
    return publish(*given, indicators=INDICATORS, purpose=purpose, time_period=period)


def agency(code: str) -> Agency:
    return service.find_agency(code)


def person(role: Role = Role.STATISTICIAN, name: str = "hoa") -> User:
    """A member of staff, made the first time."""
    found = db.session.query(User).filter_by(username=name).one_or_none()
    if found is None:
        found = (
            statistician(name) if role == Role.STATISTICIAN else add_user(name, name.title(), role, PASSWORD)
        )
    return found


@pytest.fixture
def deliver(registry: None, app: Flask) -> Callable[..., Delivery]:
    """Pack what an agency has to get."""

    def made(code: str = OFFICE, **more: object) -> Delivery:
        delivery = service.deliver(agency(code), person(), app.config["KHAOSAT"].home, **more)
        db.session.commit()
        return delivery

    return made


@dataclass
class Recipient:
    """What the HTTP server of an agency gives, one answer a request (the last for all that follow), and what it got."""

    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=lambda: [(200, {}, b"ok")])
    taken: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""
    hold: threading.Event | None = None

    def give(self, *answers: int | tuple[int, bytes] | tuple[int, bytes, dict[str, str]]) -> None:
        """Statuses, with a body and headers where they matter."""
        self.answers = [_answer(one) for one in answers]


def _answer(one: object) -> tuple[int, dict[str, str], bytes]:
    status, body, headers = (*one, b"", {})[:3] if isinstance(one, tuple) else (one, b"", {})
    return status, headers if isinstance(headers, dict) else {}, body if isinstance(body, bytes) else b""


@pytest.fixture
def recipient() -> Iterator[Recipient]:
    """A real HTTP server in a thread."""
    told = Recipient()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.taken.append((self.path, dict(self.headers), body))
            if told.hold is not None:
                told.hold.wait(30)
            status, headers, content = told.answers.pop(0) if len(told.answers) > 1 else told.answers[0]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing on the tests' output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_address[1]}/so-lieu"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield told
    if told.hold is not None:
        told.hold.set()
    server.shutdown()
    server.server_close()
    thread.join(10)
