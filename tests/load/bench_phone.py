"""How soon a citizen's page can be used on a cheap phone: Chromium of 360 x 640 on emulated slow 3G.

Slow 3G as Chromium's own tools emulate it: 400 kbit/s either way, 400 ms more for every request. "Usable" is when the
document is read and drawn, whichever is later: the pages need no script, so what is drawn can be touched and sent.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from survey.app import create_app
from survey.config import PROJECT, Settings
from survey.extensions import db
from survey.postgres import database
from tests.factories import field_survey
from tests.live import serving

SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
READ = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
WEIGHT = """[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .reduce((sum, entry) => sum + entry.transferSize, 0)"""
REQUESTS = "1 + performance.getEntriesByType('resource').length"
LIMIT = 2_500


@contextmanager
def service() -> Iterator[str]:
    """The address of a fresh service with the household survey open."""
    with tempfile.TemporaryDirectory(prefix="khaosat-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        settings = Settings(
            home=home,
            port=8000,
            database_url=None,
            files=str(home / "files"),
            questionnaires=PROJECT / "questionnaires",
            max_body=2**21,
        )
        with database(settings) as url:
            app = create_app(url, settings)
            with app.app_context():
                db.create_all()
            field_survey(app)
            with serving(url, home) as (base, _):
                yield base


def measured(page: Page, what: str) -> float:
    """Print what the page that is shown cost, and return when it was usable."""
    page.wait_for_load_state("load")
    while page.evaluate(PAINTED) is None:  # the page's own policy forbids the waiting that evaluates text
        page.wait_for_timeout(50)
    read, painted = page.evaluate(READ), page.evaluate(PAINTED)
    usable = max(read, painted)
    kilobytes, requests = page.evaluate(WEIGHT) / 1000, page.evaluate(REQUESTS)
    print(f"{what:12} usable {usable:6.0f} ms  read {read:6.0f} ms  {kilobytes:5.1f} kB  {requests} requests")
    return float(usable)


def main() -> int:
    """Open the start page afresh and the first question after it, several times; exit code 1 over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("chromium is not installed: make tools", file=sys.stderr)
        return 1
    first: list[float] = []
    with service() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for _ in range(times):
            context = browser.new_context(viewport={"width": 360, "height": 640}, locale="vi-VN")
            page = context.new_page()
            context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW_3G)
            page.goto(f"{base}/s/ict-ho-gia-dinh")
            first.append(measured(page, "first page"))
            page.locator("form[data-next] button").click()
            page.wait_for_url("**/trang/**")
            measured(page, "next page")
            context.close()
        browser.close()
    print(
        f"first page usable after {statistics.median(first):.0f} ms in the middle of {times}; limit {LIMIT}"
    )
    return int(statistics.median(first) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
