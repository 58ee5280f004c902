"""A real browser on the service's pages, without a server between: its requests go to the test client."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Route, expect
from werkzeug.test import TestResponse

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
BASE = "http://khaosat.test"
expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
PHONE = {"width": 360, "height": 640}
DESK = {"width": 1280, "height": 800}
# WCAG 2.2 A and AA, and what axe counts as good practice beside them.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What stands in a frame is judged as the page that it is: beside its own, its landmarks would count twice.
JUDGE = """async tags => (await axe.run(document, {runOnly: tags, iframes: false, resultTypes: ["violations"]})).violations
    .flatMap(v => v.nodes.map(n => `${v.id}: ${n.target.join(" ")}: ${n.failureSummary.replaceAll("\\n", " ")}`))"""


@dataclass
class Shown:
    """A browser window; `client` carries the cookies."""

    window: Page
    client: FlaskClient
    given: dict[str, str] = field(default_factory=dict)

    def open(self, address: str) -> Page:
        """Go to an address of the service."""
        self.window.goto(f"{BASE}{address}")
        return self.window

    def open_text(self, text: str) -> Page:
        """Show the HTML that answered a post."""
        self.given["/given"] = text
        return self.open("/given")

    def answer(self, route: Route) -> None:
        """What the service says to a request of the browser."""
        address = route.request.url.removeprefix(BASE)
        if address in self.given:
            route.fulfill(body=self.given[address], content_type="text/html; charset=utf-8")
            return
        with self.client.get(address, follow_redirects=True) as reply:
            route.fulfill(status=reply.status_code, headers=_headers(reply), body=reply.data)

    def faults(self) -> list[str]:
        """What axe finds on the page, in the light on a phone and in the dark on a desk."""
        found: list[str] = []
        for size, scheme in ((PHONE, "light"), (DESK, "dark")):
            self.window.set_viewport_size(size)  # type: ignore[arg-type]
            self.window.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found += [f"{scheme}: {fault}" for fault in self.window.evaluate(JUDGE, RULES)]
        return found

    def width(self, pixels: int = 320) -> int:
        """How wide the page is on a screen that wide; 320 px is 1280 px at 400 %, WCAG's measure of reflow."""
        self.window.set_viewport_size({"width": pixels, "height": 640})
        return int(self.window.evaluate("document.documentElement.scrollWidth"))


def _headers(reply: TestResponse) -> dict[str, str]:
    return {name: value for name, value in reply.headers if name.lower() != "set-cookie"}


@contextmanager
def showing(browser: Browser, client: FlaskClient, **settings: Any) -> Iterator[Shown]:
    """A new window; axe is in each of its pages before the page's own content, whatever the page forbids."""
    context = browser.new_context(viewport=PHONE, bypass_csp=True, **settings)  # type: ignore[arg-type]
    context.set_default_navigation_timeout(180_000)  # the first reader of a chart may wait for its drawing
    context.add_init_script(path=AXE)
    shown = Shown(context.new_page(), client)
    context.route("**/*", shown.answer)
    yield shown
    context.close()
