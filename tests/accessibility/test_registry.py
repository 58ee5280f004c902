"""The desk of administrative values and what stands beside a figure: nothing that axe finds, nothing too wide."""

import io

import pytest
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.datastructures import FileStorage

from survey.accounts.models import Role
from survey.demo.reports import report
from survey.extensions import db
from tests.accessibility.browser import Shown
from tests.accessibility.test_staff import assert_right, assert_shown_right
from tests.known import load_areas, load_registry
from tests.registry.test_checks import TODAY
from tests.registry.test_importing import GOOD
from tests.staff import send, signed_in, statistician

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DESK = "/process/danh-muc"


def test_the_desk_of_administrative_values(app: Flask, browser: Browser, shown: Shown) -> None:
    with app.app_context():
        load_registry()
        load_areas()
        report(statistician("hoa"), statistician("nam"), TODAY)
        db.session.commit()
    lan = signed_in(app, "lan", Role.STATISTICIAN)
    text = GOOD.replace("KH54-13", "KH54-99")
    file: dict[str, object] = {
        "file": FileStorage(io.BytesIO(text.encode()), "a.csv"),
        "paper": FileStorage(io.BytesIO(b"%PDF-1"), "b.pdf"),
    }
    preview = send(lan, f"{DESK}/nhap-tep", **file).headers["Location"]
    with app.app_context():
        number = db.session.execute(db.text("SELECT max(id) FROM administrative_value")).scalar()
    entry = f"{DESK}/KH54-15/nhap"
    pages = (
        DESK,
        f"{DESK}/KH54-24",
        entry,
        f"{DESK}/so/{number}",
        f"{DESK}/so/{number}/sua",
        f"{DESK}/nhap-tep",
        preview,
    )
    assert_right(browser, lan, *pages, "/chi-tieu/KH54-33")
    shown.open_text(send(lan, entry, period="x", value="-1").text)
    assert_shown_right(shown, "faulty entry")
