"""Pointing on the map without a script."""

import io

import pytest
from flask import Flask
from PIL import Image

from survey.cases.geography import borders, commune_at
from survey.voice.places import Map, centre, map_of
from tests.collect.visitor import Visitor
from tests.voice.messages import GOOD, the_only


def press_map(citizen: Visitor, **fields: str) -> Visitor:
    """Send the map's own form."""
    (form,) = [form for form in citizen.document.forms if form.xpath(".//input[@type='image']")]
    return citizen.submit(form, {name.replace("__", "."): value for name, value in fields.items()}, {})


def test_a_press_becomes_a_place_and_is_shown_again(app: Flask, citizen: Visitor) -> None:
    citizen.press("map", **GOOD, commune="an hoi")
    assert "Phường An Hội" in citizen.document.xpath("string(//input[@type='image']/@alt)")
    shown = map_of("28777", 280)
    x, y = shown.projection.drawn(*centre("28777"))
    press_map(citizen, at__x=f"{x:.0f}", at__y=f"{y:.0f}")
    assert "Điểm ở Phường An Hội" in citizen.text
    citizen.open(citizen.document.xpath("string(//p[@class='actions']/a/@href)"))
    assert "Đã chỉ một điểm ở Phường An Hội." in citizen.text
    assert citizen.value("text") == GOOD["text"]
    citizen.press()
    kept = the_only(app)
    assert kept.longitude is not None and kept.latitude is not None
    assert commune_at(kept.longitude, kept.latitude) == "28777"


def test_a_press_on_the_province_finds_the_commune_and_its_map(citizen: Visitor) -> None:
    citizen.press("map", **GOOD)
    x, y = Map("", 280).projection.drawn(*centre("28777"))
    press_map(citizen, at__x=str(round(x)), at__y=str(round(y)))
    assert "vung=" in citizen.address and "vung=&" not in citizen.address
    citizen.open(citizen.document.xpath("string(//p[@class='actions']/a/@href)"))
    assert citizen.value("commune"), "the commune of the point is proposed"


@pytest.mark.parametrize(
    "fields",
    [
        {"at__x": "0", "at__y": "0"},
        {"at__x": "-5", "at__y": "9e99"},
        {"at__x": "nan", "at__y": "inf"},
        {"at__x": "x\x00", "at__y": "' OR 1=1"},
        {"longitude": "105.8", "latitude": "21.0"},
        {"longitude": "nan", "latitude": "nan"},
        {},
    ],
)
def test_a_press_on_nothing_is_told(citizen: Visitor, fields: dict[str, str]) -> None:
    citizen.press("map", **GOOD)
    press_map(citizen, **fields)
    assert "nằm ngoài tỉnh" in citizen.text
    assert "Chưa chỉ điểm nào" in citizen.text


def test_the_telephones_own_place_is_taken(citizen: Visitor) -> None:
    citizen.press("map", **GOOD)
    longitude, latitude = centre("28756")
    press_map(citizen, longitude=str(longitude), latitude=str(latitude))
    assert "Điểm ở Phường Phú Khương" in citizen.text


def test_a_point_is_moved_by_buttons_and_removed(app: Flask, citizen: Visitor) -> None:
    citizen.press("map", **GOOD, commune="an hoi")
    press_map(citizen, move="north")
    before = citizen.text
    assert "Điểm ở Phường An Hội" in before
    press_map(citizen, move="north")
    assert citizen.text != before
    citizen.open(citizen.document.xpath("string(//p[@class='actions']/a/@href)")).press("no-place")
    assert "Đã chỉ một điểm" not in citizen.text
    citizen.press()
    assert the_only(app).longitude is None


@pytest.mark.parametrize("query", ["", "?vung=28777", "?vung=khong-co&rong=999999", "?rong=640"])
def test_the_picture_is_a_small_png(citizen: Visitor, query: str) -> None:
    citizen.press("map", **GOOD)
    reply = citizen.client.get(f"{citizen.address.partition('?')[0]}.png{query}")
    image = Image.open(io.BytesIO(reply.data))
    assert (image.format, image.width) == ("PNG", 1280 if "640" in query else 560)
    assert len(reply.data) < 30_000
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("code", borders())
def test_the_middle_of_a_commune_is_in_it_and_a_press_there_too(code: str) -> None:
    assert commune_at(*centre(code)) == code
    shown = map_of(code, 280)
    assert commune_at(*shown.pressed(*shown.projection.drawn(*centre(code)))) == code
