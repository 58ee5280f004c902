"""The public pages: nothing that axe finds, and nothing wider than 320 px."""

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from sqlalchemy import select

from survey.accounts.models import User
from survey.disseminate import service
from survey.extensions import db
from survey.rounds.models import Purpose
from tests.accessibility.browser import Shown
from tests.accessibility.policy import assert_quiet
from tests.disseminate.conftest import areas, client
from tests.disseminate.published import another_run, estimate, indicator, publish

__all__ = ["areas", "client"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
ADDRESSES = ["/", "/?q=dien", "/?q=khongco", "/chi-tieu", "/kiem-chung", "/du-lieu", "/phuong-phap"]


@pytest.mark.parametrize("address", [*ADDRESSES, "/chi-tieu/KH54-37", "/chi-tieu/KH54-07/ho-so"])
def test_before_anything_is_published(shown: Shown, address: str) -> None:
    shown.open(address)
    assert shown.faults() == []
    assert shown.width() <= 320


@pytest.mark.usefixtures("areas")
@pytest.mark.parametrize("address", [*ADDRESSES, "/chi-tieu/smartphone-use"])
def test_with_figures(shown: Shown, address: str) -> None:
    publish(
        estimate(72.4),
        *(estimate(50.0, dimension="sex", level=sex) for sex in ("male", "female")),
        *(estimate(40.0 + code - 842, dimension="district", level=str(code)) for code in range(842, 852, 2)),
        estimate(60.0, dimension="age_group", level="60+", n=12, quality="unpublishable"),
    )
    place = indicator("mobile-use", published={"value": 71.0}, registry=None, held_against_target=False)
    publish(
        estimate(71.0, "mobile-use"),
        estimate(70.0, "mobile-use", dimension="agglomerate", level="2"),
        indicators=[place],
        purpose=Purpose.VERIFICATION,
        survey="indec",
        time_period="2018",
    )
    shown.open(address)
    assert shown.faults() == []
    assert shown.width() <= 320


def test_a_number_its_revision_and_its_withdrawal(shown: Shown) -> None:
    old = publish(estimate(72.4))[0]
    people = {user.username: user for user in db.session.scalars(select(User))}
    run = another_run(old.release.run, estimate(73.0))
    release = service.propose(run, people["lan"], "Thêm phiếu đến muộn của hai xã.")
    new = service.publish(release, people["minh"])[0]
    db.session.commit()
    for address in (f"/so-lieu/{new.id}", f"/so-lieu/{old.id}", "/chi-tieu/smartphone-use"):
        shown.open(address)
        assert shown.faults() == []
        assert shown.width() <= 320
    service.withdraw(release, people["minh"], "Sai", "Có lỗi, sẽ công bố lại.")
    db.session.commit()
    for address in (f"/so-lieu/{new.id}", "/chi-tieu/smartphone-use"):
        shown.open(address)
        assert shown.faults() == []
        assert shown.width() <= 320


@pytest.mark.usefixtures("areas")
def test_their_content_policy_refuses_nothing(browser: Browser, client: FlaskClient) -> None:
    publish(
        estimate(72.4),
        *(estimate(50.0, dimension="sex", level=sex) for sex in ("male", "female")),
        *(estimate(40.0 + code - 842, dimension="district", level=str(code)) for code in range(842, 852, 2)),
    )
    figure = "/chi-tieu/smartphone-use"
    assert_quiet(browser, client, *ADDRESSES, figure, f"{figure}?lang=en")
    assert_quiet(browser, client, "/khong-co", missing=True)
