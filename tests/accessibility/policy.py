"""A browser window that obeys the service's content policy and notes what its console complains of."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask.testing import FlaskClient
from playwright.sync_api import Browser, ConsoleMessage

from tests.accessibility.browser import PHONE, Shown

REFUSED = """addEventListener("securitypolicyviolation", event =>
    console.error(`${event.violatedDirective}: ${event.blockedURI} ${event.sample} in ${event.sourceFile}`))"""


class Watched(Shown):
    """A window that notes what its console complains of."""

    complaints: list[str]

    def note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{self.window.url}: {message.text}")


@contextmanager
def watching(browser: Browser, client: FlaskClient) -> Iterator[Watched]:
    """A window that obeys the policy, unlike those into which axe is put."""
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    context.set_default_navigation_timeout(180_000)
    context.add_init_script(REFUSED)
    watched = Watched(context.new_page(), client)
    watched.complaints = []
    watched.window.on("console", watched.note)
    watched.window.on("pageerror", lambda error: watched.complaints.append(str(error)))
    context.route("**/*", watched.answer)
    yield watched
    context.close()


def assert_quiet(browser: Browser, client: FlaskClient, *addresses: str, missing: bool = False) -> None:
    """None of the pages is refused anything by its policy or complains in the console."""
    with watching(browser, client) as watched:
        for address in addresses:
            watched.open(address)
            watched.window.wait_for_load_state("networkidle")
        found = [line for line in watched.complaints if not (missing and "404" in line)]
        assert found == []
