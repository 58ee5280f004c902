"""A whole form by keyboard alone: everything is reached by Tab, every focus is seen, nothing holds it."""

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from survey.config import Settings
from survey.extensions import db
from survey.intake.models import Response
from tests.accessibility.browser import PHONE
from tests.factories import field_survey
from tests.live import serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FOCUS = """() => {
    const at = document.activeElement, shown = at.closest(".option") ?? at, box = shown.getBoundingClientRect();
    return {
        id: at.id, name: at.name ?? "", value: at.value ?? "", tag: at.localName, kind: at.type ?? "",
        inMain: at.closest("main") !== null, text: shown.textContent.trim(),
        seen: getComputedStyle(shown).outlineStyle !== "none" && box.bottom > 0 && box.top < innerHeight,
    };
}"""
MOST_STOPS = 60


def tab(page: Page) -> dict[str, str]:
    """Go to the next control, and see where one is."""
    page.keyboard.press("Tab")
    found: dict[str, str] = page.evaluate(FOCUS)
    assert found["seen"] or found["tag"] == "body", f"the focus cannot be seen: {found}"
    return found


def enter(page: Page) -> None:
    """Press the button or link in focus."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def answer(page: Page, at: dict[str, str], done: set[str]) -> None:
    """Answer the control in focus as a keyboard does; of several boxes the first."""
    if at["name"] in done:
        return
    done.add(at["name"])
    if at["kind"] in ("radio", "checkbox"):
        page.keyboard.press("Space")
    elif at["tag"] == "select":
        page.keyboard.press("ArrowDown")
    elif at["name"] not in ("", "case_code"):
        page.keyboard.type("40" if at["name"] == "age" else "3")


def go_through(page: Page, *, answering: bool = True) -> None:
    """Tab through the page to the button that leads on, answering on the way, and press it."""
    done: set[str] = set()
    for _ in range(MOST_STOPS):
        at = tab(page)
        if at["inMain"] and at["tag"] == "button":
            return enter(page)
        if answering and at["inMain"] and at["tag"] in ("input", "select", "textarea"):
            answer(page, at, done)
    raise AssertionError(f"no button within {MOST_STOPS} stops on {page.url}")


def test_a_citizen_answers_without_a_pointer(
    app: Flask, database_url: str, settings: Settings, browser: Browser
) -> None:
    field_survey(app)
    with serving(database_url, settings.home) as (base, _):
        page = browser.new_context(viewport=PHONE, locale="vi-VN").new_page()  # type: ignore[arg-type]
        page.goto(f"{base}/s/ict-ho-gia-dinh")
        assert tab(page)["text"] == "Đi thẳng tới nội dung"
        page.keyboard.press("Enter")
        assert page.evaluate(FOCUS)["id"] == "main"
        go_through(page, answering=False)
        go_through(page, answering=False)
        assert page.evaluate(FOCUS)["id"] == "error-summary"
        assert tab(page)["tag"] == "a"
        page.keyboard.press("Enter")
        assert page.evaluate(FOCUS)["id"] == "q-consent-0"
        page.keyboard.press("Space")
        enter(page)  # in a field it goes on
        for _ in range(20):
            if "/xem-lai" in page.url:
                break
            go_through(page)
        go_through(page)
        receipt = page.locator("[data-receipt]").get_attribute("data-receipt")
        page.context.close()
    with app.app_context():
        response = db.session.scalars(select(Response)).one()
        assert (response.status, response.resume_code) == ("complete", receipt)
        assert response.answers["age"] == 40
