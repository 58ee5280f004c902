"""Migrations: one line of them, up and down, and they make the tables that the models describe."""

from collections.abc import Iterator

import flask_migrate
import psycopg
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect

from survey.app import create_app
from survey.config import PROJECT, Settings
from survey.extensions import db


@pytest.fixture
def empty_app(database_url: str, settings: Settings) -> Iterator[Flask]:
    """The service on a database without tables."""
    plain = database_url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS migrated")
        connection.execute("CREATE DATABASE migrated")
    app = create_app(database_url.replace("/khaosat?", "/migrated?"), settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(str(PROJECT / "migrations")).get_heads()) == 1


def test_models_and_migrations_agree(empty_app: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.check()  # exits when they differ
    assert {"response", "observation", "survey_case"} <= set(inspect(db.engine).get_table_names())


def test_upgrade_can_be_undone_and_done_again(empty_app: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    flask_migrate.upgrade()
    assert "procrastinate_jobs" in inspect(db.engine).get_table_names(schema="procrastinate")
