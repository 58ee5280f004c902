"""The delivery desk and the calendar: nothing that axe finds, and nothing wider than 320 px."""

import pytest
from flask import Flask
from playwright.sync_api import Browser

from survey.accounts.models import Role
from survey.delivery import endpoints, outbox, service, tokens
from survey.delivery.models import Way
from survey.delivery.pushing import Answer, Outcome
from survey.extensions import db
from survey.rounds.models import Purpose
from tests.accessibility.test_staff import assert_right
from tests.delivery.conftest import COMMUNES, OFFICE, agency, person, put_out
from tests.disseminate.published import estimate
from tests.known import load_registry
from tests.staff import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DESK = "/gui-so-lieu/"


def fill(app: Flask) -> tuple[str, ...]:
    """A desk on which everything there can be is there; the addresses of its pages."""
    with app.app_context():
        load_registry()
        admin, hoa = person(Role.ADMIN, "vu"), person()
        chosen = endpoints.Settled("https://lgsp.example.org/so-lieu", takes_synthetic=True)
        endpoints.set_endpoint(agency(OFFICE), chosen, admin)
        tokens.make_token(agency(OFFICE), "LGSP tỉnh", tuple(tokens.SCOPES), 90, admin)
        db.session.commit()
        put_out(estimate(72.4), estimate(75.0, dimension="sex", level="male"), estimate(30.0, code="shops"))
        put_out(estimate(50.0), period="2025", purpose=Purpose.DEMONSTRATION)
        delivery = service.deliver(agency(OFFICE), hoa, app.config["KHAOSAT"].home)
        asked = service.Sender("Nguyễn Văn Bình, Thống kê tỉnh", Way.LETTER, "15/TKT-TH")
        request, _ = service.request_correction(delivery, asked, "Số này lệch so với báo cáo của các xã.")
        db.session.commit()
        refused = Answer(Outcome.REFUSED, 422, '{"loi": "sai dinh dang"}' * 9, "Máy nhận từ chối (422).")
        outbox.push_due(app.config["KHAOSAT"], carrier=lambda *_: refused)
        pages = (
            "", f"co-quan/{OFFICE}", f"co-quan/{COMMUNES}", f"lan-gui/{delivery.id}", f"dinh-chinh/{request.id}"
        )  # fmt: skip
        return (*(f"{DESK}{page}" for page in pages), "/lich?nam=2026")


def test_the_delivery_desk(app: Flask, browser: Browser) -> None:
    lan = signed_in(app, "thu", Role.STATISTICIAN)
    assert_right(browser, lan, DESK, "/lich")  # nothing there yet
    pages = fill(app)
    assert_right(browser, lan, *pages)
    admin = signed_in(app, "quantri", Role.ADMIN)
    assert_right(browser, admin, f"{DESK}ma-truy-cap", f"{DESK}co-quan/{OFFICE}")
