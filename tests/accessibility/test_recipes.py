"""The recipe pages: versions, writing with and without faults, pictures, comparison, totals."""

import io
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.datastructures import FileStorage

from survey.accounts.models import Role
from survey.extensions import db
from survey.process import service as processing
from survey.process.recipes import control_sets as sets
from survey.process.recipes import service
from tests.accessibility.browser import showing
from tests.accessibility.test_staff import assert_right, assert_shown_right
from tests.process.conftest import HandMade
from tests.process.recipes.conftest import PEOPLE, RAKED, field, fielded, in_round, own_text
from tests.process.recipes.test_control_sets import ABOUT, GOOD, totals
from tests.staff import send, signed_in, statistician

__all__ = ["field", "fielded"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_recipe_pages(app: Flask, fielded: HandMade, browser: Browser) -> None:
    at, lan = fielded.address, signed_in(app, "lan", Role.STATISTICIAN)
    with in_round(app, fielded) as round_:
        minh = statistician("minh")
        text = own_text(round_, RAKED)
        service.save(round_, minh, text, "Hiệu chỉnh theo giới tính và tầng", 0)
        runs = []
        for number in (0, 1):
            run = service.request(round_, minh, number)
            db.session.commit()
            runs.append(processing.execute(run.id).id)
        leap = {
            name: {level: 1.3 * total for level, total in levels.items()} for name, levels in PEOPLE.items()
        }
        sets.propose(round_, minh, ABOUT, totals(leap))
        accepted = sets.propose(round_, minh, replace(ABOUT, source="Thống kê tỉnh"), totals(PEOPLE))
        sets.accept(round_, accepted, minh)
        db.session.commit()
    pages = [
        "phuong-an",
        "phuong-an/0",
        "phuong-an/1",
        "phuong-an/moi?tu=1",
        f"so-sanh?a={runs[0]}&b={runs[1]}",
    ]
    pages += ["tong-the", "tong-the/1", "tong-the/2", "tong-the/moi"]
    assert_right(browser, lan, at, f"/process/run/{runs[1]}", *(f"{at}/{page}" for page in pages))
    with showing(browser, lan) as shown:
        address = f"{at}/phuong-an/moi"
        wrong = text.replace("rake", "shake").replace("strata", "layers")
        shown.open_text(send(lan, address, text=wrong, note="x", based_on="0", seen="1").text)
        assert shown.window.locator("#error-summary li").count() == 2
        assert_shown_right(shown, "a recipe with faults")
        file = FileStorage(io.BytesIO(GOOD.replace(b"male;95,0", b"male;-95")), filename="x.csv")
        given = {
            "stands_for": "controls.csv", "source": "x", "reference_date": "2026-07-01",
            "population_base": "resident", "population": "Người lớn", "status": "test",
        }  # fmt: skip
        shown.open_text(send(lan, f"{at}/tong-the/moi", file=file, **given).text)
        assert shown.window.locator("#error-summary li").count() == 1
        assert_shown_right(shown, "totals with faults")
