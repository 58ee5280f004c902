"""The outbox against a real recipient: down, slow, refusing, repeating itself; nothing lost, nothing sent twice."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from flask import Flask

from survey.accounts.models import Role
from survey.config import Settings
from survey.delivery import endpoints, outbox, pushing
from survey.delivery.endpoints import BadEndpoint, Settled, split_url, target_of
from survey.delivery.models import Delivery, Endpoint, Form, Push, PushState
from survey.delivery.pushing import Outcome, answer_of, push_package
from survey.delivery.service import NothingToDeliver
from survey.delivery.signature import signer_of
from survey.errors import Conflict, Fault, Refused
from survey.extensions import db
from survey.rounds.models import Purpose
from tests.delivery.conftest import OFFICE, Recipient, agency, person, put_out
from tests.disseminate.published import estimate
from tests.live import _free_port

NOW = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def connect(url: str, **more: object) -> Endpoint:
    """The statistics office takes packages at an address of this machine."""
    chosen = Settled(url, **{"allow_private": True, **more})
    endpoint = endpoints.set_endpoint(agency(OFFICE), chosen, person(Role.ADMIN, "quantri"))
    db.session.commit()
    return endpoint


@pytest.fixture
def pushed(recipient: Recipient, deliver) -> Callable[..., Delivery]:
    """A delivery to the recipient, queued with it."""

    def made(**more: object) -> Delivery:
        connect(recipient.url, **more)
        put_out()
        return deliver(OFFICE, now=NOW)

    return made


@pytest.fixture
def config(app: Flask) -> Settings:
    return app.config["KHAOSAT"]


def state(delivery: Delivery) -> Push:
    db.session.expire_all()
    push = db.session.get(Push, delivery.id)
    assert push is not None
    return push


def verified(headers: dict[str, str], url: str, config: Settings) -> bool:
    """Check the message signature as RFC 9421 says, from what came over the line alone."""
    parameters = headers["Signature-Input"].removeprefix("khaosat=")
    known = {"@method": "POST", "@target-uri": url} | {name.lower(): text for name, text in headers.items()}
    names = parameters.partition(")")[0].strip("(").replace('"', "").split()
    base = "\n".join([f'"{name}": {known[name]}' for name in names] + [f'"@signature-params": {parameters}'])
    signature = base64.b64decode(headers["Signature"].removeprefix("khaosat=:").rstrip(":"))
    load_pem_public_key(signer_of(config.home).public_pem).verify(signature, base.encode())
    return True


def test_a_package_arrives_once_signed_and_with_its_key(
    pushed, recipient: Recipient, config: Settings
) -> None:
    delivery = pushed()
    assert outbox.push_due(config, NOW) == [(delivery.id, PushState.SENT)]
    assert outbox.push_due(config, NOW + HOUR) == []
    ((path, headers, body),) = recipient.taken
    assert path == "/so-lieu"
    assert body == delivery.package
    assert headers["Idempotency-Key"] == state(delivery).key
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    assert headers["Content-Digest"] == f"sha-256=:{digest}:"
    assert verified(headers, recipient.url, config)
    assert "Authorization" not in headers
    assert (state(delivery).last_status, state(delivery).last_answer) == (200, "ok")


def test_as_json_the_package_is_inside(pushed, recipient: Recipient, config: Settings) -> None:
    delivery = pushed(form=Form.JSON)
    outbox.push_due(config, NOW)
    (_, headers, body) = recipient.taken[0]
    told = json.loads(body)
    assert headers["Content-Type"] == "application/json"
    assert base64.b64decode(told["package"]) == delivery.package
    assert (told["number"], told["agency"]) == (delivery.number, OFFICE)


def test_the_secret_of_the_environment_goes_along(
    pushed, recipient: Recipient, config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = pushed()
    with_secret = Settings(**{**vars(config), "delivery_secrets": {OFFICE: "bi-mat"}})
    outbox.push_due(with_secret, NOW)
    assert recipient.taken[0][1]["Authorization"] == "Bearer bi-mat"
    assert "bi-mat" not in str(vars(state(delivery)))


def test_what_is_rolled_back_is_neither_delivered_nor_queued(recipient, deliver, config: Settings) -> None:
    connect(recipient.url)
    put_out()
    from survey.delivery import service

    service.deliver(agency(OFFICE), person(), config.home)
    db.session.rollback()
    assert (db.session.query(Delivery).count(), db.session.query(Push).count()) == (0, 0)
    assert deliver(OFFICE).push is not None


def test_an_endpoint_that_is_down_for_a_day_gets_it_when_it_is_up(
    registry: None, deliver, recipient: Recipient, config: Settings
) -> None:
    """Refused connections for a day, each pause longer up to six hours; then one delivery under one key."""
    up = recipient.url
    endpoint = connect(f"http://127.0.0.1:{_free_port()}/so-lieu")
    put_out()
    delivery, now, tries = deliver(OFFICE, now=NOW), NOW, []
    while now < NOW + timedelta(days=1):
        assert outbox.push_due(config, now) == [(delivery.id, PushState.QUEUED)]
        tries.append(now)
        now = state(delivery).due_at
    pauses = [(later - earlier) / HOUR for earlier, later in zip(tries, [*tries[1:], now], strict=True)]
    assert all(0.8 <= pause * 60 / 3**number <= 1.2 for number, pause in enumerate(pauses[:5]))
    assert max(pauses) <= 7.2
    assert 8 <= state(delivery).attempts <= 13
    assert "Không nối được" in state(delivery).reason
    key, endpoint.url = state(delivery).key, up
    db.session.commit()
    assert outbox.push_due(config, now) == [(delivery.id, PushState.SENT)]
    assert [headers["Idempotency-Key"] for _, headers, _ in recipient.taken] == [key]
    assert state(delivery).reason == ""


def test_after_three_days_it_stops_with_its_reason_and_can_be_tried_again(
    pushed, recipient: Recipient, config: Settings
) -> None:
    delivery = pushed()
    recipient.give(500)
    now = NOW
    while state(delivery).state == PushState.QUEUED:
        outbox.push_due(config, now)
        now = state(delivery).due_at
    assert timedelta(days=3) <= state(delivery).last_attempt_at - NOW < timedelta(days=3, hours=8)
    assert "ba ngày" in state(delivery).reason
    recipient.give(200)
    assert outbox.push_due(config, now + HOUR) == []
    outbox.retry_now(delivery, person(), now)
    db.session.commit()
    assert outbox.push_due(config, now) == [(delivery.id, PushState.SENT)]
    assert len({headers["Idempotency-Key"] for _, headers, _ in recipient.taken}) == 1


def test_500_then_200_is_taken_at_the_second_try(pushed, recipient: Recipient, config: Settings) -> None:
    delivery = pushed()
    recipient.give((500, b"<script>alert(1)</script>\x00\xff" + b"x" * 2_000), 201)
    outbox.push_due(config, NOW)
    assert state(delivery).state == PushState.QUEUED
    assert len(state(delivery).last_answer) == 500
    assert "\x00" not in state(delivery).last_answer
    assert outbox.push_due(config, NOW + timedelta(seconds=30)) == []
    outbox.push_due(config, NOW + timedelta(seconds=90))
    assert (state(delivery).state, state(delivery).attempts) == (PushState.SENT, 2)


def test_a_duplicate_is_delivered(pushed, recipient: Recipient, config: Settings) -> None:
    """The first answer was lost on the way; the recipient says that it has it."""
    delivery = pushed()
    recipient.give((409, b"duplicate"))
    assert outbox.push_due(config, NOW) == [(delivery.id, PushState.SENT)]


@pytest.mark.parametrize(
    ("status", "words"),
    [(400, "từ chối"), (401, "mã bí mật"), (404, "Địa chỉ"), (413, "quá lớn"), (302, "chuyển hướng")],
)
def test_what_cannot_succeed_stops_at_once_with_its_reason(
    pushed, recipient: Recipient, config: Settings, status: int, words: str
) -> None:
    delivery = pushed()
    recipient.give((status, b"", {"Location": f"{recipient.url}/khac"}))
    assert outbox.push_due(config, NOW) == [(delivery.id, PushState.STOPPED)]
    assert words in state(delivery).reason
    assert len(recipient.taken) == 1  # no redirect was followed
    assert outbox.push_due(config, NOW + timedelta(days=2)) == []


def test_429_waits_as_long_as_it_asks(pushed, recipient: Recipient, config: Settings) -> None:
    delivery = pushed()
    recipient.give((429, b"", {"Retry-After": "7200"}))
    outbox.push_due(config, NOW)
    assert state(delivery).due_at == NOW + 2 * HOUR


def test_a_slow_recipient_is_tried_again(pushed, recipient: Recipient, config: Settings) -> None:
    delivery = pushed()
    recipient.hold = threading.Event()
    assert outbox.push_due(config, NOW, carrier=partial(push_package, timeout=0.2)) == [
        (delivery.id, PushState.QUEUED)
    ]
    assert "quá chậm" in state(delivery).reason
    recipient.hold.set()
    outbox.push_due(config, NOW + HOUR)
    assert state(delivery).state == PushState.SENT
    assert len({headers["Idempotency-Key"] for _, headers, _ in recipient.taken}) == 1


def test_garbage_instead_of_http_is_tried_again(registry: None, deliver, config: Settings) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:

        def babble() -> None:
            line, _ = server.accept()
            with line:
                line.recv(65_536)
                line.sendall(b"\x00\x01garbage\r\n\r\n" * 10)

        thread = threading.Thread(target=babble)
        thread.start()
        connect(f"http://127.0.0.1:{server.getsockname()[1]}/")
        put_out()
        delivery = deliver(OFFICE, now=NOW)
        assert outbox.push_due(config, NOW) == [(delivery.id, PushState.QUEUED)]
        thread.join(10)
    assert state(delivery).reason


def test_paused_it_waits_and_resumed_it_goes(pushed, recipient: Recipient, config: Settings) -> None:
    delivery = pushed()
    endpoint = endpoints.endpoint_of(agency(OFFICE))
    outbox.set_paused(endpoint, person(), paused=True)
    db.session.commit()
    assert outbox.push_due(config, NOW + HOUR) == []
    outbox.set_paused(endpoint, person(), paused=False)
    db.session.commit()
    assert outbox.push_due(config, NOW + HOUR) == [(delivery.id, PushState.SENT)]
    with pytest.raises(Conflict):
        outbox.retry_now(delivery, person())


def test_one_that_fails_holds_no_other_up(pushed, recipient: Recipient, deliver, config: Settings) -> None:
    first = pushed()
    put_out(estimate(60.0), period="2027")
    second = deliver(OFFICE, now=NOW)
    recipient.give(500, 200)
    assert outbox.push_due(config, NOW) == [(first.id, PushState.QUEUED), (second.id, PushState.SENT)]


def test_generated_figures_go_only_to_a_test_system(recipient: Recipient, deliver, config: Settings) -> None:
    connect(recipient.url)
    put_out(purpose=Purpose.DEMONSTRATION)
    delivery = deliver(OFFICE, is_synthetic=True, now=NOW)
    assert delivery.push is None
    with pytest.raises(Fault, match="không có địa chỉ"):
        outbox.retry_now(delivery, person())
    connect(recipient.url, takes_synthetic=True)
    outbox.retry_now(delivery, person(), NOW)
    db.session.commit()
    assert outbox.push_due(config, NOW) == [(delivery.id, PushState.SENT)]


def test_a_second_press_makes_no_second_package(pushed, deliver) -> None:
    pushed()
    with pytest.raises(NothingToDeliver):
        deliver(OFFICE)
    assert db.session.query(Push).count() == 1


FORBIDDEN = [
    "http://example.org/", "ftp://example.org/", "https://", "https://user:pw@example.org/", "https://127.0.0.1/",
    "https://10.1.2.3/", "https://169.254.169.254/latest", "https://[::1]/", "https://[::ffff:10.0.0.1]/",
    "https://0.0.0.0/", "https://example.org/#a", "https://example.org:0/", "https://example.org:99999/",
    "https://ex ample.org/", "https://example.org/\r\nX: 1", "https://exämple.org/", "javascript:alert(1)", "",
    "https://example.org/" + "x" * 600,
]  # fmt: skip


@pytest.mark.parametrize("url", FORBIDDEN)
def test_addresses_that_are_no_recipient_are_refused(url: str) -> None:
    with pytest.raises(BadEndpoint):
        split_url(url, allow_private=False)


@pytest.mark.parametrize(
    "url", ["http://10.1.2.3/", "https://169.254.169.254/", "https://0.0.0.0/", "https://224.0.0.1/"]
)
def test_some_are_refused_even_in_the_agencies_own_network(url: str) -> None:
    with pytest.raises(BadEndpoint):
        split_url(url, allow_private=True)


@pytest.mark.parametrize(
    "found",
    [["10.0.0.8"], ["127.0.0.1"], ["93.184.215.14", "192.168.1.1"], ["fe80::1%eth0"], ["::ffff:127.0.0.1"]],
)
def test_a_name_that_leads_inside_is_not_connected_to(found: list[str]) -> None:
    endpoint = Endpoint(url="https://lgsp.example.org/a", form=Form.ZIP, allow_private=False)
    with pytest.raises(BadEndpoint):
        target_of(endpoint, lambda host, port: found)


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """A name that answers otherwise a moment later leads nowhere else; certificate and Host are the name's."""
    endpoint = Endpoint(url="https://lgsp.example.org:8443/a?b=1", form=Form.ZIP, allow_private=False)
    target = target_of(endpoint, lambda host, port: ["93.184.215.14"])
    assert (target.url, target.host, target.name) == (
        "https://93.184.215.14:8443/a?b=1", "lgsp.example.org:8443", "lgsp.example.org",
    )  # fmt: skip
    six = target_of(endpoint, lambda host, port: ["2606:2800:21f:cb07::1"])
    assert six.url == "https://[2606:2800:21f:cb07::1]:8443/a?b=1"


def test_an_address_that_became_internal_stops_the_package(pushed, config: Settings) -> None:
    delivery = pushed()
    endpoint = endpoints.endpoint_of(agency(OFFICE))
    assert endpoint is not None
    endpoint.url, endpoint.allow_private = "https://lgsp.example.org/", False
    db.session.commit()
    inside = partial(push_package, resolve=lambda host, port: ["10.0.0.1"])
    assert outbox.push_due(config, NOW, carrier=inside) == [(delivery.id, PushState.STOPPED)]
    assert "nội bộ" in state(delivery).reason


def test_a_name_without_address_is_tried_again(pushed, config: Settings) -> None:
    delivery = pushed()

    def nobody(host: str, port: int) -> list[str]:
        raise endpoints.Unresolved("Không tìm thấy máy")

    assert outbox.push_due(config, NOW, carrier=partial(push_package, resolve=nobody)) == [
        (delivery.id, PushState.QUEUED)
    ]


def test_only_an_administrator_sets_an_address(registry: None) -> None:
    with pytest.raises(Refused):
        endpoints.set_endpoint(agency(OFFICE), Settled("https://example.org/"), person())


@pytest.mark.parametrize("status", [100, 199, 300, 418, 499, 599])
def test_every_status_has_an_outcome(status: int) -> None:
    answer = answer_of(status, {}, b"")
    assert answer.outcome in (Outcome.REFUSED, Outcome.LATER)
    assert str(status) in answer.reason


def test_an_absurd_retry_after_is_bounded() -> None:
    assert answer_of(503, {"Retry-After": "9" * 400}, b"").wait == pushing.LONGEST_WAIT
    assert answer_of(503, {"Retry-After": "tomorrow"}, b"").wait == timedelta(0)
