"""Public pages on a 360 px screen in Chromium: nothing reaches beyond its edge, controls are big enough."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, sync_playwright

from tests.disseminate.published import estimate, publish

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium")]
STYLE = Path(__file__).parents[2] / "survey" / "static" / "khaosat.css"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SMALL_CONTROLS = """() => [...document.querySelectorAll('button, input, .site-nav a, .files a, summary')]
    .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"""


@pytest.fixture(scope="module")
def screen() -> Iterator[Page]:
    """A page of 360 px width without script, as on a small phone."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        yield browser.new_page(viewport={"width": 360, "height": 740})
        browser.close()


@pytest.fixture
def shown(client: FlaskClient, screen: Page) -> Callable[[str], Page]:
    """Open a public page on the small screen, its stylesheet put in place."""

    def open_page(address: str) -> Page:
        text = client.get(address).get_data(as_text=True)
        screen.set_content(text.replace("</head>", f"<style>{STYLE.read_text('utf-8')}</style></head>"))
        return screen

    return open_page


@pytest.mark.parametrize(
    "address", ["/", "/chi-tieu?q=dien", "/chi-tieu/KH54-37", "/du-lieu", "/phuong-phap"]
)
def test_nothing_reaches_beyond_the_edge_and_controls_are_big_enough(shown, areas, address):
    publish(
        estimate(72.4),
        *(estimate(50.0, dimension="sex", level=sex) for sex in ("male", "female")),
        *(
            estimate(50.0 + i, dimension="district", level=str(code))
            for i, code in enumerate(range(842, 852, 2))
        ),
    )
    page = shown(address)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate(SMALL_CONTROLS) == []


def test_a_phone_sees_the_narrow_drawing_and_a_wide_screen_the_other(shown):
    publish(estimate(), estimate(50.0, dimension="sex", level="male"))
    page = shown("/chi-tieu/smartphone-use")
    assert (
        page.locator(".chart-narrow").first.is_visible()
        and not page.locator(".chart-wide").first.is_visible()
    )
    page.set_viewport_size({"width": 1280, "height": 800})
    assert (
        page.locator(".chart-wide").first.is_visible()
        and not page.locator(".chart-narrow").first.is_visible()
    )
    page.set_viewport_size({"width": 360, "height": 740})
