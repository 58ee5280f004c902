"""The public pages: nothing that axe finds, and nothing wider than 320 px."""

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from survey.rounds.models import Purpose
from tests.accessibility.browser import Shown
from tests.accessibility.policy import assert_quiet
from tests.disseminate.conftest import areas, client
from tests.disseminate.published import estimate, indicator, publish

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
