"""The pages of microdata, for the public and for statisticians: nothing that axe finds, nothing wider than 320 px."""

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.accessibility.browser import Shown, showing
from tests.accessibility.policy import assert_quiet
from tests.accessibility.test_staff import assert_right, assert_shown_right
from tests.microdata.sampled import published_run
from tests.microdata.test_pages import FORM, PUBLIC
from tests.staff import send, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_from_the_form_to_the_public_page(app: Flask, browser: Browser, shown: Shown, tmp_path: Path) -> None:
    run_id = published_run(app, tmp_path)
    lan, reader = signed_in(app, "lan"), app.test_client()
    form = f"/vi-du-lieu/luot/{run_id}/adult"
    assert_right(browser, reader, PUBLIC)  # nothing yet
    assert_right(browser, lan, "/vi-du-lieu/", form)
    refused = send(lan, form, **{**FORM, "variables-1-recode": ""} | {"suppress": ""})
    assert refused.status_code == 422
    shown.open_text(refused.text)
    assert_shown_right(shown, "refused")
    draft = send(lan, form, **FORM).headers["Location"]
    assert_right(browser, lan, draft, form)
    send(lan, draft, f"{draft}/de-nghi")
    minh = signed_in(app, "minh")
    assert_right(browser, minh, draft, "/vi-du-lieu/")
    send(minh, draft, f"{draft}/ky")
    public = f"{PUBLIC}/{draft.rpartition('/')[2]}"
    assert_right(browser, reader, PUBLIC, public, "/du-lieu")
    shown.open_text(send(reader, public, f"{public}/dong-y").text)
    assert_shown_right(shown, "terms not ticked")
    send(reader, public, f"{public}/dong-y", agreed="y")
    assert_right(browser, reader, public)
    assert_quiet(browser, reader, PUBLIC, public)
    with showing(browser, minh) as window:
        window.open(draft)
        assert_shown_right(window, "published, at the desk")
