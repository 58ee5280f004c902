"""Chromium with axe-core in it."""

import shutil
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright

from tests.accessibility.browser import AXE, Shown, showing

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    if CHROMIUM is None or not AXE.exists():
        pytest.skip("chromium or axe-core is not installed: make tools")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def shown(browser: Browser, client: FlaskClient) -> Iterator[Shown]:
    """A window with the client's cookies."""
    with showing(browser, client) as window:
        yield window
