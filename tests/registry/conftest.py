"""The registry, loaded."""

from collections.abc import Iterator

import pytest
from flask import Flask

from survey.extensions import db
from survey.registry.service import load_registry


@pytest.fixture
def loaded(app: Flask) -> Iterator[Flask]:
    """The service with all 198 lines, within its context."""
    with app.app_context():
        load_registry()
        db.session.commit()
        yield app
        db.session.remove()
