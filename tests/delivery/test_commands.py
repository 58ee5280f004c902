"""`khaosat deliver` and `khaosat token`: the same deeds from the shell."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from survey.accounts.models import Role
from survey.commands import delivering, running
from survey.delivery import endpoints, tokens
from survey.delivery.models import Delivery
from survey.extensions import db
from tests.delivery.conftest import OFFICE, OWNER, Recipient, agency, person, put_out


@pytest.fixture
def run(
    app: Flask, database_url: str, registry: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Result]]:
    """Call a command of the service that the tests run on."""
    monkeypatch.setattr("survey.app.create_app", lambda url: app)
    monkeypatch.setenv("DATABASE_URL", database_url.replace("postgresql+psycopg://", "postgresql://"))
    monkeypatch.setattr(running.console, "width", 200, raising=False)

    def called(group: str, *words: str, code: int = 0) -> Result:
        person(), person(Role.ADMIN, "quantri")
        db.session.commit()
        result = CliRunner().invoke(getattr(delivering, group), list(words))
        assert result.exit_code == code, result.output
        db.session.expire_all()
        return result

    yield called


def test_packages_are_listed_written_and_acknowledged(run, tmp_path: Path) -> None:
    assert "Nothing waits" in run("deliver", "list").output
    put_out()
    assert f"waits  {OWNER}: 1 new" in run("deliver", "list").output
    run("deliver", "package", OFFICE, "--to", str(tmp_path), "--as", "hoa")
    (path,) = tmp_path.iterdir()
    assert "manifest.json" in zipfile.ZipFile(io.BytesIO(path.read_bytes())).namelist()
    run("deliver", "package", "--all", "--as", "hoa")
    assert "Nothing waits" in run("deliver", "list").output
    delivery = db.session.query(Delivery).filter_by(agency_id=agency(OFFICE).id).one()
    run("deliver", "ack", str(delivery.id), "--by", "Bình", "--letter", "15/TKT", "--as", "hoa")
    assert db.session.get_one(Delivery, delivery.id).acknowledged_reference == "15/TKT"


def test_nothing_new_is_an_error(run) -> None:
    put_out()
    run("deliver", "package", OFFICE, "--as", "hoa")
    assert "đã nhận mọi số liệu" in run("deliver", "package", OFFICE, "--as", "hoa", code=1).output
    assert "vai trò" in run("deliver", "package", OWNER, "--as", "quantri", code=1).output.lower()


def test_what_was_not_taken_is_an_error_with_its_reason(run, recipient: Recipient) -> None:
    chosen = endpoints.Settled(recipient.url, allow_private=True)
    endpoints.set_endpoint(agency(OFFICE), chosen, person(Role.ADMIN, "quantri"))
    put_out()
    run("deliver", "package", OFFICE, "--as", "hoa")
    recipient.give(403, 200)
    assert "403" in run("deliver", "push", code=1).output
    number = str(db.session.query(Delivery).one().id)
    assert "1 packages tried" in run("deliver", "push", "--retry", number, "--as", "hoa").output


def test_a_token_is_printed_once_and_revoked(run) -> None:
    given = run("token", "add", OFFICE, "--name", "LGSP", "--scope", tokens.READ, "--as", "quantri")
    secret = given.output.splitlines()[-1]
    token = tokens.holder_of(f"Bearer {secret}", tokens.READ)
    listed = run("token", "list").output
    assert "LGSP  valid" in listed
    assert secret not in listed
    run("token", "revoke", str(token.id), "--as", "quantri")
    assert "revoked" in run("token", "list").output
    assert "vai trò" in run("token", "add", OFFICE, "--name", "x", "--as", "hoa", code=1).output.lower()
