"""The card of a figure: a picture of the right size that says what the page says."""

import io

import pytest
from PIL import Image

from survey.disseminate import cards
from tests.disseminate.published import estimate, indicator, publish


def test_the_card_is_a_picture_that_messengers_take(client):
    publish()
    reply = client.get("/chi-tieu/smartphone-use/the.png")
    assert reply.status_code == 200 and reply.mimetype == "image/png" and reply.headers["ETag"]
    picture = Image.open(io.BytesIO(reply.data))
    assert picture.size == (1200, 630)
    assert len(reply.data) < 300_000  # what Zalo and Facebook fetch at once


def test_the_page_names_its_card_and_says_it_in_words(read):
    publish()
    page = read("/chi-tieu/smartphone-use")
    told = {meta.get("property"): meta.get("content") for meta in page.xpath("//meta[@property]")}
    assert told["og:image"].endswith("/chi-tieu/smartphone-use/the.png")
    assert told["og:image"].startswith("http")
    assert told["og:description"].replace("\xa0", " ").startswith("72,4 %; khoảng tin cậy 95 %: 70,0–74,8 %")
    assert "số liệu mô phỏng" in told["og:description"]


@pytest.mark.parametrize("quality", ["good", "caution", "unpublishable"])
def test_what_is_withheld_is_on_no_card(client, monkeypatch, quality):
    shown = []
    monkeypatch.setattr(cards, "png", lambda layout, data: shown.append(data) or b"")
    publish(estimate(quality=quality), indicators=[indicator(label={"vi": "Ệ" * 400})])
    client.get("/chi-tieu/smartphone-use/the.png")
    (data,) = shown
    assert ("72,4" in str(data)) == (quality != "unpublishable")


def test_an_indicator_without_figures_has_no_card(client):
    reply = client.get("/chi-tieu/KH54-01/the.png")
    assert reply.status_code == 404 and "Chưa có số liệu" in reply.text
