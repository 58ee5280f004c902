"""A real PostgreSQL for the tests that need one: started once a session, emptied after each test."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from survey.accounts import service as accounts
from survey.app import create_app
from survey.config import MEGABYTE, PROJECT, Settings
from survey.extensions import db, limiter
from survey.postgres import database


@contextmanager
def data_folder() -> Iterator[Path]:
    """A data folder outside pytest's own, which other users cannot enter: as root, PostgreSQL is another user."""
    with tempfile.TemporaryDirectory(prefix="khaosat-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty data folder (KHAOSAT_HOME)."""
    with data_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def session_home() -> Iterator[Path]:
    """The data folder of the tests' own server."""
    with data_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def settings(session_home: Path) -> Settings:
    """Settings of a data folder of its own, whatever the environment says."""
    home = session_home
    return Settings(
        home=home,
        port=8000,
        database_url=None,
        files=str(home / "files"),
        questionnaires=PROJECT / "questionnaires",
        max_body=2 * MEGABYTE,
    )


@pytest.fixture(scope="session")
def database_url(settings: Settings) -> Iterator[str]:
    """The URL of the embedded server."""
    with database(settings) as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """Argon2 with the least work: tests make and sign in thousands of people."""
    accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    accounts._NOBODY = accounts._hasher.hash("nobody")


@pytest.fixture(scope="session")
def one_app(database_url: str, settings: Settings) -> Iterator[Flask]:
    """The service with empty tables; tests take `app`, which leaves them empty again."""
    app = create_app(database_url, settings)
    app.config["TESTING"] = True
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(one_app: Flask) -> Iterator[Flask]:
    """The service; what a test writes is gone after it."""
    yield one_app
    with one_app.app_context():
        empty_tables()
        limiter.reset()


def empty_tables() -> None:
    """Delete every row there is, in one round trip."""
    deeds = [f"DELETE FROM {table.name}" for table in reversed(db.metadata.sorted_tables)]
    with db.engine.begin() as connection:
        connection.exec_driver_sql("; ".join(deeds))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without cookies yet."""
    return app.test_client()
