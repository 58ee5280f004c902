"""The citizen's pages as people adapt them: enlarged, in the colours of the system, without motion, with big fingers."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accessibility.browser import Shown
from tests.collect.every_type import EVERY_TYPE
from tests.collect.visitor import Visitor
from tests.factories import field_survey

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# 1280 px at 200 % and 400 %; a phone of 320 px whose letters are twice as big.
WIDTHS = (640, 320)
SMALL = """least => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
    .filter(e => e.type !== "hidden" && e.offsetParent && !e.closest(".hidden, .skip, .option")
        && !(e.localName === "a" && getComputedStyle(e).display === "inline"))
    .map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
    .filter(([, box]) => box.width < 24 || box.height < least).map(([html]) => html)"""
CHOICES = "all => all.map(e => e.getBoundingClientRect()).filter(b => b.height < 44 || b.width < 44).length"
LOOK = """e => { const s = getComputedStyle(e.closest(".option") ?? e); return [s.outlineStyle, s.outlineWidth, s.outlineColor] }"""
BORDER = "e => { const s = getComputedStyle(e); return [s.borderTopStyle, s.borderTopWidth, s.borderTopColor].join(' ') }"
MOVING = """() => [...document.querySelectorAll("*")].flatMap(e => ["", "::before", "::after"].map(p => getComputedStyle(e, p)))
    .filter(s => parseFloat(s.transitionDuration) > 0 || s.animationName !== "none" || s.scrollBehavior === "smooth").length"""


@pytest.fixture
def addresses(app: Flask, client: FlaskClient, tmp_path: Path) -> list[str]:
    """One of each kind of page: start, questions with messages, list, pause, review."""
    field_survey(app, EVERY_TYPE, folder=tmp_path)
    visitor = Visitor(client).open("/s/types").press()
    questions = visitor.address
    root = re.sub("/trang/.*", "", questions)
    visitor.press(staff="2", best="sr").press()
    instances = visitor.address
    visitor.press("add").press(name="Lan").open(questions).press(staff="x", area="1.500", best="sr")
    return ["/s/types", questions, instances, f"{root}/tam-dung", f"{root}/xem-lai"]


def test_enlarged_pages_need_no_sideways_scrolling(shown: Shown, addresses: list[str]) -> None:
    for address in addresses:
        window = shown.open(address)
        for width in WIDTHS:
            assert shown.width(width) <= width, (address, width)
        # text alone enlarged to 200 %, as phones do (WCAG 1.4.4)
        window.evaluate("document.documentElement.style.fontSize = '200%'")
        assert shown.width(360) <= 360, address


def test_in_the_systems_colours_states_and_focus_stay_visible(shown: Shown, addresses: list[str]) -> None:
    window = shown.open(addresses[1])
    window.emulate_media(forced_colors="active")
    chosen, other = (window.locator(f"label[for=q-best-{place}]") for place in (0, 1))
    assert chosen.evaluate(BORDER) != other.evaluate(BORDER), "a chosen answer looks like the others"
    for name in ("staff", "best", "story", "worst"):
        control = window.locator(f"[name={name}]").first
        window.keyboard.press("Tab")  # the next focus is the keyboard's
        control.focus()
        style, width, colour = control.evaluate(LOOK)
        assert (style, width) == ("solid", "3px"), name
        assert colour != window.evaluate("getComputedStyle(document.body).backgroundColor"), name
    for button in window.locator("main .actions button").all():
        assert button.is_visible()
    for bordered in (".error-summary", "input[name=staff]", "main .actions button >> nth=0"):
        assert window.locator(bordered).evaluate(BORDER).split()[0] == "solid", bordered
    # axe is not asked: it takes the colour that the page wished for, not the system's


def test_nothing_moves_for_who_asks_for_stillness(shown: Shown, addresses: list[str]) -> None:
    for address in addresses:
        window = shown.open(address)
        window.emulate_media(reduced_motion="reduce")
        assert window.evaluate(MOVING) == 0, address


def test_everything_is_large_enough_to_touch(shown: Shown, addresses: list[str]) -> None:
    for address in addresses:
        window = shown.open(address)
        assert window.evaluate(SMALL, 24) == [], address
        assert window.locator("label.option, main .actions :is(button, a)").evaluate_all(CHOICES) == 0, (
            address
        )


def test_the_summary_of_messages_takes_the_focus_and_leads_to_the_fields(
    shown: Shown, addresses: list[str]
) -> None:
    window = shown.open(addresses[1])
    assert window.evaluate("document.activeElement.id") == "error-summary"
    for link in window.locator("#error-summary a").all():
        target: Any = link.get_attribute("href")
        link.click()
        assert window.evaluate("document.activeElement.id") == target[1:]


def test_a_browser_may_fill_in_what_it_knows_of_the_person(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    form = """
| survey   |              |         |           |
|          | type         | name    | label     |
|          | text         | email   | Thư       |
|          | begin_repeat | member  | Người     |
|          | text         | phone   | Điện thoại |
|          | end_repeat   |         |           |
| settings |              |         |           |
|          | form_id      | version |           |
|          | who          | 1       |           |
"""
    field_survey(app, form, folder=tmp_path)
    visitor = Visitor(client).open("/s/who").press()
    assert visitor.document.xpath("//input[@name='email']/@autocomplete") == ["email"]
    visitor.press(email="lan@example.org").press("add")
    assert visitor.document.xpath("//main//input[@type='text']/@autocomplete") == ["off"], "another person's"
