"""The page of reports, empty and filled: nothing that axe finds, and nothing wider than 320 px."""

import pytest
from flask import Flask
from playwright.sync_api import Browser

from survey.accounts.models import Role
from survey.disseminate.models import Observation
from tests.accessibility.test_staff import assert_right
from tests.reports.conftest import figures
from tests.staff import signed_in

__all__ = ["figures"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_page_of_reports(app: Flask, browser: Browser, figures: list[Observation]) -> None:
    hoa = signed_in(app, "hoa", Role.STATISTICIAN)
    assert_right(
        browser, hoa, "/process/bao-cao/?year=2026&day=2026-11-21&lang=vi", "/process/bao-cao/?year=x"
    )
