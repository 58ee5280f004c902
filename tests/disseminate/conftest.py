"""Pages drawn from templates alone, and the public pages as a reader opens them."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from lxml import html

from survey import formats
from survey.extensions import db
from tests.known import load_areas, load_registry
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


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    """A reader of the public pages, with the registry loaded."""
    with app.app_context():
        load_registry()
        db.session.commit()
        yield app.test_client()
        db.session.remove()


@pytest.fixture
def areas(client: FlaskClient) -> None:
    """The areas of the province, for figures by area."""
    load_areas()
    db.session.commit()


@pytest.fixture
def read(client: FlaskClient) -> Callable[[str], html.HtmlElement]:
    """Open a page and check it as every page is checked."""

    def opened(address: str) -> html.HtmlElement:
        response = client.get(address, follow_redirects=True)
        assert response.status_code == 200, f"{address}: {response.status}"
        return checked(response.get_data(as_text=True))

    return opened
