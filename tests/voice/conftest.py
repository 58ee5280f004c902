"""Citizens and caseworkers for the tests: real communes, a page that may be answered at once."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from survey.accounts.models import Role
from survey.cases.areas import _rows
from survey.cases.models import Area, AreaKind
from survey.extensions import db
from survey.text import plain
from survey.voice import guards
from survey.voice.lists import rules
from tests.collect.visitor import Visitor
from tests.staff import signed_in


@pytest.fixture
def areas(app: Flask) -> None:
    """The communes of today, without what was before them: `load_areas` takes a second."""
    with app.app_context():
        rows = [
            {"kind": AreaKind.COMMUNE, "facts": {}, "search_name": plain(row["full_name"])}
            | {name: row[name] for name in ("code", "name", "full_name")}
            for row in _rows("communes_2025.csv")
        ]
        db.session.execute(insert(Area), rows)
        db.session.commit()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test fills in a page faster than a person; here that is not held against it."""
    monkeypatch.setattr(guards, "rules", lambda: replace(rules(), fastest_seconds=0))


@pytest.fixture
def citizen(areas: None, hasty: None, client: FlaskClient) -> Visitor:
    """Somebody at the empty form."""
    return Visitor(client).open("/y-kien")


@pytest.fixture
def staff(app: Flask) -> FlaskClient:
    """The browser of a signed-in caseworker."""
    return signed_in(app, "hoa", Role.CASEWORKER)
