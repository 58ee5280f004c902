"""Pages drawn from templates without a database."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask, render_template_string
from lxml import html

from survey import formats
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
