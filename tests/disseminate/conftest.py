"""Pages drawn from templates alone, and the public room on a database of its own."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import delete

from survey import formats
from survey.accounts.models import AuditEvent, User
from survey.cases.areas import load_areas
from survey.config import Settings
from survey.disseminate.models import Observation, Release
from survey.disseminate.registry import load_registry
from survey.disseminate.views import disseminate
from survey.extensions import db
from survey.postgres import database
from survey.process.models import Run, Snapshot
from survey.rounds.models import InstrumentVersion, Round, Survey
from tests.page import page as checked


@pytest.fixture
def bare_app() -> Iterator[Flask]:
    """Templates, static files and formats of the service, and nothing else."""
    app = Flask("survey")
    app.config.update(SECRET_KEY="test", WTF_CSRF_ENABLED=False)
    formats.register(app)
    with app.test_request_context("/chi-tieu/KH54-37"):
        yield app


@pytest.fixture
def drawn(bare_app: Flask) -> Callable[..., html.HtmlElement]:
    """Draw a page whose main block is the given template text, and check it as every page is checked."""
    frame = (
        '{%% extends "base.html" %%}{%% import "macros/forms.html" as forms %%}'
        '{%% import "macros/figures.html" as figures %%}'
        "{%% block title %%}Thử{%% endblock %%}{%% block main %%}%s{%% endblock %%}"
    )
    return lambda text, **values: checked(render_template_string(frame % text, **values))


@pytest.fixture(scope="session")
def public_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The room that publishes, on a database of its own, with the areas and the registry loaded."""
    home = tmp_path_factory.mktemp("home")
    settings = replace(Settings.from_environment(), home=home, files=str(home / "files"))
    with database(settings) as url:
        app = Flask("survey")
        app.config.from_mapping(settings.flask(url))
        db.init_app(app)
        formats.register(app)
        app.register_blueprint(disseminate)
        with app.app_context():
            db.create_all()
            load_areas()
            load_registry()
            db.session.commit()
        yield app
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def client(public_app: Flask) -> Iterator[FlaskClient]:
    """A reader of the public pages; what a test publishes is gone after it."""
    with public_app.app_context():
        yield public_app.test_client()
        db.session.remove()
        for table in (
            Observation,
            Release,
            Run,
            Snapshot,
            Round,
            InstrumentVersion,
            Survey,
            AuditEvent,
            User,
        ):
            db.session.execute(delete(table))
        db.session.commit()


@pytest.fixture
def read(client: FlaskClient) -> Callable[[str], html.HtmlElement]:
    """Open a page and check it as every page is checked."""

    def opened(address: str) -> html.HtmlElement:
        response = client.get(address, follow_redirects=True)
        assert response.status_code == 200, f"{address}: {response.status}"
        return checked(response.get_data(as_text=True))

    return opened
