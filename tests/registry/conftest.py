"""The registry, loaded."""

from collections.abc import Iterator

import pytest
from flask import Flask

from survey.extensions import db
from tests.conftest import empty_tables
from tests.known import load_areas, load_registry


@pytest.fixture
def loaded(app: Flask) -> Iterator[Flask]:
    """The service with all 198 lines, within its context."""
    with app.app_context():
        load_registry()
        db.session.commit()
        yield app
        db.session.remove()


@pytest.fixture(scope="module")
def kept(one_app: Flask) -> Iterator[Flask]:
    """The same, loaded once for a whole module of tests that keep nothing."""
    with one_app.app_context():
        load_registry()
        load_areas()
        db.session.commit()
        yield one_app
        db.session.remove()
        empty_tables()


@pytest.fixture
def reading(kept: Flask) -> Iterator[Flask]:
    """The loaded service for one such test; what it wrote without keeping it is gone after it."""
    yield kept
    db.session.rollback()


@pytest.fixture
def here(loaded: Flask) -> Flask:
    """The registry with the areas of the province, old and new."""
    load_areas()
    db.session.commit()
    return loaded
