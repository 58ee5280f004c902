"""A manager without code, in a real browser: uploads a form, sees it on a phone, answers it; nothing becomes data."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright
from sqlalchemy import select

from survey.accounts.models import Role
from survey.config import Settings
from survey.extensions import db
from survey.intake.models import Response
from survey.process import fieldwork
from survey.rounds.models import Purpose, Round
from tests.authoring.forms import HOUSEHOLD
from tests.collect.test_browser import CHROMIUM
from tests.live import serving
from tests.staff import PASSWORD, add_person

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENT = 60_000  # milliseconds; machines that test are busy ones


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def test_a_form_is_uploaded_previewed_and_answered_without_becoming_data(
    app: Flask, database_url: str, settings: Settings, browser: Browser, tmp_path: Path
) -> None:
    add_person(app, "quan", Role.MANAGER)
    form = tmp_path / "phieu.md"
    form.write_text(HOUSEHOLD, encoding="utf-8")
    window = browser.new_context(viewport={"width": 1280, "height": 900}, locale="vi-VN").new_page()
    window.set_default_timeout(PATIENT)
    with serving(database_url, settings.home) as (base, _):
        _sign_in(window, base)
        window.goto(f"{base}/manage/upload")
        window.get_by_label("Tệp XLSForm").set_input_files(str(form))
        window.get_by_role("button", name="Kiểm tra và nhập").click()
        expect(window.get_by_role("heading", name="Hộ và Internet")).to_be_visible(timeout=PATIENT)
        expect(window.get_by_role("img", name="Sơ đồ 4 trang")).to_be_visible(timeout=PATIENT)
        window.get_by_role("link", name="Xem thử và trả lời thử").click()
        window.get_by_role("button", name="Mở bản xem thử").click()
        phone, desk = (window.frame_locator(f"section.{kind} iframe") for kind in ("phone", "desktop"))
        _assert_fits(window, phone)
        expect(desk.get_by_role("button", name="Bắt đầu trả lời")).to_be_visible(timeout=PATIENT)
        _answer(phone)
        expect(phone.locator("[data-receipt]")).to_be_visible(timeout=PATIENT)
        expect(phone.get_by_text("XEM THỬ")).to_be_visible(timeout=PATIENT)
        window.reload()
        window.locator("details.trial summary").click()
        expect(window.locator("details.trial").get_by_text("fibre")).to_be_visible(timeout=PATIENT)
    _assert_no_data(app)


def _sign_in(window: Page, base: str) -> None:
    window.goto(f"{base}/dang-nhap")
    window.get_by_label("Tên đăng nhập").fill("quan")
    window.get_by_label("Mật khẩu").fill(PASSWORD)
    window.get_by_role("button", name="Đăng nhập").click()


def _assert_fits(window: Page, phone: FrameLocator) -> None:
    """The phone's frame is 360 px wide, and its page no wider."""
    phone.get_by_role("button", name="Bắt đầu trả lời").wait_for()
    frame = next(frame for frame in window.frames if "/thu/" in frame.url)
    assert frame.evaluate("[innerWidth, document.documentElement.scrollWidth]") == [360, 360]


def _answer(phone: FrameLocator) -> None:
    """From the first page over both repeats' instances to the receipt."""
    phone.get_by_role("button", name="Bắt đầu trả lời").click()
    phone.get_by_label("Số người trong hộ").fill("1")
    phone.get_by_text("Có", exact=True).click()
    phone.get_by_role("button", name="Tiếp tục", exact=True).click()
    phone.get_by_text("Cáp quang").click()
    phone.get_by_role("button", name="Tiếp tục", exact=True).click()
    phone.get_by_role("link", name="Sửa").first.click()
    phone.get_by_label("Tuổi").fill("40")
    phone.get_by_role("button", name="Tiếp tục", exact=True).click()
    phone.get_by_role("link", name="Sửa").first.wait_for()  # the list again, whose button has the same name
    phone.get_by_role("button", name="Tiếp tục", exact=True).click()
    phone.get_by_role("button", name="Gửi câu trả lời").click()


def _assert_no_data(app: Flask) -> None:
    """What was answered stands in the preview alone, and no desk counts it."""
    with app.app_context():
        trial = db.session.scalars(select(Response).where(Response.status == "complete")).one()
        assert trial.round.purpose == Purpose.PREVIEW
        assert trial.answers["member"] == [{"age": 40}]
        assert db.session.scalars(select(Round).where(Round.purpose != Purpose.PREVIEW)).all() == []
        assert fieldwork.overview() == []
