"""Every kind of page under the service's own content policy: nothing on it is refused, nothing complains."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from survey.accounts.models import Role
from survey.extensions import db
from survey.process import service
from survey.rounds.models import Round
from tests.accessibility.policy import assert_quiet, watching
from tests.collect.every_type import EVERY_TYPE
from tests.collect.visitor import Visitor
from tests.disseminate.published import estimate, make_run
from tests.factories import field_survey
from tests.known import load_registry
from tests.process.conftest import HandMade, field
from tests.process.hand_made import DESIGN_WEIGHT, NONRESPONSE, WITHIN
from tests.staff import signed_in, statistician

__all__ = ["field"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_violation_is_noticed(browser: Browser, client: FlaskClient) -> None:
    with watching(browser, client) as watched:
        window = watched.open("/dang-nhap")
        window.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')")
        window.evaluate(
            "document.body.append(Object.assign(document.createElement('script'), {text: 'x()'}))"
        )
        window.wait_for_timeout(100)
        refused = " ".join(watched.complaints)
        assert "style-src" in refused
        assert "script-src" in refused


def test_the_citizens_pages(app: Flask, browser: Browser, client: FlaskClient, tmp_path: Path) -> None:
    field_survey(app, EVERY_TYPE, folder=tmp_path)
    visitor = Visitor(client).open("/s/types").press()
    root = re.sub("/trang/.*", "", visitor.address)
    seen = ["/s/types", visitor.address, f"{root}/tam-dung", f"{root}/xem-lai"]
    visitor.press(staff="x", area="1.500")
    assert len(visitor.faults) >= 2
    assert_quiet(browser, client, *seen, visitor.address)
    seen = [visitor.press(staff="2", area="", best="sr").address]
    seen.append(visitor.press().address)
    seen.append(visitor.press("add").address)
    visitor.press(name="Lan").press()
    assert_quiet(browser, client, *seen, visitor.address)
    assert_quiet(browser, client, visitor.press().address)


def test_the_desks(app: Flask, field: Callable[..., HandMade], browser: Browser, client: FlaskClient) -> None:
    fielded, lan = field(DESIGN_WEIGHT, NONRESPONSE, WITHIN), signed_in(app, "lan", Role.STATISTICIAN)
    with app.app_context():
        run = service.request_run(db.session.get_one(Round, fielded.round_id), statistician("minh"))
        db.session.commit()
        service.execute(run.id)
        page = f"/process/run/{run.id}"
    assert_quiet(browser, lan, "/process/", fielded.address, page, "/tai-khoan", "/ky/")
    quan = signed_in(app, "quan", Role.MANAGER)
    assert_quiet(browser, quan, "/manage/", "/manage/upload", "/manage/tinh-tay", "/manage/tinh-tay/r1")
    assert_quiet(browser, client, "/dang-nhap")


def test_the_signing_desk(app: Flask, browser: Browser) -> None:
    with app.app_context():
        load_registry()
        run = make_run(estimate(80.0), estimate(82.0, dimension="sex", level="male"))
        db.session.commit()
        page = f"/ky/luot/{run.id}"
    assert_quiet(browser, signed_in(app, "lan", Role.STATISTICIAN), "/ky/", page)
