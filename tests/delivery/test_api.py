"""The API with tokens: its own agency's packages and nothing else, described as it behaves."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from werkzeug.test import TestResponse

from survey.accounts.models import AuditEvent, Role
from survey.delivery import api, tokens
from survey.delivery.api import OPERATIONS
from survey.delivery.models import Delivery, Objection, Token
from survey.errors import Refused
from survey.extensions import db, limiter
from tests.delivery.conftest import COMMUNES, OFFICE, OWNER, agency, person, put_out

ANY = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture
def delivery(deliver) -> Delivery:
    """The statistics office has a package; so have the communes."""
    put_out()
    deliver(COMMUNES)
    return deliver(OFFICE)


def secret_for(code: str, *scopes: str, days: int = 30) -> str:
    admin = person(Role.ADMIN, "quantri")
    _, secret = tokens.make_token(agency(code), "LGSP", scopes or tuple(tokens.SCOPES), days, admin)
    db.session.commit()
    return secret


@pytest.fixture
def ask(client: FlaskClient, delivery: Delivery) -> Callable[..., TestResponse]:
    """The client of the statistics office, or whoever has the secret."""
    own = secret_for(OFFICE)

    def asked(address: str, method: str = "GET", secret: str = own, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        return client.open(f"/api/v1/deliveries{address}", method=method, headers=headers, **more)

    return asked


def test_a_client_lists_takes_and_acknowledges_its_packages(ask, delivery: Delivery) -> None:
    listed = ask("?acknowledged=false").get_json()
    assert [item["number"] for item in listed["items"]] == [delivery.number]
    assert [line["change"] for line in listed["items"][0]["lines"]] == ["new", "new"]
    package = ask(f"/{delivery.id}/package")
    assert package.content_type == "application/zip"
    assert sha256(package.data).hexdigest() == listed["items"][0]["sha256"]
    first = ask(f"/{delivery.id}/acknowledgement", "POST", json={"reference": "12/TKT"}).get_json()
    again = ask(f"/{delivery.id}/acknowledgement", "POST", json={"reference": "99/XX"}).get_json()
    assert (first["first"], again["first"]) == (True, False)
    assert first["acknowledged_at"] == again["acknowledged_at"]
    db.session.expire_all()
    assert (delivery.acknowledged_reference, delivery.acknowledged_by) == ("12/TKT", "LGSP")
    assert delivery.fetched_at is not None
    assert ask("?acknowledged=false").get_json()["items"] == []


def test_a_correction_is_asked_for_once_and_its_answer_read(ask, delivery: Delivery) -> None:
    figure = delivery.lines[0].observation_id
    request = {"text": "Số này lệch so với báo cáo của xã.", "observation": figure, "reference": "5/UBND"}
    asked = ask(f"/{delivery.id}/corrections", "POST", json=request).get_json()
    again = ask(f"/{delivery.id}/corrections", "POST", json=request).get_json()
    assert asked["id"] == again["id"]
    (listed,) = ask(f"/{delivery.id}/corrections").get_json()["items"]
    assert (listed["status"], listed["observation"], listed["answer"]) == ("open", figure, "")


def test_a_figure_of_another_delivery_cannot_be_asked_about(ask, delivery: Delivery) -> None:
    reply = ask(f"/{delivery.id}/corrections", "POST", json={"text": "Sai", "observation": 2**31 - 1})
    assert reply.status_code == 404
    assert db.session.query(Objection).count() == 0


def test_another_agencys_package_is_not_there(ask, delivery: Delivery) -> None:
    other = secret_for(COMMUNES)
    for address in (f"/{delivery.id}", f"/{delivery.id}/package", f"/{delivery.id}/corrections"):
        assert ask(address, secret=other).status_code == 404
    assert ask(f"/{delivery.id}/acknowledgement", "POST", other, json={}).status_code == 404
    assert len(ask("", secret=other).get_json()["items"]) == 1
    assert ask("", secret=secret_for(OWNER)).get_json()["items"] == []


@pytest.mark.parametrize("secret", ["", "kss_falsch", "\u00e9", "a b", "k" * 5000])
def test_without_a_token_that_holds_nothing_is_told(ask, delivery: Delivery, secret: str) -> None:
    reply = ask(f"/{delivery.id}", secret=secret)
    assert reply.status_code == 401
    assert reply.content_type == "application/problem+json"
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    assert reply.get_json(force=True)["remedy"]


def test_a_token_ends_by_its_day_and_by_hand(delivery: Delivery) -> None:
    header = f"Bearer {secret_for(OFFICE, days=30)}"
    token = tokens.holder_of(header, tokens.READ)
    with pytest.raises(tokens.NoToken):
        tokens.holder_of(header, tokens.READ, now=datetime.now(UTC) + timedelta(days=31))
    tokens.revoke(token.id, person(Role.ADMIN, "quantri"))
    with pytest.raises(tokens.NoToken):
        tokens.holder_of(header, tokens.READ)


def test_a_token_does_what_it_is_for(ask, delivery: Delivery) -> None:
    reader = secret_for(OFFICE, tokens.READ)
    assert ask("", secret=reader).status_code == 200
    refused = ask(f"/{delivery.id}/acknowledgement", "POST", reader, json={})
    assert refused.status_code == 403
    assert refused.content_type == "application/problem+json"
    db.session.expire_all()
    assert delivery.acknowledged_at is None


def test_the_secret_is_nowhere_in_the_database(delivery: Delivery) -> None:
    secret = secret_for(OFFICE)
    token = db.session.query(Token).one()
    assert token.secret_hash == sha256(secret.encode()).hexdigest()
    kept = [str(event.detail) for event in db.session.query(AuditEvent)]
    assert not any(secret in text or token.secret_hash in text for text in kept)
    assert len(secret) > 43


def test_only_an_administrator_gives_tokens(registry: None) -> None:
    with pytest.raises(Refused, match="quản trị"):
        tokens.make_token(agency(OFFICE), "x", [tokens.READ], 30, person())


def test_when_a_token_was_used_is_noted_about_once_a_minute(delivery: Delivery) -> None:
    header, start = f"Bearer {secret_for(OFFICE)}", datetime.now(UTC)
    noted = []
    for seconds in (0, 30, 61):
        token = tokens.holder_of(header, tokens.READ, now=start + timedelta(seconds=seconds))
        noted.append((token.last_used_at - start).seconds)
    assert noted == [0, 0, 61]


HOSTILE = [
    b"", b"{", b"[]", b"null", b'{"text": ""}', b'{"text": "\\u0000"}', b'{"text": "\\ud800"}', b'{"text": 5}',
    b'{"text": "a", "extra": 1}', b'{"text": "a", "observation": -1}', b'{"text": "a", "observation": 1e99}',
    b'{"text": "' + b"x" * 1_000_000 + b'"}', b"\xff\xfe", b"[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE, ids=[body[:24].decode("latin-1") for body in HOSTILE])
def test_a_hostile_body_is_refused_and_nothing_kept(ask, delivery: Delivery, body: bytes) -> None:
    reply = ask(f"/{delivery.id}/corrections", "POST", data=body, content_type="application/json")
    assert reply.status_code == 400, reply.text
    assert reply.content_type == "application/problem+json"
    assert db.session.query(Objection).count() == 0


def test_what_is_not_json_is_told_so(ask, delivery: Delivery) -> None:
    reply = ask(f"/{delivery.id}/corrections", "POST", data={"text": "Sai"})
    assert reply.status_code == 415


def test_too_many_requests_are_held_up(ask, delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "RATE", "3 per hour")
    assert [ask("", secret=secret).status_code for secret in ("", "kss_1", "kss_2", "kss_3")] == [
        401,
        401,
        401,
        429,
    ]
    held = ask("")
    assert held.status_code == 429
    assert held.content_type == "application/problem+json"


def test_its_description_is_valid_and_says_how_to_come_in(ask, client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert document["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    for operation in OPERATIONS:
        told = document["paths"][operation.path][operation.method.lower()]
        assert told["security"] == [{"token": []}]
        assert operation.scope in told["description"]
    assert "security" not in document["paths"]["/observations"]["get"]


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_nothing_that_is_asked_is_answered_otherwise_than_described(
    app: Flask, delivery: Delivery, operation, mode: GenerationMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Schemathesis asks what the description allows, and what it does not."""
    monkeypatch.setattr(limiter, "enabled", False)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    headers = {"Accept-Encoding": "identity", "Authorization": f"Bearer {secret_for(OFFICE)}"}

    @ANY
    @given(case=schema[operation.path][operation.method].as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=headers)

    ask()
