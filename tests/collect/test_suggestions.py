"""Names of a long list while one is typed: few, quick to send, by keyboard and by finger; without a script, as before."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from survey.config import Settings
from survey.extensions import db
from survey.intake.models import Response
from tests.accessibility.browser import AXE, JUDGE, PHONE, RULES
from tests.accessibility.conftest import browser
from tests.collect.visitor import Visitor
from tests.factories import field_survey
from tests.live import serving

__all__ = ["browser"]
HAMLETS = "".join(
    f"|  | hamlet | h{n} | Ấp Thạnh Phú số {n} | {'n' if n % 2 else 's'} |\n" for n in range(600)
)
FORM = f"""
| survey   |                   |         |              |                |
|          | type              | name    | label        | choice_filter  |
|          | begin_group       | home    | Nơi ở        |                |
|          | select_one part   | part    | Vùng         |                |
|          | select_one hamlet | hamlet  | Ấp           | part = ${{part}} or ${{part}} = '' |
|          | end_group         |         |              |                |
| choices  |                   |         |              |                |
|          | list_name         | name    | label        | part           |
|          | part              | n       | Bắc          |                |
|          | part              | s       | Nam          |                |
|          | hamlet            | ht      | Hòa Thạnh    | n              |
{HAMLETS}
|          | hamlet            | th      | Thạnh Hòa    | s              |
| settings |                   |         |              |                |
|          | form_id           | version |              |                |
|          | home              | 1       |              |                |
"""


@pytest.fixture
def visitor(app: Flask, client: FlaskClient, tmp_path: Path) -> Visitor:
    """A visitor on the page with the long list."""
    field_survey(app, FORM.replace("\n\n", "\n"), folder=tmp_path)
    return Visitor(client).open("/s/home").press()


def suggested(visitor: Visitor, hamlet: str, **entered: str) -> list[str]:
    data = {
        **dict(visitor.form().form_values()),
        **entered,
        "hamlet": hamlet,
        "-go": "suggest",
        "-for": "hamlet",
    }
    reply = visitor.client.post(visitor.address, data=data)
    assert reply.status_code == 200
    assert len(reply.data) <= 2_000
    return list(json.loads(reply.data))


def test_few_names_that_are_like_what_is_typed(visitor: Visitor) -> None:
    assert suggested(visitor, "hoa") == ["Hòa Thạnh", "Thạnh Hòa"]
    assert suggested(visitor, "thanh phu so 59")[:2] == ["Ấp Thạnh Phú số 59", "Ấp Thạnh Phú số 590"]
    assert len(suggested(visitor, "thạnh")) == 20
    assert suggested(visitor, "thạnh")[0] == "Thạnh Hòa", "what begins with it comes first"
    assert suggested(visitor, "so 57", part="s") == [f"Ấp Thạnh Phú số {n}" for n in range(570, 580, 2)]
    assert "Hòa Thạnh" not in suggested(visitor, "hoa", part="s"), "the other answers of the page count"


@pytest.mark.parametrize("typed", ["", "h", "%", "<script>", "x" * 20_000, "\u202e", "\x00"])
def test_nothing_for_nothing(visitor: Visitor, typed: str) -> None:
    assert suggested(visitor, typed) == []


def test_other_fields_suggest_nothing(visitor: Visitor) -> None:
    data = {**dict(visitor.form().form_values()), "-go": "suggest"}
    for name in ("part", "nothing", "-revision", ""):
        assert visitor.client.post(visitor.address, data={**data, "-for": name}).json == []


@pytest.fixture
def page(
    app: Flask, database_url: str, settings: Settings, browser: Browser, tmp_path: Path
) -> Iterator[Page]:
    """A phone on the page with the long list."""
    field_survey(app, FORM.replace("\n\n", "\n"), folder=tmp_path)
    with serving(database_url, settings.home) as (base, _):
        context = browser.new_context(viewport=PHONE, bypass_csp=True)  # type: ignore[arg-type]
        context.add_init_script(path=AXE)
        opened = context.new_page()
        opened.goto(f"{base}/s/home")
        opened.locator("form[data-next] button").click()
        yield opened
        context.close()


@pytest.mark.browser
@pytest.mark.slow
def test_a_name_is_chosen_by_keyboard_and_by_finger(app: Flask, page: Page) -> None:
    field = page.get_by_role("combobox", name="Ấp")
    field.press_sequentially("thanh phu so 58")
    expect(page.get_by_role("option")).to_have_count(11)
    expect(field).to_have_attribute("aria-expanded", "true")
    assert page.evaluate(JUDGE, RULES) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "q-hamlet-list-1")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Ấp Thạnh Phú số 580")
    expect(page.get_by_role("listbox")).to_be_hidden()
    field.fill("hoa")
    page.get_by_role("option", name="Hòa Thạnh").click()
    expect(field).to_have_value("Hòa Thạnh")
    field.fill("thanh phu")
    expect(page.get_by_role("option")).to_have_count(20)
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    field.fill("Hòa Thạnh")
    page.get_by_role("button", name="Tiếp tục", exact=True).click()
    expect(page.get_by_text("Xem lại trước khi gửi").first).to_be_visible()
    with app.app_context():
        assert db.session.scalars(select(Response)).one().answers["hamlet"] == "ht"
