"""What a command says when the database is not as it needs it."""

import click
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from survey.commands.running import plain_errors
from survey.extensions import db


@pytest.mark.parametrize(
    "statement", ["SELECT 1 FROM of_a_later_version", "SELECT of_a_later_version FROM round"]
)
def test_tables_of_another_version_are_told_with_the_remedy(app: Flask, statement: str) -> None:
    with app.app_context(), pytest.raises(click.ClickException, match="khaosat db upgrade"), plain_errors():
        db.session.execute(text(statement))


def test_our_own_mistakes_in_sql_stay_visible(app: Flask) -> None:
    with app.app_context(), pytest.raises(ProgrammingError), plain_errors():
        db.session.execute(text("SELEC 1"))
