"""A visitor on a small phone with JavaScript off, in a real browser, on a real server."""

import shutil
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from survey.config import Settings
from survey.extensions import db
from survey.intake.models import Response
from tests.factories import field_survey
from tests.live import serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = {"width": 360, "height": 640}


@pytest.fixture
def phone() -> Iterator[Page]:
    """A page of 360 x 640 without JavaScript."""
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(viewport=PHONE, java_script_enabled=False, locale="vi-VN")
        yield context.new_page()
        browser.close()


def test_a_citizen_answers_on_a_phone_without_javascript(
    app: Flask, database_url: str, settings: Settings, phone: Page
) -> None:
    field_survey(app)
    with serving(database_url, settings.home) as (base, _):
        phone.goto(f"{base}/s/ict-ho-gia-dinh")
        phone.get_by_role("button", name="Bắt đầu trả lời").click()
        phone.get_by_role("button", name="Tiếp tục", exact=True).click()
        assert phone.locator("#error-summary").is_visible()
        phone.locator("#error-summary a").click()
        assert "#q-consent-0" in phone.url
        for _ in range(20):
            if "/xem-lai" in phone.url:
                break
            _fill(phone)
            _assert_fits(phone)
            phone.get_by_role("button", name="Tiếp tục", exact=True).click()
        phone.get_by_role("button", name="Gửi câu trả lời").click()
        receipt = phone.locator("[data-receipt]").get_attribute("data-receipt")
        with app.app_context():
            response = db.session.scalars(select(Response)).one()
            assert (response.status, response.resume_code) == ("complete", receipt)
            assert response.answers["age"] == 40


def _fill(page: Page) -> None:
    """Answer everything on the page: the first choice, the number 40 (3 for people in the household)."""
    for field in page.locator("fieldset.field").all():
        field.locator("label.option").first.click()
    for menu in page.locator("main select").all():
        menu.select_option(index=1)
    for box in page.locator("input[inputmode=numeric]").all():
        box.fill("40" if box.get_attribute("name") == "age" else "3")


def _assert_fits(page: Page) -> None:
    """Nothing is wider than the screen, and what is touched is at least 44 px high."""
    box = page.locator("main").bounding_box()
    assert box is not None
    assert box["width"] <= PHONE["width"]
    for control in page.locator("label.option, main button, main select").all():
        size = control.bounding_box()
        assert size is not None
        assert size["height"] >= 44
        assert size["x"] >= 0
        assert size["x"] + size["width"] <= PHONE["width"]
