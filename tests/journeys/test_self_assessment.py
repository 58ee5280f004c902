"""A firm on a phone: from /dbi through the questionnaire to its radar among its peers, and the PDF."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, sync_playwright

from survey.commands import demonstration
from survey.config import Settings
from survey.extensions import db
from tests.assessment.firms import answers_of
from tests.collect.visitor import Visitor
from tests.live import serving

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PHONE = {"width": 360, "height": 640}
LAST = "pillar_6_2"


@pytest.fixture
def phone() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed and could not be (see tests/tools.sh)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


def test_from_the_start_to_the_radar_and_the_pdf(
    app: Flask, client: FlaskClient, database_url: str, settings: Settings, phone: Browser, tmp_path: Path
) -> None:
    with serving(database_url, settings.home, workers=1) as (base, _):
        with app.app_context():
            demonstration._assess(base, seed=2026)
            demonstration._assess(base, seed=2026)  # once more adds nobody
            assert (
                db.session.execute(db.text("SELECT count(*) FROM response")).scalar() == demonstration.FIRMS
            )
        page = phone.new_context(viewport=PHONE, java_script_enabled=False).new_page()
        page.goto(f"{base}/dbi")
        page.get_by_role("button", name="Bắt đầu tự đánh giá").click()
        page.wait_for_url("**/s/dbi-dnnvv/**")
        _answer_all_but_the_last_page(client, page.url.removeprefix(base))
        _answer_the_last_page(page, base)
        page.get_by_role("link", name="Xem kết quả tự đánh giá").click()
        page.wait_for_url("**/dbi/ket-qua/*")
        assert page.locator("[data-level]").get_attribute("data-level") == "3"
        assert page.locator(".radar svg polygon[stroke-dasharray]").is_visible()  # the peers
        assert "doanh nghiệp khác đã tham gia" in page.locator("main").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        code = page.locator("[data-receipt]").get_attribute("data-receipt")
        with page.expect_download() as download:
            page.get_by_role("link", name="Tải bản PDF").click()
        download.value.save_as(tmp_path / "dbi.pdf")
    with pypdfium2.PdfDocument((tmp_path / "dbi.pdf").read_bytes()) as document:
        first = " ".join(document[0].get_textpage().get_text_range().split())
    assert (
        "SỐ LIỆU MÔ PHỎNG" in first and "Mức 3 trên 5: Hình thành" in first and "192 trên 320 điểm" in first
    )
    assert code and f"{code[:4]}-{code[4:]}" in first  # in the foot of every page


def _answer_all_but_the_last_page(client: FlaskClient, address: str) -> None:
    """The same draft over HTTP, from where the browser stands."""
    visitor, answers = Visitor(client).open(address), answers_of(3)
    while LAST not in visitor.address:
        assert re.search("/trang/", visitor.address), (visitor.address, visitor.faults)
        visitor.press(**{name: str(answers[name]) for name in visitor.asked if name in answers})


def _answer_the_last_page(page: Page, base: str) -> None:
    page.goto(re.sub("/trang/.*", "", page.url))  # the link that goes on where one left
    page.wait_for_url(f"**/trang/{LAST}")
    for name in ("dbi_58", "dbi_59", "dbi_60"):
        page.locator(f"input[name='{name}'][value='3']").check()
    page.locator("form[data-next] button").first.click()
    while "/cam-on" not in page.url:
        page.wait_for_load_state()
        page.locator("form[data-next] button").first.click()
        page.wait_for_load_state()
