"""The page of reports, empty and filled: nothing that axe finds, and nothing wider than 320 px."""

import pytest
from flask import Flask
from playwright.sync_api import Browser

from survey.accounts.models import Role
from tests.accessibility.test_staff import assert_right
from tests.known import load_registry
from tests.reports.conftest import publish_figures
from tests.staff import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_page_of_reports(app: Flask, browser: Browser) -> None:
    hoa = signed_in(app, "hoa", Role.STATISTICIAN)
    assert_right(browser, hoa, "/process/bao-cao/")
    with app.app_context():
        load_registry()
        publish_figures()
    assert_right(
        browser, hoa, "/process/bao-cao/?year=2026&day=2026-11-21&lang=vi", "/process/bao-cao/?year=x"
    )
