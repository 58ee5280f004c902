"""The pages where answers are corrected: nothing that axe finds, nothing wider than 320 px, all by the keyboard."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from sqlalchemy import select

from survey.accounts.models import User
from survey.extensions import db
from survey.process.correcting import searching
from survey.rounds.models import Round
from tests.accessibility.browser import Shown
from tests.accessibility.test_staff import assert_right, assert_shown_right
from tests.editing.conftest import DESK, Household, household, lan  # noqa: F401 - fixtures
from tests.editing.test_imputing import made
from tests.editing.test_pages import RULE, press, record
from tests.staff import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_lists_a_record_and_its_form(household: Household, lan: FlaskClient, browser: Browser) -> None:  # noqa: F811
    one = f"{DESK}/phieu/{household.ids['uuid:0']}"
    forms = (f"{one}?cau=root/0/for&cau=root/0/adults", f"{one}?de-xuat=root/0")
    assert_right(browser, lan, f"{DESK}/", f"{DESK}/?tang=A", one, *forms, f"{DESK}/da-sua", RULE)


def test_messages_consent_and_what_was_corrected(
    household: Household,  # noqa: F811
    lan: FlaskClient,  # noqa: F811
    browser: Browser,
    shown: Shown,
) -> None:
    shown.open_text(press(lan, record(household), value0="ba", reason="").text)
    assert_shown_right(shown, "faults")
    shown.open_text(press(lan, record(household), value0="3", reason="typing").text)
    assert_shown_right(shown, "consent")
    press(lan, record(household), value0="3", reason="typing", consent="y")
    preview = {"variable": "adults", "expression": "2", "reason": "consistency"}
    shown.open_text(press(lan, RULE, **preview, deed="preview").text)
    assert_shown_right(shown, "preview")
    assert_right(browser, lan, f"{DESK}/da-sua", f"{DESK}/phieu/{household.ids['uuid:0']}")


def test_proposals_before_during_and_after(
    app: Flask,
    household: Household,  # noqa: F811
    lan: FlaskClient,  # noqa: F811
    browser: Browser,
) -> None:
    assert_right(browser, lan, f"{DESK}/de-xuat")
    with app.app_context():
        round_ = db.session.get_one(Round, household.round_id)
        search = searching.request_search(
            round_, db.session.scalars(select(User).where(User.username == "lan")).one()
        )
        db.session.commit()
        number = search.id
    assert_right(browser, lan, f"{DESK}/de-xuat")
    with app.app_context():
        searching.search_all(number)
    assert_right(browser, lan, f"{DESK}/de-xuat")


def test_a_run_with_imputed_values(app: Flask, tmp_path: Path, browser: Browser) -> None:
    number = made(app, tmp_path).run_id
    assert_right(browser, signed_in(app, "may"), f"/process/run/{number}")
