"""A waiting run's page follows the work by itself, and shows the figures when it has ended."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from survey.extensions import db
from survey.process import service
from survey.process.models import RunStatus
from tests.accessibility.browser import showing
from tests.accessibility.conftest import browser
from tests.process.conftest import HandMade
from tests.process.hand_made import DESIGN_WEIGHT
from tests.process.test_course import queued
from tests.staff import signed_in

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("work_off")]


def test_progress_and_end_come_without_a_touch(
    app: Flask, field: Callable[..., HandMade], browser: Browser
) -> None:
    run_id = queued(app, field(DESIGN_WEIGHT))
    with showing(browser, signed_in(app, "lan")) as shown:
        page = shown.open(f"/process/run/{run_id}")
        expect(page.get_by_role("status")).to_have_text("Đang chờ máy xử lý nhận việc: thứ 1 trong hàng.")
        with app.app_context():
            run = service.find_run(run_id)
            run.status, run.progress, run.message = RunStatus.RUNNING, 0.4, "Tính trọng số: household"
            db.session.commit()
        expect(page.get_by_role("status")).to_have_text("Tính trọng số: household.", timeout=20_000)
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "0.4")
        with app.app_context():
            service.execute(run_id)
        expect(page.get_by_role("heading", name="Ước lượng")).to_be_visible(timeout=20_000)
        expect(page.get_by_role("progressbar")).to_have_count(0)
