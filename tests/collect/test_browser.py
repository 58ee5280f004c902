"""A visitor on a small phone with JavaScript off, in a real browser, on a real server."""

import shutil
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select

from survey.config import Settings
from survey.extensions import db
from survey.intake.models import Response, ResponseEvent
from tests.factories import field_survey
from tests.live import serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = {"width": 360, "height": 640}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def phone(browser: Browser) -> Page:
    """A page of 360 x 640 without JavaScript."""
    return browser.new_context(viewport=PHONE, java_script_enabled=False, locale="vi-VN").new_page()


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
        for _ in range(40):
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
    for control in page.locator("label.option, main button:visible, main select").all():
        size = control.bounding_box()
        assert size is not None
        assert size["height"] >= 44
        assert size["x"] >= 0
        assert size["x"] + size["width"] <= PHONE["width"]


@pytest.mark.parametrize("javascript", [False, True])
def test_back_and_reload_after_a_message_never_meet_the_browsers_own_error_page(
    app: Flask, database_url: str, settings: Settings, browser: Browser, javascript: bool
) -> None:
    field_survey(app)
    page = browser.new_context(viewport=PHONE, java_script_enabled=javascript).new_page()
    with serving(database_url, settings.home) as (base, _):
        page.goto(f"{base}/s/ict-ho-gia-dinh")
        page.get_by_role("button", name="Bắt đầu trả lời").click()
        first = page.url
        page.locator("[name=case_code]").fill("SAI-MÃ")
        for _ in range(2):
            go_on(page)
            expect(page.locator("#error-summary li")).to_have_count(2)
        expect(page.locator("[name=case_code]")).to_have_value("SAI-MÃ")
        expect(page.locator("[name=case_code]")).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#error-summary")).to_be_focused()
        methods: list[str] = []
        page.on("request", lambda request: methods.append(request.method))
        page.reload()
        expect(page.locator("#error-summary li")).to_have_count(2)
        assert "POST" not in methods, "a reload sends nothing again"
        page.locator("[name=case_code]").fill("")
        page.locator("label[for=q-consent-0]").click()
        go_on(page)
        expect(page.get_by_role("heading", name="Nơi ở")).to_be_visible()
        reply = page.go_back()
        assert reply is not None
        assert (reply.status, page.url) == (200, first)
        expect(page.locator("#error-summary")).to_have_count(0)
        expect(page.locator("#q-consent-0")).to_be_checked()
        page.go_forward()
        expect(page.get_by_role("heading", name="Nơi ở")).to_be_visible()
        with app.app_context():
            saved = select(ResponseEvent.kind).where(ResponseEvent.kind == "page")
            assert len(db.session.scalars(saved).all()) == 3


def go_on(page: Page) -> None:
    """Press the button that leads on."""
    page.get_by_role("button", name="Tiếp tục", exact=True).click()
