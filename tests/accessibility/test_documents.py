"""The codebook of a version, on the desk: nothing that axe finds, and nothing wider than 320 px."""

import pytest
from flask import Flask
from playwright.sync_api import Browser

from survey.accounts.models import Role
from tests.accessibility.test_staff import assert_right
from tests.authoring.forms import address
from tests.factories import field_survey
from tests.questionnaires.library import FOLDER
from tests.staff import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_codebook_and_the_links_to_documents(app: Flask, browser: Browser) -> None:
    field_survey(app)
    field_survey(app, FOLDER / "indec-ict-2018")  # two levels of data, three languages
    quan = signed_in(app, "quan", Role.MANAGER)
    household, members = address(app, "ict-ho-gia-dinh"), address(app, "indec-ict-2018")
    assert_right(browser, quan, household, f"{household}/bang-ma", f"{members}/bang-ma")
