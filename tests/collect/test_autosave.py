"""What is typed is kept before a button is pressed: beside the answers, without conflicts and without blame."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from survey.extensions import db
from survey.intake.models import Response, UnsavedPage
from tests.accessibility.conftest import browser
from tests.collect.test_at_once import SHOP, page
from tests.collect.visitor import Visitor
from tests.factories import field_survey

__all__ = ["browser", "page"]


@pytest.fixture
def visitor(app: Flask, client: FlaskClient, tmp_path: Path) -> Visitor:
    """A visitor on the page of the shop."""
    field_survey(app, SHOP, folder=tmp_path)
    return Visitor(client).open("/s/shop").press()


def draft(app: Flask) -> tuple[dict[str, Any], int]:
    """The answers and the revision."""
    with app.app_context():
        found = db.session.scalars(select(Response)).one()
        return dict(found.answers), found.revision


def kept(app: Flask) -> list[dict[str, Any]]:
    """What is kept beside the answers."""
    with app.app_context():
        return [
            {name: texts for name, texts in page.fields.items() if name[0] != "-" and any(texts)}
            for page in db.session.scalars(select(UnsavedPage))
        ]


def autosave(visitor: Visitor, window: str = "w1", **entered: Any) -> TestResponse:
    """What the script sends; the page stays as it is."""
    form = visitor.form()
    data: dict[str, Any] = {}
    for name, value in form.form_values():
        data.setdefault(name, []).append(value)
    own = {"-go": "keep", "-window": window, "-shown": form.get("data-window")}
    return visitor.client.post(form.action or visitor.address, data={**data, **entered, **own})


def test_what_is_typed_is_kept_and_shown_again_without_blame(app: Flask, visitor: Visitor) -> None:
    before = draft(app)
    reply = autosave(visitor, online="yes", share="x", part="s", place="b")
    assert reply.status_code == 200
    assert re.fullmatch(r"Đã lưu lúc \d\d:\d\d", reply.text)
    assert draft(app) == before, "no answer and no revision changes"
    again = Visitor(app.test_client()).open(visitor.address)
    assert again.asked == ["online", "share", "part", "place"], "also what the answers open"
    assert (again.value("online"), again.value("share"), again.value("place")) == ("yes", "x", "b")
    assert again.faults == []


def test_what_the_typed_answers_close_is_not_asked_again(visitor: Visitor) -> None:
    page = visitor.address
    visitor.submit(visitor.form(), {}, {"online": "yes", "share": "40"})
    visitor.open(page)
    assert visitor.asked == ["online", "share", "part"]
    autosave(visitor, online="no", share=[])
    assert visitor.open(page).asked == ["online", "part"]


def test_the_pages_own_button_meets_no_conflict(app: Flask, visitor: Visitor) -> None:
    autosave(visitor, online="no")
    autosave(visitor, online="yes", share="4")
    visitor.submit(visitor.form(), {}, {"online": "yes", "share": "40"})
    assert visitor.asked == ["staff"]
    assert draft(app)[0].items() >= {"online": "yes", "share": 40}.items()
    assert kept(app) == []


def test_one_that_comes_after_the_button_changes_nothing(app: Flask, visitor: Visitor) -> None:
    late = Visitor(visitor.client).open(visitor.address)
    visitor.submit(visitor.form(), {}, {"online": "yes", "share": "40"})
    assert autosave(late, online="yes", share="4").status_code == 409
    assert autosave(late, online="yes", share="40").status_code == 200
    assert kept(app) == []


def test_two_windows_do_not_overwrite_each_other(app: Flask, visitor: Visitor) -> None:
    other = Visitor(app.test_client()).open(visitor.address)
    assert autosave(visitor, "w1", online="yes").status_code == 200
    refused = autosave(other, "w2", online="no")
    assert refused.status_code == 409
    assert "cửa sổ khác" in refused.text
    assert kept(app) == [{"online": ["yes"]}]
    opened_later = Visitor(app.test_client()).open(visitor.address)
    assert autosave(opened_later, "w3", online="no").status_code == 200, "it began with what was kept"
    assert kept(app) == [{"online": ["no"]}]


def test_what_another_window_could_not_save_is_not_overwritten(app: Flask, visitor: Visitor) -> None:
    other = Visitor(app.test_client()).open(visitor.address)
    other.submit(other.form(), {}, {"part": "n"})
    assert len(other.faults) == 1
    assert autosave(visitor, part="s").status_code == 409
    assert autosave(other, "w2", part="s").status_code == 200
    assert len(other.open(other.address).faults) == 1, "what was told to be wrong is so until it is mended"


def test_typing_and_taking_it_back_leaves_nothing(app: Flask, visitor: Visitor) -> None:
    autosave(visitor, online="yes")
    assert autosave(visitor, online=[]).status_code == 200
    assert kept(app) == []


def test_answers_that_were_typed_and_not_saved_are_shown_before_sending(app: Flask, visitor: Visitor) -> None:
    page = visitor.address
    review = visitor.press(online="no").press(staff="0").address
    autosave(visitor.open(page), online="yes", share="60")
    visitor.open(review).press()
    assert page.partition("?")[0] in visitor.address
    assert visitor.value("share") == "60"


def test_nothing_is_kept_without_the_pages_token_or_after_sending(app: Flask, visitor: Visitor) -> None:
    page = visitor.address
    stranger = app.test_client().post(page, data={"-go": "keep", "online": "yes", "-revision": "1"})
    assert stranger.status_code == 400
    late = Visitor(visitor.client).open(page)
    visitor.press(online="no").press(staff="0").press()
    assert "/cam-on" in visitor.address
    assert autosave(late, online="yes").status_code == 303
    assert kept(app) == []


def test_hostile_text_is_kept_as_text(app: Flask, visitor: Visitor) -> None:
    visitor.press(online="no")
    for text in ("<script>alert(1)</script>", "' OR 1=1 --", "a\x00b", "\u202eabc", "x" * 30_000, "\ud800"):
        reply = autosave(visitor, staff=text.encode("utf-8", "surrogatepass"))
        assert reply.status_code == 200
        visitor.open(visitor.address)
        assert visitor.document.xpath("//form//script") == []
    assert autosave(visitor, staff="5", **{"-window": "x" * 9_000}).status_code == 200


@pytest.mark.browser
@pytest.mark.slow
def test_a_phone_keeps_what_is_typed_and_says_when(app: Flask, page: Page) -> None:
    page.clock.install()
    page.reload()
    said = page.locator("#saved")
    page.locator("label", has_text="Có").click()
    page.get_by_label("Phần bán qua mạng").fill("60")
    page.clock.fast_forward(4_000)
    expect(said).to_have_text(re.compile(r"Đã lưu lúc \d\d:\d\d"))
    assert said.get_attribute("role") == "status"
    page.reload()
    expect(page.get_by_label("Phần bán qua mạng")).to_have_value("60")
    page.context.set_offline(True)
    page.get_by_label("Phần bán qua mạng").fill("70")
    page.clock.fast_forward(4_000)
    expect(said).to_contain_text("tự thử lại")
    page.context.set_offline(False)
    page.clock.fast_forward(20_000)
    expect(said).to_contain_text("Đã lưu lúc")
    assert kept(app)[0]["share"] == ["70"]
    page.locator("label", has_text="Không").click()
    page.get_by_role("button", name="Tiếp tục", exact=True).click()
    expect(page.get_by_label("Số người làm")).to_be_visible()
    assert draft(app)[0]["online"] == "no"
    assert kept(app) == []


@pytest.mark.browser
@pytest.mark.slow
def test_what_is_typed_is_kept_when_the_page_is_left(app: Flask, page: Page) -> None:
    address = page.url
    page.locator("label", has_text="Có").click()
    expect(page.get_by_label("Phần bán qua mạng")).to_be_visible()
    page.get_by_label("Phần bán qua mạng").fill("33")
    page.goto("about:blank")
    for _ in range(100):
        if kept(app):
            break
        page.wait_for_timeout(100)
    page.goto(address)
    expect(page.get_by_label("Phần bán qua mạng")).to_have_value("33")
