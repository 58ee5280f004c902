"""Questions that are heard and seen: read aloud where the browser has a voice, with the questionnaire's own files."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import expect

from tests.accessibility.browser import Shown
from tests.accessibility.conftest import browser, shown
from tests.collect.visitor import Visitor
from tests.factories import field_survey

__all__ = ["browser", "shown"]
PICTURE = b"\x89PNG\r\n\x1a\n" + b"picture"
FILES = {"fruit.png": PICTURE, "durian.png": PICTURE, "best.mp3": b"ID3" + b"sound"}
FORM = """
| survey   |                  |         |                |              |              |              |              |
|          | type             | name    | label::vi      | label::en    | hint::vi     | image        | audio        |
|          | begin_group      | shop    | Cửa hàng       | Shop         |              |              |              |
|          | select_one fruit | best    | Trái nào ngon? | Which fruit? | Chọn một     | fruit.png    | best.mp3     |
|          | integer          | staff   | Số người làm   | Staff        |              |              |              |
|          | end_group        |         |                |              |              |              |              |
| choices  |                  |         |                |              |              |              |              |
|          | list_name        | name    | label::vi      | label::en    | image        |              |              |
|          | fruit            | sr      | Sầu riêng      | Durian       | durian.png   |              |              |
|          | fruit            | du      | Dừa            | Coconut      |              |              |              |
| settings |                  |         |                |              |              |              |              |
|          | form_title       | form_id | version        | default_language |          |              |              |
|          | Cửa hàng         | shop    | 1              | vi           |              |              |              |
"""
# A device with one voice: what is said is written down.
VOICES = """window.said = []; window.stopped = 0;
const voices = VOICES.map(lang => ({lang}));
Object.defineProperty(window, "speechSynthesis", {value: Object.assign(new EventTarget(), {
    getVoices: () => voices, speak: part => said.push(part), cancel: () => { stopped += 1; said = []; }})});
window.SpeechSynthesisUtterance = function (text) { this.text = text; };"""


def page_with(shown: Shown, client: FlaskClient, *voices: str, lang: str = "vi") -> None:
    """The page of the shop on a device with these voices."""
    shown.window.add_init_script(VOICES.replace("VOICES", str(list(voices))))
    shown.open(Visitor(client).open(f"/s/shop?lang={lang}").press().address)


def said(shown: Shown) -> list[str]:
    found: list[str] = shown.window.evaluate("said.map(part => part.text)")
    return found


@pytest.fixture
def shop(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    for name, content in FILES.items():
        (tmp_path / "media" / name).write_bytes(content)
    field_survey(app, FORM, folder=tmp_path)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.usefixtures("shop")
def test_the_page_is_read_in_its_order_and_stops_on_the_second_press(
    shown: Shown, client: FlaskClient
) -> None:
    page_with(shown, client, "vi-VN")
    button = shown.window.get_by_role("button", name="Đọc to câu hỏi")
    expect(button).to_be_visible()
    button.focus()
    shown.window.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    optional = " (không bắt buộc)"
    assert said(shown) == [
        "Cửa hàng",
        f"Trái nào ngon?{optional}",
        "Chọn một",
        "Sầu riêng",
        "Dừa",
        f"Số người làm{optional}",
    ]
    shown.window.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "false")
    assert said(shown) == []
    shown.window.keyboard.press("Enter")
    shown.window.evaluate("said.at(-1).onend()")
    expect(button).to_have_attribute("aria-pressed", "false")
    stopped = shown.window.evaluate("stopped")
    shown.window.evaluate("dispatchEvent(new Event('pagehide'))")
    assert shown.window.evaluate("stopped") == stopped + 1, "it stops when the page is left"
    assert shown.faults() == []


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.usefixtures("shop")
def test_without_a_voice_of_the_language_there_is_no_button(shown: Shown, client: FlaskClient) -> None:
    page_with(shown, client, "en-US")
    expect(shown.window.locator("#aloud")).to_be_hidden()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.usefixtures("shop")
def test_what_no_voice_can_say_is_left_out(shown: Shown, client: FlaskClient) -> None:
    page_with(shown, client, "en_GB", lang="en")
    shown.window.get_by_role("button", name="Read aloud").click()
    assert "Which fruit? (optional)" in said(shown)
    assert "Chọn một" not in said(shown), "a hint that is only there in Vietnamese"


@pytest.mark.usefixtures("shop")
def test_pictures_and_recordings_stand_beside_their_questions(client: FlaskClient) -> None:
    document = Visitor(client).open("/s/shop").press().document
    (picture,) = document.xpath("//*[@data-q='best']/div[@class='media']/img")
    assert re.fullmatch(r"/s/shop/tep/[0-9a-f]{16}/fruit\.png", picture.get("src"))
    assert client.get(picture.get("src")).data == FILES["fruit.png"]
    assert picture.get("alt") == "Hình của câu hỏi: Trái nào ngon?"
    (recording,) = document.xpath("//*[@data-q='best']//audio[@controls]")
    assert (recording.get("preload"), recording.get("aria-label")) == ("none", "Nghe câu hỏi: Trái nào ngon?")
    (choice,) = document.xpath("//label[contains(@class, 'option')]//img")
    assert choice.get("src").endswith("/durian.png")
    assert choice.get("alt") == "", "its words stand beside it"
