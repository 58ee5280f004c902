"""Withdrawing, the privacy notice and the helper's phone: nothing that axe finds, and nothing wider than 320 px."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from survey.accounts.models import Role
from tests.accessibility.browser import showing
from tests.accessibility.test_citizen import LANGUAGES, assert_right
from tests.accessibility.test_staff import assert_right as assert_desk_right
from tests.collect.consenting import CONSENTING, DESIGN, answer
from tests.collect.helpers import helper
from tests.collect.visitor import Visitor
from tests.factories import Fielded, field_survey
from tests.staff import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def garden(app: Flask, tmp_path: Path) -> Fielded:
    return field_survey(app, CONSENTING, folder=tmp_path, units=1, design=DESIGN)


@LANGUAGES
def test_withdrawing(garden: Fielded, client: FlaskClient, browser: Browser, lang: str) -> None:
    visitor = Visitor(client)
    receipt = answer(visitor.open(f"/s/garden?lang={lang}").press())
    with showing(browser, client) as shown:
        assert_right(shown, visitor.address, lang)
        assert_right(shown, f"/rut-lai?lang={lang}", lang)
        client.post("/rut-lai", data=dict(visitor.open("/rut-lai").form().form_values()))
        assert_right(shown, f"/rut-lai?lang={lang}", lang)  # with what is wrong
        visitor.open(f"/rut-lai?lang={lang}").press(code=receipt)
        assert_right(shown, visitor.address, lang)
        visitor.press()
        assert_right(shown, visitor.address, lang)
        visitor.open("/rut-lai").press(code=receipt)
        assert_right(shown, f"/rut-lai/xac-nhan?lang={lang}", lang)  # once more


@LANGUAGES
def test_the_privacy_notice(garden: Fielded, client: FlaskClient, browser: Browser, lang: str) -> None:
    with showing(browser, client) as shown:
        assert_right(shown, f"/quyen-rieng-tu?lang={lang}", lang)
        assert_right(shown, f"/quyen-rieng-tu/garden?lang={lang}", lang)


@LANGUAGES
def test_the_helpers_phone(app: Flask, garden: Fielded, browser: Browser, lang: str) -> None:
    phone = helper(app)
    with showing(browser, phone.client) as shown:
        assert_right(shown, f"/ho-tro?lang={lang}", lang)
        assert_right(shown, f"/ho-tro/garden?lang={lang}", lang)
        form = dict(phone.open(f"/ho-tro/garden?lang={lang}").form().form_values())
        phone.client.post(f"/ho-tro/garden?lang={lang}", data=form | {"case_code": "SAIMSAIM"})
        assert_right(shown, f"/ho-tro/garden?lang={lang}", lang)  # with what is wrong
        phone.press()
        assert_right(shown, phone.address, lang)
        former = phone.address
        phone.submit(phone.form("/ho-tro/xong"), {}, {})
        assert_right(shown, f"/ho-tro/tiep-theo?lang={lang}", lang)
        assert_right(shown, f"{former.partition('/trang/')[0]}/ma?lang={lang}", lang)
    with showing(browser, app.test_client()) as shown:
        assert_right(shown, f"/ho-tro?lang={lang}", lang)


def test_the_managers_side(app: Flask, garden: Fielded, browser: Browser) -> None:
    phone = helper(app)
    answer(phone.open("/ho-tro/garden").press())
    quan = signed_in(app, "quan", Role.MANAGER)
    assert_desk_right(browser, quan, "/manage/garden/r1", "/manage/garden/r1/bien-nhan")
