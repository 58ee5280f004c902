"""The command line on the tests' database, in the tests' process."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from survey import app as factory
from survey.cli import main
from survey.config import Settings


@pytest.fixture
def khaosat(
    app: Flask, database_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Run a command as a user would, with what they type; the application is the tests' own."""
    monkeypatch.setattr(factory, "create_app", lambda _url: app)  # one engine, closed at the end
    environment = {
        "DATABASE_URL": database_url.replace("postgresql+psycopg://", "postgresql://"),
        "KHAOSAT_HOME": str(settings.home),
        "KHAOSAT_PORT": "8000",
    }

    def run(*arguments: str, typed: str | None = None) -> Result:
        return CliRunner(env=environment).invoke(main, arguments, input=typed)

    return run
