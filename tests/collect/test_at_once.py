"""Where an answer decides what else the page asks, a script brings the questions at once; without it nothing is lost."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from survey.config import PROJECT, Settings
from survey.extensions import db
from survey.intake.models import Response
from tests.accessibility.browser import PHONE
from tests.accessibility.conftest import browser
from tests.collect.visitor import Visitor
from tests.factories import field_survey
from tests.live import serving

__all__ = ["browser"]
SCRIPT = PROJECT / "survey" / "static" / "collect.js"
SHOP = """
| survey   |                   |         |                    |                    |            |               |          |
|          | type              | name    | label              | relevant           | constraint | choice_filter | required |
|          | begin_group       | shop    | Cửa hàng           |                    |            |               |          |
|          | select_one yes_no | online  | Bán qua mạng?      |                    |            |               | yes      |
|          | integer           | share   | Phần bán qua mạng  | ${online} = 'yes'  | . <= 100   |               | yes      |
|          | text              | why     | Vì sao hơn nửa?    | ${share} > 50      |            |               | yes      |
|          | select_one part   | part    | Vùng               |                    |            |               |          |
|          | select_one place  | place   | Xã                 | ${part} != ''      |            | part = ${part} |         |
|          | end_group         |         |                    |                    |            |               |          |
|          | integer           | staff   | Số người làm       |                    |            |               |          |
| choices  |                   |         |                    |                    |            |               |          |
|          | list_name         | name    | label              | part               |            |               |          |
|          | yes_no            | yes     | Có                 |                    |            |               |          |
|          | yes_no            | no      | Không              |                    |            |               |          |
|          | part              | n       | Bắc                |                    |            |               |          |
|          | part              | s       | Nam                |                    |            |               |          |
|          | place             | a       | Xã A               | n                  |            |               |          |
|          | place             | b       | Xã B               | s                  |            |               |          |
| settings |                   |         |                    |                    |            |               |          |
|          | form_id           | version |                    |                    |            |               |          |
|          | shop              | 1       |                    |                    |            |               |          |
"""


@pytest.fixture
def visitor(app: Flask, client: FlaskClient, tmp_path: Path) -> Visitor:
    """A visitor on the page of the shop."""
    field_survey(app, SHOP, folder=tmp_path)
    return Visitor(client).open("/s/shop").press()


def answers(app: Flask) -> dict[str, Any]:
    """What is kept."""
    with app.app_context():
        return dict(db.session.scalars(select(Response)).one().answers)


def look(visitor: Visitor, **entered: str) -> list[str]:
    """What the page would ask with these answers."""
    data = {**dict(visitor.form().form_values()), **entered, "-go": "look"}
    reply = visitor.client.post(visitor.address, data=data)
    assert reply.status_code == 200
    return Visitor(visitor.client)._see(reply).asked


def test_a_look_shows_what_answers_open_and_keeps_nothing(app: Flask, visitor: Visitor) -> None:
    assert look(visitor, online="no") == ["online", "part"]
    assert look(visitor, online="yes") == ["online", "share", "part"]
    assert look(visitor, online="yes", share="60") == ["online", "share", "why", "part"]
    assert look(visitor, part="s") == ["online", "part", "place"]
    assert answers(app) == {}
    assert visitor.open(visitor.address).asked == ["online", "part"]


def test_answers_to_questions_that_a_look_opened_are_taken(app: Flask, visitor: Visitor) -> None:
    visitor.submit(
        visitor.form(), {}, {"online": "yes", "share": "60", "why": "Rẻ", "part": "s", "place": "b"}
    )
    assert visitor.asked == ["staff"], "nothing is asked a second time"
    assert answers(app) == {"online": "yes", "share": 60, "why": "Rẻ", "part": "s", "place": "b"}


def test_a_fault_in_a_question_that_a_look_opened_is_told(app: Flask, visitor: Visitor) -> None:
    visitor.submit(visitor.form(), {}, {"online": "yes", "share": "600"})
    assert len(visitor.faults) == 1
    assert visitor.value("share") == "600"


def test_what_is_not_relevant_is_not_taken(app: Flask, visitor: Visitor) -> None:
    visitor.submit(visitor.form(), {}, {"online": "no", "share": "60", "staff": "5"})
    assert answers(app) == {"online": "no", "part": None}


def test_only_pages_of_questions_load_the_script(visitor: Visitor) -> None:
    assert visitor.document.xpath("//script/@src")
    visitor.press(online="no").press(staff="2")
    assert "/xem-lai" in visitor.address
    assert visitor.document.xpath("//script") == []
    assert len(gzip.compress(SCRIPT.read_bytes())) < 4_000


@pytest.fixture
def page(
    app: Flask, database_url: str, settings: Settings, browser: Browser, tmp_path: Path
) -> Iterator[Page]:
    """A phone on the page of the shop."""
    field_survey(app, SHOP, folder=tmp_path)
    with serving(database_url, settings.home) as (base, _):
        context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
        opened = context.new_page()
        opened.goto(f"{base}/s/shop")
        opened.locator("form[data-next] button").click()
        yield opened
        context.close()


@pytest.mark.browser
@pytest.mark.slow
def test_questions_come_and_go_without_a_reload(app: Flask, page: Page) -> None:
    here = page.url
    page.evaluate("window.sameWindow = true")
    page.locator("label", has_text="Có").click()
    share = page.get_by_label("Phần bán qua mạng")
    expect(share).to_be_visible()
    expect(page.locator("#asks")).not_to_be_empty()
    expect(page.locator("#q-online-0")).to_be_checked()
    share.fill("60")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Vì sao hơn nửa?")).to_be_visible()
    expect(share).to_have_value("60")
    names = page.locator("main form [name]:not([type=hidden], button)").evaluate_all(
        "all => all.map(e => e.name)"
    )
    assert list(dict.fromkeys(names)) == ["online", "share", "why", "part"]
    page.locator("label", has_text="Không").click()
    expect(share).to_have_count(0)
    page.locator("label", has_text="Nam").click()
    expect(page.locator("label", has_text="Xã B")).to_be_visible()
    page.locator("label", has_text="Bắc").click()
    expect(page.locator("label", has_text="Xã A")).to_be_visible()
    expect(page.locator("label", has_text="Xã B")).to_have_count(0)
    assert (page.url, page.evaluate("window.sameWindow")) == (here, True)
    page.locator("label", has_text="Xã A").click()
    page.get_by_role("button", name="Tiếp tục", exact=True).click()
    expect(page.get_by_label("Số người làm")).to_be_visible()
    assert answers(app) == {"online": "no", "part": "n", "place": "a"}


@pytest.mark.browser
@pytest.mark.slow
def test_without_a_line_the_page_goes_on_as_before(page: Page) -> None:
    page.route(
        "**/trang/**",
        lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_(),
    )
    page.locator("label", has_text="Có").click()
    page.get_by_role("button", name="Tiếp tục", exact=True).click()
    expect(page.get_by_label("Phần bán qua mạng")).to_be_visible()
